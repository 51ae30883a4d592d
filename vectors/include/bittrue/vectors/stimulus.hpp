// Constructed corner vectors: inputs that drive every conversion of a network to its edges. docs/stimulus.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue {

// Makes an engine for a validated graph; the caller passes emulator::make_engine or golden::make_engine.
using EngineFactory = std::function<std::unique_ptr<Engine>(const Graph&)>;

// One layer as a network of its own: its input becomes the network's input (same name, shape, type), its parameters raw
// words as the layer holds them, so that its RTL can be tested alone. InputError for an unknown layer or one with
// several inputs.
[[nodiscard]] Graph extract_layer(const Graph& graph, const std::string& layer, const EngineFactory& make_engine);

// Deterministic on every machine: integers and a generator of its own; the search's gradients are IEEE doubles without
// fused operations.
struct StimulusOptions {
    std::uint64_t seed = 1;
    std::size_t max_images = 2048;     // kept; corners come before sums of every channel, these before table bins
    std::size_t search_images = 2048;  // tried, beyond the constructed ones, to reach inner layers
    const std::atomic<bool>* cancel = nullptr;
};

enum class CoverageKind : std::uint8_t {
    Goal,  // a corner
    Sum,   // the largest or smallest exact sum of a channel. Its bound holds for any words of the layer's input within
           // their ranges; behind other layers no image may bring these words together.
    Bin,   // an entry of a table, or the lowest or highest word that leads to it
};

// What an image was made for.
struct StimulusGoal {
    std::string layer{};
    std::string place{};  // as CoverageItem::place
    std::string goal{};   // as CoverageItem::goal: "tie, negative", "above", "smallest sum, channel 3", ...
    int channel = -1;     // -1: any
    bool reached = false;
    std::int64_t image = -1;  // of the stimulus, where reached; of a sum also the one that came nearest to its bound
    bool possible = true;     // false: why_not is a proof that no image reaches it
    std::string why_not{};    // "the number has no more fraction bits (14) than the type (14): nothing is dropped", or
                              // what was tried
    CoverageKind kind = CoverageKind::Goal;
};

struct Stimulus {
    InputBatch batch{};
    std::vector<std::string> made_for{};  // per image, in words
    std::vector<StimulusGoal> goals{};
};

// Corner images for the network. Goals of layers whose input is free (they read the network's input, or do so through
// layers that work element by element) are constructed: signs of the weights for worst sums, sums solved for ties and
// edges. Those of inner layers are searched: led by the slope of a sum through the network and by its distance to the
// goal. Every image is run by the engine and kept only where it reaches something no image before it did, or, of inner
// layers, came nearest to the bound of a sum. The same seed gives the same batch. Interrupted, after `cancel`.
[[nodiscard]] Stimulus make_stimulus(const Graph& graph, const EngineFactory& make_engine,
                                     const StimulusOptions& options = {});

}  // namespace bittrue
