// Sets of exact raws: all values a number of a network can take at most, and all values that reach a goal. Where the
// two have nothing in common the goal is proved impossible.
#pragma once

#include <optional>

#include "conversion.hpp"

namespace bittrue::corner {

// low, low + step, ..., high. step 0: low = high, one number.
struct Strided {
    i128 low = 0;
    i128 high = 0;
    i128 step = 0;
    friend bool operator==(const Strided&, const Strided&) = default;
};

// Makes `high` a member; `step` of a single number becomes 0.
[[nodiscard]] Strided normalised(i128 low, i128 high, i128 step);
[[nodiscard]] Strided single(i128 raw);

[[nodiscard]] Strided sum(const Strided& a, const Strided& b);        // every a + b
[[nodiscard]] Strided scaled(const Strided& a, i128 factor);          // every a * factor
[[nodiscard]] Strided product(const Strided& a, const Strided& b);    // every a * b
[[nodiscard]] Strided joined(const Strided& a, const Strided& b);     // a and b
[[nodiscard]] Strided larger_of(const Strided& a, const Strided& b);  // every max(a, b)
// The members within low .. high; nothing where there is none.
[[nodiscard]] std::optional<Strided> within(const Strided& a, i128 low, i128 high);
// A set that holds the converted raw of every member.
[[nodiscard]] Strided converted(const Strided& a, const Conversion& c);

// low .. high, of these those with raw mod modulus = residue (or, `differs`, with another residue).
struct Target {
    i128 low = 0;
    i128 high = 0;
    i128 modulus = 1;  // a power of two, or at most 2^31
    i128 residue = 0;
    bool differs = false;
};
[[nodiscard]] bool contains(const Target& t, i128 raw);

// The smallest member of `a` that is in the target and at least `from`; the largest that is at most `from`.
[[nodiscard]] std::optional<i128> first_from(const Strided& a, const Target& t, i128 from);
[[nodiscard]] std::optional<i128> last_to(const Strided& a, const Target& t, i128 from);
[[nodiscard]] inline bool meets(const Strided& a, const Target& t) {
    return first_from(a, t, a.low).has_value();
}

}  // namespace bittrue::corner
