// What golden's register holds during one accumulation, and whether anything overflows.
#pragma once

#include <algorithm>

#include "bittrue/explore/bounds.hpp"
#include "bittrue/golden/golden.hpp"

namespace bittrue::testing {

// Types in which nothing of these tests overflows; a product or bias type that is the accumulator's stays it.
inline AccumulatorSpec widened(AccumulatorSpec spec) {
    const auto widen = [](FixedType& t) {
        const int frac = t.format.frac();
        t.format = {.width = 60, .integer = 60 - frac, .is_signed = true};
        t.overflow = Overflow::Sat;
        t.saturated_bits = 0;
    };
    if (spec.bias_cast == spec.type) widen(*spec.bias_cast);
    widen(spec.type);
    if (spec.product) widen(*spec.product);
    return spec;
}

// True for a step whose number is what the register holds, false for the exact sums of `end`.
inline bool is_held(const AccumulatorSpec& spec, const MacStep& s) {
    return spec.quantize != QuantizeAt::End || s.what == "end" || s.what == "bias";
}

// What golden's register holds when nothing cuts it, 0 included.
inline explore::Extent held(const MacOperands& operands, const AccumulatorSpec& spec) {
    explore::Extent seen;
    for (const MacStep& s : golden::mac(operands, widened(spec))) {
        if (is_held(spec, s)) seen = {std::min(seen.low, s.accumulator_raw), std::max(seen.high, s.accumulator_raw)};
    }
    return seen;
}

// In any conversion of the accumulation: product, bias, register.
inline bool overflows(const MacOperands& operands, const AccumulatorSpec& spec) {
    if (operands.has_bias && spec.bias_cast) {
        const i128 raw = raw_from_word(operands.bias_word, operands.bias);
        if (golden::quantize(raw, operands.bias.frac(), *spec.bias_cast).events.overflow()) return true;
    }
    const auto steps = golden::mac(operands, spec);
    return std::any_of(steps.begin(), steps.end(),
                       [](const MacStep& s) { return s.events.overflow() || s.product_events.overflow(); });
}

}  // namespace bittrue::testing
