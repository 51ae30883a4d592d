// Rules O2-O6, D1, D2: words out of range, their patterns put together bit field by bit field.
#include "quantizer.hpp"

namespace bittrue::golden {
namespace {

// Bit k of the infinitely sign-extended two's complement of r.
bool bit_of(const Integer& r, int k) {
    return modulo(floor_divide_by_power(r, k), 2) == 1;
}

// `count` equal bits from bit `position` upward.
Integer field(bool bit, int count, int position) {
    return bit ? Integer((power_of_two(count) - 1) * power_of_two(position)) : Integer(0);
}

Integer low_bits(const Integer& pattern, int count) {
    return modulo(pattern, power_of_two(count));
}

Integer inverted(const Integer& pattern, int width) {
    return power_of_two(width) - 1 - pattern;
}

// Top bit `sign`, the next n-1 bits its complement, below them the low bits of `pattern`.
Integer with_sign_bits(const Integer& pattern, int width, int n, bool sign) {
    return field(sign, 1, width - 1) + field(!sign, n - 1, width - n) + low_bits(pattern, width - n);
}

Integer wrapped(const Integer& r, const FixedType& type) {
    const int width = type.format.width;
    const Integer pattern = pattern_of_raw(r, type.format);
    const int n = type.saturated_bits < width ? type.saturated_bits : width;
    if (n == 0) return pattern;
    const bool below = r < 0;
    if (type.format.is_signed) return with_sign_bits(pattern, width, n, below);
    const bool top = !below || type.dialect == Dialect::Ap;  // D1
    return field(top, n, width - n) + low_bits(pattern, width - n);
}

Integer sign_magnitude_wrapped(const Rounded& rounded, const FixedType& type) {
    const Integer& r = rounded.value;
    const int width = type.format.width;
    const Integer pattern = pattern_of_raw(r, type.format);
    const int n = type.saturated_bits < width ? type.saturated_bits : width;
    if (n == 0) {
        const bool deleted = bit_of(type.dialect == Dialect::Ap ? rounded.floor : r, width);  // D2
        const bool top = bit_of(r, width - 1);
        const Integer kept = deleted != top ? inverted(pattern, width) : pattern;
        return field(deleted, 1, width - 1) + low_bits(kept, width - 1);
    }
    const bool sign = r < 0;
    const bool invert = n == 1 ? bit_of(r, width - 1) != sign : bit_of(r, width - n) == sign;
    return with_sign_bits(invert ? inverted(pattern, width) : pattern, width, n, sign);
}

}  // namespace

Integer overflowed(const Rounded& rounded, const FixedType& type, const Integer& low, const Integer& high) {
    const Format& format = type.format;
    switch (type.overflow) {
        case Overflow::Wrap: return raw_of_pattern(wrapped(rounded.value, type), format);
        case Overflow::Sat:
        case Overflow::SatSym: return rounded.value < 0 ? low : high;
        case Overflow::SatZero: return 0;
        case Overflow::WrapSm: return raw_of_pattern(sign_magnitude_wrapped(rounded, type), format);
    }
    return 0;
}

}  // namespace bittrue::golden
