// L23: how many thresholds x reaches, scaled.
#include "elements.hpp"

namespace bittrue::golden {
namespace {

class ThresholdLayer : public Layer {
public:
    ThresholdLayer(const Threshold& op, const NodeContext& context)
        : Layer(context),
          thresholds_(op.thresholds, "thresholds"),
          rows_(static_cast<std::size_t>(op.thresholds.dims[0])),
          per_row_(static_cast<std::size_t>(op.thresholds.dims[1])),
          scale_(dyadic_from_double(op.scale)),
          bias_(dyadic_from_double(op.bias)),
          strict_(op.strict) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        for_elements(out.shape(), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
            const std::size_t i = out.index(c, y, x);
            const Dyadic k{.raw = reached(inputs[0]->value(i), entry_of(c, rows_)), .frac = 0};
            out.put(i, plus(times(scale_, k), bias_));
        });
    }

    [[nodiscard]] std::vector<const Constants*> constants() const override { return {&thresholds_}; }

private:
    [[nodiscard]] Integer reached(const Dyadic& x, std::size_t row) const {
        Integer k = 0;
        for (std::size_t j = 0; j < per_row_; ++j) {
            const Dyadic t = thresholds_.value(row * per_row_ + j);
            if (strict_ ? less(t, x) : !less(x, t)) ++k;
        }
        return k;
    }

    Constants thresholds_;
    std::size_t rows_, per_row_;
    Dyadic scale_, bias_;
    bool strict_;
};

}  // namespace

LayerPtr make_layer(const Threshold& op, const NodeContext& context) {
    return std::make_unique<ThresholdLayer>(op, context);
}

}  // namespace bittrue::golden
