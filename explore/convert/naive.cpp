// What a first attempt does: one format for every number of the network.
#include "bittrue/explore/convert.hpp"
#include "draft.hpp"

namespace bittrue::explore {

Graph convert_naively(const FloatModel& model, const ConvertOptions& options) {
    const Structure structure = structure_of(model);
    Draft draft;
    const auto one = [](int bits) { return WordFormat{.bits = bits, .frac = bits - 1, .is_signed = true}; };
    draft.input = one(options.bits.input);
    for (const FloatLayer& layer : model.layers) {
        draft.layers.push_back({.weight = one(options.bits.weight),
                                .bias = one(options.bits.bias),
                                .result = one(options.bits.activation)});
        draft.words.push_back(nearest_words(layer.op, draft.layers.back()));
    }
    return NetworkBuilder(model, structure, options)(draft);
}

}  // namespace bittrue::explore
