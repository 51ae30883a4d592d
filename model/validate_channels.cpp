// Operations whose parameters are one for all channels or one for each (L17, L23, L24).
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "validate_parts.hpp"

namespace bittrue::detail {

namespace {

void check_count(const std::string& where, const std::string& role, std::int64_t count, const Shape& in) {
    if (count == 1 || count == in.channels()) return;
    throw InputError(where,
                     fmt::format("the {} has {} numbers, the input {} channels; give one for all or one for each", role,
                                 count, in.channels()));
}

// Refuses thresholds of a channel that descend: real numbers as stored (every cast without overflow keeps their
// order), raw words as the numbers they are.
template <typename T, typename Number>
void check_ascending(const std::string& where, const std::vector<T>& values, std::int64_t per_channel, Number number) {
    const auto n = static_cast<std::size_t>(per_channel);
    for (std::size_t i = 1; i < values.size(); ++i) {
        if (i % n == 0 || number(values[i - 1]) <= number(values[i])) continue;
        throw InputError(where, fmt::format("the thresholds of channel {} descend from {} to {} at index {}; "
                                            "sort them in ascending order",
                                            i / n, values[i - 1], values[i], i % n));
    }
}

// Of float32: every product is an ordinary single-precision number.
void check_single(const std::string& where, const Requantize& op, const TensorInfo& in) {
    constexpr std::int64_t kMost = std::int64_t{1} << 24;
    constexpr double kLargest = 0x1p127;
    const double raw = std::ldexp(1.0, in.type.format.width - (in.type.format.is_signed ? 1 : 0));
    for (std::size_t i = 0; i < op.multiplier.raw.size(); ++i) {
        const i128 m = raw_from_word(op.multiplier.raw[i], op.multiplier.type.format);
        if (m >= kMost || m <= -kMost) {
            throw InputError(where, fmt::format("the multiplier {} at index {} has more than the 24 bits of a "
                                                "single-precision number; use the rule exact",
                                                op.multiplier.raw[i], i));
        }
        if (std::ldexp(std::abs(static_cast<double>(m)), -op.shift[i]) * raw < kLargest) continue;
        throw InputError(where, fmt::format("the multiplier {} with the shift {} makes products beyond single "
                                            "precision; use a larger shift",
                                            op.multiplier.raw[i], op.shift[i]));
    }
}

}  // namespace

Shape check_affine(const std::string& where, const Affine& op, const Shape& in) {
    check_parameter(where, "scale", op.scale);
    check_count(where, "scale", element_count(op.scale.dims), in);
    if (op.bias) {
        check_parameter(where, "bias", *op.bias);
        check_count(where, "bias", element_count(op.bias->dims), in);
    }
    return in;
}

Shape check_threshold(const std::string& where, const Threshold& op, const Shape& in) {
    const Parameter& t = op.thresholds;
    check_parameter(where, "thresholds", t);
    if (t.dims.size() != 2 || (t.dims[0] != 1 && t.dims[0] != in.channels())) {
        throw InputError(where, fmt::format("the thresholds have the shape {}, an input of {} channels needs 1xN or "
                                            "{}xN (channels, thresholds)",
                                            print_dims(t.dims), in.channels(), in.channels()));
    }
    if (!std::isfinite(op.scale) || !std::isfinite(op.bias)) {
        throw InputError(where, fmt::format("scale and bias must be finite numbers, not {} and {}", op.scale, op.bias));
    }
    check_ascending(where, t.real, t.dims[1], [](double x) { return x; });
    check_ascending(where, t.raw, t.dims[1], [&](std::int64_t x) { return raw_from_word(x, t.type.format); });
    return in;
}

Shape check_requantize(const std::string& where, const Requantize& op, const TensorInfo& in) {
    constexpr int kMostShift = 62;
    check_parameter(where, "multiplier", op.multiplier);
    if (!op.multiplier.is_raw())
        throw InputError(where, "the multiplier must be given as raw integers, for example { raw = [1518500250] }");
    const std::int64_t count = element_count(op.multiplier.dims);
    check_count(where, "multiplier", count, in.shape);
    if (static_cast<std::int64_t>(op.shift.size()) != count) {
        throw InputError(where,
                         fmt::format("there are {} shifts for {} multipliers; give as many", op.shift.size(), count));
    }
    for (const int s : op.shift) {
        if (s < -kMostShift || s > kMostShift)
            throw InputError(where, fmt::format("a shift must be {} to {}, not {}", -kMostShift, kMostShift, s));
    }
    if (op.rule == RequantizeRule::Float32) check_single(where, op, in);
    return in.shape;
}

}  // namespace bittrue::detail
