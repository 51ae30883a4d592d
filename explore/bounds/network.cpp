// Bounds of every channel from its weights alone.
#include <algorithm>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "ordered.hpp"
#include "terms.hpp"

namespace bittrue::explore {
namespace {

// A term at the smallest and at the largest it can be, in the common frac.
struct TermEnds {
    std::vector<i128> low{}, high{};
};

Extent hull(const Extent& a, const Extent& b) {
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

bool inside(const Extent& x, const FixedType& type) {
    return range_min(type) <= x.low && x.high <= range_max(type);
}

class LayerBounder {
public:
    LayerBounder(const LinearView& view, const Extent& range, LayerBounds& out)
        : view_(view),
          spec_(view.spec()),
          range_(range),
          out_(out),
          exact_(out.layer),
          scale_(spec_, view.weight_format(), view.input_format(), out.bias),
          classes_(view.classes(range.low <= 0 && range.high >= 0)) {
        if (scale_.drop() > kMaxBits) exact_.fail();
    }

    void run() {
        out_.data_type = data_type();
        for (std::int64_t c = 0; c < view_.channels(); ++c) out_.channels.push_back(channel(c));
    }

private:
    // Both ends of weight times input after the product cast, at the product's frac: products are monotone in the
    // input.
    Extent product(i128 weight, const Extent& input) const {
        const i128 a = exact_.times(weight, input.low), b = exact_.times(weight, input.high);
        return {cast_product(exact_, spec_, scale_, std::min(a, b)),
                cast_product(exact_, spec_, scale_, std::max(a, b))};
    }
    Extent at_frac(const Extent& x, int frac) const {
        return {exact_.raise(x.low, scale_.frac - frac), exact_.raise(x.high, scale_.frac - frac)};
    }
    void add(Extent& sum, const Extent& term) const {
        sum.low = exact_.plus(sum.low, std::min(term.low, i128{0}));
        sum.high = exact_.plus(sum.high, std::max(term.high, i128{0}));
    }

    // Any words of the formats: the bias is the stored one after its cast.
    Extent data_type() const {
        const Format w = view_.weight_format(), x = view_.input_format();
        const Extent words{raw_min(x), raw_max(x)};
        const Extent low = product(raw_min(w), words), high = product(raw_max(w), words);
        const Extent any{std::min(low.low, high.low), std::max(low.high, high.high)};
        const Extent term = outward(scale_, at_frac(any, scale_.term_frac));
        Extent sum{exact_.times(std::min(term.low, i128{0}), view_.terms()),
                   exact_.times(std::max(term.high, i128{0}), view_.terms())};
        if (out_.bias) {
            add(sum, outward(scale_, at_frac(any_bias(), scale_.bias_frac)));
        }
        return sum;
    }

    // What a bias can be after its cast, at the cast's frac: a cast that has the accumulator's type widens with it, so
    // its own width is no limit.
    Extent any_bias() const {
        const Format b = *out_.bias;
        if (!follows(spec_.bias_cast, spec_)) {
            const Format f = spec_.bias_cast ? spec_.bias_cast->format : b;
            return {raw_min(f), raw_max(f)};
        }
        return {round_to(exact_, raw_min(b), b.frac(), *spec_.bias_cast),
                round_to(exact_, raw_max(b), b.frac(), *spec_.bias_cast)};
    }

    ChannelBounds channel(std::int64_t c) {
        ChannelBounds bounds;
        TermEnds ends;
        for (std::int64_t t = 0; t < view_.terms(); ++t) {
            const Extent p = product(raw_from_word(view_.weight(c, t), view_.weight_format()), range_);
            if (is_read(static_cast<std::size_t>(t)))
                bounds.product = {std::min(bounds.product.low, p.low), std::max(bounds.product.high, p.high)};
            const Extent term = at_frac(p, scale_.term_frac);
            ends.low.push_back(term.low);
            ends.high.push_back(term.high);
            count(bounds, term);
        }
        std::optional<i128> bias;
        if (view_.bias() != nullptr) {
            const BiasRaw b = cast_bias(exact_, spec_, *out_.bias, view_.bias()->words[static_cast<std::size_t>(c)]);
            bounds.bias_fits = b.fits;
            bias = exact_.raise(b.raw, scale_.frac - scale_.bias_frac);
            count(bounds, {*bias, *bias});
        }
        bounds.exact = in_order(ends, bias);
        const bool products_fit = !spec_.product || inside(bounds.product, *spec_.product);
        bounds.safe = bounds.bias_fits && products_fit && inside(bounds.exact, spec_.type);
        Extent needed = bounds.exact;
        if (follows(spec_.product, spec_)) needed = hull(needed, bounds.product);
        if (follows(spec_.bias_cast, spec_) && bias) {
            const i128 raw = *bias >> (scale_.frac - scale_.bias_frac);
            needed = hull(needed, {raw, raw});
        }
        bounds.width = width_for(needed, spec_.type);
        return bounds;
    }

    // False for a term that lies in the padding at every position.
    bool is_read(std::size_t term) const {
        return std::any_of(classes_.begin(), classes_.end(),
                           [&](const PositionClass& c) { return c.inside[term] != 0; });
    }

    // Adds a term to the bounds that know no order.
    void count(ChannelBounds& bounds, const Extent& term) const {
        const Extent rounded = outward(scale_, term);
        bounds.l1 = exact_.plus(bounds.l1, std::max(-rounded.low, rounded.high));
        add(bounds.any_order, rounded);
    }

    // All terms at their upper ends make every sum of any of them, and so every content of the register, the largest it
    // can be; rounding is monotone and changes nothing of that.
    Extent in_order(const TermEnds& ends, std::optional<i128> bias) {
        Ordered<i128, Rounds> ordered(spec_, Rounds{scale_.drop(), spec_.type.rounding});
        Extent seen{};
        std::vector<i128> terms(ends.low.size());
        for (const PositionClass& c : classes_) {
            for (const bool high : {false, true}) {
                const std::vector<i128>& from = high ? ends.high : ends.low;
                for (std::size_t t = 0; t < terms.size(); ++t) terms[t] = c.inside[t] != 0 ? from[t] : 0;
                const Seen<i128> s = ordered(terms, bias);
                seen.low = std::min(seen.low, s.low);
                seen.high = std::max(seen.high, s.high);
            }
        }
        return {seen.low >> scale_.drop(), seen.high >> scale_.drop()};
    }

    const LinearView& view_;
    const AccumulatorSpec& spec_;
    Extent range_;
    LayerBounds& out_;
    Exact exact_;
    Scale scale_;
    std::vector<PositionClass> classes_;
};

}  // namespace

int width_for(const Extent& extent, const FixedType& type) {
    FixedType t = type;
    const int frac = type.format.frac();
    for (int width = 1; width <= kMaxBits + 2; ++width) {
        t.format.width = width;
        t.format.integer = width - frac;
        if (inside(extent, t)) return width;
    }
    return 0;
}

bool LayerBounds::safe() const {
    return std::all_of(channels.begin(), channels.end(), [](const ChannelBounds& c) { return c.safe; });
}

std::uint64_t LayerBounds::overflows() const {
    std::uint64_t sum = 0;
    for (const ChannelBounds& c : channels) sum += c.overflows;
    return sum;
}

NetworkBounds bound_network(const Graph& graph, const DeclaredRange& declared, const std::string& layer) {
    NetworkBounds bounds{.declared = declared, .layers = {}, .images = 0};
    const std::vector<Extent> ranges = tensor_ranges(graph, declared);
    const auto parameters = emulator::make_engine(graph)->parameters();
    std::string names;
    for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
        const Node& node = graph.nodes[static_cast<std::size_t>(i)];
        if (!is_linear(node.op)) continue;
        names += (names.empty() ? "" : ", ") + node.name;
        if (!layer.empty() && node.name != layer) continue;
        const LinearView view(graph, i, parameters);
        LayerBounds out;
        out.node = i;
        out.layer = node.name;
        out.terms = view.terms();
        out.outputs = node.shape.count();
        out.spec = view.spec();
        out.weight = view.weight_format();
        out.input = view.input_format();
        out.weights_sha256 = sha256_hex(view.weights());
        if (view.bias() != nullptr) {
            out.bias = view.bias()->format;
            out.bias_sha256 = sha256_hex(*view.bias());
        }
        out.range = ranges[static_cast<std::size_t>(node_index(graph, node.inputs.front()) + 1)];
        LayerBounder(view, out.range, out).run();
        bounds.layers.push_back(std::move(out));
    }
    if (bounds.layers.empty()) {
        throw InputError(layer.empty() ? "bounds" : "layer '" + layer + "'",
                         names.empty() ? "the network has no dense or convolution layer"
                                       : "the network has no such dense or convolution layer; it has " + names);
    }
    return bounds;
}

}  // namespace bittrue::explore
