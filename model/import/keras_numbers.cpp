#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "import/keras_quantizers.hpp"

namespace bittrue::detail {

namespace {

using Kind = KerasQuantizer::Kind;

constexpr int kMaxExponent = 1 << 12;  // beyond every double's

FixedType fixed(int width, int integer, bool is_signed, Overflow overflow) {
    return {.format = {.width = width, .integer = integer, .is_signed = is_signed},
            .rounding = Rounding::RndConv,
            .overflow = overflow,
            .saturated_bits = 0,
            .dialect = Dialect::Ap};
}

// The exponent of a power of two.
std::optional<int> exponent(double alpha) {
    int e = 0;
    if (std::frexp(alpha, &e) != 0.5) return std::nullopt;
    return e - 1;
}

int fraction(const KerasQuantizer& q) {
    return q.bits - q.integer - (q.keep_negative ? 1 : 0);
}

double lowest(const KerasQuantizer& q) {
    return q.keep_negative ? -std::ldexp(1, q.bits - 1) + (q.symmetric ? 1 : 0) : 0;
}
double highest(const KerasQuantizer& q) {
    return std::ldexp(1, q.bits - (q.keep_negative ? 1 : 0)) - 1;
}

// One number, without alpha. The rounding mode is the default one, half to even.
double quantized(const KerasQuantizer& q, double x) {
    switch (q.kind) {
        case Kind::Bits:
        case Kind::Relu:
            return std::ldexp(std::clamp(std::nearbyint(std::ldexp(x, fraction(q))), lowest(q), highest(q)),
                              -fraction(q));
        case Kind::Binary: return x < 0 ? (q.zero_one ? 0 : -1) : 1;
        case Kind::Ternary: return std::abs(x) < q.threshold ? 0 : (x < 0 ? -1 : 1);
    }
    return x;
}

// The scales that QKeras finds for one channel, in singles as it computes them.
class PowerOfTwoScale {
public:
    PowerOfTwoScale(const KerasQuantizer& q, std::vector<float> numbers) : q_(q), x_(std::move(numbers)) {}

    // The channel's numbers, quantised and scaled.
    std::vector<double> run() {
        z_.resize(x_.size());
        float scale = 1;
        if (q_.kind == Kind::Binary) {
            for (std::size_t i = 0; i < x_.size(); ++i) z_[i] = static_cast<float>(quantized(q_, x_[i]));
            scale = fit();
        } else if (q_.kind == Kind::Ternary) {
            float largest = 0;
            for (const float x : x_) largest = std::max(largest, std::abs(x));
            scale = power(2 * largest / 3);
            for (int step = 0; step < kSteps; ++step) scale = ternary(scale);
        } else {
            for (float& x : x_) x = std::ldexp(x, -q_.integer);
            const auto [low, high] = std::minmax_element(x_.begin(), x_.end());
            const auto levels = static_cast<float>(std::ldexp(1, q_.bits) - 1);
            scale = power((*high - *low) / levels);
            for (int step = 0; step < kSteps; ++step) scale = bits(scale, (levels - 1) / 2);
            scale = std::ldexp(scale, q_.integer);
        }
        std::vector<double> values;
        values.reserve(z_.size());
        for (const float z : z_) values.push_back(double{scale} * double{z});
        return values;
    }

private:
    static constexpr int kSteps = 5;
    static constexpr float kEpsilon = 1e-7F;

    static float power(float scale) {
        return std::ldexp(1.0F, static_cast<int>(std::nearbyint(std::log2(double{scale + kEpsilon}))));
    }

    // Least squares: sum of x z over sum of z z.
    [[nodiscard]] float fit() const {
        double xz = 0;
        double zz = 0;
        for (std::size_t i = 0; i < x_.size(); ++i) {
            xz += double{x_[i]} * z_[i];
            zz += double{z_[i]} * z_[i];
        }
        const auto n = static_cast<double>(x_.size());
        return power(static_cast<float>(xz / n) / (static_cast<float>(zz / n) + kEpsilon));
    }

    float bits(float scale, float most) {
        for (std::size_t i = 0; i < x_.size(); ++i)
            z_[i] = std::copysign(std::min(std::floor(std::abs(x_[i]) / scale + 0.5F), most), x_[i]);
        return fit();
    }

    float ternary(float scale) {
        for (std::size_t i = 0; i < x_.size(); ++i) {
            const bool zero = std::abs(scale * std::nearbyint(x_[i] / scale)) < scale / 2;
            z_[i] = zero || x_[i] == 0 ? 0.0F : std::copysign(1.0F, x_[i]);
        }
        return fit();
    }

    KerasQuantizer q_;
    std::vector<float> x_;
    std::vector<float> z_{};
};

std::vector<double> scaled(const KerasQuantizer& q, const Parameter& stored) {
    const std::size_t channels = stored.dims.size() > 1 ? static_cast<std::size_t>(stored.dims.back()) : 1;
    std::vector<double> result(stored.real.size());
    for (std::size_t c = 0; c < channels; ++c) {
        std::vector<float> numbers;
        for (std::size_t i = c; i < result.size(); i += channels) numbers.push_back(static_cast<float>(stored.real[i]));
        const std::vector<double> values = PowerOfTwoScale(q, std::move(numbers)).run();
        for (std::size_t k = 0; k < values.size(); ++k) result[c + k * channels] = values[k];
    }
    return result;
}

}  // namespace

std::optional<FixedType> quantizer_type(const KerasQuantizer& q) {
    const std::optional<int> e = exponent(q.alpha);
    if (!e || q.scaled) return std::nullopt;
    const int sign = q.keep_negative ? 1 : 0;
    switch (q.kind) {
        case Kind::Bits:
        case Kind::Relu:
            return fixed(q.bits, q.integer + sign + *e, q.keep_negative,
                         q.symmetric && q.keep_negative ? Overflow::SatSym : Overflow::Sat);
        case Kind::Binary:
            return q.zero_one ? fixed(1, 1 + *e, false, Overflow::Sat) : fixed(2, 2 + *e, true, Overflow::Sat);
        case Kind::Ternary: return fixed(2, 2 + *e, true, Overflow::Sat);
    }
    return std::nullopt;
}

FloatLayer quantizer_layer(const KerasLayer& layer, const KerasQuantizer& q) {
    if (q.scaled)
        throw InputError(layer.where,
                         "scales its activations by each input's own range, which is no fixed point; use alpha 1");
    FloatLayer result;
    result.result_type = quantizer_type(q);
    if (q.kind == Kind::Binary || q.kind == Kind::Ternary) {
        // QKeras compares singles: |x| >= t means that a negative x is at most -t, not above it.
        const auto t = static_cast<float>(q.threshold);
        Threshold op;
        op.thresholds.real =
            q.kind == Kind::Binary ? std::vector<double>{0} : std::vector<double>{std::nextafter(-t, 0.0F), double{t}};
        op.thresholds.dims = {1, static_cast<std::int64_t>(op.thresholds.real.size())};
        const bool two_steps = q.kind == Kind::Binary && !q.zero_one;
        op.scale = two_steps ? 2 * q.alpha : q.alpha;
        op.bias = q.zero_one ? 0 : -q.alpha;
        result.weight_type = exact_type(op.thresholds.real);
        result.op = std::move(op);
        return result;
    }
    if (q.alpha != 1)
        throw InputError(layer.where, fmt::format("has activations with alpha {}; 1 is supported", q.alpha));
    result.op = Quantize{};  // of a quantized_relu, too: its lowest word is 0
    FloatQuantizer quantizer;
    quantizer.scale = {std::ldexp(1, -fraction(q))};
    quantizer.low = lowest(q);
    quantizer.high = highest(q);
    result.quantizer = std::move(quantizer);
    return result;
}

QuantizedNumbers quantize_numbers(const KerasLayer& layer, const KerasQuantizer& q, const Parameter& stored) {
    QuantizedNumbers result;
    result.numbers.dims = stored.dims;
    if (q.kind == Kind::Relu && q.scaled) throw InputError(layer.where, "has weights with a scaled quantized_relu");
    if (q.scaled) {
        result.numbers.real = scaled(q, stored);
        result.type = exact_type(result.numbers.real);
        return result;
    }
    result.numbers.real.reserve(stored.real.size());
    for (const double x : stored.real) result.numbers.real.push_back(q.alpha * quantized(q, x));
    result.type = quantizer_type(q);
    if (q.kind == Kind::Binary && !q.zero_one && result.type) result.numbers.quantizer = WeightQuantizer::Bipolar;
    const bool cast = q.kind == Kind::Bits || q.kind == Kind::Relu;
    result.from_stored =
        result.type && ((cast && q.alpha == 1) || result.numbers.quantizer == WeightQuantizer::Bipolar);
    return result;
}

std::optional<FixedType> exact_type(const std::vector<double>& numbers) {
    int frac = -kMaxExponent;
    int integer = -kMaxExponent;
    bool any = false;
    for (const double x : numbers) {
        if (x == 0) continue;
        any = true;
        int e = 0;
        double mantissa = std::frexp(std::abs(x), &e);  // of [1/2, 1)
        integer = std::max(integer, e + 1);
        int bits = 0;
        for (; mantissa != 0; ++bits) mantissa = mantissa * 2 - std::floor(mantissa * 2);
        frac = std::max(frac, bits - e);
    }
    if (!any) return fixed(1, 1, true, Overflow::Sat);
    const int width = frac + integer;
    const FixedType type = fixed(width, integer, true, Overflow::Sat);
    if (!is_storable(type.format)) return std::nullopt;
    return type;
}

}  // namespace bittrue::detail
