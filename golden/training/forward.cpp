#include "training/forward.hpp"

#include "training/accumulator.hpp"
#include "training/visit.hpp"

namespace bittrue::golden {

BatchTensor input_words(const TrainingNetwork& network, const TrainingBatch& batch) {
    constexpr int kPixelBits = 8;
    const int bits = network.bits.activations;
    BatchTensor a(static_cast<int>(batch.labels.size()), network.input);
    for (std::size_t i = 0; i < a.raws.size(); ++i) {
        const int pixel = batch.pixels[i];
        if (bits == 1) {
            a.raws[i] = pixel > 0 ? 1 : 0;
        } else {
            a.raws[i] = clip(half_even({.raw = s_of(bits) * pixel, .frac = kPixelBits}), s_of(bits) - 1);
        }
    }
    return a;
}

namespace {

// The terms of one convolution sum in the order kernel (A2): channel, then row, then column.
void add_window(const TrainingLayer& layer, const BatchTensor& a, const std::vector<Integer>& q, const Place& place,
                StepAccumulator& sum) {
    for (int c = 0; c < layer.input.channels; ++c) {
        for (int r = 0; r < layer.kernel_rows; ++r) {
            for (int s = 0; s < layer.kernel_columns; ++s) {
                sum.add(a.at(place.image, c, place.row + r, place.column + s) *
                        q[conv_index(layer, r, s, c, place.channel)]);
            }
        }
    }
}

void add_inputs(const TrainingLayer& layer, const BatchTensor& a, const std::vector<Integer>& q, const Place& place,
                StepAccumulator& sum) {
    for (int i = 0; i < layer.input.elements(); ++i) {
        sum.add(a.raws[a.index(place.image, i)] * q[dense_index(layer, i, place.channel)]);
    }
}

}  // namespace

Summed<BatchTensor> layer_sums(const TrainingLayer& layer, const BatchTensor& a, const std::vector<Integer>& q) {
    Summed<BatchTensor> result{.words = BatchTensor(a.images, layer.sums)};
    StepAccumulator sum(layer.forward);
    for_places(result.words, [&](const Place& place) {
        sum.start();
        if (layer.is_conv()) {
            add_window(layer, a, q, place, sum);
        } else {
            add_inputs(layer, a, q, place, sum);
        }
        at(result.words, place) = sum.word();
        if (sum.overflowed()) ++result.overflows;
    });
    return result;
}

BatchTensor max_pool(const TrainingLayer& layer, const BatchTensor& sums) {
    BatchTensor pooled(sums.images, layer.output);
    for_places(pooled, [&](const Place& place) { at(pooled, place) = at(sums, first_maximum(layer, sums, place)); });
    return pooled;
}

BatchTensor activations(const BatchTensor& pooled, int fx, int activation_bits) {
    BatchTensor a(pooled.images, pooled.shape);
    for (std::size_t i = 0; i < a.raws.size(); ++i) {
        const Integer v = pooled.raws[i] > 0 ? pooled.raws[i] : Integer(0);
        if (activation_bits == 1) {
            a.raws[i] = v > 0 ? 1 : 0;
        } else {
            const Integer s = s_of(activation_bits);
            a.raws[i] = clip(half_even({.raw = v * s, .frac = fx}), s - 1);
        }
    }
    return a;
}

BatchTensor outputs(const BatchTensor& sums, int fx) {
    const Integer one = power_of_two(fx);
    BatchTensor p(sums.images, sums.shape);
    for (std::size_t i = 0; i < p.raws.size(); ++i) {
        const Integer& x = sums.raws[i];
        if (x > 0) p.raws[i] = x < one ? x : one;
    }
    return p;
}

Integer target(int category, int label, int fx) {
    return category == label ? power_of_two(fx) : Integer(0);
}

Integer loss(const BatchTensor& p, const std::vector<std::uint8_t>& labels, int fx) {
    Integer sum = 0;
    for_places(p, [&](const Place& place) {
        const Integer difference =
            at(p, place) - target(place.channel, labels[static_cast<std::size_t>(place.image)], fx);
        sum += difference * difference;
    });
    return sum;
}

int answer(const BatchTensor& p, int image) {
    int best = 0;
    for (int c = 1; c < p.shape.channels; ++c) {
        if (p.at(image, c, 0, 0) > p.at(image, best, 0, 0)) best = c;
    }
    return best;
}

}  // namespace bittrue::golden
