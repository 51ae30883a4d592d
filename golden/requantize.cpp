// L24: integers to integers by a multiplier and a shift.
#include "elements.hpp"

namespace bittrue::golden {
namespace {

// fl32, with exponents that have no end.
Dyadic single(const Dyadic& x) {
    constexpr int kDigits = 24;
    if (x.raw == 0) return x;
    const Integer magnitude = x.raw < 0 ? Integer(-x.raw) : x.raw;
    const int excess = static_cast<int>(msb(magnitude)) + 1 - kDigits;
    if (excess <= 0) return x;
    return {.raw = round_dyadic(x.raw, excess, Rounding::RndConv).value, .frac = x.frac - excess};
}

class RequantizeLayer : public Layer {
public:
    RequantizeLayer(const Requantize& op, const NodeContext& context)
        : Layer(context), op_(op), multiplier_(op.multiplier, "multiplier") {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        for_elements(out.shape(), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
            const std::size_t i = out.index(c, y, x);
            const Integer& m = multiplier_.raw(entry_of(c, multiplier_.size()));
            const int s = op_.shift[entry_of(c, op_.shift.size())];
            out.put_rounded(i, result_of(inputs[0]->raws[i], m, s));
        });
    }

    [[nodiscard]] std::vector<const Constants*> constants() const override { return {&multiplier_}; }

private:
    // r + Z, and floor(v) + Z.
    [[nodiscard]] Rounded result_of(const Integer& a, const Integer& m, int s) const {
        switch (op_.rule) {
            case RequantizeRule::Exact: return with_zero_point({.raw = a * m, .frac = s});
            case RequantizeRule::Float32:
                return with_zero_point(single(times(single({.raw = a, .frac = 0}), {.raw = m, .frac = s})));
            case RequantizeRule::TfliteDouble: return plus_zero_point(tflite_double(a, m, s));
        }
        return {};
    }

    [[nodiscard]] Rounded with_zero_point(const Dyadic& v) const {
        const Rounding mode = context().result.rounding;
        if (op_.zero_point_first) return round_at(plus(v, {.raw = op_.zero_point, .frac = 0}), 0, mode);
        return plus_zero_point(round_at(v, 0, mode));
    }

    [[nodiscard]] Rounded plus_zero_point(const Rounded& r) const {
        return {.value = r.value + op_.zero_point, .floor = r.floor + op_.zero_point, .inexact = r.inexact};
    }

    [[nodiscard]] static Rounded tflite_double(const Integer& a, const Integer& m, int s) {
        const int e = 31 - s;
        const int l = e > 0 ? e : 0, d = e < 0 ? -e : 0;
        const Integer n = a * m >= 0 ? power_of_two(30) : Integer(1 - power_of_two(30));
        const Integer h = truncated_divide(a * power_of_two(l) * m + n, power_of_two(31));
        Rounded r = round_at({.raw = h, .frac = d}, 0, Rounding::RndInf);
        r.inexact = round_at({.raw = a * m, .frac = s}, 0, Rounding::Trn).inexact;
        return r;
    }

    Requantize op_;
    Constants multiplier_;
};

}  // namespace

LayerPtr make_layer(const Requantize& op, const NodeContext& context) {
    return std::make_unique<RequantizeLayer>(op, context);
}

}  // namespace bittrue::golden
