// Reals into words (rule I2): exact in double, because scaling by a power of two and dropping the fraction are.
#include "lane_kernels.hpp"
#include "lane_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "block/lane_reals.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Reals = hn::CappedTag<double, 8>;
using V = hn::Vec<Reals>;
using M = hn::Mask<Reals>;

// Whether the truncated number goes one away from zero; `rest` is what truncation dropped, without sign.
template <Rounding kRounding>
HWY_INLINE M goes_away(V u, V truncated, V rest) {
    const Reals d;
    const V zero = hn::Zero(d), half = hn::Set(d, 0.5);
    const M tie = hn::Eq(rest, half), more = hn::Gt(rest, half);
    const M negative = hn::Lt(u, zero);
    if constexpr (kRounding == Rounding::Trn) return hn::And(negative, hn::Gt(rest, zero));
    if constexpr (kRounding == Rounding::TrnZero) return hn::Lt(rest, zero);
    if constexpr (kRounding == Rounding::Rnd) return hn::Or(more, hn::AndNot(negative, tie));
    if constexpr (kRounding == Rounding::RndZero) return more;
    if constexpr (kRounding == Rounding::RndMinInf) return hn::Or(more, hn::And(negative, tie));
    if constexpr (kRounding == Rounding::RndInf) return hn::Or(more, tie);
    const V halved = hn::Mul(truncated, half);
    const M even = hn::Eq(halved, hn::Trunc(halved));
    if constexpr (kRounding == Rounding::RndConvOdd) return hn::Or(more, hn::And(even, tie));
    return hn::Or(more, hn::AndNot(even, tie));
}

template <Rounding kRounding>
std::size_t convert_as(const double* values, std::size_t count, const RealCast& cast, std::int32_t* words,
                       EventCounts& counts) {
    const Reals d;
    const hn::Rebind<std::int32_t, Reals> d32;
    const std::size_t n = hn::Lanes(d);
    const V scale = hn::Set(d, cast.scale), low = hn::Set(d, cast.low), high = hn::Set(d, cast.high);
    const V limit = hn::Set(d, 0x1p51), one = hn::Set(d, 1.0), zero = hn::Zero(d);
    std::size_t i = 0;
    for (; i + n <= count; i += n) {
        const V u = hn::Mul(hn::LoadU(d, values + i), scale);
        if (!hn::AllTrue(d, hn::Lt(hn::Abs(u), limit))) break;
        const V truncated = hn::Trunc(u);
        const V rest = hn::Abs(hn::Sub(u, truncated));
        const V away = hn::IfThenElseZero(goes_away<kRounding>(u, truncated, rest), hn::CopySign(one, u));
        const V r = hn::Add(truncated, away);
        const M above = hn::Gt(r, high), below = hn::Lt(r, low);
        if (!cast.clamps && !hn::AllFalse(d, hn::Or(above, below))) break;
        counts.inexact += hn::CountTrue(d, hn::Gt(rest, zero));
        counts.above += hn::CountTrue(d, above);
        counts.below += hn::CountTrue(d, below);
        hn::StoreU(hn::DemoteTo(d32, hn::Min(hn::Max(r, low), high)), d32, words + i);
    }
    return i;
}

std::size_t convert(const double* values, std::size_t count, const RealCast& cast, std::int32_t* words,
                    EventCounts& counts) {
    switch (cast.rounding) {
        case Rounding::Trn: return convert_as<Rounding::Trn>(values, count, cast, words, counts);
        case Rounding::TrnZero: return convert_as<Rounding::TrnZero>(values, count, cast, words, counts);
        case Rounding::Rnd: return convert_as<Rounding::Rnd>(values, count, cast, words, counts);
        case Rounding::RndZero: return convert_as<Rounding::RndZero>(values, count, cast, words, counts);
        case Rounding::RndMinInf: return convert_as<Rounding::RndMinInf>(values, count, cast, words, counts);
        case Rounding::RndInf: return convert_as<Rounding::RndInf>(values, count, cast, words, counts);
        case Rounding::RndConv: return convert_as<Rounding::RndConv>(values, count, cast, words, counts);
        case Rounding::RndConvOdd: return convert_as<Rounding::RndConvOdd>(values, count, cast, words, counts);
    }
    return 0;
}

}  // namespace

void fill_reals(LaneKernels& k) {
    k.reals = &convert;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "lane_dispatch.hpp"
#include "lane_fill.hpp"

namespace bittrue::emulator {

void fill_reals(Isa isa, LaneKernels& kernels) {
    BITTRUE_DISPATCH(isa, fill_reals(kernels))
}

}  // namespace bittrue::emulator
#endif
