#include "training/tensor_types.hpp"

#include <algorithm>

#include "bittrue/model/error.hpp"

namespace bittrue::training {

namespace {

// Bits of a number from 0 on; at least one.
int bits_of(i128 largest) {
    int bits = 1;
    while (bits < 127 && (largest >> bits) != 0) ++bits;
    return bits;
}

FixedType type_of(int width, int frac, bool is_signed) {
    return {.format = {.width = width, .integer = width - frac, .is_signed = is_signed}};
}

// S(b) - 1, or 1 for one bit: the largest word of weights and activations.
i128 largest_word(int bits) {
    return bits == 1 ? i128{1} : (i128{1} << (bits - 1)) - 1;
}

}  // namespace

TensorTypes::TensorTypes(const TrainingNetwork& network, const std::vector<TrainedStep>& steps) : network_(network) {
    for (const TrainedStep& step : steps) {
        images_ = std::max(images_, static_cast<i128>(step.batch.labels.size()));
        // |g| * 2^-f < sqrt(2) * 2^k by H1, and 1.4142136 stands above sqrt(2); rounding adds less than 1.
        constexpr i128 kRoot = 14142136, kRootScale = 10000000;
        const i128 s = i128{1} << (network.bits.gradients - 1);
        const i128 n = kRoot * step.rate.raw * s / (kRootScale << step.rate.frac) + 1;
        largest_scaled_ = std::max(largest_scaled_, n);
    }
}

FixedType TensorTypes::pixels() const {
    return type_of(8, 8, false);
}
FixedType TensorTypes::labels() const {
    return type_of(bits_of(network_.classes() - 1), 0, false);
}
FixedType TensorTypes::input() const {
    const int bits = network_.bits.activations;
    return type_of(bits == 1 ? 1 : bits - 1, bits - 1, false);
}

FixedType TensorTypes::loss() const {
    const int frac = 2 * network_.sum_frac(network_.layers.size() - 1);
    return type_of(bits_of(images_ * network_.classes() << frac), frac, false);
}

FixedType TensorTypes::sums(std::size_t layer) const {
    const TrainingLayer& l = network_.layers[layer];
    const TrainingBits& b = network_.bits;
    const i128 most = largest_word(b.weights) * largest_word(b.activations) * l.fan_in();
    return type_of(l.forward.width > 0 ? l.forward.width : bits_of(most) + 1, network_.sum_frac(layer), true);
}

FixedType TensorTypes::activations(std::size_t layer) const {
    if (layer + 1 < network_.layers.size()) return input();
    const int frac = network_.sum_frac(layer);  // 0..1, both included
    return type_of(frac + 1, frac, false);
}

FixedType TensorTypes::errors() const {
    return type_of(network_.bits.errors, network_.bits.errors - 1, true);
}

FixedType TensorTypes::error_sums(std::size_t layer) const {
    const TrainingLayer& l = network_.layers[layer];
    const TrainingBits& b = network_.bits;
    const i128 terms = i128{l.sums.channels} * std::max(l.kernel_rows * l.kernel_columns, 1);
    const i128 most = terms * largest_word(b.weights) * largest_word(b.errors);
    const int width = l.error.width > 0 ? l.error.width : bits_of(most) + 1;
    return type_of(width, b.errors - 1 + network_.sum_frac(layer) - (b.activations - 1), true);
}

FixedType TensorTypes::gradients(std::size_t layer) const {
    const TrainingLayer& l = network_.layers[layer];
    const TrainingBits& b = network_.bits;
    const i128 terms = images_ * l.sums.rows * l.sums.columns;
    const i128 most = terms * largest_word(b.activations) * largest_word(b.errors);
    const int width = l.gradient.width > 0 ? l.gradient.width : bits_of(most) + 1;
    return type_of(width, b.activations - 1 + b.errors - 1, true);
}

FixedType TensorTypes::scaled() const {
    return type_of(bits_of(largest_scaled_) + 1, 2 * (network_.bits.gradients - 1), true);
}
FixedType TensorTypes::draws() const {
    return type_of(network_.bits.randomizer, network_.bits.randomizer, false);
}
FixedType TensorTypes::steps() const {
    const int frac = network_.bits.gradients - 1;
    return type_of(bits_of((largest_scaled_ >> frac) + 1) + 1, frac, true);
}
FixedType TensorTypes::weights() const {
    const int bits = network_.bits.gradients;
    return type_of(network_.store == WeightStore::Unbounded ? 32 : bits, bits - 1, true);
}
FixedType TensorTypes::lfsr() const {
    return type_of(network_.randomizer.width, 0, false);
}
FixedType TensorTypes::exponent() {
    return type_of(8, 0, true);
}

}  // namespace bittrue::training
