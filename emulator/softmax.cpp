// L13-L16: softmax over a vector, by tables.
#include "softmax.hpp"

namespace bittrue::emulator {
namespace {

Caster sum_caster(const FixedType& acc) {
    return {signed_width(acc.format) + 1, acc.format.frac(), acc};
}

// L13, L14. The exponentials are kept as raws of the accumulator.
class TableSoftmax : public Layer {
public:
    TableSoftmax(const LayerSetup& setup, const Softmax& op, const Tensor& exp_table, const Tensor& inv_table,
                 LayerParameters parameters)
        : Layer(std::move(parameters)),
          stable_(op.kind == SoftmaxKind::Stable),
          count_(setup.shape().count()),
          in_format_(setup.format()),
          acc_format_(op.accumulator.format),
          inv_format_(inv_table.format),
          exponentials_(cast_entries(exp_table, op.accumulator)),
          inverses_(inv_table.words),
          exp_index_(stable_ ? op.difference.format : in_format_, std::ssize(exponentials_)),
          inv_index_(op.inv_input.format, std::ssize(inverses_)),
          difference_(signed_width(in_format_) + 1, in_format_.frac(), op.difference),
          sum_(sum_caster(op.accumulator)),
          inv_input_(acc_format_, op.inv_input),
          cast_(product_format(acc_format_, inv_format_), setup.node.result) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& scratch) const override {
        const auto leaves = scratch.get<i128>(0, count_);
        const auto nodes = scratch.get<i128>(1, count_);
        exponentials(inputs[0], leaves, events.accumulator);
        std::copy(leaves.begin(), leaves.end(), nodes.begin());
        const Converted index = inv_input_(tree_sum(nodes, events.accumulator));
        events.accumulator.add(index.events);
        const i128 inverse = raw_from_word(inverses_[inv_index_(index.word)], inv_format_);
        for (std::size_t i = 0; i < leaves.size(); ++i) store(out[i], cast_(leaves[i] * inverse), events.result);
    }

private:
    void exponentials(const std::int64_t* in, std::span<i128> leaves, EventCounts& counts) const {
        i128 largest = raw_min(in_format_);
        for (std::size_t i = 0; i < leaves.size(); ++i) largest = std::max(largest, raw_from_word(in[i], in_format_));
        for (std::size_t i = 0; i < leaves.size(); ++i) {
            std::int64_t word = in[i];
            if (stable_) {
                const Converted difference = difference_(largest - raw_from_word(in[i], in_format_));
                counts.add(difference.events);
                word = difference.word;
            }
            const Converted& e = exponentials_[exp_index_(word)];
            counts.add(e.events);
            leaves[i] = raw_from_word(e.word, acc_format_);
        }
    }

    // The tree of rule A9 with step; a single leaf is not converted.
    i128 tree_sum(std::span<i128> nodes, EventCounts& counts) const {
        for (std::size_t count = nodes.size(); count > 1; count = count / 2 + count % 2) {
            for (std::size_t i = 0; i < count / 2; ++i) {
                const Converted node = sum_(nodes[2 * i] + nodes[2 * i + 1]);
                counts.add(node.events);
                nodes[i] = raw_from_word(node.word, acc_format_);
            }
            if (count % 2 != 0) nodes[count / 2] = nodes[count - 1];
        }
        return nodes[0];
    }

    bool stable_;
    std::int64_t count_;
    Format in_format_, acc_format_, inv_format_;
    std::vector<Converted> exponentials_;  // of the table's entries, in the accumulator's type
    std::vector<std::int64_t> inverses_;
    BitIndex exp_index_, inv_index_;
    Caster difference_, sum_, inv_input_, cast_;
};

// L16
class ArgmaxLayer : public Layer {
public:
    explicit ArgmaxLayer(const LayerSetup& setup)
        : format_(setup.format()),
          count_(setup.shape().count()),
          one_(Caster(2, 0, setup.node.result)(1)),
          zero_(Caster(2, 0, setup.node.result)(0)) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        std::int64_t best = 0;
        for (std::int64_t i = 1; i < count_; ++i) {
            if (raw_from_word(inputs[0][i], format_) > raw_from_word(inputs[0][best], format_)) best = i;
        }
        for (std::int64_t i = 0; i < count_; ++i) store(out[i], i == best ? one_ : zero_, events.result);
    }

private:
    Format format_;
    std::int64_t count_;
    Converted one_, zero_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Softmax& op) {
    if (op.kind == SoftmaxKind::Argmax) return std::make_unique<ArgmaxLayer>(setup);
    LayerParameters parameters;
    const Tensor exp_table = parameters.cast(setup, "exp_table", op.exp_table.entries);
    const Tensor inv_table = parameters.cast(setup, "inv_table", op.inv_table.entries);
    if (op.kind == SoftmaxKind::Legacy)
        return make_legacy_softmax(setup, op, exp_table, inv_table, std::move(parameters));
    setup.require_exact(signed_width(product_format(op.accumulator.format, inv_table.format)));
    return std::make_unique<TableSoftmax>(setup, op, exp_table, inv_table, std::move(parameters));
}

}  // namespace bittrue::emulator
