// A vector set: the words of every layer for some images, as golden vectors or as a dump to compare with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "bittrue/model/graph.hpp"
#include "bittrue/model/tensor.hpp"

namespace bittrue {

// One tensor for all images of the set.
struct VectorLayer {
    std::string name{};  // free text, unique in the set
    std::vector<std::string>
        inputs{};                     // names of the tensors it reads; empty for the network's input and where unknown
    std::optional<FixedType> type{};  // unknown in a file without a manifest
    std::optional<Layout> layout{};   // of the axes behind the image axis; unknown without a manifest
    Dims dims{};                      // images first; of a memory file just the number of words
    std::vector<std::int64_t> words{};  // C order of dims, last axis fastest

    // How `words` are read as integers: raw = raw_from_word(word, stored). Of a set with types it is the type's format,
    // otherwise that of the file's container (int8: 8 signed bits).
    Format stored{.width = 64, .integer = 64, .is_signed = true};
    // The words are bit patterns of a $readmemh file whose width is not known: `stored` has 4 bits per digit, unsigned.
    bool patterns = false;

    // Images of the set and words per image; 0 and 0 without dims.
    [[nodiscard]] std::int64_t images() const { return dims.empty() ? 0 : dims.front(); }
    [[nodiscard]] std::int64_t words_per_image() const;
};

struct VectorSet {
    std::string source{};                      // the path it was read from, for messages
    std::string tool{};                        // "bittrue 0.1.0"; filled when written
    std::string network{};                     // name of the network
    std::string network_sha256{};              // of what defines it; empty: unknown
    std::string input{};                       // where the images came from, in words: "digits:100:1"
    std::vector<int> labels{};                 // one per image, or empty
    std::vector<VectorLayer> layers{};         // the network's input first, then in graph order
    std::vector<ParameterWords> parameters{};  // weights, biases and tables as the layers hold them
    std::vector<std::string> notes{};          // what a reader took for granted, in sentences

    [[nodiscard]] std::int64_t images() const { return layers.empty() ? 0 : layers.front().images(); }
    // nullptr where there is none.
    [[nodiscard]] const VectorLayer* find(const std::string& name) const;
};

// The layers whose words the run kept. `run` must come from an engine of this validated graph.
[[nodiscard]] VectorSet from_run(const Graph& graph, const RunResult& run);

// Names of the axes of dims, images first: {"image", "row", "column", "channel"}. Empty when the layout is unknown or
// does not have as many axes as `dims`.
[[nodiscard]] std::vector<std::string> axis_names(const std::optional<Layout>& layout, const Dims& dims);

}  // namespace bittrue
