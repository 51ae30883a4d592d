#include "accumulate.hpp"

#include <string>

#include "bittrue/model/error.hpp"

namespace bittrue::emulator {
namespace {

// Terms of the largest group that is summed exactly before a quantisation into the accumulator (rules A5-A8).
std::int64_t exact_group(const AccumulatorSpec& spec, std::int64_t terms) {
    if (spec.quantize != QuantizeAt::Fold) return 1;
    const std::int64_t group = std::min<std::int64_t>(spec.group, terms);
    const bool strided = spec.schedule == Schedule::Interleave || spec.schedule == Schedule::Partial;
    return strided ? (terms + group - 1) / group : group;
}

// Width of a + b at `frac`, from the widths and fracs of both.
int sum_bits(int a_bits, int a_frac, int b_bits, int b_frac, int frac) {
    return std::max(a_bits + frac - a_frac, b_bits + frac - b_frac) + 1;
}

}  // namespace

Alignment align(const AccumulatorSpec& spec, const AccumulationFormats& formats) {
    const Format exact = product_format(formats.weight, formats.input);
    const Format term = spec.product ? spec.product->format : exact;
    const Format acc = spec.type.format;
    const Format bias = formats.bias && spec.bias_cast ? spec.bias_cast->format : formats.bias.value_or(acc);
    const bool first = formats.bias && spec.bias == BiasPosition::First;
    const bool at_end = spec.quantize == QuantizeAt::End;
    const int acc_bits = signed_width(acc);
    const int bias_bits = signed_width(bias);

    Alignment at;
    at.product_bits = signed_width(exact);
    at.term_bits = signed_width(term);
    at.term_frac = term.frac();
    at.bias_frac = bias.frac();
    at.step_frac = std::max(term.frac(), acc.frac());
    at.end_frac = first ? std::max(term.frac(), bias.frac()) : term.frac();
    at.last_frac = std::max(acc.frac(), bias.frac());
    at.exact_bits = std::max(at.product_bits, at.term_bits);
    const auto widest = [&at](int bits) { at.exact_bits = std::max(at.exact_bits, bits); };
    if (at_end) {
        const int terms_bits = at.term_bits + ceil_log2(formats.terms) + at.end_frac - term.frac();
        widest(first ? sum_bits(terms_bits, at.end_frac, bias_bits, bias.frac(), at.end_frac) : terms_bits);
    } else {
        const int group_bits = at.term_bits + ceil_log2(exact_group(spec, formats.terms));
        if (spec.schedule == Schedule::Tree && first) {
            at.step_frac = std::max(at.step_frac, bias.frac());
            widest(sum_bits(acc_bits, acc.frac(), bias_bits, bias.frac(), at.step_frac));
        }
        widest(sum_bits(acc_bits, acc.frac(), group_bits, term.frac(), at.step_frac));
    }
    if (formats.bias && !first) widest(sum_bits(acc_bits, acc.frac(), bias_bits, bias.frac(), at.last_frac));
    return at;
}

bool fits_narrow(const AccumulatorSpec& spec, const AccumulationFormats& formats) {
    const Alignment at = align(spec, formats);
    const int product_frac = formats.weight.frac() + formats.input.frac();
    const bool product_fits =
        !spec.product || Quantizer<std::int64_t>::fits(at.product_bits, product_frac, *spec.product);
    const int from = spec.quantize == QuantizeAt::End ? at.end_frac : at.step_frac;
    return product_fits && Quantizer<std::int64_t>::fits(at.exact_bits, from, spec.type) &&
           signed_width(spec.type.format) <= Quantizer<std::int64_t>::kBits;
}

template <class Int>
Accumulation<Int>::Accumulation(const AccumulatorSpec& given, const AccumulationFormats& formats)
    : spec(given),
      at(align(given, formats)),
      has_bias(formats.bias.has_value()),
      stored_bias(formats.bias.value_or(Format{})),
      casts_product(given.product.has_value()),
      acc_frac(given.type.format.frac()) {
    if (at.exact_bits > kExactBits) {
        throw InputError("the exact sum needs " + std::to_string(at.exact_bits) + " bits, the emulator has " +
                         std::to_string(kExactBits) + "; use --engine golden");
    }
    const bool at_end = spec.quantize == QuantizeAt::End;
    const bool first = has_bias && spec.bias == BiasPosition::First;
    const bool last_bias = has_bias && !first;
    const bool leads_tree = first && !at_end && spec.schedule == Schedule::Tree;
    if (casts_product) product = Quantizer<Int>(formats.weight.frac() + formats.input.frac(), *spec.product);
    if (at_end) {
        term_end_up = at.end_frac - at.term_frac;
        bias_end_up = first ? at.end_frac - at.bias_frac : 0;
        end = Quantizer<Int>(at.end_frac, spec.type);
    } else {
        acc_up = at.step_frac - acc_frac;
        term_up = at.step_frac - at.term_frac;
        bias_up = leads_tree ? at.step_frac - at.bias_frac : 0;
        step = Quantizer<Int>(at.step_frac, spec.type);
    }
    if (last_bias) {
        acc_last_up = at.last_frac - acc_frac;
        bias_last_up = at.last_frac - at.bias_frac;
        last = Quantizer<Int>(at.last_frac, spec.type);
    }
}

template <class Int>
BiasTerm<Int> Accumulation<Int>::bias(i128 stored_raw) const {
    BiasTerm<Int> term;
    term.present = has_bias;
    if (!has_bias) return term;
    Quantised<i128> cast{stored_raw, {}};
    if (spec.bias_cast) cast = quantize_exact(stored_raw, stored_bias.frac(), *spec.bias_cast);
    const Quantised<i128> first = quantize_exact(cast.raw, at.bias_frac, spec.type);
    term.raw = static_cast<Int>(cast.raw);
    term.cast = cast.events;
    term.first = static_cast<Int>(first.raw);
    term.first_events = first.events;
    return term;
}

template <class Int>
std::int64_t working_room(const Accumulation<Int>& a, std::int64_t terms) {
    switch (a.spec.schedule) {
        case Schedule::Sequential:
        case Schedule::Interleave:
        case Schedule::Fold:
        case Schedule::Cascade: return 0;
        case Schedule::Partial: return std::min<std::int64_t>(a.spec.group, terms);
        case Schedule::Tree: return terms + 1;
    }
    return 0;
}

template struct Accumulation<std::int64_t>;
template struct Accumulation<i128>;
template std::int64_t working_room(const Accumulation<std::int64_t>&, std::int64_t);
template std::int64_t working_room(const Accumulation<i128>&, std::int64_t);

}  // namespace bittrue::emulator
