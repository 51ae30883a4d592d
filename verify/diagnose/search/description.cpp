#include "search/description.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bittrue::diagnose_detail {

// The entropy of the choice; the number of wrong words itself costs its logarithm.
double place_bits(std::int64_t words, std::int64_t wrong) {
    if (wrong <= 0 || words <= 0) return 0;
    const auto n = static_cast<double>(words), k = static_cast<double>(wrong);
    double bits = k * std::log2(n / k) + std::log2(k + 1);
    if (wrong < words) bits += (n - k) * std::log2(n / (n - k));
    return bits;
}

double list_bits(std::int64_t words, std::int64_t wrong, int width) {
    return place_bits(words, wrong) + static_cast<double>(wrong) * width;
}

double distance_bits(std::uint64_t distance, int width) {
    const int bits = 64 - std::countl_zero(distance);
    return std::min(width, 2 * bits + 1);
}

}  // namespace bittrue::diagnose_detail
