#include "known_counts.hpp"

namespace bittrue::emulator::linear {

bool starts_with_bias(const LinearTerms& terms) {
    const AccumulatorSpec& spec = terms.mac.spec;
    return terms.mac.bias && spec.bias == BiasPosition::First && spec.quantize != QuantizeAt::End &&
           spec.schedule != Schedule::Tree;
}

std::int64_t accumulator_conversions(const AccumulatorSpec& spec, std::int64_t terms, bool has_bias) {
    const std::int64_t group = std::min<std::int64_t>(spec.group, terms);
    const bool first = has_bias && spec.bias == BiasPosition::First;
    const bool fold = spec.quantize == QuantizeAt::Fold;
    const std::int64_t last = has_bias && !first ? 1 : 0;
    if (spec.quantize == QuantizeAt::End) return 1 + last;
    const std::int64_t bias = last + (first ? 1 : 0);
    switch (spec.schedule) {
        case Schedule::Sequential: return terms + bias;
        case Schedule::Interleave: return (fold ? group : terms) + bias;
        case Schedule::Fold:
        case Schedule::Cascade: return (fold ? (terms + group - 1) / group : terms) + bias;
        case Schedule::Partial: return (fold ? group : terms) + group + bias;
        case Schedule::Tree: return std::max<std::int64_t>(1, terms - (first ? 0 : 1)) + last;
    }
    return 0;
}

}  // namespace bittrue::emulator::linear
