// L13 (stable), L14 (latency), L15 (legacy), L16 (argmax).
#include "accumulation.hpp"
#include "layer.hpp"
#include "table.hpp"

namespace bittrue::golden {
namespace {

// The first of the largest elements.
std::size_t index_of_largest(const Map& in) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < in.raws.size(); ++i) {
        if (in.raws[i] > in.raws[best]) best = i;
    }
    return best;
}

class ArgmaxLayer : public Layer {
public:
    using Layer::Layer;

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const std::size_t best = index_of_largest(*inputs[0]);
        for (std::size_t i = 0; i < inputs[0]->raws.size(); ++i) out.put(i, {.raw = i == best ? 1 : 0, .frac = 0});
    }
};

class TableSoftmax : public Layer {
public:
    TableSoftmax(const Softmax& op, const NodeContext& context)
        : Layer(context),
          exp_(op.exp_table.entries, "exp_table"),
          inv_(op.inv_table.entries, "inv_table"),
          accumulator_(op.accumulator) {}

    [[nodiscard]] std::vector<const Constants*> constants() const override { return {&exp_, &inv_}; }

protected:
    static Quantized counted(const Quantizer& type, const Dyadic& value, EventCounts& counts) {
        Quantized q = type(value);
        counts.add(q.events);
        return q;
    }

    Constants exp_;
    Constants inv_;
    Quantizer accumulator_;
};

// Stable subtracts from the largest element first, latency does not.
class BitIndexedSoftmax : public TableSoftmax {
public:
    BitIndexedSoftmax(const Softmax& op, const NodeContext& context)
        : TableSoftmax(op, context), inv_input_(op.inv_input) {
        if (op.kind == SoftmaxKind::Stable) difference_.emplace(op.difference);
    }

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        EventCounts& counts = out.events().accumulator;
        const Dyadic largest = in.value(index_of_largest(in));
        std::vector<Integer> exps;
        for (std::size_t i = 0; i < in.raws.size(); ++i) {
            const Dyadic exp = exp_.value(exp_index(in, i, largest, counts));
            exps.push_back(counted(accumulator_, exp, counts).raw);
        }
        const Dyadic sum{.raw = tree_sum(exps, accumulator_, counts), .frac = accumulator_.frac()};
        const Quantized s = counted(inv_input_, sum, counts);
        const Dyadic inverse = inv_.value(bit_index(s.raw, inv_input_.format(), inv_.size()));
        for (std::size_t i = 0; i < exps.size(); ++i) {
            out.put(i, times({.raw = exps[i], .frac = accumulator_.frac()}, inverse));
        }
    }

private:
    [[nodiscard]] std::size_t exp_index(const Map& in, std::size_t i, const Dyadic& largest,
                                        EventCounts& counts) const {
        if (!difference_) return bit_index(in.raws[i], in.format, exp_.size());
        const Quantized d = counted(*difference_, minus(largest, in.value(i)), counts);
        return bit_index(d.raw, difference_->format(), exp_.size());
    }

    Quantizer inv_input_;
    std::optional<Quantizer> difference_{};
};

class LegacySoftmax : public TableSoftmax {
public:
    LegacySoftmax(const Softmax& op, const NodeContext& context)
        : TableSoftmax(op, context), one_(one_in(Quantizer(op.exp_table.entries.type))) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        constexpr int kExpSpan = 16;
        constexpr int kInverseSpan = 64;
        const Map& in = *inputs[0];
        EventCounts& counts = out.events().accumulator;
        for (std::size_t i = 0; i < in.raws.size(); ++i) {
            Dyadic sum{.raw = 0, .frac = accumulator_.frac()};
            for (std::size_t j = 0; j < in.raws.size(); ++j) {
                const Dyadic difference = minus(in.value(j), in.value(i));
                const Dyadic y =
                    j == i ? one_ : exp_.value(scaled_index(difference, exp_.size(), kExpSpan, exp_.size() / 2));
                sum.raw = counted(accumulator_, plus(sum, y), counts).raw;
            }
            out.put(i, inv_.value(scaled_index(sum, inv_.size(), kInverseSpan, 0)));
        }
    }

private:
    // A constant of the datapath: no conversion is counted.
    static Dyadic one_in(const Quantizer& type) {
        return {.raw = type(Dyadic{.raw = 1, .frac = 0}).raw, .frac = type.frac()};
    }

    Dyadic one_;
};

}  // namespace

LayerPtr make_layer(const Softmax& op, const NodeContext& context) {
    switch (op.kind) {
        case SoftmaxKind::Stable:
        case SoftmaxKind::Latency: return std::make_unique<BitIndexedSoftmax>(op, context);
        case SoftmaxKind::Legacy: return std::make_unique<LegacySoftmax>(op, context);
        case SoftmaxKind::Argmax: return std::make_unique<ArgmaxLayer>(context);
    }
    return nullptr;
}

}  // namespace bittrue::golden
