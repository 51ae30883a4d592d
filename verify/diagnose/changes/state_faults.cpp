// Sums that depend on more than their window: accumulators that go on from the sum before, line buffers that are off.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "changes/channel_set.hpp"
#include "changes/mac_faults.hpp"
#include "changes/sum_terms.hpp"

namespace bittrue::diagnose_detail {

namespace {

using Instead = std::function<std::vector<std::int64_t>(const Node&, const std::vector<const TensorWords*>&)>;

void offer(const Maker& maker, std::size_t node, Candidate candidate, std::function<Instead(const Variant&)> make) {
    candidate.change.node = maker.subject.chain.nodes[node].name;
    candidate.slot = candidate.change.node + ".mac";
    candidate.apply = [node, make = std::move(make)](Variant& variant) {
        if (variant.instead_node >= 0 || variant.fault_node == static_cast<int>(node)) return false;
        variant.instead = make(variant);
        variant.instead_node = static_cast<int>(node);
        return variant.instead != nullptr;
    };
    maker.candidates.push_back(std::move(candidate));
}

// A second change may have made the layer another one.
SumTerms sums_or_refuse(const Node& node, const TensorWords& input, const Datapath& datapath) {
    std::optional<SumTerms> terms = SumTerms::of(node, input, datapath);
    if (!terms) throw InputError("layer '" + node.name + "'", "it has no sums any more");
    return std::move(*terms);
}

// An accumulator that starts from a word that it held before, with or without the bias of its own sum.
class GoingOn {
public:
    GoingOn(const SumTerms& terms, const Datapath& datapath, bool adds_bias)
        : terms_(terms), datapath_(datapath), adds_bias_(adds_bias) {}

    [[nodiscard]] i128 fresh(const MacOperands& sum) const { return datapath_.accumulate(sum, terms_.spec(), {}); }

    [[nodiscard]] i128 from(i128 start, MacOperands sum) const {
        const AccumulatorSpec& spec = terms_.spec();
        AccumulatorSpec going = spec;
        const bool late = spec.bias == BiasPosition::Last;
        const bool bias = sum.has_bias && (adds_bias_ || late);
        const std::int64_t bias_word = sum.bias_word;
        const Format bias_format = sum.bias;
        if (bias && !late) start = with_bias(start, bias_word, bias_format);
        // The word that was there takes the place of a bias in front: one that no conversion changes.
        sum.has_bias = true;
        sum.bias = spec.type.format;
        sum.bias_word = word_from_raw(start);
        going.bias = BiasPosition::First;
        going.bias_cast.reset();
        const i128 end = datapath_.accumulate(sum, going, {});
        return bias && late ? with_bias(end, bias_word, bias_format) : end;
    }

private:
    // Q_A(acc + b)
    [[nodiscard]] i128 with_bias(i128 raw, std::int64_t word, Format format) const {
        const AccumulatorSpec& spec = terms_.spec();
        if (spec.bias_cast) {
            word = datapath_.quantize(raw_from_word(word, format), format.frac(), *spec.bias_cast).word;
            format = spec.bias_cast->format;
        }
        const int frac = std::max(format.frac(), spec.type.format.frac());
        const i128 sum =
            (raw << (frac - spec.type.format.frac())) + (raw_from_word(word, format) << (frac - format.frac()));
        return raw_from_word(datapath_.quantize(sum, frac, spec.type).word, spec.type.format);
    }

    const SumTerms& terms_;
    const Datapath& datapath_;
    bool adds_bias_;
};

// `lanes` sums are made side by side: channels by channels, then position by position. Each lane goes on from its sum
// before, but for the first ones of an image.
std::vector<std::int64_t> going_on(const Node& node, const TensorWords& input, const Datapath& datapath,
                                   std::int64_t lanes, bool adds_bias) {
    const SumTerms terms = sums_or_refuse(node, input, datapath);
    const GoingOn accumulator(terms, datapath, adds_bias);
    const Shape& shape = terms.shape();
    const FixedType& acc = terms.spec().type;
    std::vector<std::int64_t> words(static_cast<std::size_t>(shape.count()) * input.images);
    std::vector<i128> before(static_cast<std::size_t>(lanes));
    for (std::size_t image = 0; image < input.images; ++image) {
        const std::int64_t* given = input.words.data() + static_cast<std::int64_t>(image) * input.shape.count();
        std::int64_t number = 0;
        for (std::int64_t y = 0; y < shape.height(); ++y) {
            for (std::int64_t x = 0; x < shape.width(); ++x) {
                for (std::int64_t c = 0; c < shape.channels(); ++c, ++number) {
                    i128& register_raw = before[static_cast<std::size_t>(number % lanes)];
                    MacOperands sum = terms.operands(given, c, y, x);
                    register_raw =
                        number < lanes ? accumulator.fresh(sum) : accumulator.from(register_raw, std::move(sum));
                    words[image * static_cast<std::size_t>(shape.count()) +
                          static_cast<std::size_t>(shape.index(c, y, x))] =
                        datapath.quantize(register_raw, acc.format.frac(), node.result).word;
                }
            }
        }
    }
    return words;
}

// Words of a convolution whose terms come from other places of the input map.
std::vector<std::int64_t> replaced(
    const Node& node, const TensorWords& input, const Datapath& datapath,
    const std::function<std::int64_t(const Shape& in, std::int64_t y, std::int64_t x, std::int64_t row)>& column_of) {
    const SumTerms terms = sums_or_refuse(node, input, datapath);
    const Shape &shape = terms.shape(), &in = input.shape;
    const FixedType& acc = terms.spec().type;
    std::vector<std::int64_t> words(static_cast<std::size_t>(shape.count()) * input.images);
    const SumTerms::Place place = [&](std::int64_t y, std::int64_t x, const SumTerms::Tap& tap) -> std::int64_t {
        if (y < 0 || y >= in.height() || x < 0 || x >= in.width()) return -1;
        const std::int64_t pixel = column_of(in, y, x, tap.row);
        if (pixel < 0 || pixel >= in.height() * in.width()) return -1;
        return in.index(tap.channel, pixel / in.width(), pixel % in.width());
    };
    for (std::size_t image = 0; image < input.images; ++image) {
        const std::int64_t* given = input.words.data() + static_cast<std::int64_t>(image) * in.count();
        for (std::int64_t c = 0; c < shape.channels(); ++c) {
            for (std::int64_t y = 0; y < shape.height(); ++y) {
                for (std::int64_t x = 0; x < shape.width(); ++x) {
                    const i128 raw = datapath.accumulate(terms.operands(given, c, y, x, place), terms.spec(), {});
                    words[image * static_cast<std::size_t>(shape.count()) +
                          static_cast<std::size_t>(shape.index(c, y, x))] =
                        datapath.quantize(raw, acc.format.frac(), node.result).word;
                }
            }
        }
    }
    return words;
}

}  // namespace

void add_uncleared_sums(const Maker& maker, std::size_t node) {
    const Node& layer = maker.subject.chain.nodes[node];
    const AccumulatorSpec* spec = accumulator_of(layer);
    if (spec == nullptr || spec->type.format.width > kMaxStoredWidth) return;
    Node copy = layer;
    const bool has_bias = bias_of(copy)->has_value();
    const std::int64_t channels = layer.shape.channels();
    std::vector<std::int64_t> lane_counts = proper_divisors(channels);
    lane_counts.push_back(1);
    if (layer.shape.count() > channels && channels > 1) lane_counts.push_back(channels);
    // The first sums of an image are right, whatever goes on from them.
    const std::vector<std::int64_t> wrong = wrong_channels(maker.evidence);
    const bool tells = keeps_channels(maker.subject, node) && layer.shape.count() == channels && !wrong.empty();
    for (const std::int64_t lanes : lane_counts) {
        if (tells && wrong[0] < lanes) continue;
        for (const bool adds_bias : {false, true}) {
            if (adds_bias && (spec->bias == BiasPosition::Last || !has_bias)) continue;
            Candidate candidate;
            candidate.change = {
                .cause = Cause::StaleState,
                .setting = "accumulator",
                .expected = "starts anew for every sum",
                .found = "goes on from the sum before",
                .text = fmt::format("its accumulator is cleared for an image's first {} only{}",
                                    lanes == 1 ? "sum" : fmt::format("{} sums (which are made side by side)", lanes),
                                    adds_bias ? "; biases are added all the same" : "")};
            candidate.bits = lanes == 1 ? 6 : 8;
            candidate.priority = tells ? 20 : 70;
            offer(maker, node, std::move(candidate), [lanes, adds_bias, datapath = &maker.datapath](const Variant&) {
                return [=](const Node& changed, const std::vector<const TensorWords*>& inputs) {
                    return going_on(changed, *inputs[0], *datapath, lanes, adds_bias);
                };
            });
        }
    }
}

void add_line_buffer_faults(const Maker& maker, std::size_t node) {
    const Node& layer = maker.subject.chain.nodes[node];
    const auto* conv = std::get_if<Conv2d>(&layer.op);
    if (conv == nullptr || conv->weights.dims[0] < 2 || conv->accumulator.type.format.width > kMaxStoredWidth) return;
    const std::int64_t last = conv->weights.dims[0] - 1;
    const auto add = [&](const std::string& found, double bits, auto column_of) {
        Candidate candidate;
        candidate.change = {
            .cause = Cause::Offset,
            .setting = "line buffers",
            .expected = "the same column of every row",
            .found = found,
            .text = fmt::format("its line buffers (all rows of a window but the newest) are {}", found)};
        candidate.bits = bits;
        candidate.priority = priority_of(candidate.bits, order_fit(maker.evidence));
        offer(maker, node, std::move(candidate), [column_of, datapath = &maker.datapath](const Variant&) {
            return [=](const Node& changed, const std::vector<const TensorWords*>& inputs) {
                return replaced(changed, *inputs[0], *datapath, column_of);
            };
        });
    };
    for (const std::int64_t by : {1, -1}) {
        const char* side = by > 0 ? "right" : "left";
        add(fmt::format("one pixel too {}: each older row is one pixel further {}", by > 0 ? "short" : "long", side), 7,
            [by, last](const Shape& in, std::int64_t y, std::int64_t x, std::int64_t row) {
                return y * in.width() + x + (last - row) * by;
            });
        add(fmt::format("read one pixel too far {} (the edge's twice)", side), 7,
            [by, last](const Shape& in, std::int64_t y, std::int64_t x, std::int64_t row) {
                return y * in.width() + (row == last ? x : std::clamp<std::int64_t>(x + by, 0, in.width() - 1));
            });
        add(fmt::format("read one pixel too far {} (round the row's end)", side), 7,
            [by, last](const Shape& in, std::int64_t y, std::int64_t x, std::int64_t row) {
                return y * in.width() + (row == last ? x : (x + by + in.width()) % in.width());
            });
    }
}

}  // namespace bittrue::diagnose_detail
