#include "exhaustive/random_mac.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/notation.hpp"
#include "exhaustive/types.hpp"

namespace bittrue::testing {
namespace {

constexpr int kMaxOperandFrac = 200;

Format random_format(Random& random, int max_width, int frac) {
    const int width = random.integer(1, max_width);
    return {.width = width, .integer = width - frac, .is_signed = !random.one_in(3)};
}

FixedType random_type_near(Random& random, int max_width, int frac, int spread) {
    return random_type(random, random_format(random, max_width, frac + random.integer(-spread, spread)));
}

QuantizeAt random_quantize(Random& random, Schedule schedule) {
    constexpr QuantizeAt kAll[] = {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End};
    AccumulatorSpec spec{.schedule = schedule};
    do spec.quantize = random.pick(kAll);
    while (!reason_invalid(spec).empty());
    return spec.quantize;
}

std::string print_quantize(QuantizeAt quantize) {
    switch (quantize) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return {};
}

}  // namespace

AccumulatorSpec random_accumulator(Random& random, int max_width, int terms, int product_frac, int spread) {
    constexpr Schedule kSchedules[] = {Schedule::Sequential, Schedule::Interleave, Schedule::Fold,
                                       Schedule::Cascade,    Schedule::Partial,    Schedule::Tree};
    AccumulatorSpec spec;
    spec.type = random_type_near(random, max_width, product_frac, spread);
    if (random.one_in(2)) spec.product = random_type_near(random, max_width, product_frac, spread);
    if (random.one_in(2)) spec.bias_cast = random_type_near(random, max_width, product_frac, spread);
    spec.terms = random.one_in(2) ? TermOrder::Input : TermOrder::Kernel;
    spec.schedule = random.pick(kSchedules);
    spec.group = random.integer(1, terms + 2);
    spec.quantize = random_quantize(random, spec.schedule);
    spec.bias = random.one_in(2) ? BiasPosition::First : BiasPosition::Last;
    return spec;
}

MacCase random_mac(Random& random, int max_width, int max_terms, int spread) {
    MacCase c;
    MacOperands& o = c.operands;
    o.weight = random_format(random, max_width, random.integer(-kMaxOperandFrac, kMaxOperandFrac));
    o.input = random_format(random, max_width, random.integer(-kMaxOperandFrac, kMaxOperandFrac));
    const int product_frac = o.weight.frac() + o.input.frac();
    const int terms = random.integer(1, max_terms);
    for (int t = 0; t < terms; ++t) {
        o.weights.push_back(random_word(random, o.weight));
        o.inputs.push_back(random_word(random, o.input));
    }
    o.has_bias = !random.one_in(3);
    if (o.has_bias) {
        o.bias = random_format(random, max_width, product_frac + random.integer(-spread, spread));
        o.bias_word = random_word(random, o.bias);
    }
    c.spec = random_accumulator(random, max_width, terms, product_frac, spread);
    return c;
}

std::string describe(const Events& e) {
    return fmt::format("[{}{}{}{}]", e.inexact ? "inexact " : "", e.above ? "above " : "", e.below ? "below " : "",
                       e.saturated ? "saturated" : "");
}

std::string describe(const AccumulatorSpec& spec) {
    return fmt::format("accumulator {} product {} schedule {} quantize {} terms {} bias {} bias cast {}",
                       print_type(spec.type), spec.product ? print_type(*spec.product) : "exact", print_schedule(spec),
                       print_quantize(spec.quantize), spec.terms == TermOrder::Input ? "input" : "kernel",
                       spec.bias == BiasPosition::First ? "first" : "last",
                       spec.bias_cast ? print_type(*spec.bias_cast) : "none");
}

std::string describe(const MacCase& c) {
    const MacOperands& o = c.operands;
    return fmt::format("weight {} words {}\ninput {} words {}\nbias {}\n{}", print_type({.format = o.weight}),
                       o.weights, print_type({.format = o.input}), o.inputs,
                       o.has_bias ? fmt::format("{} word {}", print_type({.format = o.bias}), o.bias_word) : "none",
                       describe(c.spec));
}

std::string describe(const MacStep& s) {
    return fmt::format("'{}' product {} frac {} {} accumulator {} frac {} {}", s.what, print_raw(s.product_raw),
                       s.product_frac, describe(s.product_events), print_raw(s.accumulator_raw), s.accumulator_frac,
                       describe(s.events));
}

bool equal(const MacStep& a, const MacStep& b) {
    return a.what == b.what && a.product_raw == b.product_raw && a.product_frac == b.product_frac &&
           a.accumulator_raw == b.accumulator_raw && a.accumulator_frac == b.accumulator_frac &&
           a.product_events == b.product_events && a.events == b.events;
}

}  // namespace bittrue::testing
