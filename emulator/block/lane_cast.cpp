// Conversions of tiles: the inner loop of every rounding and overflow behind an accumulator.
#include "lane_kernels.hpp"
#include "lane_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "block/lane_cast.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lane_narrow-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class Int>
using Tag = hn::CappedTag<Int, kLanes>;

// The numbers of a LaneCast in every lane.
template <class Int, class V>
struct Constants {
    explicit Constants(const LaneCast<Int>& p)
        : floor_at(hn::Set(Tag<Int>(), p.floor_at)),
          always(hn::Set(Tag<Int>(), p.always)),
          if_negative(hn::Set(Tag<Int>(), p.if_negative)),
          if_odd(hn::Set(Tag<Int>(), p.if_odd)),
          mask(hn::Set(Tag<Int>(), p.mask)),
          low(hn::Set(Tag<Int>(), p.low)),
          high(hn::Set(Tag<Int>(), p.high)),
          up(p.up),
          down(p.down),
          unused(p.unused) {}
    V floor_at, always, if_negative, if_odd, mask, low, high;
    int up, down, unused;
};

// What a rounding looks at besides the number: nothing; whether the kept part is odd (RND_CONV); that and the sign.
enum class Rounded : std::uint8_t { Plain, Even, General };

template <class Int>
Rounded rounded_by(const LaneCast<Int>& cast) {
    if (cast.is_plain()) return Rounded::Plain;
    return cast.if_negative == 0 && cast.if_odd == 1 ? Rounded::Even : Rounded::General;
}

template <Rounded kRounded, class Int, class V>
HWY_INLINE V rounded(V v, const Constants<Int, V>& k) {
    const Tag<Int> d;
    V add = k.always;
    if constexpr (kRounded == Rounded::Even) {
        add = hn::Add(add, hn::And(hn::ShiftRightSame(v, k.down), hn::Set(d, Int{1})));
    } else if constexpr (kRounded == Rounded::General) {
        const V zero = hn::Zero(d);
        const V odd = hn::And(hn::ShiftRightSame(v, k.down), hn::Set(d, Int{1}));
        add = hn::Add(add, hn::And(k.if_negative, hn::VecFromMask(d, hn::Lt(v, zero))));
        add = hn::Add(add, hn::And(k.if_odd, hn::Sub(zero, odd)));
    }
    return hn::ShiftRightSame(hn::Add(v, add), k.down);
}

template <LaneOverflow kOverflow, class Int, class V>
HWY_INLINE V overflowed(V r, const Constants<Int, V>& k) {
    const Tag<Int> d;
    if constexpr (kOverflow == LaneOverflow::Clamp) {
        return hn::Min(hn::Max(r, k.low), k.high);
    } else if constexpr (kOverflow == LaneOverflow::Zero) {
        const V bad = hn::VecFromMask(d, hn::Or(hn::Gt(r, k.high), hn::Lt(r, k.low)));
        return hn::AndNot(bad, r);
    } else if constexpr (kOverflow == LaneOverflow::WrapSigned) {
        return hn::ShiftRightSame(hn::ShiftLeftSame(r, k.unused), k.unused);
    } else if constexpr (kOverflow == LaneOverflow::WrapUnsigned) {
        const hn::RebindToUnsigned<Tag<Int>> du;
        return hn::BitCast(d, hn::ShiftRightSame(hn::BitCast(du, hn::ShiftLeftSame(r, k.unused)), k.unused));
    } else {
        return r;
    }
}

template <bool kCount, Rounded kRounded, LaneOverflow kOverflow, class Int>
void cast_as(Int* HWY_RESTRICT tile, std::int64_t rows, const LaneCast<Int>& cast, LaneCounts<Int>* counts) {
    const Tag<Int> d;
    using V = hn::Vec<Tag<Int>>;
    const Constants<Int, V> k(cast);
    const V zero = hn::Zero(d);
    for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
        V inexact = zero, above = zero, below = zero;
        for (std::int64_t row = 0; row < rows; ++row) {
            Int* const at = tile + row * kLanes + lane;
            const V v = hn::ShiftLeftSame(hn::Max(hn::Load(d, at), k.floor_at), k.up);
            const V r = rounded<kRounded>(v, k);
            if constexpr (kCount) {
                inexact = hn::Sub(inexact, hn::VecFromMask(d, hn::Ne(hn::And(v, k.mask), zero)));
                if constexpr (kOverflow != LaneOverflow::None) {
                    above = hn::Sub(above, hn::VecFromMask(d, hn::Gt(r, k.high)));
                    below = hn::Sub(below, hn::VecFromMask(d, hn::Lt(r, k.low)));
                }
            }
            hn::Store(overflowed<kOverflow>(r, k), d, at);
        }
        if constexpr (kCount) {
            hn::Store(hn::Add(hn::Load(d, counts->inexact + lane), inexact), d, counts->inexact + lane);
            hn::Store(hn::Add(hn::Load(d, counts->above + lane), above), d, counts->above + lane);
            hn::Store(hn::Add(hn::Load(d, counts->below + lane), below), d, counts->below + lane);
        }
    }
}

template <bool kCount, Rounded kRounded, class Int>
void cast_with(Int* tile, std::int64_t rows, const LaneCast<Int>& cast, LaneCounts<Int>* counts) {
    switch (cast.overflow) {
        case LaneOverflow::None: return cast_as<kCount, kRounded, LaneOverflow::None>(tile, rows, cast, counts);
        case LaneOverflow::Clamp: return cast_as<kCount, kRounded, LaneOverflow::Clamp>(tile, rows, cast, counts);
        case LaneOverflow::Zero: return cast_as<kCount, kRounded, LaneOverflow::Zero>(tile, rows, cast, counts);
        case LaneOverflow::WrapSigned:
            return cast_as<kCount, kRounded, LaneOverflow::WrapSigned>(tile, rows, cast, counts);
        case LaneOverflow::WrapUnsigned:
            return cast_as<kCount, kRounded, LaneOverflow::WrapUnsigned>(tile, rows, cast, counts);
    }
}

template <class Int>
void cast_tile(Int* tile, std::int64_t rows, const LaneCast<Int>& cast, LaneCounts<Int>* counts) {
    // Two kinds of rounding are enough here: this is not where time goes.
    if (counts != nullptr) {
        cast.is_plain() ? cast_with<true, Rounded::Plain>(tile, rows, cast, counts)
                        : cast_with<true, Rounded::General>(tile, rows, cast, counts);
    } else {
        cast.is_plain() ? cast_with<false, Rounded::Plain>(tile, rows, cast, counts)
                        : cast_with<false, Rounded::General>(tile, rows, cast, counts);
    }
}

enum class Second { None, Plain, General };

template <Rounded kFirst, Second kSecond>
struct FusedRow {
    using V = hn::Vec<Tag<std::int32_t>>;
    FusedRow(const std::int32_t* const* given, int many, const FusedCasts& casts)
        : tiles(given), count(many), first(casts.first), second(casts.second) {}

    HWY_INLINE V operator()(std::int64_t at) const {
        const Tag<std::int32_t> d;
        V v = hn::Load(d, tiles[0] + at);
        for (int i = 1; i < count; ++i) v = hn::Max(v, hn::Load(d, tiles[i] + at));
        v = hn::ShiftLeftSame(hn::Max(v, first.floor_at), first.up);
        v = overflowed<LaneOverflow::Clamp>(rounded<kFirst>(v, first), first);
        if constexpr (kSecond != Second::None) {
            v = hn::ShiftLeftSame(hn::Max(v, second.floor_at), second.up);
            v = overflowed<LaneOverflow::Clamp>(
                rounded < kSecond == Second::Plain ? Rounded::Plain : Rounded::General > (v, second), second);
        }
        return v;
    }

    const std::int32_t* const* tiles;
    int count;
    Constants<std::int32_t, V> first, second;
};

template <Rounded kFirst, Second kSecond>
void fused_as(const std::int32_t* const* tiles, int count, std::int64_t rows, const FusedCasts& casts, LaneType type,
              void* to, const std::int64_t* places) {
    const FusedRow<kFirst, kSecond> row(tiles, count, casts);
    narrow_rows(row, type, to, places, rows);
}

template <Rounded kFirst>
void fused_with(const std::int32_t* const* tiles, int count, std::int64_t rows, const FusedCasts& casts, LaneType type,
                void* to, const std::int64_t* places) {
    if (!casts.has_second) return fused_as<kFirst, Second::None>(tiles, count, rows, casts, type, to, places);
    if (casts.second.is_plain()) return fused_as<kFirst, Second::Plain>(tiles, count, rows, casts, type, to, places);
    fused_as<kFirst, Second::General>(tiles, count, rows, casts, type, to, places);
}

void fused(const std::int32_t* const* tiles, int count, std::int64_t rows, const FusedCasts& casts, LaneType type,
           void* to, const std::int64_t* places) {
    switch (rounded_by(casts.first)) {
        case Rounded::Plain: return fused_with<Rounded::Plain>(tiles, count, rows, casts, type, to, places);
        case Rounded::Even: return fused_with<Rounded::Even>(tiles, count, rows, casts, type, to, places);
        case Rounded::General: return fused_with<Rounded::General>(tiles, count, rows, casts, type, to, places);
    }
}

struct LoadRow {
    const std::int32_t* from;
    HWY_INLINE hn::Vec<Tag<std::int32_t>> operator()(std::int64_t at) const {
        return hn::Load(Tag<std::int32_t>(), from + at);
    }
};

void narrow32(const std::int32_t* from, LaneType type, void* to, const std::int64_t* places, std::int64_t rows) {
    narrow_rows(LoadRow{from}, type, to, places, rows);
}

}  // namespace

void fill_casts(LaneKernels& k) {
    k.cast32 = &cast_tile<std::int32_t>;
    k.cast64 = &cast_tile<std::int64_t>;
    k.fused = &fused;
    k.narrow32 = &narrow32;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "lane_dispatch.hpp"
#include "lane_fill.hpp"

namespace bittrue::emulator {

void fill_casts(Isa isa, LaneKernels& kernels) {
    BITTRUE_DISPATCH(isa, fill_casts(kernels))
}

}  // namespace bittrue::emulator
#endif
