// A conversion while it is searched for: formats of all tensors and words of all parameters, and the network they give.
#pragma once

#include "bittrue/model/engine.hpp"
#include "structure.hpp"

namespace bittrue::explore {

// Words of a layer with weights, as raws of the choice's grids.
struct LayerWords {
    std::vector<std::int64_t> weights{}, bias{};
    friend bool operator==(const LayerWords&, const LayerWords&) = default;
};

struct Draft {
    WordFormat input{};
    std::vector<LayerFormats> layers{};
    std::vector<LayerWords> words{};
};

// How many bits the words have: of the input, and of each layer's weights and results.
struct Widths {
    int input = 8;
    std::vector<int> weight{}, result{};
    friend bool operator==(const Widths&, const Widths&) = default;
};
[[nodiscard]] Widths widths_of(const Draft& draft);

class NetworkBuilder {
public:
    NetworkBuilder(const FloatModel& model, const Structure& structure, const ConvertOptions& options)
        : model_(model), structure_(structure), options_(options) {}

    // Validated. Raw words where the draft has some; biases that no layer had are zero and left out.
    // Accumulators that the draft has no format for keep every bit and are as wide as `proven` says per layer; 0, or an
    // empty list: by the sum of magnitudes.
    [[nodiscard]] Graph operator()(const Draft& draft, const std::vector<int>& proven = {}) const;

private:
    const FloatModel& model_;
    const Structure& structure_;
    const ConvertOptions& options_;
};

// Rounds every number by itself.
[[nodiscard]] LayerWords nearest_words(const Operation& op, const LayerFormats& choice);

// A tensor's values from words of its format.
[[nodiscard]] std::vector<double> values_of(const LayerResult& result);

}  // namespace bittrue::explore
