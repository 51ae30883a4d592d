// Weights before and behind a step. Of plain loops the compiler makes vectors, for each instruction set.
#include <algorithm>

#include "block/lane_targets.hpp"
#include "training/kernels.hpp"
#include "training/numbers.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/weights.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::training {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE std::int32_t half_even(std::int32_t v, int shift) {
    return (v + ((1 << (shift - 1)) - 1) + ((v >> shift) & 1)) >> shift;
}

// q of H2 for stored weights of at most 2^30.
template <bool kBinary>
HWY_INLINE std::int32_t word(std::int32_t w, int down, std::int32_t most) {
    if constexpr (kBinary) {
        return (w > 0 ? 1 : 0) - (w < 0 ? 1 : 0);
    } else {
        const std::int32_t near = std::clamp(w, -(1 << 20), 1 << 20);  // far beyond what is clipped
        const std::int32_t v = down > 0 ? half_even(near, down) : near * (1 << -down);
        return std::clamp(v, -most, most);
    }
}

template <bool kBinary>
void weight_rows_as(const WeightRows& t) {
    const int down = t.gradient_bits - t.weight_bits;
    const std::int32_t most = (1 << (t.weight_bits - 1)) - 1;
    for (int row = 0; row < t.rows; ++row) {
        const std::int32_t* HWY_RESTRICT from = t.weights + row * t.outs;
        std::int8_t* HWY_RESTRICT to = t.words + row * t.word_stride;
        std::int32_t sum = 0;
        for (int o = 0; o < t.outs; ++o) {
            const std::int32_t q = word<kBinary>(from[o], down, most);
            to[o] = static_cast<std::int8_t>(q);
            sum += q;
        }
        t.row_sums[row] = sum;
    }
}

void weight_rows(const WeightRows& t) {
    t.weight_bits == 1 ? weight_rows_as<true>(t) : weight_rows_as<false>(t);
}

void interleave_rows(const std::int8_t* const* rows, int outs, std::int32_t* HWY_RESTRICT out) {
    const std::int8_t *HWY_RESTRICT a = rows[0], *HWY_RESTRICT b = rows[1], *HWY_RESTRICT c = rows[2],
                                    *HWY_RESTRICT e = rows[3];
    const auto byte = [](std::int8_t v) { return static_cast<std::uint32_t>(static_cast<std::uint8_t>(v)); };
    for (int o = 0; o < outs; ++o)
        out[o] = static_cast<std::int32_t>(byte(a[o]) | byte(b[o]) << 8U | byte(c[o]) << 16U | byte(e[o]) << 24U);
}

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::int32_t, 16>;
using V = hn::Vec<Words>;

HWY_INLINE V half_even(V v, int shift) {
    const V odd = hn::And(hn::ShiftRightSame(v, shift), hn::Set(Words(), 1));
    return hn::ShiftRightSame(hn::Add(v, hn::Add(hn::Set(Words(), (1 << (shift - 1)) - 1), odd)), shift);
}

// What the compiler does not make vectors of.
template <bool kBinary, WeightStore kStore, bool kDown>
class Updater {
public:
    explicit HWY_INLINE Updater(const Update& t)
        : t_(t),
          down_(t.gradient_bits - 1),
          word_down_(t.gradient_bits - t.weight_bits),
          top_(hn::Set(Words(), 1 << down_)),
          one_(hn::Set(Words(), 1)),
          mask_(hn::Sub(top_, one_)),
          least_(hn::Neg(top_)),
          rate_(hn::Set(Words(), t.rate)),
          most_word_(hn::Set(Words(), (1 << (t.weight_bits - 1)) - 1)),
          saturated_(hn::Zero(Words())),
          changed_(hn::Zero(Words())) {}

    HWY_INLINE V operator()(V g, V draws, V w) {
        const V product = hn::Mul(g, rate_);
        const V n = kDown ? half_even(product, t_.shift) : hn::ShiftLeftSame(product, -t_.shift);
        const V magnitude = hn::Abs(n);
        const auto up =
            hn::Gt(hn::ShiftLeftSame(hn::And(magnitude, mask_), t_.random_bits), hn::ShiftLeftSame(draws, down_));
        const V size = hn::Add(hn::ShiftRightSame(magnitude, down_), hn::IfThenElseZero(up, one_));
        const V step = hn::IfThenElse(hn::Lt(n, hn::Zero(Words())), hn::Neg(size), size);
        const V wanted = hn::Sub(w, step);
        const V stored = store(w, step, wanted);
        saturated_ = hn::Add(saturated_, hn::IfThenElseZero(hn::Ne(stored, wanted), one_));
        changed_ = hn::Add(changed_, hn::IfThenElseZero(hn::Ne(word(w), word(stored)), one_));
        return stored;
    }

    [[nodiscard]] HWY_INLINE std::uint64_t saturated() const { return total(saturated_); }
    [[nodiscard]] HWY_INLINE std::uint64_t changed() const { return total(changed_); }

private:
    HWY_INLINE V store(V w, [[maybe_unused]] V step, V wanted) const {
        if constexpr (kStore == WeightStore::Saturate) {
            return hn::Min(hn::Max(wanted, least_), mask_);
        } else if constexpr (kStore == WeightStore::Wrap) {
            return hn::Sub(hn::And(hn::Add(wanted, top_), hn::Add(mask_, top_)), top_);
        } else {
            // Steps are below 2^30: a difference of 33 bits differs from w, which step differs from, in its sign.
            const auto over = hn::Lt(hn::And(hn::Xor(w, step), hn::Xor(w, wanted)), hn::Zero(Words()));
            const V end = hn::Xor(hn::BroadcastSignBit(w), hn::Set(Words(), 0x7fffffff));
            return hn::IfThenElse(over, end, wanted);
        }
    }
    HWY_INLINE V word(V w) const {
        const V zero = hn::Zero(Words());
        if constexpr (kBinary) {
            return hn::Sub(hn::IfThenElseZero(hn::Gt(w, zero), one_), hn::IfThenElseZero(hn::Lt(w, zero), one_));
        } else {
            const V far = hn::Set(Words(), 1 << 20);
            const V near = hn::Min(hn::Max(w, hn::Neg(far)), far);
            const V v = word_down_ > 0 ? half_even(near, word_down_) : hn::ShiftLeftSame(near, -word_down_);
            return hn::Min(hn::Max(v, hn::Neg(most_word_)), most_word_);
        }
    }
    static HWY_INLINE std::uint64_t total(V counts) {
        return static_cast<std::uint64_t>(hn::GetLane(hn::SumOfLanes(Words(), counts)));
    }

    const Update& t_;
    int down_, word_down_;
    V top_, one_, mask_, least_, rate_, most_word_, saturated_, changed_;
};

template <bool kBinary, WeightStore kStore, bool kDown>
void update_as(Update& t) {
    const Words d;
    const hn::Rebind<std::uint16_t, Words> half;
    const int lanes = static_cast<int>(hn::Lanes(d));
    Updater<kBinary, kStore, kDown> updater(t);
    int i = 0;
    for (; i + lanes <= t.count; i += lanes) {
        const V draws = hn::PromoteTo(d, hn::LoadU(half, t.draws + i));
        hn::StoreU(updater(hn::LoadU(d, t.g + i), draws, hn::LoadU(d, t.weights + i)), d, t.weights + i);
    }
    if (const int left = t.count - i; left > 0) {  // gradients of zero change nothing
        HWY_ALIGN std::int32_t g[16] = {}, w[16] = {};
        HWY_ALIGN std::uint16_t draws[16] = {};
        std::copy(t.g + i, t.g + t.count, g);
        std::copy(t.draws + i, t.draws + t.count, draws);
        std::copy(t.weights + i, t.weights + t.count, w);
        hn::Store(updater(hn::Load(d, g), hn::PromoteTo(d, hn::Load(half, draws)), hn::Load(d, w)), d, w);
        std::copy(w, w + left, t.weights + i);
    }
    t.saturated += updater.saturated();
    t.changed += updater.changed();
}

template <bool kBinary, WeightStore kStore>
void update_to(Update& t) {
    t.shift > 0 ? update_as<kBinary, kStore, true>(t) : update_as<kBinary, kStore, false>(t);
}

template <bool kBinary>
void update_with(Update& t) {
    switch (t.store) {
        case WeightStore::Saturate: return update_to<kBinary, WeightStore::Saturate>(t);
        case WeightStore::Wrap: return update_to<kBinary, WeightStore::Wrap>(t);
        case WeightStore::Unbounded: return update_to<kBinary, WeightStore::Unbounded>(t);
    }
}

void update(Update& t) {
    t.weight_bits == 1 ? update_with<true>(t) : update_with<false>(t);
}

std::uint64_t wrap(std::int32_t* numbers, std::int64_t count, int width) {
    const int unused = 32 - width;
    std::uint32_t changed = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int32_t v = numbers[i];
        const auto kept = static_cast<std::int32_t>(static_cast<std::uint32_t>(v) << unused) >> unused;
        changed += kept != v ? 1U : 0U;
        numbers[i] = kept;
    }
    return changed;
}

std::uint32_t largest(const std::int32_t* numbers, std::int64_t count) {
    std::int32_t most = 0;
    for (std::int64_t i = 0; i < count; ++i) most = std::max(most, std::max(numbers[i], -numbers[i]));
    return static_cast<std::uint32_t>(most);
}

}  // namespace

void fill_weights(Kernels& k) {
    k.weight_rows = &weight_rows;
    k.interleave_rows = &interleave_rows;
    k.update = &update;
    k.wrap = &wrap;
    k.largest = &largest;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::training
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "block/lane_dispatch.hpp"

namespace bittrue::emulator::training {

void fill_weights(Isa isa, Kernels& k) {
    BITTRUE_DISPATCH(isa, fill_weights(k))
}

}  // namespace bittrue::emulator::training
#endif
