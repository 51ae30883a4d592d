#include "table.hpp"

namespace bittrue::golden {

std::size_t scaled_index(const Dyadic& x, std::size_t size, int span, std::size_t offset) {
    // The quotient in units of x's lsb, then in units of 1.
    const Integer quotient = truncated_divide(x.raw * Integer(size), Integer(span));
    const Integer whole =
        x.frac >= 0 ? truncated_divide(quotient, power_of_two(x.frac)) : Integer(quotient * power_of_two(-x.frac));
    const Integer index = whole + Integer(offset);
    if (index < 0) return 0;
    if (index >= size) return size - 1;
    return static_cast<std::size_t>(index);
}

std::size_t bit_index(const Integer& raw, const Format& format, std::size_t size) {
    // The pattern is below 2^W: scaling it to 0 .. size-1 keeps its top log2(size) bits.
    const Integer pattern = pattern_of_raw(raw, format);
    return static_cast<std::size_t>(floor_divide(pattern * Integer(size), power_of_two(format.width)));
}

}  // namespace bittrue::golden
