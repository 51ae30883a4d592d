// The loop of accumulations that clamp at every step, nothing being counted: the questions that OrderedRun asks at each
// step are answered once in front of it. Included once per instruction set.
#if defined(BITTRUE_STEP_LOOP_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BITTRUE_STEP_LOOP_INL_HPP
#undef BITTRUE_STEP_LOOP_INL_HPP
#else
#define BITTRUE_STEP_LOOP_INL_HPP
#endif

#include "lanes-inl.hpp"
#include "ordered.hpp"
#include "pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// kPack vectors of int32 lanes from lane `first` on; terms begin, begin + stride, ... < end.
template <class D, std::size_t kPack>
class StepLoop {
    using V = hn::Vec<D>;
    enum class Asks { Nothing, Parity, Sign };  // what a rounding asks of the number

public:
    StepLoop(const OrderedPlan& plan, const OrderedJob& job, std::size_t first)
        : plan_(plan),
          rounds_(plan.a.casts_product ? plan.product : plan.step),
          window_(static_cast<const std::int32_t*>(job.window) + first),
          weights_(static_cast<const std::int32_t*>(job.weights)) {}

    // `acc` holds the accumulators.
    void run(V* acc, std::int64_t begin, std::int64_t end, std::int64_t stride) const {
        plan_.a.casts_product ? choose<true>(acc, begin, end, stride) : choose<false>(acc, begin, end, stride);
    }

private:
    template <bool kCasts>
    void choose(V* acc, std::int64_t begin, std::int64_t end, std::int64_t stride) const {
        if (rounds_.if_odd != 0) return loop<kCasts, Asks::Parity>(acc, begin, end, stride);
        if (rounds_.if_negative != 0) return loop<kCasts, Asks::Sign>(acc, begin, end, stride);
        loop<kCasts, Asks::Nothing>(acc, begin, end, stride);
    }

    static V splat(std::int64_t value) { return hn::Set(D(), static_cast<std::int32_t>(value)); }

    template <bool kCasts, Asks kAsks>
    void loop(V* acc, std::int64_t begin, std::int64_t end, std::int64_t stride) const {
        const D d;
        // floor odd ? -1 : 0 is (odd ^ -1) + 1: both parities by one instruction.
        const bool to_odd = kAsks == Asks::Parity && rounds_.if_odd < 0;
        const V flip = splat(to_odd ? -1 : 0), always = splat(rounds_.always + (to_odd ? 1 : 0));
        const V one = splat(1), if_negative = splat(rounds_.if_negative);
        const LaneShift<D> down(rounds_.down), up(plan_.a.acc_up);
        const V low = splat(plan_.step.low), high = splat(plan_.step.high);
        const V product_low = splat(plan_.product.low), product_high = splat(plan_.product.high);
        const auto rounded = [&](V v) HWY_ATTR {
            V add = always;
            if constexpr (kAsks == Asks::Parity) add = hn::Add(add, hn::Xor(hn::And(down.right(v), one), flip));
            if constexpr (kAsks == Asks::Sign) add = hn::Add(add, hn::And(if_negative, hn::BroadcastSignBit(v)));
            return down.right(hn::Add(v, add));
        };
        V sums[kPack];
        for (std::size_t u = 0; u < kPack; ++u) sums[u] = acc[u];
        for (std::int64_t t = begin; t < end; t += stride) {
            const std::int32_t* const x = window_ + t * kLanes;
            // The high half of the weight is zero, so that of the input does not matter.
            const V w = hn::Set(d, weights_[t] & 0xffff);
            for (std::size_t u = 0; u < kPack; ++u) {
                V term = pair_dot(d, hn::Load(d, x + u * lanes_of<D>()), w);
                if constexpr (kCasts) {
                    term = hn::Min(hn::Max(rounded(term), product_low), product_high);
                    sums[u] = hn::Add(sums[u], term);
                } else {
                    sums[u] = rounded(hn::Add(up.left(sums[u]), term));
                }
                sums[u] = hn::Min(hn::Max(sums[u], low), high);
            }
        }
        for (std::size_t u = 0; u < kPack; ++u) acc[u] = sums[u];
    }

    const OrderedPlan& plan_;
    const LaneCast& rounds_;
    const std::int32_t* window_;
    const std::int32_t* weights_;
};

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#endif
