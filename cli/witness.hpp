// Overflow witnesses of `bittrue bounds`: verified by golden, written as vector sets.
#pragma once

#include <string>
#include <vector>

#include "bittrue/explore/bounds.hpp"
#include "inputs.hpp"

namespace bittrue::cli {

// DIR/<layer> of every layer, the folders that witnesses are written to.
[[nodiscard]] std::vector<std::string> witness_folders(const std::string& directory,
                                                       const explore::NetworkBounds& bounds);

// InputError where one of them holds anything else than a vector set, before a long run.
void check_witness_folders(const std::string& directory, const explore::NetworkBounds& bounds);

// Removes those of an earlier run and writes DIR/<layer> for each layer whose accumulator overflows: without images the
// inputs that reach the bounds, with images the first that overflows. Returns a line per set. Golden runs every witness
// first; one that does not overflow where it should is a std::logic_error.
[[nodiscard]] std::vector<std::string> write_witnesses(const std::string& directory, const std::string& network_file,
                                                       const Graph& graph, const explore::NetworkBounds& bounds,
                                                       const LoadedInput& images);

// What golden's accumulation does at the place, with these words as the layer's input: the first step that overflows.
struct OverflowStep {
    std::string step{};   // "term 12"
    std::string what{};   // which conversion: "product", "accumulator", "bias cast"
    std::string event{};  // "above", "below"
};
[[nodiscard]] OverflowStep first_overflow_step(const explore::OperandReader& operands,
                                               const explore::LayerBounds& layer, const explore::Place& place,
                                               const std::vector<std::int64_t>& words);

// The words a layer reads on image `index` of the batch.
[[nodiscard]] std::vector<std::int64_t> input_words(const Graph& graph, const explore::LayerBounds& layer,
                                                    const InputBatch& batch, std::int64_t index);

}  // namespace bittrue::cli
