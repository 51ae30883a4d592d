#include "train_answers.hpp"

#include <algorithm>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/input.hpp"
#include "interrupt.hpp"

namespace bittrue::cli {

namespace {

constexpr std::size_t kPart = 1024;  // images at a time: their values are doubles, and all words of layers may be kept

// Pixels first to last of the graph's storage order, as values.
InputBatch values_of(const Graph& graph, const TrainingBatch& images, std::size_t first, std::size_t count,
                     const explore::TrainableNetwork& trainable) {
    const MapShape& map = trainable.network.input;
    const auto channels = static_cast<std::size_t>(map.channels);
    const std::size_t size = static_cast<std::size_t>(map.elements()), places = size / channels;
    InputBatch batch{.images = count, .dims = graph.input.shape.dims, .values = {}};
    batch.values.reserve(count * size);
    for (std::size_t i = first; i < first + count; ++i) {
        for (std::size_t e = 0; e < size; ++e) {
            const std::size_t at = trainable.channels_last ? e % channels * places + e / channels : e;
            batch.values.push_back(pixel_value(images.pixels[i * size + at], graph.input));
        }
    }
    return batch;
}

// Weights of layers with and without thresholds beside them.
std::vector<Tensor> weights_of(const Engine& engine) {
    std::vector<Tensor> weights;
    for (ParameterWords& p : engine.parameters()) {
        if (p.role == "weights") weights.push_back(std::move(p.tensor));
    }
    return weights;
}

bool same(const Tensor& a, const Tensor& b) {
    return a.format.frac() == b.format.frac() && a.words == b.words;
}
bool same(const LayerResult& a, const LayerResult& b) {
    return a.type.format.frac() == b.type.format.frac() && a.words == b.words;
}

template <class Items>
bool all_same(const Items& a, const Items& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return same(x, y); });
}

}  // namespace

std::vector<std::size_t> answers_of(const Graph& graph, const TrainingBatch& images,
                                    const explore::TrainableNetwork& trainable, unsigned threads) {
    const auto engine = emulator::make_engine(graph);
    const RunOptions options{.threads = static_cast<int>(threads), .cancel = &interrupt_flag(), .count_events = false};
    std::vector<std::size_t> answers;
    for (std::size_t first = 0; first < images.labels.size(); first += kPart) {
        const std::size_t count = std::min(kPart, images.labels.size() - first);
        const RunResult result = engine->run(values_of(graph, images, first, count, trainable), options);
        const auto out = std::find_if(result.layers.begin(), result.layers.end(),
                                      [&](const LayerResult& l) { return l.name == graph.output; });
        const auto classes = static_cast<std::ptrdiff_t>(out->shape.count());
        for (std::size_t i = 0; i < count; ++i) {
            const auto begin = out->words.begin() + static_cast<std::ptrdiff_t>(i) * classes;
            answers.push_back(static_cast<std::size_t>(std::max_element(begin, begin + classes) - begin));
        }
    }
    return answers;
}

bool same_words(const Graph& a, const Graph& b, const TrainingBatch& images, const explore::TrainableNetwork& trainable,
                unsigned threads) {
    const RunOptions options{
        .keep_layers = true, .threads = static_cast<int>(threads), .cancel = &interrupt_flag(), .count_events = false};
    try {
        const auto first_engine = emulator::make_engine(a), second_engine = emulator::make_engine(b);
        if (!all_same(weights_of(*first_engine), weights_of(*second_engine))) return false;
        for (std::size_t first = 0; first < images.labels.size(); first += kPart) {
            const std::size_t count = std::min(kPart, images.labels.size() - first);
            const RunResult one = first_engine->run(values_of(a, images, first, count, trainable), options);
            const RunResult other = second_engine->run(values_of(b, images, first, count, trainable), options);
            if (!all_same(one.layers, other.layers)) return false;
        }
    } catch (const InputError&) {
        return false;
    }
    return true;
}

}  // namespace bittrue::cli
