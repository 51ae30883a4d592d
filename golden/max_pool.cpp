// L4: the largest value of the window.
#include <optional>

#include "window.hpp"

namespace bittrue::golden {
namespace {

class MaxPoolLayer : public Layer {
public:
    MaxPoolLayer(const MaxPool& op, const NodeContext& context)
        : Layer(context),
          op_(op),
          msb_(raw_of_pattern(power_of_two(context.input_formats[0].width - 1), context.input_formats[0])) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        for_elements(out.shape(), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
            Dyadic value{.raw = largest(in, c, y, x), .frac = in.format.frac()};
            if (op_.accumulator) {
                const Quantizer accumulator(*op_.accumulator);
                const Quantized q = accumulator(value);
                out.events().accumulator.add(q.events);
                value = {.raw = q.raw, .frac = accumulator.frac()};
            }
            out.put(out.index(c, y, x), value);
        });
    }

private:
    [[nodiscard]] Integer largest(const Map& in, std::int64_t c, std::int64_t y, std::int64_t x) const {
        std::optional<Integer> best;
        const auto take = [&](const Integer& raw) {
            if (!best || raw > *best) best = raw;
        };
        for_window(in.shape, op_.pool, op_.stride, op_.padding, y, x,
                   [&](bool inside, std::int64_t row, std::int64_t column) {
                       if (inside) {
                           take(in.at(c, row, column));
                       } else if (op_.pad_rule == PoolPadding::Msb) {
                           take(msb_);
                       }
                   });
        return best.value();  // padding is smaller than the window
    }

    MaxPool op_;
    Integer msb_;
};

}  // namespace

LayerPtr make_layer(const MaxPool& op, const NodeContext& context) {
    return std::make_unique<MaxPoolLayer>(op, context);
}

}  // namespace bittrue::golden
