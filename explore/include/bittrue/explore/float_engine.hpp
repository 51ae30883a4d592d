// The network as it was trained: real weights, no format anywhere, sums in double.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue::explore {

struct FloatOptions {
    bool keep_layers = false;  // the values of every layer, not only of the output
    int threads = 0;           // 0: all cores. Results do not depend on it.
    std::function<void(std::size_t images_done)> progress{};
    const std::atomic<bool>* cancel = nullptr;
};

struct FloatLayerValues {
    std::string name{};
    Shape shape{};                 // of one image
    std::vector<double> values{};  // images first, storage order; empty unless kept (the output always is)
};

struct FloatRun {
    std::size_t images = 0;
    std::vector<FloatLayerValues> layers{};  // [0] is the input, then the model's order
};

// A float model's layers in order. Parameters are taken as they are (raw words by their value), every cast is left out,
// sigmoid, tanh and softmax are the functions themselves. Quantisers that the model was trained with are applied, and
// requantize (L24) rounds as its rule says: both are part of the model. InputError: a batch of another shape.
[[nodiscard]] FloatRun run_float(const FloatModel& model, const InputBatch& batch, const FloatOptions& options = {});

// The same of a network file's graph, whose real parameters are not cast.
[[nodiscard]] FloatRun run_float(const Graph& graph, const InputBatch& batch, const FloatOptions& options = {});

}  // namespace bittrue::explore
