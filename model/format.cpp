#include "bittrue/model/format.hpp"

#include <cmath>

namespace bittrue {

double value_of(i128 raw, int frac) {
    return std::ldexp(static_cast<double>(raw), -frac);
}

}  // namespace bittrue
