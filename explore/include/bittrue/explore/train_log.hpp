// What is known of a training run, epoch by epoch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/int128.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::explore {

/// Exponents k of H6 or H10 over the batches of an epoch; batches without one are counted apart.
struct ScaleLog {
    int min = 0, max = 0;
    std::int64_t sum = 0;
    std::uint64_t count = 0;
    std::uint64_t zeros = 0;  // tensors of zeros (H11)
    void add(std::optional<int> exponent);
    [[nodiscard]] double mean() const { return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count); }
    friend bool operator==(const ScaleLog&, const ScaleLog&) = default;
};

struct LayerLog {
    ScaleLog errors{}, gradients{};
    std::uint64_t forward_overflows = 0, error_overflows = 0, gradient_overflows = 0;  // H15
    std::uint64_t clipped_updates = 0;    // H14: updates whose result had no room
    std::uint64_t changed_words = 0;      // words q (H2) that became others
    std::uint64_t saturated_weights = 0;  // stored weights at an end of their range, after the epoch
    std::uint64_t constant_units = 0;  // outputs that were the same for the whole first batch and everywhere in the map
    std::uint64_t units = 0;           // outputs: channels
    bool dead = false;                 // all activations of the first batch were equal
    bool nan = false;                  // its weights are NaN after the epoch
    friend bool operator==(const LayerLog&, const LayerLog&) = default;
};

struct EpochLog {
    std::uint64_t epoch = 0;  // from 0
    LearningRate rate{};
    i128 loss_raw = 0;  // over the epoch, each batch before its update; frac 2 * sum_frac(last)
    std::uint64_t images = 0, correct = 0;
    i128 test_loss_raw = 0;
    std::uint64_t test_images = 0, test_correct = 0;
    double seconds = 0, test_seconds = 0;
    bool nan_loss = false, test_nan = false;
    std::vector<LayerLog> layers{};

    [[nodiscard]] double accuracy() const;
    [[nodiscard]] double test_accuracy() const;
    [[nodiscard]] double images_per_second() const;
    [[nodiscard]] std::uint64_t zero_tensors() const;
    [[nodiscard]] std::uint64_t saturated_weights() const;
    [[nodiscard]] std::uint64_t dead_layers() const;
};

/// Mean over images and classes of (p - y)^2; NaN where it is.
[[nodiscard]] double loss_of(const EpochLog& epoch, const TrainingNetwork& network);
[[nodiscard]] double test_loss_of(const EpochLog& epoch, const TrainingNetwork& network);

/// The first tensor of zeros of a run with ZeroScale::Nan, and what became of the weights.
struct NanStory {
    std::size_t layer = 0;
    bool gradient = false;  // else errors
    std::uint64_t epoch = 0, batch = 0, step = 0;
    std::vector<std::string> at_once{};    // layers whose weights were NaN after that step
    std::vector<std::string> next_step{};  // and those that followed one step later
};
[[nodiscard]] std::string text_of(const NanStory& story, const TrainingNetwork& network);

struct TrainLog {
    std::vector<EpochLog> epochs{};
    std::optional<NanStory> nan{};
    /// Position in `epochs` of the best test accuracy without NaN (the first of equals).
    [[nodiscard]] std::optional<std::size_t> best() const;
};

}  // namespace bittrue::explore
