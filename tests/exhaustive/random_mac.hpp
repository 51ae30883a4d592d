// Random accumulations, printable completely.
#pragma once

#include <string>

#include "bittrue/model/engine.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::testing {

struct MacCase {
    MacOperands operands{};
    AccumulatorSpec spec{};
};

// Widths 1..max_width for every format; fracs anywhere within +-200, those that meet in a sum at most `spread` apart.
[[nodiscard]] MacCase random_mac(Random& random, int max_width, int max_terms, int spread);

// Any legal spec for `terms` terms whose products have `product_frac`; formats as above.
[[nodiscard]] AccumulatorSpec random_accumulator(Random& random, int max_width, int terms, int product_frac,
                                                 int spread);

[[nodiscard]] std::string describe(const AccumulatorSpec& spec);
[[nodiscard]] std::string describe(const MacCase& c);
[[nodiscard]] std::string describe(const MacStep& step);
[[nodiscard]] std::string describe(const Events& events);

[[nodiscard]] bool equal(const MacStep& a, const MacStep& b);

}  // namespace bittrue::testing
