// L20: the axes of storage in another order, each Q(x).
#include "layer.hpp"

namespace bittrue::golden {
namespace {

class TransposeLayer : public Layer {
public:
    TransposeLayer(const Transpose& op, const NodeContext& context) : Layer(context), axes_(op.axes) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Dims& d = inputs[0]->shape.dims;
        const Dims& r = out.shape().dims;
        std::size_t index = 0;
        for (std::int64_t i0 = 0; i0 < r[0]; ++i0) {
            for (std::int64_t i1 = 0; i1 < r[1]; ++i1) {
                for (std::int64_t i2 = 0; i2 < r[2]; ++i2) {
                    std::array<std::int64_t, 3> at{};  // in the input's storage order
                    at[axis(0)] = i0;
                    at[axis(1)] = i1;
                    at[axis(2)] = i2;
                    const std::int64_t source = (at[0] * d[1] + at[1]) * d[2] + at[2];
                    out.put(index++, inputs[0]->value(static_cast<std::size_t>(source)));
                }
            }
        }
    }

private:
    [[nodiscard]] std::size_t axis(std::size_t k) const { return static_cast<std::size_t>(axes_[k]); }

    std::array<int, 3> axes_;
};

}  // namespace

LayerPtr make_layer(const Transpose& op, const NodeContext& context) {
    return std::make_unique<TransposeLayer>(op, context);
}

}  // namespace bittrue::golden
