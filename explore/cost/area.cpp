// The formulas of docs/cost.md, fitted to what `synth_xilinx` makes of calibration.sv.
#include <algorithm>

#include "bittrue/explore/cost.hpp"

namespace bittrue::explore {
namespace {

constexpr std::int64_t kCarryBits = 4;  // of a CARRY4
constexpr int kLutInputs = 6;

std::int64_t divided_up(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

Area adder(std::int64_t bits) {
    return {.lut = bits, .ff = 0, .carry = divided_up(bits, kCarryBits), .dsp = 0};
}

int signed_width(Format f) {
    return f.width + (f.is_signed ? 0 : 1);
}

bool wraps(const FixedType& t) {
    return t.overflow == Overflow::Wrap && t.saturated_bits == 0;
}

// Of a number of `kept` bits, those that an adder in front of the cast has to make.
int used_bits(const FixedType& to, int kept) {
    if (to.saturated_bits > 0) return kept;
    switch (to.overflow) {
        case Overflow::Wrap: return std::min(kept, to.format.width);
        case Overflow::WrapSm: return std::min(kept, to.format.width + 1);  // the lowest deleted bit
        case Overflow::Sat:
        case Overflow::SatZero:
        case Overflow::SatSym: break;
    }
    return kept;
}

// Whether n bits agree: looked at once for all bits of the result where they are many, else by each of them.
int agreement_luts(int n) {
    constexpr int kFew = 3;
    constexpr int kMeasured[] = {2, 2, 3, 4, 5, 4, 6, 6, 9, 9, 9, 9, 9};  // 4..16
    if (n <= kFew) return 0;
    if (n <= 16) return kMeasured[n - kFew - 1];
    return 5 * n / 8;
}

// The same where they can only be zeros or not.
int zero_luts(int n) {
    constexpr int kFew = 2;
    if (n <= kFew) return 0;
    return n <= kLutInputs ? 1 : (n + 1) / 3;
}

// A signed number of `in` bits, its lsb the type's, into the type. With a register behind it zeros come from its reset.
// `positive`: its sign is known to be 0.
std::int64_t limit_luts(int in, const FixedType& to, bool registered, bool positive = false) {
    const int width = to.format.width;
    const bool is_signed = to.format.is_signed;
    const int top = is_signed ? in - width + 1 : in - width;  // bits that must agree
    if (top <= (is_signed ? 1 : 0)) return 0;
    const int seen = positive ? zero_luts(top - 1) : agreement_luts(top);
    const int saturated = is_signed ? width - 1 : width;
    switch (to.overflow) {
        case Overflow::Wrap: {
            const int n = std::min(to.saturated_bits, width);  // the top bit is the sign anyway
            return n > 1 ? seen + n - 1 : 0;
        }
        case Overflow::Sat: return seen + saturated;
        case Overflow::SatZero: return registered ? seen + 1 : seen + width;
        case Overflow::SatSym: return seen + saturated + (is_signed ? width / 3 : 0);
        case Overflow::WrapSm: return width - 1;
    }
    return 0;
}

// Rounding: LUTs of the decision, and whether it needs an adder of its own behind the sum.
struct Rounder {
    std::int64_t luts = 0;
    bool increments = false;
};

// `joins_sum`: where the decision needs the dropped bits only, it is the carry of the adder in front.
Rounder rounder(int drop, Rounding rounding, bool joins_sum) {
    if (drop <= 0) return {};
    switch (rounding) {
        case Rounding::Trn: return {};
        case Rounding::Rnd: return {.luts = joins_sum ? 0 : 1, .increments = !joins_sum};
        case Rounding::RndMinInf:
            return {.luts = joins_sum ? divided_up(drop - 1, 5) : divided_up(drop, 5), .increments = !joins_sum};
        case Rounding::TrnZero:
        case Rounding::RndZero:
        case Rounding::RndInf:
        case Rounding::RndConv:
        case Rounding::RndConvOdd: return {.luts = divided_up(drop, 5) + 1, .increments = true};
    }
    return {};
}

// A sum of `bits` at the term's lsb, `drop` of them below the type's: adder, rounding and overflow.
Area sum_and_cast(int bits, int drop, const FixedType& to, bool registered) {
    const int kept = std::max(bits - std::max(drop, 0), 1);
    const int used = used_bits(to, kept);
    const Rounder round = rounder(drop, to.rounding, true);
    const bool carry_in = drop > 0 && !round.increments && to.rounding != Rounding::Trn;
    Area area;
    // The sign of a sum comes out of the carry chain without a LUT.
    area.lut = std::min(used, kept - 1) + round.luts + limit_luts(kept, to, registered);
    area.carry = divided_up(used + (carry_in ? 1 : 0), kCarryBits);
    if (round.increments) {
        const bool reads_sign = to.rounding != Rounding::RndConv && to.rounding != Rounding::RndConvOdd;
        const int summed = wraps(to) && reads_sign ? used + 1 : used;
        area.carry = divided_up(summed, kCarryBits) + divided_up(used, kCarryBits);
    }
    return area;
}

// acc + addend: width of the sum at the finer lsb, and how many of its bits are below the accumulator's lsb.
Area step_area(const FixedType& type, Format addend, bool registered) {
    const int drop = addend.frac() - type.format.frac();
    const int up = std::max(-drop, 0);
    const int term = signed_width(addend) + up - std::max(drop, 0);  // bits at the accumulator's lsb and above
    const int sum = std::max(signed_width(type.format), term) + 1;
    return sum_and_cast(sum + std::max(drop, 0), drop, type, registered);
}

Format exact_sum(Format term, std::int64_t count) {
    int carries = 0;
    while ((std::int64_t{1} << carries) < count) ++carries;
    term.width += carries;
    term.integer += carries;
    return term;
}

}  // namespace

Area requantiser_area(Format from, const FixedType& to) {
    const int drop = from.frac() - to.format.frac();
    const int bits = signed_width(from);
    const int kept = drop < 0 ? bits - drop : std::max(bits - drop, 1);
    const Rounder round = rounder(drop, to.rounding, false);
    Area area{.lut = round.luts, .ff = 0, .carry = 0, .dsp = 0};
    if (!round.increments) {
        area.lut += limit_luts(kept, to, false, !from.is_signed);
        return area;
    }
    area.lut += limit_luts(kept + 1, to, false, !from.is_signed);
    area.carry = divided_up(used_bits(to, kept + 1), kCarryBits);
    return area;
}

Area accumulator_area(const AccumulatorSpec& spec, Format product, std::int64_t terms) {
    const std::int64_t group = std::clamp<std::int64_t>(spec.group, 1, std::max<std::int64_t>(terms, 1));
    Format term = product;
    Area cast;
    if (spec.product) {
        cast = requantiser_area(product, *spec.product);
        term = spec.product->format;
    }
    const Area register_bits{.lut = 0, .ff = spec.type.format.width, .carry = 0, .dsp = 0};
    const auto accumulator = [&](Format addend) { return step_area(spec.type, addend, true) + register_bits; };
    const Area exact_adder = adder(signed_width(exact_sum(term, std::max<std::int64_t>(group, 1))));
    if (spec.quantize == QuantizeAt::End && spec.schedule != Schedule::Tree) {
        // The register holds the exact sum; one cast behind it.
        const Format sum = exact_sum(term, std::max<std::int64_t>(terms, 1));
        Area area = adder(signed_width(sum)) + requantiser_area(sum, spec.type) + cast;
        area.ff = signed_width(sum);
        return area;
    }
    switch (spec.schedule) {
        case Schedule::Sequential: return accumulator(term) + cast;
        case Schedule::Interleave:
            if (spec.quantize == QuantizeAt::Step) return accumulator(term) + cast;
            // A pass is summed exactly in a register of its own.
            return accumulator(exact_sum(term, divided_up(terms, group))) + exact_adder + cast;
        case Schedule::Fold:
            if (spec.quantize == QuantizeAt::Step) return accumulator(term) * group + cast * group;
            return accumulator(exact_sum(term, group)) + exact_adder * (group - 1) + cast * group;
        case Schedule::Cascade: return accumulator(exact_sum(term, group)) + cast * group;
        case Schedule::Partial:
            return (accumulator(spec.quantize == QuantizeAt::Fold ? exact_sum(term, divided_up(terms, group)) : term) +
                    cast) *
                       group +
                   accumulator(spec.type.format);
        case Schedule::Tree: {
            const std::int64_t nodes = std::max<std::int64_t>(terms - 1, 1);
            if (spec.quantize == QuantizeAt::End) {
                const Format sum = exact_sum(term, std::max<std::int64_t>(terms, 1));
                return adder(signed_width(sum)) * nodes + requantiser_area(sum, spec.type) + register_bits +
                       cast * std::max<std::int64_t>(terms, 1);
            }
            return step_area(spec.type, term, false) * nodes + register_bits + cast * std::max<std::int64_t>(terms, 1);
        }
    }
    return {};
}

Area unit_area(const AccumulatorSpec& spec, Format weight, Format input, const FixedType& result, std::int64_t terms) {
    return accumulator_area(spec, product_format(weight, input), terms) + requantiser_area(spec.type.format, result);
}

Area multiplier_area(Format weight, Format input) {
    constexpr int kLeastDspProduct = 9, kWideOperand = 25, kNarrowOperand = 18;
    const int w = weight.width, x = input.width;
    const bool sign_only = w == 1 || (x == 1 && input.is_signed);
    if (w + x >= kLeastDspProduct && !sign_only) {
        const int a = std::max(signed_width(weight), signed_width(input)),
                  b = std::min(signed_width(weight), signed_width(input));
        return {.lut = 0, .ff = 0, .carry = 0, .dsp = divided_up(a, kWideOperand) * divided_up(b, kNarrowOperand)};
    }
    if (std::min(w, x) == 1) {
        const int bits = std::max(w, x);
        const bool gates = bits == 1;
        return {.lut = gates && !input.is_signed ? 2 : bits,
                .ff = 0,
                .carry = gates ? 0 : divided_up(bits + 1, kCarryBits),
                .dsp = 0};
    }
    // Measured, by the bits of the signed operand and of the other one, from 2 bits on; products of at most 8 bits.
    constexpr int kSigned[5][5] = {
        {5, 7, 9, 11, 13}, {7, 9, 11, 16, 0}, {9, 11, 24, 0, 0}, {11, 17, 0, 0, 0}, {13, 0, 0, 0, 0}};
    constexpr int kUnsigned[5][5] = {
        {4, 6, 8, 10, 12}, {7, 7, 10, 15, 0}, {9, 14, 20, 0, 0}, {11, 18, 0, 0, 0}, {13, 0, 0, 0, 0}};
    const auto& table = input.is_signed ? kSigned : kUnsigned;
    return {.lut = table[w - 2][x - 2], .ff = 0, .carry = w + x > 4 ? 2 : 1, .dsp = 0};
}

std::vector<LayerArea> layer_areas(const Graph& graph) {
    std::vector<LayerArea> areas;
    for (const Node& node : graph.nodes) {
        const Format input = type_of(graph, node.inputs.front()).format;
        const auto add = [&](const Parameter& weights, const AccumulatorSpec& spec) {
            const std::int64_t units = weights.dims.back();
            const std::int64_t terms = element_count(weights.dims) / units;
            areas.push_back({.layer = node.name,
                             .units = units,
                             .unit = unit_area(spec, weights.type.format, input, node.result, terms)});
        };
        if (const auto* dense = std::get_if<Dense>(&node.op)) add(dense->weights, dense->accumulator);
        if (const auto* conv = std::get_if<Conv2d>(&node.op)) add(conv->weights, conv->accumulator);
    }
    return areas;
}

Area datapath_area(const Graph& graph) {
    Area all;
    for (const LayerArea& layer : layer_areas(graph)) all += layer.total();
    for (const Node& node : graph.nodes) {
        const Format input = type_of(graph, node.inputs.front()).format;
        const auto multipliers = [&](const Parameter& weights, const AccumulatorSpec& spec) {
            const std::int64_t units = weights.dims.back(), terms = element_count(weights.dims) / units;
            std::int64_t at_once = 1;
            switch (spec.schedule) {
                case Schedule::Sequential:
                case Schedule::Interleave: break;
                case Schedule::Fold:
                case Schedule::Cascade:
                case Schedule::Partial: at_once = std::clamp<std::int64_t>(spec.group, 1, terms); break;
                case Schedule::Tree: at_once = terms; break;
            }
            all += multiplier_area(weights.type.format, input) * (units * at_once);
        };
        const std::int64_t channels = node.shape.channels();
        if (const auto* dense = std::get_if<Dense>(&node.op)) multipliers(dense->weights, dense->accumulator);
        if (const auto* conv = std::get_if<Conv2d>(&node.op)) multipliers(conv->weights, conv->accumulator);
        if (const auto* affine = std::get_if<Affine>(&node.op)) {
            const Format product = product_format(affine->scale.type.format, input);
            all +=
                (multiplier_area(affine->scale.type.format, input) + requantiser_area(product, node.result)) * channels;
        }
        if (const auto* requantize = std::get_if<Requantize>(&node.op)) {
            const Format multiplier = requantize->multiplier.type.format;
            const bool only_shifts = std::all_of(requantize->multiplier.raw.begin(), requantize->multiplier.raw.end(),
                                                 [](std::int64_t m) { return m == 1; });
            const Format product = only_shifts ? input : product_format(multiplier, input);
            if (!only_shifts) all += multiplier_area(multiplier, input) * channels;
            const auto shifts = std::minmax_element(requantize->shift.begin(), requantize->shift.end());
            for (std::int64_t c = 0; c < channels; ++c) {
                const int shift =
                    requantize->shift.size() == 1 ? *shifts.first : requantize->shift[static_cast<std::size_t>(c)];
                // The word's lsb is that of the result, `shift` bits up.
                const Format from{.width = product.width,
                                  .integer = product.width - (node.result.format.frac() + shift),
                                  .is_signed = product.is_signed};
                all += requantiser_area(from, node.result);
            }
        }
        if (std::holds_alternative<Relu>(node.op) || std::holds_alternative<ClippedRelu>(node.op) ||
            std::holds_alternative<Clip>(node.op) || std::holds_alternative<LeakyRelu>(node.op))
            all += requantiser_area(input, node.result) * channels;
    }
    return all;
}

}  // namespace bittrue::explore
