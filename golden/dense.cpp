// L2: one accumulation per output, terms in the order of the input elements.
#include "accumulation.hpp"
#include "layer.hpp"

namespace bittrue::golden {
namespace {

class DenseLayer : public Layer {
public:
    DenseLayer(const Dense& op, const NodeContext& context)
        : Layer(context),
          weights_(op.weights, "weights"),
          accumulation_(op.accumulator, static_cast<std::size_t>(op.weights.dims[0])) {
        const auto inputs = static_cast<std::size_t>(op.weights.dims[0]);
        const auto outputs = static_cast<std::size_t>(op.weights.dims[1]);
        columns_.resize(outputs);
        for (std::size_t o = 0; o < outputs; ++o) {
            for (std::size_t i = 0; i < inputs; ++i) columns_[o].push_back(weights_.raw(i * outputs + o));
        }
        if (op.bias) bias_.emplace(*op.bias, "bias");
    }

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        const int frac = weights_.format().frac() + in.format.frac();
        Products products;
        for (std::size_t o = 0; o < columns_.size(); ++o) {
            ChannelEvents events;
            accumulation_.multiply(columns_[o], in.raws, frac, products, events.product);
            const auto bias = bias_ ? std::optional<Dyadic>(bias_->value(o)) : std::nullopt;
            Integer sum = accumulation_.sum(products, bias, events.accumulator, nullptr);
            out.put(o, {.raw = std::move(sum), .frac = accumulation_.frac()}, static_cast<std::int64_t>(o), events);
        }
    }

    [[nodiscard]] std::size_t channels() const override { return columns_.size(); }

    [[nodiscard]] std::vector<const Constants*> constants() const override {
        if (!bias_) return {&weights_};
        return {&weights_, &*bias_};
    }

private:
    Constants weights_;
    std::optional<Constants> bias_{};
    Accumulation accumulation_;
    std::vector<std::vector<Integer>> columns_{};  // [output][term]
};

}  // namespace

LayerPtr make_layer(const Dense& op, const NodeContext& context) {
    return std::make_unique<DenseLayer>(op, context);
}

}  // namespace bittrue::golden
