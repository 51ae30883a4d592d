// L5: a sum that is quantised at every addition, a rounded quotient, the final cast.
#include "window.hpp"

namespace bittrue::golden {
namespace {

class AveragePoolLayer : public Layer {
public:
    AveragePoolLayer(const AveragePool& op, const NodeContext& context)
        : Layer(context), op_(op), accumulator_(op.accumulator) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        for_elements(out.shape(), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
            out.put(out.index(c, y, x), average(in, c, y, x, out.events().accumulator));
        });
    }

private:
    [[nodiscard]] Dyadic average(const Map& in, std::int64_t c, std::int64_t y, std::int64_t x,
                                 EventCounts& counts) const {
        Dyadic acc{.raw = 0, .frac = accumulator_.frac()};
        std::int64_t taken = 0;
        for_window(
            in.shape, op_.pool, op_.stride, op_.padding, y, x, [&](bool inside, std::int64_t row, std::int64_t column) {
                if (!inside && !op_.count_padding) return;
                const Dyadic element{.raw = inside ? in.at(c, row, column) : Integer(0), .frac = in.format.frac()};
                const Quantized q = accumulator_(plus(acc, element));
                counts.add(q.events);
                acc.raw = q.raw;
                ++taken;
            });
        const Rounded quotient = round_quotient(acc.raw, Integer(taken), op_.divide);
        counts.add(Events{.inexact = quotient.inexact});
        return {.raw = quotient.value, .frac = acc.frac};
    }

    AveragePool op_;
    Quantizer accumulator_;
};

}  // namespace

LayerPtr make_layer(const AveragePool& op, const NodeContext& context) {
    return std::make_unique<AveragePoolLayer>(op, context);
}

}  // namespace bittrue::golden
