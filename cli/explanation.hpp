// One word of one layer with everything it was computed from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/model/engine.hpp"
#include "word_sources.hpp"

namespace bittrue::cli {

// A word that was read: "conv2d[channel 1, row 0, column 2]".
struct ReadWord {
    std::string name{};
    std::int64_t word = 0;
    Format format{};
};

// One product of a dense or conv2d layer.
struct ExplainedTerm {
    ReadWord input{};  // in the padding: a word of 0
    ReadWord weight{};
    ExactNumber product{};
    ExactNumber cast{};  // after the product cast; without one, the product
    Events events{};     // of the product cast
};

struct Accumulated {
    std::vector<ExplainedTerm> terms{};
    MacOperands operands{};
    AccumulatorSpec spec{};
    std::vector<MacStep> steps{};
};

struct Explanation {
    std::string layer{}, op{};  // op "input": the network's input
    Shape shape{};
    std::int64_t element = 0;
    std::optional<Accumulated> accumulated{};  // dense, conv2d
    std::vector<ReadWord> read{};              // all other layers
    std::optional<double> stored{};            // the network's input: the value of the image
    std::optional<ExactNumber> exact{};        // what the result cast takes, where it is one number
    FixedType type{};
    Converted result{};  // the events are known where `exact` or `stored` is
};

// `result`: the network's run on this image alone, all layers kept. What is computed here again must give the engine's
// word; anything else is a std::logic_error.
[[nodiscard]] Explanation explain(const Graph& graph, const InputBatch& image, const RunResult& result,
                                  const std::string& layer, std::int64_t element);

[[nodiscard]] std::string explanation_text(const Explanation& e, std::size_t image);
[[nodiscard]] nlohmann::ordered_json explanation_json(const Explanation& e, std::size_t image);

}  // namespace bittrue::cli
