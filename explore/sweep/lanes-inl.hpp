// The loops of lanes.hpp, once per instruction set; included by lanes.cpp only.
// The guard is Highway's: the file is read again for every target.
#if defined(BITTRUE_EXPLORE_SWEEP_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BITTRUE_EXPLORE_SWEEP_LANES_INL
#undef BITTRUE_EXPLORE_SWEEP_LANES_INL
#else
#define BITTRUE_EXPLORE_SWEEP_LANES_INL
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace bittrue::explore::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Four vectors side by side, so that their chains of dependent additions overlap.
template <class V>
struct Four {
    V a, b, c, d;
};

template <Want kWant, bool kShort, bool kRounds>
class FastLoop {
    using D = hn::ScalableTag<std::int32_t>;
    using V = hn::Vec<D>;

public:
    explicit FastLoop(const FastJob& job)
        : j_(job),
          round_(hn::Set(d_, job.round)),
          lo_(hn::Set(d_, job.lo)),
          hi_(hn::Set(d_, job.hi)),
          step_(static_cast<int>(hn::Lanes(d_))) {}

    HWY_INLINE void run() {
        for (int l = 0; l < j_.lanes; l += 4 * step_) tile(l);
    }

private:
    template <class F>
    static HWY_INLINE void each(Four<V>& v, const F& f) {
        f(v.a, 0), f(v.b, 1), f(v.c, 2), f(v.d, 3);
    }

    HWY_INLINE V product(const std::int32_t* at, const V weight) const {
        const V x = hn::Load(d_, at);
        V p = hn::Zero(d_);
#if HWY_TARGET <= HWY_SSSE3  // x86: the pair sum of (x, sign) and (w, 0) is x * w in its own lane
        if constexpr (kShort) {
            const hn::Repartition<std::int16_t, D> d16;
            V unused = hn::Zero(d_);
            p = hn::ReorderWidenMulAccumulate(d_, hn::BitCast(d16, x), hn::BitCast(d16, weight), p, unused);
        } else {
            p = hn::Mul(x, weight);
        }
#else
        p = hn::Mul(x, weight);
#endif
        if constexpr (kRounds) p = hn::ShiftRightSame(hn::Add(p, round_), j_.down);
        return p;
    }

    HWY_INLINE V weight_of(const Tap& tap) const {
#if HWY_TARGET <= HWY_SSSE3
        if constexpr (kShort) return hn::Set(d_, tap.weight & 0xffff);
#endif
        return hn::Set(d_, tap.weight);
    }

    // A number that is converted by itself: compared with the range, or brought into it.
    HWY_INLINE V converted(V v, int sign, V& low, V& high) const {
        if constexpr (kWant == Want::Range) {
            if (sign >= 0) high = hn::Max(high, v);
            if (sign <= 0) low = hn::Min(low, v);
        }
        if constexpr (kWant == Want::Limit) {
            V in = v;
            if (sign >= 0) in = hn::Min(in, hi_);
            if (sign <= 0) in = hn::Max(in, lo_);
            if (j_.left != nullptr) low = hn::Or(low, hn::Xor(in, v));  // `low` gathers the differences
            v = in;
        }
        return v;
    }

    HWY_INLINE void tile(int l) {
        const V start = hn::Set(d_, j_.start);
        Four<V> acc{start, start, start, start};
        Four<V> low = acc, high = acc;
        if constexpr (kWant == Want::Range) {
            each(low, [&](V& v, int i) { v = hn::Min(hn::Load(d_, j_.low + l + i * step_), start); });
            each(high, [&](V& v, int i) { v = hn::Max(hn::Load(d_, j_.high + l + i * step_), start); });
        }
        if constexpr (kWant == Want::Limit) {
            const V zero = hn::Zero(d_);
            low = {zero, zero, zero, zero};
            if (j_.left != nullptr) each(low, [&](V& v, int i) { v = hn::Load(d_, j_.left + l + i * step_); });
        }
        for (std::int32_t r = 0; r < j_.run_count; ++r) {
            const Run& run = j_.runs[r];
            for (std::int32_t t = run.begin; t < run.end; ++t) {
                const V weight = weight_of(j_.taps[t]);
                const std::int32_t* in = j_.inputs[j_.taps[t].term] + l;
                add(acc.a, in, weight, run.sign, low.a, high.a);
                add(acc.b, in + step_, weight, run.sign, low.b, high.b);
                add(acc.c, in + 2 * step_, weight, run.sign, low.c, high.c);
                add(acc.d, in + 3 * step_, weight, run.sign, low.d, high.d);
            }
            settle(acc, run.sign, low, high);
        }
        if (j_.last != 0) {
            const V last = hn::Set(d_, j_.last);
            each(acc, [&](V& v, int) { v = hn::Add(v, last); });
            settle(acc, 0, low, high);
        }
        each(acc, [&](V& v, int i) { hn::Store(v, d_, j_.sums + l + i * step_); });
        if constexpr (kWant == Want::Range) {
            each(low, [&](V& v, int i) { hn::Store(v, d_, j_.low + l + i * step_); });
            each(high, [&](V& v, int i) { hn::Store(v, d_, j_.high + l + i * step_); });
        }
        if constexpr (kWant == Want::Limit) {
            if (j_.left != nullptr) each(low, [&](V& v, int i) { hn::Store(v, d_, j_.left + l + i * step_); });
        }
    }

    HWY_INLINE void add(V& acc, const std::int32_t* at, V weight, int sign, V& low, V& high) const {
        V p = product(at, weight);
        if constexpr (kRounds) {
            if (j_.casts) p = converted(p, sign, low, high);
        }
        acc = hn::Add(acc, p);
    }

    HWY_INLINE void settle(Four<V>& acc, int sign, Four<V>& low, Four<V>& high) const {
        acc.a = converted(acc.a, sign, low.a, high.a);
        acc.b = converted(acc.b, sign, low.b, high.b);
        acc.c = converted(acc.c, sign, low.c, high.c);
        acc.d = converted(acc.d, sign, low.d, high.d);
    }

    const FastJob& j_;
    D d_{};
    V round_, lo_, hi_;
    int step_;
};

template <Want kWant>
HWY_INLINE void FastOf(const FastJob& job) {
    const bool rounds = job.down > 0 || job.casts;
    if (job.short_operands) {
        if (rounds) return FastLoop<kWant, true, true>(job).run();
        return FastLoop<kWant, true, false>(job).run();
    }
    if (rounds) return FastLoop<kWant, false, true>(job).run();
    return FastLoop<kWant, false, false>(job).run();
}

HWY_ATTR inline void AccumulateFast(Want want, const FastJob& job) {
    switch (want) {
        case Want::Sum: return FastOf<Want::Sum>(job);
        case Want::Range: return FastOf<Want::Range>(job);
        case Want::Limit: return FastOf<Want::Limit>(job);
    }
}

// Rounds a tile, and treats what is outside.
template <Want kWant>
HWY_ATTR inline void ConvertTile(const LaneCast& c, std::int64_t* v, std::int64_t* low, std::int64_t* high,
                                 std::int32_t* left) {
    std::int64_t rounded[kStepTile];
    const int up = c.up, down = c.down;
    for (int i = 0; i < kStepTile; ++i) {
        const std::int64_t x = v[i] << up;
        const std::int64_t odd = -((x >> down) & 1);
        rounded[i] = (x + c.always + ((x >> 63) & c.if_negative) + (odd & c.if_odd)) >> down;
    }
    if constexpr (kWant == Want::Range) {
        for (int i = 0; i < kStepTile; ++i) {
            low[i] = std::min(low[i], rounded[i]);
            high[i] = std::max(high[i], rounded[i]);
        }
    }
    if constexpr (kWant == Want::Limit) {
        constexpr std::int64_t kBeyond = std::int64_t{1} << 61;  // no number on the way is as large
        const std::int64_t lo = std::max(c.lo, -kBeyond), hi = std::min(c.hi, kBeyond);
        std::int64_t outside = 0;
        for (int i = 0; i < kStepTile; ++i) outside |= (rounded[i] - lo) | (hi - rounded[i]);
        if (outside < 0) {
            for (int i = 0; i < kStepTile; ++i) {
                if (rounded[i] >= c.lo && rounded[i] <= c.hi) continue;
                if (left != nullptr) left[i] = 1;
                if (c.beyond == LaneCast::Beyond::Clamp)
                    rounded[i] = std::clamp(rounded[i], c.lo, c.hi);
                else
                    rounded[i] = overflowed(c, v[i]);
            }
        }
    }
    for (int i = 0; i < kStepTile; ++i) v[i] = rounded[i];
}

template <Want kWant>
HWY_ATTR inline void StepsOf(const StepJob& j) {
    const auto tile_of = [](auto* base, int l) { return base == nullptr ? nullptr : base + l; };
    for (int l = 0; l < j.lanes; l += kStepTile) {
        std::int64_t* const low = tile_of(j.low, l);
        std::int64_t* const high = tile_of(j.high, l);
        std::int32_t* const left = tile_of(j.left, l);
        for (const Step& step : j.steps->list) {
            std::int64_t v[kStepTile];
            for (int i = 0; i < kStepTile; ++i) v[i] = step.bias ? j.bias : 0;
            for (std::int32_t k = step.begin; k < step.end; ++k) {
                const std::int32_t term = j.steps->terms[static_cast<std::size_t>(k)];
                const std::int32_t* in = j.inputs[term];
                if (in == nullptr) continue;
                std::int64_t p[kStepTile];
                const std::int64_t w = j.weights[term];
                for (int i = 0; i < kStepTile; ++i) p[i] = w * in[l + i];
                if (j.product != nullptr) ConvertTile<kWant>(*j.product, p, low, high, left);
                for (int i = 0; i < kStepTile; ++i) v[i] += p[i] << j.term_up;
            }
            for (const int from : {step.from, step.other}) {
                if (from < 0) continue;
                const std::int64_t* r = j.registers + from * kStepTile;
                for (int i = 0; i < kStepTile; ++i) v[i] += r[i] << j.acc_up;
            }
            ConvertTile<kWant>(*j.convert, v, low, high, left);
            std::copy_n(v, kStepTile, j.registers + step.to * kStepTile);
        }
        std::copy_n(j.registers, kStepTile, j.sums + l);
    }
}

HWY_ATTR inline void AccumulateSteps(Want want, const StepJob& job) {
    switch (want) {
        case Want::Sum: return StepsOf<Want::Sum>(job);
        case Want::Range: return StepsOf<Want::Range>(job);
        case Want::Limit: return StepsOf<Want::Limit>(job);
    }
}

// Int holds every number on the way (LaneCast::fits).
template <class Int>
HWY_ATTR inline void CastTile(const LaneCast& c, const Int* HWY_RESTRICT in, std::int32_t* HWY_RESTRICT out) {
    constexpr int lanes = kLaneStep;
    constexpr int kTop = static_cast<int>(8 * sizeof(Int)) - 1;
    const auto narrow = [](std::int64_t x) {
        return static_cast<Int>(
            std::clamp<std::int64_t>(x, std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max()));
    };
    const auto always = static_cast<Int>(c.always), if_negative = static_cast<Int>(c.if_negative),
               if_odd = static_cast<Int>(c.if_odd);
    const Int lo = narrow(c.lo), hi = narrow(c.hi);
    const int up = c.up, down = c.down;
    const auto rounded = [=](Int raw) HWY_ATTR {
        const auto x = static_cast<Int>(raw << up);
        const auto odd = static_cast<Int>(-((x >> down) & 1));
        return static_cast<Int>((x + always + ((x >> kTop) & if_negative) + (odd & if_odd)) >> down);
    };
    switch (c.beyond) {
        case LaneCast::Beyond::None:
            for (int i = 0; i < lanes; ++i) out[i] = static_cast<std::int32_t>(rounded(in[i]));
            break;
        case LaneCast::Beyond::Clamp:
            for (int i = 0; i < lanes; ++i)
                out[i] = static_cast<std::int32_t>(std::min(std::max(rounded(in[i]), lo), hi));
            break;
        case LaneCast::Beyond::Wrap: {
            const int unused = c.unused - 64 + kTop + 1;
            if (unused < 0) {
                for (int i = 0; i < lanes; ++i) out[i] = static_cast<std::int32_t>(rounded(in[i]));
            } else if (c.is_signed) {
                for (int i = 0; i < lanes; ++i)
                    out[i] = static_cast<std::int32_t>(static_cast<Int>(rounded(in[i]) << unused) >> unused);
            } else {
                for (int i = 0; i < lanes; ++i) out[i] = static_cast<std::int32_t>(rounded(in[i]) & hi);
            }
            break;
        }
        case LaneCast::Beyond::Zero:
            for (int i = 0; i < lanes; ++i) {
                const Int r = rounded(in[i]);
                out[i] = static_cast<std::int32_t>(r < lo || r > hi ? Int{0} : r);
            }
            break;
        case LaneCast::Beyond::Other:
            for (int i = 0; i < lanes; ++i) out[i] = static_cast<std::int32_t>(convert(c, in[i]));
            break;
    }
}

// Through a copy, because `in` may be `out`.
template <class Int>
HWY_ATTR inline void CastOf(const LaneCast& c, const Int* in, std::int32_t* out, int lanes) {
    for (int l = 0; l < lanes; l += kLaneStep) {
        Int tile[kLaneStep];
        std::copy_n(in + l, kLaneStep, tile);
        CastTile(c, tile, out + l);
    }
}

HWY_ATTR inline void Cast64(const LaneCast& c, const std::int64_t* in, std::int32_t* out, int lanes) {
    CastOf(c, in, out, lanes);
}
HWY_ATTR inline void Cast32(const LaneCast& c, const std::int32_t* in, std::int32_t* out, int lanes) {
    CastOf(c, in, out, lanes);
}
HWY_ATTR inline void Widen(const std::int32_t* HWY_RESTRICT in, std::int64_t* HWY_RESTRICT out, int lanes) {
    for (int i = 0; i < lanes; ++i) out[i] = in[i];
}
HWY_ATTR inline void Max(std::int32_t* HWY_RESTRICT into, const std::int32_t* HWY_RESTRICT in, int lanes) {
    for (int i = 0; i < lanes; ++i) into[i] = std::max(into[i], in[i]);
}
HWY_ATTR inline void ReluOf(const std::int32_t* HWY_RESTRICT in, std::int32_t* HWY_RESTRICT out, int lanes) {
    for (int i = 0; i < lanes; ++i) out[i] = std::max(in[i], std::int32_t{0});
}
HWY_ATTR inline void Compare(const std::int32_t* HWY_RESTRICT a, const std::int32_t* HWY_RESTRICT b,
                             std::int32_t* HWY_RESTRICT different, int lanes) {
    for (int i = 0; i < lanes; ++i) different[i] |= a[i] ^ b[i];
}

}  // namespace bittrue::explore::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
