// What can be prepared before any image: alignment, biases, runs of one sign, limits.
#include <algorithm>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "sweep/mac_layer.hpp"
#include "sweep/numbers.hpp"

namespace bittrue::explore {

namespace {

constexpr int kMostBits = 60;  // of the general loops
constexpr int kFastBits = 30;

std::int64_t saturated32(i128 x) {
    return static_cast<std::int64_t>(
        std::clamp<i128>(x, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

int bits_of(i128 magnitude) {
    int bits = 1;
    while (magnitude > 0) ++bits, magnitude >>= 1;
    return bits;
}

bool fits16(std::int64_t x) {
    return x >= std::numeric_limits<std::int16_t>::min() && x <= std::numeric_limits<std::int16_t>::max();
}

}  // namespace

MacFamily::MacFamily(const MacLayer& of, const AccumulatorSpec& given)
    : layer(of),
      spec(given),
      steps(steps_of(given, of.terms(), of.bias.has_value())),
      casts(given.product.has_value()),
      signed_inputs(of.input.is_signed) {
    const Format exact = product_format(layer.weight, layer.input);
    const int acc_frac = spec.type.format.frac();
    const int term_frac = casts ? acc_frac : exact.frac();
    prepare_bias();
    if (!declined_.empty()) return;
    frac = std::max({term_frac, acc_frac, layer.bias ? bias_frac_ : acc_frac});
    term_up = frac - term_frac;
    acc_up = frac - acc_frac;
    lossless_ = frac == acc_frac && exact.frac() <= acc_frac;
    const int product_bits = signed_width(exact) + std::max(0, acc_frac - exact.frac()) * (casts ? 1 : 0);
    const int term_bits = signed_width(exact) + frac - exact.frac();
    int widest_bias = 0;
    for (const std::int64_t b : bias_raw_) widest_bias = std::max(widest_bias, bits_of(b < 0 ? -i128{b} : i128{b}));
    widest_bias += layer.bias ? frac - bias_frac_ : 0;
    // A conversion may add up to one lsb of the accumulator each time.
    const int sum_of_all = std::max({term_bits, widest_bias, acc_up + 1}) + ceil_log2(layer.terms() + 2) + 1;
    const int exact_bits = std::max(product_bits, sum_of_all);
    if (exact_bits > kMostBits || frac - bias_frac_ > kMostBits) {
        declined_ = fmt::format("its sums need {} bits", exact_bits);
        return;
    }
    if (casts && spec.product != spec.type) {
        declined_ = "its products have a type of their own";
        return;
    }
    if (!LaneCast(acc_frac, layer.result).fits(exact_bits, 64)) {
        declined_ = "its result has many more fraction bits than the accumulator";
        return;
    }
    for (const std::int64_t b : bias_raw_) aligned_bias.push_back(b << (frac - bias_frac_));
    convert = LaneCast(frac, spec.type, false);
    product = LaneCast(exact.frac(), spec.type, false);
    choose_fast(exact_bits);
}

void MacFamily::prepare_bias() {
    bias_frac_ = spec.type.format.frac();
    if (!layer.bias) return;
    bias_frac_ = spec.bias_cast ? spec.bias_cast->format.frac() : layer.bias->frac();
    for (const std::int64_t word : layer.biases) {
        if (!layer.bias->is_signed && layer.bias->width == kMaxStoredWidth) {
            declined_ = "its biases have 64 bits";
            return;
        }
        std::int64_t raw = word;
        if (spec.bias_cast) {
            const Converted cast = emulator::quantize(raw, layer.bias->frac(), *spec.bias_cast);
            raw = cast.word;
            bias_cast_overflows_ = bias_cast_overflows_ || cast.events.overflow();
        }
        bias_raw_.push_back(raw);
    }
}

void MacFamily::choose_fast(int exact_bits) {
    if (!steps.one_by_one) return;
    const int acc_frac = spec.type.format.frac();
    const int product_frac = layer.weight.frac() + layer.input.frac();
    const int up = std::max(0, acc_frac - product_frac);
    down = std::max(0, product_frac - acc_frac);
    if (down > 0 && !product.is_plain()) return;
    if (down > kFastBits || up > kFastBits || exact_bits > kMostBits) return;
    round = static_cast<std::int32_t>(product.always);

    // Every running sum is at most the sum of the magnitudes.
    const i128 largest_input = std::max(raw_max(layer.input), -raw_min(layer.input));
    i128 bound = 0;
    std::int64_t largest_weight = 0;
    const auto terms = static_cast<std::size_t>(layer.terms());
    const LaneCast from_bias(bias_frac_, spec.type, false);
    const bool is_last = layer.bias && spec.bias == BiasPosition::Last;
    for (std::int64_t o = 0; o < layer.channels(); ++o) {
        i128 sum = 0;
        for (std::size_t t = 0; t < terms; ++t) {
            const std::int64_t w = layer.weights[static_cast<std::size_t>(o) * terms + t];
            sum += i128{std::abs(w)} << up;
            largest_weight = std::max(largest_weight, std::abs(w) << up);
        }
        i128 total = sum * largest_input + static_cast<i128>(terms);
        start.push_back(0);
        last.push_back(0);
        if (layer.bias) {
            const std::int64_t b = bias_raw_[static_cast<std::size_t>(o)];
            if (is_last && !from_bias.is_plain()) return;
            if (!from_bias.fits(bits_of(b < 0 ? -i128{b} : i128{b}), 62)) return;
            const std::int64_t aligned = explore::convert(from_bias, b);
            (is_last ? last : start).back() = aligned;
            total += (aligned < 0 ? -i128{aligned} : i128{aligned}) + 1;
        }
        bound = std::max(bound, total);
    }
    sum_bits = bits_of(bound) + 1;
    if (sum_bits > kFastBits) return;
    short_operands = largest_weight <= std::numeric_limits<std::int16_t>::max() &&
                     fits16(static_cast<std::int64_t>(std::min<i128>(largest_input, i128{1} << 40)));
    channel_runs.push_back(0);
    for (std::int64_t o = 0; o < layer.channels(); ++o) add_channel(o, up);
    fast = true;
}

void MacFamily::add_channel(std::int64_t channel, int up) {
    const std::int64_t base = channel * layer.terms();
    const auto begin = static_cast<std::int32_t>(taps.size());
    for (const std::int32_t t : steps.terms) {
        const std::int32_t w = layer.weights[static_cast<std::size_t>(base + t)];
        if (w != 0) taps.push_back({t, w * (1 << up)});
    }
    add_runs(std::span(taps).subspan(static_cast<std::size_t>(begin)), begin, signed_inputs, runs);
    channel_runs.push_back(static_cast<std::int32_t>(runs.size()));
}

void add_runs(std::span<const Tap> taps, std::int32_t begin, bool signed_inputs, std::vector<Run>& runs) {
    const std::size_t first = runs.size();
    for (std::size_t i = 0; i < taps.size(); ++i) {
        const auto at = begin + static_cast<std::int32_t>(i);
        const int sign = signed_inputs ? 0 : taps[i].weight < 0 ? -1 : 1;
        if (sign != 0 && runs.size() > first && runs.back().sign == sign) {
            runs.back().end = at + 1;
        } else {
            runs.push_back({at, at + 1, sign});
        }
    }
}

MacLimits::MacLimits(const MacFamily& f, const FixedType& to)
    : type(to),
      convert(f.frac, to),
      product(f.layer.weight.frac() + f.layer.input.frac(), to),
      start(f.start),
      range_lo(convert.lo),
      range_hi(convert.hi) {
    // What wraps around to the top of an unsigned range is larger than any sum.
    const bool goes_up =
        !to.format.is_signed && (convert.beyond == LaneCast::Beyond::Wrap || convert.beyond == LaneCast::Beyond::Other);
    const int acc_bits = signed_width(to.format);
    const LaneCast to_result(to.format.frac(), f.layer.result);
    declined = goes_up &&
               (acc_bits + f.acc_up + ceil_log2(f.layer.terms() + 2) + 1 > kMostBits || !to_result.fits(acc_bits, 64));
    if (!f.fast || goes_up) return;
    clamps = convert.beyond == LaneCast::Beyond::Clamp;
    wraps = convert.beyond == LaneCast::Beyond::Wrap;
    lo = static_cast<std::int32_t>(saturated32(range_lo));
    hi = static_cast<std::int32_t>(saturated32(range_hi));
    for (std::int64_t& s : start) {
        start_leaves = start_leaves || s < range_lo || s > range_hi;
        if (clamps) s = std::clamp(s, range_lo, range_hi);
    }
}

}  // namespace bittrue::explore
