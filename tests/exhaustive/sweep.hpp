// One destination format in every mode against a range of raws: the emulator equals golden, events included.
#pragma once

#include <cstddef>
#include <string>

#include "bittrue/model/events.hpp"
#include "bittrue/model/fixed_type.hpp"

namespace bittrue::testing {

struct RawRange {
    int least = 0, most = 0;
};

// Casts every raw of the range (frac 0) into every type of `format` with N up to max_n; a difference fails the running
// Catch2 test. Returns the number of casts.
std::size_t sweep(Format format, RawRange raws, int max_n);

[[nodiscard]] std::string describe(const Converted& c);
[[nodiscard]] std::string describe(i128 raw, int frac, const FixedType& type);

}  // namespace bittrue::testing
