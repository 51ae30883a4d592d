// Inputs that bring a register to its bound.
#include <algorithm>
#include <stdexcept>

#include "bittrue/emulator/emulator.hpp"
#include "ordered.hpp"
#include "terms.hpp"

namespace bittrue::explore {
namespace {

class WitnessMaker {
public:
    WitnessMaker(const LinearView& view, const LayerBounds& bounds)
        : view_(view),
          bounds_(bounds),
          spec_(view.spec()),
          exact_(bounds.layer),
          scale_(spec_, bounds.weight, bounds.input, bounds.bias),
          classes_(view.classes(bounds.range.low <= 0 && bounds.range.high >= 0)) {}

    // At the first class of positions where the register meets its bound, or with `by_product` where the product does;
    // every bound is met in one.
    Witness operator()(int channel, bool high, bool by_product) const {
        const ChannelBounds& c = bounds_.channels[static_cast<std::size_t>(channel)];
        std::optional<i128> bias;
        if (bounds_.bias) {
            const BiasRaw b =
                cast_bias(exact_, spec_, *bounds_.bias, view_.bias()->words[static_cast<std::size_t>(channel)]);
            bias = exact_.raise(b.raw, scale_.frac - scale_.bias_frac);
        }
        for (const PositionClass& p : classes_) {
            std::vector<i128> inputs, terms;
            bool product_met = false;
            for (std::int64_t t = 0; t < view_.terms(); ++t) {
                const i128 weight = raw_from_word(view_.weight(channel, t), bounds_.weight);
                const i128 end = (weight >= 0) == high ? bounds_.range.high : bounds_.range.low;
                inputs.push_back(p.inside[static_cast<std::size_t>(t)] != 0 ? end : 0);
                const i128 product = cast_product(exact_, spec_, scale_, weight * inputs.back());
                product_met = product_met || product == (high ? c.product.high : c.product.low);
                terms.push_back(exact_.raise(product, scale_.frac - scale_.term_frac));
            }
            Ordered<i128, Rounds> ordered(spec_, Rounds{scale_.drop(), spec_.type.rounding});
            const Seen<i128> seen = ordered(terms, bias);
            const i128 reached = (high ? seen.high : seen.low) >> scale_.drop();
            const bool met = by_product ? product_met : reached == (high ? c.exact.high : c.exact.low);
            if (!met) continue;
            Witness w{.place = {.image = 0, .channel = channel, .y = p.y, .x = p.x, .high = high},
                      .bound = reached,
                      .input = {}};
            // What the position does not read is as near to zero as the range allows.
            const i128 idle = std::clamp(i128{0}, bounds_.range.low, bounds_.range.high);
            w.input.assign(static_cast<std::size_t>(view_.input_shape().count()), word_from_raw(idle));
            for (std::int64_t t = 0; t < view_.terms(); ++t) {
                const std::int64_t e = view_.element(view_.group_of(channel), p.y, p.x, t);
                if (e >= 0) w.input[static_cast<std::size_t>(e)] = word_from_raw(inputs[static_cast<std::size_t>(t)]);
            }
            return w;
        }
        throw std::logic_error("no position of layer '" + bounds_.layer + "' reaches its bound");
    }

private:
    const LinearView& view_;
    const LayerBounds& bounds_;
    const AccumulatorSpec& spec_;
    Exact exact_;
    Scale scale_;
    std::vector<PositionClass> classes_;
};

}  // namespace

std::vector<Witness> overflow_witnesses(const Graph& graph, const LayerBounds& bounds) {
    const auto parameters = emulator::make_engine(graph)->parameters();
    const LinearView view(graph, bounds.node, parameters);
    const WitnessMaker make(view, bounds);
    std::vector<Witness> all;
    for (int channel = 0; channel < static_cast<int>(bounds.channels.size()); ++channel) {
        const ChannelBounds& c = bounds.channels[static_cast<std::size_t>(channel)];
        const auto take = [&](bool high, bool register_leaves, bool product_leaves) {
            if (!register_leaves && !product_leaves) return;
            all.push_back(make(channel, high, !register_leaves));
            all.back().place.image = static_cast<std::int64_t>(all.size()) - 1;
        };
        const FixedType& type = bounds.spec.type;
        const auto& product = bounds.spec.product;
        const std::size_t before = all.size();
        take(false, c.exact.low < range_min(type), product && c.product.low < range_min(*product));
        take(true, c.exact.high > range_max(type), product && c.product.high > range_max(*product));
        // Where only the cast of the bias overflows, every input will do.
        if (!c.bias_fits && all.size() == before) take(false, true, false);
    }
    return all;
}

OperandReader::OperandReader(const Graph& graph, int node)
    : parameters_(emulator::make_engine(graph)->parameters()),
      view_(std::make_unique<LinearView>(graph, node, parameters_)) {}

OperandReader::~OperandReader() = default;

std::vector<std::int64_t> OperandReader::elements(const Place& place) const {
    std::vector<std::int64_t> all;
    for (std::int64_t t = 0; t < view_->terms(); ++t)
        all.push_back(view_->element(view_->group_of(place.channel), place.y, place.x, t));
    return all;
}

MacOperands OperandReader::operator()(const Place& place, const std::vector<std::int64_t>& words) const {
    MacOperands o{.weight = view_->weight_format(), .input = view_->input_format()};
    for (std::int64_t t = 0; t < view_->terms(); ++t) o.weights.push_back(view_->weight(place.channel, t));
    for (const std::int64_t e : elements(place)) o.inputs.push_back(e < 0 ? 0 : words[static_cast<std::size_t>(e)]);
    if (view_->bias() != nullptr) {
        o.has_bias = true;
        o.bias = view_->bias()->format;
        o.bias_word = view_->bias()->words[static_cast<std::size_t>(place.channel)];
    }
    return o;
}

}  // namespace bittrue::explore
