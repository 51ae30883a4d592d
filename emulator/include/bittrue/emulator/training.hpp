// The fast training engine: chapter H of docs/numerics.md by machine words, bit for bit what golden computes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::emulator {

/// Which tensor had no scale (H11): the errors or the gradients of a layer.
struct ZeroTensor {
    std::size_t layer = 0;
    bool gradient = false;
};

/// What a step reports when nobody asks for its tensors.
struct StepSummary {
    std::int64_t loss_raw = 0;  // as in StepTrace
    int correct = 0;
    bool nan_loss = false;
    struct Layer {
        std::optional<int> error_exponent;
        std::optional<int> gradient_exponent;
        std::uint64_t forward_overflows = 0;
        std::uint64_t error_overflows = 0;
        std::uint64_t gradient_overflows = 0;
        std::uint64_t saturated_weights = 0;  // updates that H14 changed
        std::uint64_t changed_words = 0;      // weights whose word q (H2) is another one after the step
    };
    std::vector<Layer> layers;
    std::vector<ZeroTensor> zero_tensors;  // in the order in which they appeared in this step
};

/// Trains and evaluates one network. Results do not depend on `threads` (0: all cores) or the instruction set.
class Trainer {
public:
    Trainer(const TrainingNetwork& network, unsigned threads, std::optional<Isa> isa = std::nullopt);
    ~Trainer();
    Trainer(Trainer&&) noexcept;
    Trainer& operator=(Trainer&&) noexcept;

    /// One step: forward, errors, gradients, update of `state`. Pixels [image][channel][row][column], one label per
    /// image. `trace`, if given, receives every tensor. `draws`, if given, replaces those of H13 (one vector per layer;
    /// the LFSR then keeps its state).
    StepSummary step(TrainingState& state, std::span<const std::uint8_t> pixels, std::span<const std::uint8_t> labels,
                     LearningRate rate, StepTrace* trace = nullptr,
                     const std::vector<std::vector<std::int32_t>>* draws = nullptr);

    /// Images whose answer (H5) is their label, and their summed loss; no weight changes.
    struct Score {
        std::uint64_t correct = 0;
        std::int64_t loss_raw = 0;
        bool nan = false;
    };
    Score evaluate(const TrainingState& state, std::span<const std::uint8_t> pixels,
                   std::span<const std::uint8_t> labels);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bittrue::emulator
