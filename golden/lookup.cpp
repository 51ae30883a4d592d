// L12: sigmoid, tanh, a ROM.
#include "layer.hpp"
#include "table.hpp"

namespace bittrue::golden {
namespace {

class LookupLayer : public Layer {
public:
    LookupLayer(const Lookup& op, const NodeContext& context)
        : Layer(context), index_(op.index), span_(op.span), table_(op.table.entries, "table") {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        for (std::size_t i = 0; i < in.raws.size(); ++i) out.put(i, table_.value(index_of(in, i)));
    }

    [[nodiscard]] std::vector<const Constants*> constants() const override { return {&table_}; }

private:
    [[nodiscard]] std::size_t index_of(const Map& in, std::size_t i) const {
        switch (index_) {
            case TableIndex::Scaled: return scaled_index(in.value(i), table_.size(), span_, table_.size() / 2);
            case TableIndex::Bits: return bit_index(in.raws[i], in.format, table_.size());
        }
        return 0;
    }

    TableIndex index_;
    int span_;
    Constants table_;
};

}  // namespace

LayerPtr make_layer(const Lookup& op, const NodeContext& context) {
    return std::make_unique<LookupLayer>(op, context);
}

}  // namespace bittrue::golden
