// A vector set: the words of every layer for some images, as golden vectors or as a dump to compare with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "bittrue/model/graph.hpp"
#include "bittrue/model/tensor.hpp"
#include "bittrue/vectors/decimal.hpp"

namespace bittrue {

// One tensor for all images of the set.
struct VectorLayer {
    std::string name{};  // free text, unique in the set
    std::vector<std::string>
        inputs{};                     // names of the tensors it reads; empty for the network's input and where unknown
    std::optional<FixedType> type{};  // unknown in a file without a manifest
    std::optional<Layout> layout{};   // of the axes behind the image axis; unknown without a manifest
    // Names of the axes where no layout has them (tensors of training); "": an axis that nobody counts.
    std::vector<std::string> axes{};
    Dims dims{};                        // images first; of a memory file just the number of words
    std::vector<std::int64_t> words{};  // C order of dims, last axis fastest

    // How `words` are read as integers: raw = raw_from_word(word, stored). Of a set with types it is the type's format,
    // otherwise that of the file's container (int8: 8 signed bits).
    Format stored{.width = 64, .integer = 64, .is_signed = true};
    // The words are bit patterns of a $readmemh file whose width is not known: `stored` has 4 bits per digit, unsigned.
    bool patterns = false;

    // A text of decimal values (a log): then `words` is empty, and `decimals` has the words' places. `precision` is the
    // number of significant digits its printer kept. Each stands for every raw that prints so (raws_printed_as).
    std::vector<Decimal> decimals{};
    int precision = 6;

    // Words with x or z bits, as a simulation dumps them: ascending places in `words` (0 there), and each one's bits,
    // most significant first, as "0b10xx01zz".
    std::vector<std::int64_t> undefined{};
    std::vector<std::string> undefined_bits{};

    // Of a stream: words per beat, in the order of the lanes. 1: not known, or one word a beat.
    int lanes = 1;
    // Of a stream dumped from a simulation: the time or sample of each beat, empty where there is none.
    std::vector<std::uint64_t> beat_times{};
    std::string time_unit{};  // "ps", "sample"

    // Words in this layer, decimals counted.
    [[nodiscard]] std::int64_t word_count() const {
        return static_cast<std::int64_t>(decimals.empty() ? words.size() : decimals.size());
    }

    // Images of the set and words per image; 0 and 0 without dims.
    [[nodiscard]] std::int64_t images() const { return dims.empty() ? 0 : dims.front(); }
    [[nodiscard]] std::int64_t words_per_image() const;
};

struct VectorSet {
    std::string source{};                      // the path it was read from, for messages
    std::string tool{};                        // "bittrue 0.1.0"; filled when written
    std::string network{};                     // name of the network
    std::string network_sha256{};              // of what defines it; empty: unknown
    std::string network_file{};                // as seen from the set's folder; empty: unknown
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
