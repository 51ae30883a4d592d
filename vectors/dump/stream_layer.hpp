// Beats as the words of a layer.
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/dump.hpp"
#include "dump/beats.hpp"

namespace bittrue::dump {

// What is known of a layer beside its words.
struct LayerFacts {
    std::optional<Format> format{};
    std::optional<FixedType> type{};
    const VectorLayer* expected = nullptr;  // of the schema
};
// Of the layer that `source` names: its own format first, then the schema's. A layer is also found under the file name
// that file_stems makes of it.
[[nodiscard]] LayerFacts layer_facts(const DumpSource& source, const VectorSet* schema);
[[nodiscard]] const VectorLayer* find_layer(const VectorSet* schema, const std::string& name);

// The name, inputs, type and layout of the expected layer; its shape if there are as many words.
void describe(VectorLayer& layer, const LayerFacts& facts);

// `where` names the dump and the layer in messages. Notes are appended.
[[nodiscard]] VectorLayer stream_layer(Beats beats, const DumpSource& source, const LayerFacts& facts,
                                       const std::string& where, std::vector<std::string>& notes);

}  // namespace bittrue::dump
