// All types that a format can have, and random ones.
#pragma once

#include <vector>

#include "bittrue/model/fixed_type.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::testing {

// Every valid combination of dialect, rounding, overflow and N in 0..max_n.
[[nodiscard]] inline std::vector<FixedType> all_types(Format format, int max_n) {
    std::vector<FixedType> types;
    for (const Dialect dialect : kAllDialects) {
        for (const Rounding rounding : kAllRoundings) {
            for (const Overflow overflow : kAllOverflows) {
                for (int n = 0; n <= max_n; ++n) {
                    const FixedType type{format, rounding, overflow, n, dialect};
                    if (reason_invalid(type).empty()) types.push_back(type);
                }
            }
        }
    }
    return types;
}

// Any valid modes for a format; WRAP and SAT get most of the draws, as in practice.
[[nodiscard]] inline FixedType random_type(Random& random, Format format) {
    constexpr Overflow kOverflows[] = {Overflow::Wrap, Overflow::Wrap,    Overflow::Sat,    Overflow::Sat,
                                       Overflow::Sat,  Overflow::SatZero, Overflow::SatSym, Overflow::WrapSm};
    FixedType type{.format = format};
    do {
        type.dialect = random.pick(kAllDialects);
        type.rounding = random.pick(kAllRoundings);
        type.overflow = random.pick(kOverflows);
        const bool wraps = type.overflow == Overflow::Wrap || type.overflow == Overflow::WrapSm;
        const int most = format.width + 2 < 64 ? format.width + 2 : 64;
        type.saturated_bits = wraps && random.one_in(3) ? random.integer(1, most) : 0;
    } while (!reason_invalid(type).empty());
    return type;
}

// A word of the format; ends of the range come often.
[[nodiscard]] inline std::int64_t random_word(Random& random, Format format) {
    if (random.one_in(8)) return word_from_raw(random.one_in(2) ? raw_min(format) : raw_max(format));
    return word_from_pattern(random.bits(), format);
}

}  // namespace bittrue::testing
