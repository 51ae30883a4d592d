#include "bittrue/emulator/bounds.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "bittrue/model/notation.hpp"
#include "exact.hpp"

namespace bittrue::emulator {
namespace {

constexpr int kBits = 120;  // larger numbers end the proof
constexpr i128 kLimit = i128{1} << kBits;

using Number = std::optional<i128>;

Number limited(i128 x) {
    if (x < -kLimit || x > kLimit) return std::nullopt;
    return x;
}

Number times(i128 a, i128 b) {
    i128 product = 0;
    if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
    return limited(product);
}

// raw * 2^up, up >= 0.
Number raised(i128 raw, int up) {
    if (raw == 0) return 0;
    if (up > kBits || raw > (kLimit >> up) || raw < -(kLimit >> up)) return std::nullopt;
    return raw * (i128{1} << up);
}

// Both ends of what one term can be.
struct Ends {
    i128 low = 0, high = 0;
};

// After the product cast, which is monotone as long as nothing overflows: so the ends stay the ends.
std::optional<Ends> product_ends(i128 weight, InputRange range, int frac, const AccumulatorSpec& spec) {
    const Number a = times(weight, range.low), b = times(weight, range.high);
    if (!a || !b) return std::nullopt;
    Ends ends{std::min(*a, *b), std::max(*a, *b)};
    if (!spec.product) return ends;
    const Quantised<i128> low = quantize_exact(ends.low, frac, *spec.product);
    const Quantised<i128> high = quantize_exact(ends.high, frac, *spec.product);
    if (low.events.overflow() || high.events.overflow()) return std::nullopt;
    return Ends{low.raw, high.raw};
}

// Whether 64 bits hold the sum of all products. Words of such weights are their raws.
bool is_small(std::span<const std::int64_t> weights, Format weight, InputRange range) {
    constexpr int kSmall = 20;
    constexpr i128 kMost = i128{1} << kSmall;
    return weights.size() < std::size_t{1} << kSmall && weight.width <= kSmall && -kMost <= range.low &&
           range.high <= kMost;
}

// Sums `take(ends)` of all products and of the bias.
template <class Take>
std::optional<PrefixBound> bound_of(std::span<const std::int64_t> weights, Format weight, Format input,
                                    InputRange range, const AccumulatorSpec& spec, std::optional<std::int64_t> bias,
                                    Format bias_format, Take take) {
    if (range.low > range.high) {
        throw std::logic_error("an input range of " + print_raw(range.low) + " to " + print_raw(range.high));
    }
    const int exact_frac = weight.frac() + input.frac();
    const int term_frac = spec.product ? spec.product->format.frac() : exact_frac;
    const int bias_frac = spec.bias_cast ? spec.bias_cast->format.frac() : bias_format.frac();
    PrefixBound bound{.frac = bias ? std::max(term_frac, bias_frac) : term_frac};
    const auto add = [&](const std::optional<Ends>& ends, int up) {
        if (!ends) return false;
        const Ends taken = take(*ends);
        const Number low = raised(taken.low, up), high = raised(taken.high, up);
        if (!low || !high) return false;
        const Number low_sum = limited(bound.low + *low), high_sum = limited(bound.high + *high);
        if (!low_sum || !high_sum) return false;
        bound.low = *low_sum;
        bound.high = *high_sum;
        return true;
    };
    if (!spec.product && is_small(weights, weight, range)) {
        std::int64_t low = 0, high = 0;
        for (const std::int64_t w : weights) {
            const std::int64_t a = w * static_cast<std::int64_t>(range.low),
                               b = w * static_cast<std::int64_t>(range.high);
            const Ends taken = take(Ends{std::min(a, b), std::max(a, b)});
            low += static_cast<std::int64_t>(taken.low);
            high += static_cast<std::int64_t>(taken.high);
        }
        const int up = bound.frac - term_frac;
        const Number raised_low = raised(low, up), raised_high = raised(high, up);
        if (!raised_low || !raised_high) return std::nullopt;
        bound.low = *raised_low;
        bound.high = *raised_high;
        weights = {};
    }
    for (const std::int64_t word : weights) {
        const i128 w = raw_from_word(word, weight);
        if (w != 0 && !add(product_ends(w, range, exact_frac, spec), bound.frac - term_frac)) return std::nullopt;
    }
    if (bias) {
        i128 b = raw_from_word(*bias, bias_format);
        if (spec.bias_cast) b = quantize_exact(b, bias_format.frac(), *spec.bias_cast).raw;
        if (!add(Ends{b, b}, bound.frac - bias_frac)) return std::nullopt;
    }
    return bound;
}

}  // namespace

std::optional<PrefixBound> prefix_bound(std::span<const std::int64_t> weights, Format weight, Format input,
                                        InputRange range, const AccumulatorSpec& spec, std::optional<std::int64_t> bias,
                                        Format bias_format) {
    const auto left_out = [](Ends e) { return Ends{std::min(e.low, i128{0}), std::max(e.high, i128{0})}; };
    return bound_of(weights, weight, input, range, spec, bias, bias_format, left_out);
}

std::optional<PrefixBound> sum_bound(std::span<const std::int64_t> weights, Format weight, Format input,
                                     InputRange range, const AccumulatorSpec& spec, std::optional<std::int64_t> bias,
                                     Format bias_format) {
    return bound_of(weights, weight, input, range, spec, bias, bias_format, [](Ends e) { return e; });
}

bool is_safe(const PrefixBound& bound, const AccumulatorSpec& spec, int product_frac, std::optional<int> bias_frac) {
    const int frac = spec.type.format.frac();
    if (frac < product_frac || frac < bias_frac.value_or(frac) || frac < bound.frac) return false;
    const auto fits = [&](i128 raw) {
        const Number at = raised(raw, frac - bound.frac);
        return at && range_min(spec.type) <= *at && *at <= range_max(spec.type);
    };
    return fits(bound.low) && fits(bound.high);
}

}  // namespace bittrue::emulator
