#include "changes/fit.hpp"

#include <algorithm>

namespace bittrue::diagnose_detail {

namespace {

double of_wrong(const Evidence& e, std::int64_t count) {
    return e.different == 0 ? 0 : static_cast<double>(count) / static_cast<double>(e.different);
}

}  // namespace

double fits_rounding(const Evidence& e) {
    return of_wrong(e, e.by_one);
}

double fits_overflow(const Evidence& e) {
    return std::min(1.0, of_wrong(e, std::max({e.to_end, e.from_end, e.different - e.by_one})));
}

double fits_bias(const Evidence& e) {
    return e.constant_per_channel ? 1.0 : std::min(0.6, e.share());
}

double fits_many(const Evidence& e) {
    return 0.7 * e.share() * (1 - of_wrong(e, e.by_one)) + 0.1;
}

double fits_zero(const Evidence& e) {
    return of_wrong(e, std::max(e.to_zero, e.below));
}

}  // namespace bittrue::diagnose_detail
