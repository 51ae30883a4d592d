// Packs of vectors and their quantisation; included once per target by kernel files, inside no namespace.
#if defined(BITTRUE_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BITTRUE_LANES_INL
#undef BITTRUE_LANES_INL
#else
#define BITTRUE_LANES_INL
#endif

#include <array>
#include <bit>

#include "lane_cast.hpp"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The low halves of the products of signed lanes.
template <class D>
HWY_INLINE hn::Vec<D> multiply([[maybe_unused]] D d, hn::Vec<D> a, hn::Vec<D> b) {
    if constexpr (sizeof(hn::TFromD<D>) < 8) {
        return hn::Mul(a, b);
    } else {
#if HWY_TARGET == HWY_AVX3
        return hn::Vec<D>{_mm512_mullo_epi64(a.raw, b.raw)};
#elif HWY_TARGET == HWY_SCALAR
        return hn::Set(d, static_cast<std::int64_t>(static_cast<std::uint64_t>(hn::GetLane(a)) *
                                                    static_cast<std::uint64_t>(hn::GetLane(b))));
#else
        const hn::Repartition<std::uint32_t, D> du32;
        const hn::RebindToUnsigned<D> du;
        const auto al = hn::BitCast(du, a), bl = hn::BitCast(du, b);
        const auto ah = hn::ShiftRight<32>(al), bh = hn::ShiftRight<32>(bl);
        const auto even = [&](auto x, auto y) { return hn::MulEven(hn::BitCast(du32, x), hn::BitCast(du32, y)); };
        const auto middle = hn::Add(even(ah, bl), even(al, bh));
        return hn::BitCast(d, hn::Add(even(al, bl), hn::ShiftLeft<32>(middle)));
#endif
    }
}

template <class D>
constexpr std::size_t lanes_of() {
    return hn::MaxLanes(D());
}

// Shifts of all lanes by one count: with a count per lane where that is the faster instruction.
template <class D, class V = hn::Vec<D>>
class LaneShift {
#if HWY_TARGET == HWY_AVX3
    static constexpr bool kPerLane = true;
#elif HWY_TARGET == HWY_AVX2
    static constexpr bool kPerLane = sizeof(hn::TFromD<D>) == 4;
#else
    static constexpr bool kPerLane = false;
#endif

public:
    explicit LaneShift(int bits) : bits_(bits), counts_(hn::Set(D(), static_cast<hn::TFromD<D>>(bits))) {}

    [[nodiscard]] HWY_INLINE V left(V v) const {
        if (bits_ == 0) return v;
        if constexpr (kPerLane) {
            return hn::Shl(v, counts_);
        } else {
            return hn::ShiftLeftSame(v, bits_);
        }
    }
    [[nodiscard]] HWY_INLINE V right(V v) const {
        if (bits_ == 0) return v;
        if constexpr (kPerLane) {
            return hn::Shr(v, counts_);
        } else {
            return hn::ShiftRightSame(v, bits_);
        }
    }

private:
    int bits_;
    V counts_;
};

// The sum of a counter's lanes, of those whose bit is set.
template <class D>
std::uint64_t total(D d, hn::Vec<D> counter, std::uint64_t lanes) {
    if (hn::AllTrue(d, hn::Eq(counter, hn::Zero(d)))) return 0;
    HWY_ALIGN hn::TFromD<D> numbers[lanes_of<D>()];
    hn::Store(counter, d, numbers);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < lanes_of<D>(); ++i) {
        if ((lanes >> i & 1U) != 0) sum += static_cast<std::uint64_t>(numbers[i]);
    }
    return sum;
}

// Bit i: lane i is not zero.
template <class D>
std::uint64_t not_zero(D d, hn::Vec<D> v) {
    HWY_ALIGN hn::TFromD<D> lanes[lanes_of<D>()];
    hn::Store(v, d, lanes);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < lanes_of<D>(); ++i) bits |= std::uint64_t{lanes[i] != 0 ? 1U : 0U} << i;
    return bits;
}

// One conversion, run on any number of vectors. kCount: every lane counts its events in vector number `u` of a pack.
template <class D, bool kCount, std::size_t kPack>
class LaneQuantizer {
    using T = hn::TFromD<D>;
    using V = hn::Vec<D>;

public:
    explicit LaneQuantizer(const LaneCast& c)
        : cast_(c),
          low_(hn::Set(D(), static_cast<T>(c.low))),
          high_(hn::Set(D(), static_cast<T>(c.high))),
          always_(hn::Set(D(), static_cast<T>(c.always))),
          if_negative_(hn::Set(D(), static_cast<T>(c.if_negative))),
          one_(hn::Set(D(), T{1})),
          mask_(hn::Set(D(), static_cast<T>(c.mask))),
          up_(c.up),
          down_(c.down),
          unused_(c.unused),
          overflow_(c.overflow),
          drops_(c.down != 0),
          asks_sign_(c.if_negative != 0),
          asks_parity_(c.if_odd != 0),
          to_odd_(c.if_odd < 0) {
        for (std::size_t u = 0; u < kPack; ++u) inexact_[u] = above_[u] = below_[u] = hn::Zero(D());
    }

    HWY_INLINE V operator()(V raw, std::size_t u) {
        const D d;
        const V v = up_.left(raw);
        V rounded = v;
        if (drops_) {
            V add = always_;
            if (asks_parity_) {
                const V odd = hn::And(down_.right(v), one_);
                add = to_odd_ ? hn::Sub(add, odd) : hn::Add(add, odd);
            }
            if (asks_sign_) add = hn::Add(add, hn::And(if_negative_, hn::BroadcastSignBit(v)));
            rounded = down_.right(hn::Add(v, add));
        }
        if constexpr (kCount) {
            if (drops_) {
                const V exact = hn::VecFromMask(d, hn::Eq(hn::And(v, mask_), hn::Zero(d)));
                inexact_[u] = hn::Add(inexact_[u], hn::Add(exact, one_));
            }
            above_[u] = hn::Sub(above_[u], hn::VecFromMask(d, hn::Gt(rounded, high_)));
            below_[u] = hn::Sub(below_[u], hn::VecFromMask(d, hn::Lt(rounded, low_)));
        }
        switch (overflow_) {
            case LaneOverflow::Clamp: return hn::Min(hn::Max(rounded, low_), high_);
            case LaneOverflow::WrapSigned: return unused_.right(unused_.left(rounded));
            case LaneOverflow::WrapUnsigned: return hn::And(rounded, high_);
            case LaneOverflow::Zero:
                return hn::IfThenZeroElse(hn::Or(hn::Gt(rounded, high_), hn::Lt(rounded, low_)), rounded);
            case LaneOverflow::Scalar: break;
        }
        const auto outside = hn::Or(hn::Gt(rounded, high_), hn::Lt(rounded, low_));
        return hn::AllFalse(d, outside) ? rounded : lane_by_lane(raw);
    }

    // Adds what the lanes in `asked` counted, and their bits to `overflowed` where they overflowed; the pack's first
    // lane is bit 0 of the one and bit `first` of the other.
    void count(EventCounts& counts, std::uint64_t& overflowed, std::uint64_t conversions, std::uint64_t asked,
               std::size_t first) const {
        constexpr std::size_t n = lanes_of<D>();
        constexpr std::uint64_t all = ~std::uint64_t{0} >> (64 - n * kPack);
        counts.conversions += conversions * static_cast<unsigned>(std::popcount(asked & all));
        for (std::size_t u = 0; u < kPack; ++u) {
            const std::uint64_t own = asked >> (u * n);
            const std::uint64_t above = total(D(), above_[u], own);
            const std::uint64_t below = total(D(), below_[u], own);
            counts.inexact += total(D(), inexact_[u], own);
            counts.above += above;
            counts.below += below;
            if (cast_.saturates) counts.saturations += above + below;
            if (above + below > 0) overflowed |= (not_zero(D(), hn::Or(above_[u], below_[u])) & own) << (first + u * n);
        }
    }

private:
    HWY_NOINLINE V lane_by_lane(V raw) const {
        HWY_ALIGN T lanes[lanes_of<D>()];
        hn::Store(raw, D(), lanes);
        for (T& lane : lanes) lane = static_cast<T>(cast_.scalar(lane).raw);
        return hn::Load(D(), lanes);
    }

    const LaneCast& cast_;
    V low_, high_, always_, if_negative_, one_, mask_;
    LaneShift<D> up_, down_, unused_;
    LaneOverflow overflow_;
    bool drops_, asks_sign_, asks_parity_, to_odd_;
    V inexact_[kPack], above_[kPack], below_[kPack];
};

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#endif
