// Prepared conversions: everything that depends on the types only is computed once per layer, not per number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "exact.hpp"

namespace bittrue::emulator {

// Converts raws of one frac into one type. Declared for i128 (every width) and int64_t (only where `fits`).
template <class Int>
class Quantizer;

template <>
class Quantizer<i128> {
public:
    Quantizer() = default;
    Quantizer(int frac, const FixedType& to) : frac_(frac), to_(to) {}
    [[nodiscard]] Quantised<i128> operator()(i128 raw) const { return quantize_exact(raw, frac_, to_); }

private:
    int frac_ = 0;
    FixedType to_{};
};

template <>
class Quantizer<std::int64_t> {
public:
    static constexpr int kBits = 62;  // |raw| <= 2^61 after the shift to the left: room for the rounding constant

    // Whether raws of `source_width` bits (two's complement) stay within kBits, and every result is its own word.
    [[nodiscard]] static bool fits(int source_width, int frac, const FixedType& to) {
        return source_width + std::max(0, to.format.frac() - frac) <= kBits && signed_width(to.format) <= 64;
    }

    Quantizer() = default;
    Quantizer(int frac, const FixedType& to)
        : to_(to),
          low_(static_cast<std::int64_t>(range_min(to))),
          high_(static_cast<std::int64_t>(std::min<i128>(range_max(to), std::numeric_limits<std::int64_t>::max()))),
          unused_(64 - to.format.width),
          wraps_(to.overflow == Overflow::Wrap && to.saturated_bits == 0) {
        const int shift = frac - to.format.frac();
        up_ = std::max(0, -shift);
        down_ = std::clamp(shift, 0, 63);  // beyond 63 all bits are dropped and no half can be reached, as at 63
        if (down_ > 0) set_rounding();
    }

    [[nodiscard]] Quantised<std::int64_t> operator()(std::int64_t raw) const {
        const std::int64_t v = raw << up_;
        const std::int64_t floored = v >> down_;
        const std::int64_t add = always_ + (if_negative_ & (v >> 63)) + (if_odd_ & -(floored & 1));
        const std::int64_t rounded = (v + add) >> down_;
        const bool inexact = (v & mask_) != 0;
        if (rounded > high_ || rounded < low_) [[unlikely]]
            return overflowed(rounded, floored, inexact);
        return {rounded, {.inexact = inexact}};
    }

    // Whether the rounding needs neither the sign nor the parity of the number: TRN, RND, RND_MIN_INF, or no bits
    // dropped.
    [[nodiscard]] bool is_plain() const { return if_negative_ == 0 && if_odd_ == 0; }

private:
    template <bool>
    friend class CountingQuantizer;

    // Every rounding is floor((v + c) / 2^down) with c = always + (v < 0 ? if_negative) + (floor(v / 2^down) odd ?
    // if_odd).
    void set_rounding() {
        mask_ = static_cast<std::int64_t>((std::uint64_t{1} << down_) - 1);
        const std::int64_t half = std::int64_t{1} << (down_ - 1);
        switch (to_.rounding) {
            case Rounding::Trn: break;
            case Rounding::TrnZero: if_negative_ = mask_; break;
            case Rounding::Rnd: always_ = half; break;
            case Rounding::RndZero: always_ = half - 1, if_negative_ = 1; break;
            case Rounding::RndMinInf: always_ = half - 1; break;
            case Rounding::RndInf: always_ = half, if_negative_ = -1; break;
            case Rounding::RndConv: always_ = half - 1, if_odd_ = 1; break;
            case Rounding::RndConvOdd: always_ = half, if_odd_ = -1; break;
        }
    }

    [[nodiscard]] Quantised<std::int64_t> overflowed(std::int64_t rounded, std::int64_t floored, bool inexact) const {
        const bool below = rounded < 0;
        if (wraps_) {
            const auto top_aligned = static_cast<std::uint64_t>(rounded) << unused_;
            const std::int64_t wrapped = to_.format.is_signed ? static_cast<std::int64_t>(top_aligned) >> unused_
                                                              : static_cast<std::int64_t>(top_aligned >> unused_);
            return {wrapped, {.inexact = inexact, .above = !below, .below = below, .saturated = false}};
        }
        Quantised<i128> q = overflow_exact(rounded, floored, to_);
        q.events.inexact = inexact;
        return {static_cast<std::int64_t>(q.raw), q.events};
    }

    FixedType to_{};
    std::int64_t low_ = 0, high_ = 0;
    std::int64_t mask_ = 0, always_ = 0, if_negative_ = 0, if_odd_ = 0;
    int up_ = 0, down_ = 0, unused_ = 0;
    bool wraps_ = false;
};

// A Quantizer<int64_t> unpacked for a loop: a local object whose members stay in registers, and which counts. kPlain
// needs is_plain().
template <bool kPlain>
class CountingQuantizer {
public:
    explicit CountingQuantizer(const Quantizer<std::int64_t>& q)
        : source_(&q),
          low_(q.low_),
          high_(q.high_),
          mask_(q.mask_),
          always_(q.always_),
          if_negative_(q.if_negative_),
          if_odd_(q.if_odd_),
          up_(q.up_),
          down_(q.down_) {}

    [[nodiscard]] std::int64_t operator()(std::int64_t raw) {
        const std::int64_t v = raw << up_;
        std::int64_t add = always_;
        if constexpr (!kPlain) add += (if_negative_ & (v >> 63)) + (if_odd_ & -((v >> down_) & 1));
        const std::int64_t rounded = (v + add) >> down_;
        inexact_ += (v & mask_) != 0 ? 1U : 0U;
        if (rounded > high_ || rounded < low_) [[unlikely]] {
            const auto q = source_->overflowed(rounded, v >> down_, false);
            (q.events.above ? above_ : below_) += 1;
            saturations_ += q.events.saturated ? 1U : 0U;
            return q.raw;
        }
        return rounded;
    }
    [[nodiscard]] EventCounts counts(std::int64_t conversions) const {
        return {static_cast<std::uint64_t>(conversions), inexact_, above_, below_, saturations_};
    }

private:
    const Quantizer<std::int64_t>* source_;
    std::int64_t low_, high_, mask_, always_, if_negative_, if_odd_;
    int up_, down_;
    std::uint64_t inexact_ = 0, above_ = 0, below_ = 0, saturations_ = 0;
};

// Converts raws of a known width and frac into words, on 64 bits where that is proven exact.
class Caster {
public:
    Caster() = default;
    Caster(int source_width, int frac, const FixedType& to)
        : narrow_(Quantizer<std::int64_t>::fits(source_width, frac, to)), wide_quantizer_(frac, to) {
        if (narrow_) quantizer_ = Quantizer<std::int64_t>(frac, to);
    }
    Caster(Format source, const FixedType& to) : Caster(signed_width(source), source.frac(), to) { source_ = source; }

    [[nodiscard]] Converted operator()(i128 raw) const {
        if (narrow_) {
            const auto q = quantizer_(static_cast<std::int64_t>(raw));
            return {q.raw, q.events};
        }
        const auto q = wide_quantizer_(raw);
        return {word_from_raw(q.raw), q.events};
    }
    // For a Caster made from a Format: converts one of its words.
    [[nodiscard]] Converted word(std::int64_t word) const { return (*this)(raw_from_word(word, source_)); }

private:
    bool narrow_ = false;
    Format source_{};
    Quantizer<std::int64_t> quantizer_{};
    Quantizer<i128> wide_quantizer_{};
};

}  // namespace bittrue::emulator
