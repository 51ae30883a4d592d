#include <string>

#include "accumulation.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::golden {
namespace {

void require_format(const char* what, const Format& format) {
    if (is_storable(format)) return;
    throw InputError(what, "width " + std::to_string(format.width) + " or integer bits " +
                               std::to_string(format.integer) +
                               " out of range; use a width of 1..64 and integer bits of -512..512");
}

void require_type(const char* what, const FixedType& type) {
    require_format(what, type.format);
    const std::string_view reason = reason_invalid(type);
    if (!reason.empty()) throw InputError(what, std::string(reason));
}

Integer raw_in_range(const std::string& what, std::int64_t word, const Format& format) {
    const Integer raw = raw_of_word(word, format);
    if (raw_of_pattern(pattern_of_raw(raw, format), format) == raw) return raw;
    throw InputError(
        what, "raw " + raw.str() + " is outside the range of its format of " + std::to_string(format.width) + " bits");
}

std::vector<Integer> raws_in_range(const char* what, const std::vector<std::int64_t>& words, const Format& format) {
    std::vector<Integer> raws;
    raws.reserve(words.size());
    for (std::size_t t = 0; t < words.size(); ++t) {
        raws.push_back(raw_in_range(std::string(what) + " " + std::to_string(t), words[t], format));
    }
    return raws;
}

void require_fit(const MacOperands& operands, const AccumulatorSpec& spec) {
    const std::string reason = reason_invalid(spec);
    if (!reason.empty()) throw InputError("accumulator", reason);
    require_type("accumulator", spec.type);
    if (spec.product) require_type("product", *spec.product);
    if (spec.bias_cast) require_type("bias cast", *spec.bias_cast);
    require_format("weight", operands.weight);
    require_format("input", operands.input);
    if (operands.has_bias) require_format("bias", operands.bias);
    if (operands.weights.size() != operands.inputs.size()) {
        throw InputError("accumulation", std::to_string(operands.weights.size()) + " weights but " +
                                             std::to_string(operands.inputs.size()) + " inputs; give equally many");
    }
    if (operands.weights.empty()) throw InputError("accumulation", "no terms; give at least one weight and one input");
}

}  // namespace

std::vector<MacStep> mac(const MacOperands& operands, const AccumulatorSpec& spec) {
    require_fit(operands, spec);
    const std::vector<Integer> weights = raws_in_range("weight", operands.weights, operands.weight);
    const std::vector<Integer> inputs = raws_in_range("input", operands.inputs, operands.input);
    std::optional<Dyadic> bias;
    if (operands.has_bias) {
        bias = Dyadic{.raw = raw_in_range("bias", operands.bias_word, operands.bias), .frac = operands.bias.frac()};
    }

    const Accumulation accumulation(spec, weights.size());
    EventCounts counts;
    Products products;
    accumulation.multiply(weights, inputs, operands.weight.frac() + operands.input.frac(), products, counts);
    std::vector<MacStep> steps;
    // The result is also the last step's accumulator.
    static_cast<void>(accumulation.sum(products, bias, counts, &steps));
    return steps;
}

}  // namespace bittrue::golden
