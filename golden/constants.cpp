// Rules W1-W3 and T1: stored numbers become words once, when the engine is made.
#include <utility>

#include "layer.hpp"

namespace bittrue::golden {
namespace {

Integer sign_of(double x) {
    return x < 0 ? -1 : (x > 0 ? 1 : 0);
}

}  // namespace

Constants::Constants(const Parameter& parameter, std::string role)
    : role_(std::move(role)), dims_(parameter.dims), format_(parameter.type.format) {
    if (parameter.is_raw()) {
        for (const std::int64_t word : parameter.raw) raws_.push_back(raw_of_word(word, format_));
        return;
    }
    const Quantizer type(parameter.type);
    for (const double x : parameter.real) {
        switch (parameter.quantizer) {
            case WeightQuantizer::Cast: {
                Quantized q = type.real(x);
                events_.add(q.events);
                raws_.push_back(std::move(q.raw));
                break;
            }
            case WeightQuantizer::Sign: raws_.push_back(sign_of(x)); break;
            case WeightQuantizer::Bipolar: raws_.push_back(x < 0 ? -1 : 1); break;
        }
    }
}

ParameterWords Constants::words(const std::string& layer) const {
    ParameterWords result{.layer = layer, .role = role_, .tensor = {.dims = dims_, .format = format_}};
    for (const Integer& raw : raws_) result.tensor.words.push_back(word_of_raw(raw));
    return result;
}

}  // namespace bittrue::golden
