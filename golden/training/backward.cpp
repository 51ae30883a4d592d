#include "training/backward.hpp"

#include "training/accumulator.hpp"
#include "training/forward.hpp"
#include "training/visit.hpp"

namespace bittrue::golden {

Errors quantized_errors(const BatchTensor& d, int frac, int error_bits) {
    Errors e{.words = BatchTensor(d.images, d.shape), .exponent = shift_of_largest(d.raws, frac)};
    if (!e.exponent) return e;
    const Integer s = s_of(error_bits);
    for (std::size_t i = 0; i < d.raws.size(); ++i) {
        e.words.raws[i] = clip(half_even({.raw = d.raws[i] * s, .frac = frac + *e.exponent}), s - 1);
    }
    return e;
}

Errors last_errors(const BatchTensor& p, const std::vector<std::uint8_t>& labels, int fx, int error_bits) {
    BatchTensor d(p.images, p.shape);
    for_places(p, [&](const Place& place) {
        const int label = labels[static_cast<std::size_t>(place.image)];
        at(d, place) = 2 * (at(p, place) - target(place.channel, label, fx));
    });
    return quantized_errors(d, fx, error_bits);
}

BatchTensor last_deltas(const BatchTensor& errors, const BatchTensor& sums, int fx) {
    BatchTensor delta = errors;
    for (std::size_t i = 0; i < delta.raws.size(); ++i) {
        if (sums.raws[i] < 0 || sums.raws[i] > power_of_two(fx)) delta.raws[i] = 0;
    }
    return delta;
}

BatchTensor unclipped(const BatchTensor& d, const BatchTensor& pooled, int fx, int activation_bits) {
    const Integer s = s_of(activation_bits);
    // The value v * 2^-fx and the limit, both times S(A) * 2^fx.
    const Integer limit = (activation_bits == 1 ? Integer(1) : Integer(s - 1)) * power_of_two(fx);
    BatchTensor kept(d.images, d.shape);
    for (std::size_t i = 0; i < d.raws.size(); ++i) {
        const Integer v = pooled.raws[i] > 0 ? pooled.raws[i] : Integer(0);
        if (v * s <= limit) kept.raws[i] = d.raws[i];
    }
    return kept;
}

BatchTensor deltas(const TrainingLayer& layer, const BatchTensor& errors, const BatchTensor& sums) {
    BatchTensor delta(sums.images, sums.shape);
    for_places(errors, [&](const Place& place) {
        const Place source = first_maximum(layer, sums, place);
        if (at(sums, source) > 0) at(delta, source) = at(errors, place);
    });
    return delta;
}

namespace {

// d[c][y][x] of a convolution: over o, then kernel row r, then column s.
void add_outputs(const TrainingLayer& layer, const BatchTensor& delta, const std::vector<Integer>& q,
                 const Place& place, StepAccumulator& sum) {
    for (int o = 0; o < layer.sums.channels; ++o) {
        for (int r = 0; r < layer.kernel_rows; ++r) {
            for (int s = 0; s < layer.kernel_columns; ++s) {
                const int row = place.row - r;
                const int column = place.column - s;
                if (row < 0 || row >= layer.sums.rows || column < 0 || column >= layer.sums.columns) continue;
                sum.add(delta.at(place.image, o, row, column) * q[conv_index(layer, r, s, place.channel, o)]);
            }
        }
    }
}

// g[r][s][c][o] of a convolution: over images, then rows, then columns of the sums.
void add_positions(const TrainingLayer& layer, const BatchTensor& a, const BatchTensor& delta, int r, int s, int c,
                   int o, StepAccumulator& sum) {
    for (int n = 0; n < a.images; ++n) {
        for (int y = 0; y < layer.sums.rows; ++y) {
            for (int x = 0; x < layer.sums.columns; ++x) sum.add(a.at(n, c, y + r, x + s) * delta.at(n, o, y, x));
        }
    }
}

}  // namespace

Summed<BatchTensor> going_back(const TrainingLayer& layer, const BatchTensor& delta, const std::vector<Integer>& q) {
    Summed<BatchTensor> d{.words = BatchTensor(delta.images, layer.input)};
    StepAccumulator sum(layer.error);
    for_places(d.words, [&](const Place& place) {
        sum.start();
        if (layer.is_conv()) {
            add_outputs(layer, delta, q, place, sum);
        } else {
            const std::size_t first = d.words.index(place.image, 0);
            const auto i = static_cast<int>(d.words.index(place.image, place.channel, place.row, place.column) - first);
            for (int o = 0; o < layer.sums.channels; ++o) {
                sum.add(delta.at(place.image, o, 0, 0) * q[dense_index(layer, i, o)]);
            }
        }
        at(d.words, place) = sum.word();
        if (sum.overflowed()) ++d.overflows;
    });
    return d;
}

Summed<std::vector<Integer>> gradients(const TrainingLayer& layer, const BatchTensor& a, const BatchTensor& delta) {
    Summed<std::vector<Integer>> g{.words = std::vector<Integer>(static_cast<std::size_t>(layer.weight_count()))};
    StepAccumulator sum(layer.gradient);
    const auto finish = [&](std::size_t index) {
        g.words[index] = sum.word();
        if (sum.overflowed()) ++g.overflows;
        sum.start();
    };
    sum.start();
    for (int o = 0; o < layer.sums.channels; ++o) {
        if (!layer.is_conv()) {
            for (int i = 0; i < layer.input.elements(); ++i) {
                for (int n = 0; n < a.images; ++n) sum.add(a.raws[a.index(n, i)] * delta.at(n, o, 0, 0));
                finish(dense_index(layer, i, o));
            }
            continue;
        }
        for (int r = 0; r < layer.kernel_rows; ++r) {
            for (int s = 0; s < layer.kernel_columns; ++s) {
                for (int c = 0; c < layer.input.channels; ++c) {
                    add_positions(layer, a, delta, r, s, c, o, sum);
                    finish(conv_index(layer, r, s, c, o));
                }
            }
        }
    }
    return g;
}

}  // namespace bittrue::golden
