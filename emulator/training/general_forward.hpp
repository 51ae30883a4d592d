// The forward pass of the general step, and what both its passes share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bittrue/model/training.hpp"

namespace bittrue::emulator::training {

// H15: a running sum in a signed word. Terms come in the order of the rule.
class Accumulator {
public:
    // `kept`: a sum begins with what the one before left, as a diagnosis supposes.
    explicit Accumulator(const TrainingAccumulator& accumulator, bool kept = false)
        : kept_(kept),
          saturate_(accumulator.width != 0 && accumulator.saturate),
          wrap_(accumulator.width != 0 && !accumulator.saturate),
          top_(accumulator.width == 0 ? 0 : std::int64_t{1} << (accumulator.width - 1)) {}
    void start() {
        if (!kept_) sum_ = 0;
        over_ = false;
    }
    void add(std::int64_t term) {
        sum_ += term;
        if (saturate_ && (sum_ < -top_ || sum_ >= top_)) {
            sum_ = sum_ < 0 ? -top_ : top_ - 1;
            over_ = true;
        }
    }
    [[nodiscard]] std::int64_t finish() {
        if (wrap_ && (sum_ < -top_ || sum_ >= top_)) {
            const auto kept = static_cast<std::uint64_t>(sum_ + top_) & (2 * static_cast<std::uint64_t>(top_) - 1);
            sum_ = static_cast<std::int64_t>(kept) - top_;
            over_ = true;
        }
        overflows_ += over_ ? 1 : 0;
        return sum_;
    }
    [[nodiscard]] std::uint64_t overflows() const { return overflows_; }

private:
    bool kept_, saturate_, wrap_, over_ = false;
    std::int64_t top_, sum_ = 0;
    std::uint64_t overflows_ = 0;
};

// Where the first maximum of a pool's window stands among the sums of one image and channel.
[[nodiscard]] int first_maximum(const TrainingLayer& layer, const std::int64_t* channel_sums, int row, int column);

// q of every weight of a layer (H2).
[[nodiscard]] std::vector<std::int32_t> weight_words(const TrainingNetwork& network, const TrainingState& state,
                                                     std::size_t layer);

// The first layer with NaN weights; none: the number of layers.
[[nodiscard]] std::size_t first_nan(const TrainingState& state);

// Fills the trace up to loss and answers, `activations` and `sums` of every layer.
void general_forward(const TrainingNetwork& network, const TrainingState& state, std::span<const std::uint8_t> pixels,
                     std::span<const std::uint8_t> labels, StepTrace& trace);

}  // namespace bittrue::emulator::training
