// One conversion of an exact number into a type, as the Q, O and D rules say it: what coverage and stimulus look at to
// tell a tie from its neighbour. Not an engine: measure_coverage compares every word and every event with the engine's.
#pragma once

#include "bittrue/model/events.hpp"
#include "bittrue/model/fixed_type.hpp"

namespace bittrue::corner {

// Exact numbers are raw * 2^-frac with |raw| < 2^kExactBits.
inline constexpr int kExactBits = 120;

// Where conversions of one kind come in: exact raws of one frac, or (average pooling) quotients raw / divisor.
struct Conversion {
    FixedType to{};
    int frac = 0;              // of the exact raws
    std::int64_t divisor = 1;  // > 1: the quotient is rounded by to.rounding at lsb 1 and nothing overflows
    [[nodiscard]] int dropped() const { return divisor > 1 ? 0 : frac - to.format.frac(); }  // bits; negative: none
};

struct Outcome {
    i128 raw = 0;      // the word's raw
    i128 rounded = 0;  // before overflow is treated; a number far outside is replaced by one 2 outside the range
    Events events{};
    bool tie = false;  // exactly half an lsb
};

[[nodiscard]] Outcome convert(i128 raw, const Conversion& c);

// The rounded number alone, without the range; |result| is cut off at 2^kExactBits.
[[nodiscard]] i128 round_raw(i128 raw, const Conversion& c);

// Floor and ceiling of a / b, b > 0.
[[nodiscard]] constexpr i128 floor_div(i128 a, i128 b) {
    return a / b - (a % b < 0 ? 1 : 0);
}
[[nodiscard]] constexpr i128 ceil_div(i128 a, i128 b) {
    return a / b + (a % b > 0 ? 1 : 0);
}
// raw * 2^k, cut off at +-2^kExactBits.
[[nodiscard]] constexpr i128 shift_up(i128 raw, int k) {
    const i128 limit = i128{1} << kExactBits;
    if (raw == 0 || k == 0) return raw;
    if (raw > 0) return k >= kExactBits || raw > (limit >> k) ? limit : raw << k;
    return k >= kExactBits || raw < -(limit >> k) ? -limit : -((-raw) << k);
}

}  // namespace bittrue::corner
