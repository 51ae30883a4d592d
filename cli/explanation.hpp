// One word of one layer with everything it was computed from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/emulator/single.hpp"
#include "bittrue/model/engine.hpp"
#include "bittrue/verify/datapath.hpp"
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
    ExactNumber cast{};  // what is added: after the product cast and a fault; without either, the product
    Events events{};     // of the product cast
};

struct Accumulated {
    std::vector<ExplainedTerm> terms{};
    MacOperands operands{};
    AccumulatorSpec spec{};
    std::vector<MacStep> steps{};
    std::optional<emulator::AccumulationFault> fault{};
};

struct Explanation {
    std::string layer{}, op{};  // op "input": the network's input
    Shape shape{};
    std::int64_t element = 0;
    std::optional<Accumulated> accumulated{};  // dense, conv2d
    std::vector<ReadWord> read{};              // all other layers
    std::vector<Stage> stages{};               // of those: what happened between what was read and the result cast
    std::optional<double> stored{};            // the network's input: the value of the image
    std::optional<ExactNumber> exact{};        // what the result cast takes, where it is one number
    FixedType type{};
    Converted result{};  // the events are known where `exact` or `stored` is
};

// `result`: the network's run on this image alone, all layers kept. What is computed here again must give the engine's
// word; anything else is a std::logic_error.
[[nodiscard]] Explanation explain(const Graph& graph, const InputBatch& image, const RunResult& result,
                                  const std::string& layer, std::int64_t element);

// The same of a node alone, which has its shape. `inputs`: one image of what it reads, in its order. `fault`: of a
// dense or conv2d, what was wrong when it gave `word`.
[[nodiscard]] Explanation explain_node(const Node& node, const std::vector<const TensorWords*>& inputs,
                                       std::int64_t element, std::int64_t word,
                                       const emulator::AccumulationFault* fault = nullptr);

// Which word of which input each term, or each operand of another layer, is: padding is left out.
[[nodiscard]] std::vector<WordSource> operands_of(const Node& node, const std::vector<const TensorWords*>& inputs,
                                                  std::int64_t element);

[[nodiscard]] std::string explanation_text(const Explanation& e, std::size_t image);
[[nodiscard]] nlohmann::ordered_json explanation_json(const Explanation& e, std::size_t image);

}  // namespace bittrue::cli
