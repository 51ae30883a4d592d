// Pools and softmaxes that no network file can say.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "changes/arrangement.hpp"
#include "changes/faulty_softmax.hpp"
#include "changes/mac_faults.hpp"

namespace bittrue::diagnose_detail {

namespace {

// A second change may have made the layer another one.
template <class Op>
const Op& op_or_refuse(const Node& node) {
    const Op* op = std::get_if<Op>(&node.op);
    if (op == nullptr) throw InputError("layer '" + node.name + "'", "it is of another kind now");
    return *op;
}

using Instead = std::function<std::vector<std::int64_t>(const Node&, const std::vector<const TensorWords*>&)>;

void offer(const Maker& maker, std::size_t node, Candidate candidate, std::function<Instead(const Variant&)> make) {
    candidate.change.node = maker.subject.chain.nodes[node].name;
    candidate.slot = candidate.change.node + ".fault";
    candidate.apply = [node, make = std::move(make)](Variant& variant) {
        if (variant.instead_node >= 0) return false;
        variant.instead = make(variant);
        variant.instead_node = static_cast<int>(node);
        return variant.instead != nullptr;
    };
    maker.candidates.push_back(std::move(candidate));
}

// A pool's window as it is read: place (row, column) of the window of output (y, x) is read at a place of the map, or
// not at all.
struct PoolFault {
    bool smallest = false;
    // Coordinates are those of the map; false: left out.
    std::function<bool(const MaxPool& pool, std::int64_t row, std::int64_t column, std::int64_t& y, std::int64_t& x)>
        place{};
};

std::vector<std::int64_t> pooled(const Node& node, const TensorWords& input, const Datapath& datapath,
                                 const PoolFault& fault) {
    const MaxPool& op = op_or_refuse<MaxPool>(node);
    const Shape &in = input.shape, &out = node.shape;
    const Format format = input.type.format;
    std::vector<std::int64_t> words(static_cast<std::size_t>(out.count()) * input.images);
    const auto result = [&](i128 raw) {
        int frac = format.frac();
        if (op.accumulator) {
            raw = raw_from_word(datapath.quantize(raw, frac, *op.accumulator).word, op.accumulator->format);
            frac = op.accumulator->format.frac();
        }
        return datapath.quantize(raw, frac, node.result).word;
    };
    for (std::size_t image = 0; image < input.images; ++image) {
        const std::int64_t* given = input.words.data() + static_cast<std::int64_t>(image) * in.count();
        for (std::int64_t c = 0; c < out.channels(); ++c) {
            for (std::int64_t y = 0; y < out.height(); ++y) {
                for (std::int64_t x = 0; x < out.width(); ++x) {
                    std::optional<i128> best;
                    for (std::int64_t r = 0; r < op.pool[0]; ++r) {
                        for (std::int64_t s = 0; s < op.pool[1]; ++s) {
                            std::int64_t at_y = y * op.stride[0] - op.padding.top + r;
                            std::int64_t at_x = x * op.stride[1] - op.padding.left + s;
                            if (!fault.place(op, r, s, at_y, at_x)) continue;
                            if (at_y < 0 || at_y >= in.height() || at_x < 0 || at_x >= in.width()) continue;
                            const i128 raw = raw_from_word(given[in.index(c, at_y, at_x)], format);
                            if (!best || (fault.smallest ? raw < *best : raw > *best)) best = raw;
                        }
                    }
                    words[image * static_cast<std::size_t>(out.count()) +
                          static_cast<std::size_t>(out.index(c, y, x))] = result(best.value_or(raw_min(format)));
                }
            }
        }
    }
    return words;
}

// `images` are those of `input` in all words of the tensor, `all`, from which vectors before are taken.
std::vector<std::int64_t> softmaxed(const Node& node, const TensorWords& input, const TensorWords& all,
                                    const std::vector<std::uint32_t>& images, const Datapath& datapath,
                                    const SoftmaxFault& fault) {
    const FaultySoftmax softmax(node, input, datapath, fault);
    const std::int64_t count = input.shape.count();
    const Format format = input.type.format;
    std::vector<std::int64_t> words(input.words.size());
    for (std::size_t i = 0; i < input.images; ++i) {
        const std::int64_t* in = input.words.data() + static_cast<std::int64_t>(i) * count;
        i128 largest = largest_of(in, count, format);
        if (fault.keeps_maximum) largest = std::max(largest, largest_of(all.words.data(), images[i] * count, format));
        softmax.run(in, count, largest, words.data() + static_cast<std::int64_t>(i) * count);
    }
    return words;
}

}  // namespace

void add_pool_faults(const Maker& maker, std::size_t node) {
    const Node& layer = maker.subject.chain.nodes[node];
    const auto* pool = std::get_if<MaxPool>(&layer.op);
    if (pool == nullptr || pool->pad_rule != PoolPadding::Ignore) return;
    using I = std::int64_t;
    const auto add = [&](const std::string& expected, const std::string& found, const std::string& text, double bits,
                         PoolFault fault) {
        Candidate candidate;
        candidate.change = {
            .cause = Cause::PoolRule, .setting = "pool", .expected = expected, .found = found, .text = text};
        candidate.bits = bits;
        candidate.priority = 30;
        offer(maker, node, std::move(candidate),
              [fault = std::move(fault), datapath = &maker.datapath](const Variant&) {
                  return [=](const Node& changed, const std::vector<const TensorWords*>& inputs) {
                      return pooled(changed, *inputs[0], *datapath, fault);
                  };
              });
    };
    const auto all = [](const MaxPool&, I, I, I&, I&) { return true; };
    add("largest", "smallest", "it takes the smallest word of a window instead of the largest", 3,
        {.smallest = true, .place = all});
    for (const int axis : {0, 1}) {
        const I size = pool->pool[static_cast<std::size_t>(axis)];
        if (size < 2) continue;
        const char* line = axis == 0 ? "row" : "column";
        for (I left_out = 0; left_out < size; ++left_out) {
            add("every word of a window", fmt::format("without {} {}", line, left_out),
                fmt::format("it leaves out {} {} of its windows", line, left_out), 5,
                {.place = [axis, left_out](const MaxPool&, I r, I s, I&, I&) {
                    return (axis == 0 ? r : s) != left_out;
                }});
        }
        // Rows but the newest come from a memory with a word per window.
        for (const I by : {-1, 1}) {
            add("one window", fmt::format("rows of the window {}", by < 0 ? "before" : "behind"),
                fmt::format("all {}s of its windows but the last are those of the window {}", line,
                            by < 0 ? "before" : "behind"),
                6, {.place = [axis, by](const MaxPool& p, I r, I s, I& y, I& x) {
                    const bool moves = axis == 0 ? r + 1 < p.pool[0] : s + 1 < p.pool[1];
                    I& along = axis == 0 ? x : y;
                    const I step = axis == 0 ? p.stride[1] : p.stride[0];
                    if (moves && along + by * step >= 0) along += by * step;
                    return true;
                }});
        }
    }
}

void add_softmax_faults(const Maker& maker, std::size_t node) {
    const Node& layer = maker.subject.chain.nodes[node];
    const auto* op = std::get_if<Softmax>(&layer.op);
    if (op == nullptr || (op->kind != SoftmaxKind::Stable && op->kind != SoftmaxKind::Latency)) return;
    const auto add = [&](Cause cause, const std::string& expected, const std::string& found, const std::string& text,
                         SoftmaxFault fault) {
        Candidate candidate;
        candidate.change = {.cause = cause, .setting = "softmax", .expected = expected, .found = found, .text = text};
        candidate.bits = 6;
        candidate.priority = 30;
        offer(maker, node, std::move(candidate),
              [fault, name = layer.inputs[0], subject = &maker.subject,
               datapath = &maker.datapath](const Variant& variant) -> Instead {
                  return
                      [=, images = variant.images](const Node& changed, const std::vector<const TensorWords*>& inputs) {
                          return softmaxed(changed, *inputs[0], subject->tensor(name), images, *datapath, fault);
                      };
              });
    };
    if (op->kind == SoftmaxKind::Stable) {
        add(Cause::StaleState, "of the vector", "of all vectors until then",
            "the largest element is kept from vector to vector", {.keeps_maximum = true});
    }
    add(Cause::TermsLeftOut, "all elements", "without the last", "its sum leaves out the last element",
        {.drops_last = true});
    add(Cause::TermsLeftOut, "all elements", "without the first", "its sum leaves out the first element",
        {.drops_first = true});
    add(Cause::TermsLeftOut, "all elements", "without the odd last one of a level of the tree",
        "its adder tree leaves out the odd last element of each level", {.drops_single = true});
}

}  // namespace bittrue::diagnose_detail
