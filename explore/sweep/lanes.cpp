#include "sweep/lanes.hpp"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sweep/lanes.cpp"
#include "hwy/foreach_target.h"
// after foreach_target
#include "hwy/highway.h"
#include "sweep/lanes-inl.hpp"

#if HWY_ONCE
namespace bittrue::explore {

HWY_EXPORT(AccumulateFast);
HWY_EXPORT(AccumulateSteps);
HWY_EXPORT(Cast64);
HWY_EXPORT(Cast32);
HWY_EXPORT(Widen);
HWY_EXPORT(Max);
HWY_EXPORT(ReluOf);
HWY_EXPORT(Compare);

void accumulate_fast(Want want, const FastJob& job) {
    HWY_DYNAMIC_DISPATCH(AccumulateFast)(want, job);
}
void accumulate_steps(Want want, const StepJob& job) {
    HWY_DYNAMIC_DISPATCH(AccumulateSteps)(want, job);
}
void cast_lanes(const LaneCast& cast, const std::int64_t* in, std::int32_t* out, int lanes) {
    HWY_DYNAMIC_DISPATCH(Cast64)(cast, in, out, lanes);
}
void cast_lanes(const LaneCast& cast, const std::int32_t* in, std::int32_t* out, int lanes) {
    HWY_DYNAMIC_DISPATCH(Cast32)(cast, in, out, lanes);
}
void widen_lanes(const std::int32_t* in, std::int64_t* out, int lanes) {
    HWY_DYNAMIC_DISPATCH(Widen)(in, out, lanes);
}
void max_lanes(std::int32_t* into, const std::int32_t* in, int lanes) {
    HWY_DYNAMIC_DISPATCH(Max)(into, in, lanes);
}
void relu_lanes(const std::int32_t* in, std::int32_t* out, int lanes) {
    HWY_DYNAMIC_DISPATCH(ReluOf)(in, out, lanes);
}
void compare_lanes(const std::int32_t* a, const std::int32_t* b, std::int32_t* different, int lanes) {
    HWY_DYNAMIC_DISPATCH(Compare)(a, b, different, lanes);
}

}  // namespace bittrue::explore
#endif
