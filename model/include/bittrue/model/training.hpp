// A network that is trained in integers (docs/numerics.md, chapter H), and everything one training step computes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bittrue {

/// Bits of weights (1..8), activations (1..8), gradients and errors (2..16) and of a draw of the randomiser (1..16).
struct TrainingBits {
    int weights = 1;
    int activations = 2;
    int gradients = 8;
    int errors = 8;
    int randomizer = 8;
};

/// H11: what a tensor of zeros, which has no scale, becomes.
enum class ZeroScale { Hold, Nan };

/// H14: what a stored weight does at the end of its range.
enum class WeightStore { Saturate, Wrap, Unbounded };

/// H13: width in bits (randomizer bits..64) and taps of the LFSR of every weight tensor.
struct Randomizer {
    int width = 32;
    std::uint64_t taps = 0x80200003U;
};

/// H15: a signed accumulator. Width 0 stands for one that cannot overflow; else 2..63 bits.
struct TrainingAccumulator {
    int width = 0;
    bool saturate = false;  // else wraps
};

/// H10: the learning rate as a word and its fraction bits (0..15). The word is 1..2^16-1.
struct LearningRate {
    int raw = 128;
    int frac = 7;
};

/// Channels, rows, columns; a vector has its elements as channels, 1 row, 1 column.
struct MapShape {
    int channels = 1;
    int rows = 1;
    int columns = 1;
    int elements() const { return channels * rows * columns; }
    bool operator==(const MapShape&) const = default;
};

/// A conv2d (kernel rows and columns > 0, valid, stride 1) or dense (both 0) layer with its pool (1 x 1: none).
struct TrainingLayer {
    std::string name;
    MapShape input;   // dense: may be a map, read as channel, row, column
    MapShape sums;    // before the pool
    MapShape output;  // after the pool
    int kernel_rows = 0;
    int kernel_columns = 0;
    int pool_rows = 1;
    int pool_columns = 1;
    int scale = 0;  // s of H2
    TrainingAccumulator forward;
    TrainingAccumulator error;  // of the sums that go back to the layer in front (H9)
    TrainingAccumulator gradient;

    bool is_conv() const { return kernel_rows > 0; }
    int fan_in() const { return is_conv() ? kernel_rows * kernel_columns * input.channels : input.elements(); }
    std::int64_t weight_count() const { return std::int64_t{fan_in()} * sums.channels; }
};

/// The last layer is dense, without pool and activation; its outputs are the classes.
struct TrainingNetwork {
    std::string name;
    TrainingBits bits;
    MapShape input;
    std::vector<TrainingLayer> layers;
    Randomizer randomizer;
    ZeroScale zero_scale = ZeroScale::Hold;
    WeightStore store = WeightStore::Saturate;

    int classes() const { return layers.back().sums.channels; }
    /// fx of layer l (H4).
    int sum_frac(std::size_t layer) const {
        return layers[layer].scale + (bits.weights > 1 ? bits.weights - 1 : 0) + bits.activations - 1;
    }
};

/// What lives from step to step: per layer the stored weights (H2, order of H13) and the LFSR's state. A layer whose
/// weights are NaN (H11) keeps its words and is marked.
struct TrainingState {
    std::vector<std::vector<std::int32_t>> weights;
    std::vector<std::uint64_t> lfsr;
    std::vector<bool> nan;
    bool operator==(const TrainingState&) const = default;
};

/// Everything a step computes for one layer. Maps are [image][channel][row][column]; weights and gradients as in H13.
struct LayerStep {
    std::vector<std::int64_t> sums;         // H4, before the pool, frac sum_frac
    std::vector<std::int32_t> activations;  // H4, after pool and activation; of the last layer p
    std::vector<std::int32_t> errors;       // H7, H8, before the relu mask, at the output's shape
    std::optional<int> error_exponent;      // k of H6; none for a tensor of zeros
    std::vector<std::int64_t> gradients;    // g of H10
    std::optional<int> gradient_exponent;   // k of H10
    std::vector<std::int64_t> scaled;       // n of H10
    std::vector<std::int32_t> draws;        // H12
    std::vector<std::int32_t> steps;        // H12
    std::vector<std::int32_t> weights_before;
    std::vector<std::int32_t> weights_after;
    std::uint64_t lfsr_before = 0;
    std::uint64_t lfsr_after = 0;
    std::uint64_t forward_overflows = 0;  // H15
    std::uint64_t error_overflows = 0;    // of the sums that reach this layer's output, from the layer behind
    std::uint64_t gradient_overflows = 0;
    std::uint64_t saturated_weights = 0;  // updates that H14 changed
    bool nan_errors = false;              // H11, with ZeroScale::Nan; the tensors above then hold zeros
    bool nan_gradients = false;
    bool operator==(const LayerStep&) const = default;
};

struct StepTrace {
    std::vector<std::int32_t> input;  // H3, [image][channel][row][column]
    std::vector<LayerStep> layers;
    std::int64_t loss_raw = 0;  // sum of (p - y)^2, frac 2 * sum_frac(last)
    int correct = 0;            // images whose answer is their label
    bool nan_loss = false;
    bool operator==(const StepTrace&) const = default;
};

/// A batch: images as pixels [image][channel][row][column], one label each (0..classes-1).
struct TrainingBatch {
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint8_t> labels;
};

/// Shapes, scales and bits that do not fit each other, a network that training does not know. Throws InputError(place).
void validate(const TrainingNetwork& network, const std::string& place);

/// Shift of H1 for the rational numerator * 2^exponent, numerator > 0.
int nearest_power_of_two(std::uint64_t numerator, int exponent);

/// s of H2.
int weight_scale(int weight_bits, int fan_in);

/// Weights of H17 and states of H13 for a seed.
TrainingState initial_state(const TrainingNetwork& network, std::uint64_t seed);

/// H18: the order of `images` images in an epoch.
std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::uint64_t epoch, std::uint32_t images);

}  // namespace bittrue
