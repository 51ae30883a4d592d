// L17: Q(scale[c] * x + bias[c]).
#include <optional>

#include "elements.hpp"

namespace bittrue::golden {
namespace {

class AffineLayer : public Layer {
public:
    AffineLayer(const Affine& op, const NodeContext& context) : Layer(context), scale_(op.scale, "scale") {
        if (op.bias) bias_.emplace(*op.bias, "bias");
    }

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        for_elements(out.shape(), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
            const std::size_t i = out.index(c, y, x);
            Dyadic value = times(scale_.value(entry_of(c, scale_.size())), inputs[0]->value(i));
            if (bias_) value = plus(value, bias_->value(entry_of(c, bias_->size())));
            out.put(i, value);
        });
    }

    [[nodiscard]] std::vector<const Constants*> constants() const override {
        std::vector<const Constants*> all{&scale_};
        if (bias_) all.push_back(&*bias_);
        return all;
    }

private:
    Constants scale_;
    std::optional<Constants> bias_{};
};

}  // namespace

LayerPtr make_layer(const Affine& op, const NodeContext& context) {
    return std::make_unique<AffineLayer>(op, context);
}

}  // namespace bittrue::golden
