#include "bittrue/verify/layer_words.hpp"

#include <algorithm>

#include "compare.hpp"
#include "pairing.hpp"
#include "word_reader.hpp"

namespace bittrue {

LayerWords layer_words(const VectorSet& expected, const VectorSet& actual, const std::string& layer,
                       const DiffOptions& options) {
    const auto at = std::find_if(expected.layers.begin(), expected.layers.end(),
                                 [&](const VectorLayer& l) { return l.name == layer; });
    if (at == expected.layers.end()) return {};
    std::vector<std::string> notes;
    const std::size_t pair =
        pair_layers(expected, actual, notes)[static_cast<std::size_t>(at - expected.layers.begin())];
    if (pair == kNone) return {};
    const VectorLayer& other = actual.layers[pair];
    AlignedWords aligned;
    const Compared compared = compare_layer(*at, other, options, &aligned);
    const bool formatted = compared.diff.type.has_value();
    const WordReader want(*at, formatted ? std::optional(compared.diff.type->format) : std::nullopt, "",
                          options.strict);
    LayerWords words;
    words.actual = std::move(aligned.words);
    words.expected.reserve(words.actual.size());
    words.states.reserve(words.actual.size());
    for (std::size_t i = 0; i < words.actual.size(); ++i) {
        const auto flat = static_cast<std::int64_t>(i);
        words.expected.push_back(word_from_raw(want.raw(flat)));
        const std::uint8_t state = aligned.states[i];
        // A decimal that fits the expected word is read as it.
        const bool equal = words.actual[i] == words.expected[i];
        words.states.push_back(state == AlignedWords::Missing ? LayerWords::Missing
                               : state == AlignedWords::Undefined || want.undefined_bits(flat) != nullptr
                                   ? LayerWords::Undefined
                               : equal ? LayerWords::Equal
                                       : LayerWords::Wrong);
    }
    return words;
}

}  // namespace bittrue
