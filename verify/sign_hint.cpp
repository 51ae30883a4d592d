#include "sign_hint.hpp"

namespace bittrue {

std::string sign_hint(const WordPair& words, const Alignment& plan) {
    const WordReader& expected = words.expected();
    const WordReader& actual = words.actual();
    i128 distance = 0;  // actual - expected
    for (std::int64_t flat = 0; flat < plan.words && distance == 0; ++flat) {
        distance = actual.raw(plan.placement.actual_flat(flat)) - expected.raw(flat);
    }
    int width = 1;
    const i128 size = distance < 0 ? -distance : distance;
    while (width < kMaxStoredWidth && (i128{1} << width) != size) ++width;
    const i128 modulus = i128{1} << width;
    if (size != modulus) return {};
    for (std::int64_t flat = 0; flat < plan.words; ++flat) {
        const i128 want = expected.raw(flat);
        const i128 got = actual.raw(plan.placement.actual_flat(flat));
        const i128 as_signed = distance > 0 ? want : got;
        const i128 as_unsigned = distance > 0 ? got : want;
        if (as_signed < -modulus / 2 || as_signed >= modulus / 2) return {};
        if (as_unsigned != (as_signed < 0 ? as_signed + modulus : as_signed)) return {};
    }
    return "the bit patterns are equal: the " + std::string(distance > 0 ? "actual" : "expected") +
           " side seems to hold the unsigned reading of the other's words of " + std::to_string(width) +
           " signed bits; give a side its manifest and patterns are compared";
}

}  // namespace bittrue
