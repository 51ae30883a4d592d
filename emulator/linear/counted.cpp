#include "counted.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/counted.cpp"
#include "highway_targets.hpp"
// clang-format off: this order is part of the interface
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "lanes-inl.hpp"
#include "pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <CountedOverflow kOverflow>
class CountedVector {
    using D = hn::CappedTag<std::int32_t, kLanes>;
    using V = hn::Vec<D>;
    static constexpr D d{};

public:
    static constexpr std::size_t kLength = hn::MaxLanes(D());

    explicit CountedVector(const CountedJob& job)
        : job_(job),
          low_(hn::Set(d, job.low)),
          high_(hn::Set(d, job.high)),
          acc_(hn::Set(d, job.start)),
          above_(hn::Zero(d)),
          below_(hn::Zero(d)) {}

    // Lanes first .. first + kLength - 1.
    void run(std::size_t first, CountedOverflows& found) {
        const auto* const window = job_.window + first * sizeof(std::int32_t);
        const SaturateStep* step = job_.steps;
        for (std::size_t i = 0; i < job_.count; ++i, step += job_.stride) {
            const V cell = hn::Load(d, reinterpret_cast<const std::int32_t*>(window + step->offset));
            const V sum = hn::Add(acc_, pair_dot(d, cell, hn::Set(d, step->weights)));
            if (HWY_LIKELY(hn::AllFalse(d, hn::Or(hn::Gt(sum, high_), hn::Lt(sum, low_))))) {
                acc_ = sum;
                continue;
            }
            const auto bits = static_cast<std::uint32_t>(step->weights);
            for (const std::uint32_t half : {bits & 0xffffU, bits & 0xffff0000U})
                if (half != 0) add(pair_dot(d, cell, hn::Set(d, static_cast<std::int32_t>(half))));
        }
        if (job_.last != 0) add(hn::Set(d, job_.last));
        hn::StoreU(acc_, d, job_.sums + first);
        found.above += total(d, above_, job_.lanes.counted >> first);
        found.below += total(d, below_, job_.lanes.counted >> first);
    }

private:
    HWY_INLINE void add(V product) {
        const V sum = hn::Add(acc_, product);
        const V above = hn::VecFromMask(d, hn::Gt(sum, high_)), below = hn::VecFromMask(d, hn::Lt(sum, low_));
        above_ = hn::Sub(above_, above);
        below_ = hn::Sub(below_, below);
        if constexpr (kOverflow == CountedOverflow::Clamp) {
            acc_ = hn::Min(hn::Max(sum, low_), high_);
        } else if constexpr (kOverflow == CountedOverflow::Zero) {
            acc_ = hn::AndNot(hn::Or(above, below), sum);
        } else if constexpr (kOverflow == CountedOverflow::WrapSigned) {
            acc_ = hn::ShiftRightSame(hn::ShiftLeftSame(sum, job_.unused), job_.unused);
        } else {
            const hn::RebindToUnsigned<D> du;
            acc_ =
                hn::BitCast(d, hn::ShiftRightSame(hn::BitCast(du, hn::ShiftLeftSame(sum, job_.unused)), job_.unused));
        }
    }

    const CountedJob& job_;
    V low_, high_, acc_, above_, below_;
};

template <CountedOverflow kOverflow>
CountedOverflows run_as(const CountedJob& job) {
    constexpr std::size_t n = CountedVector<kOverflow>::kLength;
    CountedOverflows found;
    for (std::size_t first = 0; first < kLanes; first += n) {
        if ((job.lanes.computed >> first & ~std::uint64_t{0} >> (64 - n)) == 0) continue;
        CountedVector<kOverflow>(job).run(first, found);
    }
    return found;
}

CountedOverflows run(const CountedJob& job) {
    switch (job.overflow) {
        case CountedOverflow::Clamp: return run_as<CountedOverflow::Clamp>(job);
        case CountedOverflow::Zero: return run_as<CountedOverflow::Zero>(job);
        case CountedOverflow::WrapSigned: return run_as<CountedOverflow::WrapSigned>(job);
        case CountedOverflow::WrapUnsigned: break;
    }
    return run_as<CountedOverflow::WrapUnsigned>(job);
}

CountedRun kernels() {
    return run;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bittrue::emulator::linear {

BITTRUE_PER_ISA(CountedRun, counted_pairs, kernels())

}  // namespace bittrue::emulator::linear
#endif
