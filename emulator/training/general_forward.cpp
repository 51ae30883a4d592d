#include "training/general_forward.hpp"

#include <algorithm>

#include "training/numbers.hpp"
#include "training/sums.hpp"

namespace bittrue::emulator::training {

namespace {

std::size_t size(int n) {
    return static_cast<std::size_t>(n);
}

void activations_of(const TrainingLayer& layer, const LayerNumbers& numbers, bool last, const std::int64_t* sums,
                    std::int32_t* out) {
    const int map = layer.sums.rows * layer.sums.columns;
    for (int c = 0; c < layer.output.channels; ++c, sums += map) {
        for (int y = 0; y < layer.output.rows; ++y) {
            for (int x = 0; x < layer.output.columns; ++x) {
                const std::int64_t v = sums[first_maximum(layer, sums, y, x)];
                *out++ = last ? static_cast<std::int32_t>(std::clamp<std::int64_t>(v, 0, numbers.one))
                              : activation_word(v, numbers);
            }
        }
    }
}

// H5.
void judge(const TrainingNetwork& network, std::span<const std::uint8_t> labels, StepTrace& trace) {
    const std::size_t classes = size(network.classes());
    const std::int64_t one = LayerNumbers(network, network.layers.size() - 1).one;
    const std::int32_t* p = trace.layers.back().activations.data();
    for (const std::uint8_t label : labels) {
        const auto answer = static_cast<std::size_t>(std::max_element(p, p + classes) - p);
        trace.correct += answer == label ? 1 : 0;
        for (std::size_t i = 0; i < classes; ++i) {
            const std::int64_t off = p[i] - (i == label ? one : 0);
            trace.loss_raw += off * off;
        }
        p += classes;
    }
}

}  // namespace

int first_maximum(const TrainingLayer& layer, const std::int64_t* channel_sums, int row, int column) {
    const int start = row * layer.pool_rows * layer.sums.columns + column * layer.pool_columns;
    int best = start;
    for (int y = 0; y < layer.pool_rows; ++y) {
        for (int x = 0; x < layer.pool_columns; ++x) {
            const int at = start + y * layer.sums.columns + x;
            if (channel_sums[at] > channel_sums[best]) best = at;
        }
    }
    return best;
}

std::vector<std::int32_t> weight_words(const TrainingNetwork& network, const TrainingState& state, std::size_t layer) {
    std::vector<std::int32_t> words;
    words.reserve(state.weights[layer].size());
    for (const std::int32_t w : state.weights[layer]) words.push_back(weight_word(w, network.bits));
    return words;
}

std::size_t first_nan(const TrainingState& state) {
    return static_cast<std::size_t>(std::find(state.nan.begin(), state.nan.end(), true) - state.nan.begin());
}

void general_forward(const TrainingNetwork& network, const TrainingState& state, std::span<const std::uint8_t> pixels,
                     std::span<const std::uint8_t> labels, StepTrace& trace) {
    const std::size_t images = labels.size();
    trace = {};
    trace.layers.resize(network.layers.size());
    trace.input.reserve(pixels.size());
    for (const std::uint8_t pixel : pixels) trace.input.push_back(input_word(pixel, network.bits));
    const std::size_t nan = first_nan(state);
    const std::vector<std::int32_t>* a = &trace.input;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
        const TrainingLayer& layer = network.layers[l];
        LayerStep& step = trace.layers[l];
        const std::size_t in = size(layer.input.elements()), sums = size(layer.sums.elements()),
                          out = size(layer.output.elements());
        step.sums.assign(images * sums, 0);
        step.activations.assign(images * out, 0);
        if (l < nan) {
            const LayerNumbers numbers(network, l);
            const std::vector<std::int32_t> q = weight_words(network, state, l);
            Accumulator sum(layer.forward);
            for (std::size_t n = 0; n < images; ++n) {
                sums_of(layer, a->data() + n * in, q.data(), sum, step.sums.data() + n * sums);
                activations_of(layer, numbers, l + 1 == network.layers.size(), step.sums.data() + n * sums,
                               step.activations.data() + n * out);
            }
            step.forward_overflows = sum.overflows();
        }
        a = &step.activations;
    }
    trace.nan_loss = nan < network.layers.size();
    if (trace.nan_loss) {
        trace.correct = static_cast<int>(std::count(labels.begin(), labels.end(), std::uint8_t{0}));
    } else {
        judge(network, labels, trace);
    }
}

}  // namespace bittrue::emulator::training
