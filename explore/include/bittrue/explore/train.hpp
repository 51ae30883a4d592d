// A training run: epochs of steps, a log, checkpoints. Interrupted and continued it gives the bits of a run in one
// piece.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/explore/train_log.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::explore {

/// Pixels [image][channel][row][column] and a label for each.
struct TrainData {
    TrainingBatch train{}, test{};
};

struct RateChange {
    std::uint64_t epoch = 0;  // from this epoch on, counted from 0
    LearningRate rate{};
};
/// "0:1,70:0.7": the first at epoch 0, epochs ascending; rates are rounded half to even to a word of `width` and `frac`
/// bits. InputError.
[[nodiscard]] std::vector<RateChange> parse_schedule(const std::string& text, int width, int frac);
[[nodiscard]] LearningRate rate_at(const std::vector<RateChange>& schedule, std::uint64_t epoch);

struct TrainProgress {
    std::uint64_t epoch = 0;
    std::size_t images = 0;  // of this epoch
    double images_per_second = 0;
};

struct TrainOptions {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 1;
    std::uint32_t batch = 48;
    std::vector<RateChange> schedule{{}};
    unsigned threads = 0;  // 0: all cores or one, what is faster at the time; no result depends on it
    std::optional<emulator::Isa> isa{};
    std::string version{};                      // of the program, for the checkpoint
    std::string checkpoint{};                   // file; continued from where it exists
    double checkpoint_seconds = 60;             // and after every epoch of a second or more
    bool restart = false;                       // begin anew whatever the checkpoint holds
    bool stop_at_nan = false;                   // end with the epoch in which a weight became NaN
    const std::atomic<bool>* cancel = nullptr;  // true: Interrupted after the step at hand and a checkpoint
    std::function<void(const TrainProgress&)> progress{};
    std::function<void(std::uint64_t epoch, std::uint64_t batch)> continues{};  // from a checkpoint
    std::function<void(const EpochLog&, const TrainingState&, bool best)> epoch_done{};
};

struct TrainOutcome {
    TrainLog log{};
    TrainingState state{};                // after the last epoch
    std::optional<TrainingState> best{};  // of the best test accuracy
};
[[nodiscard]] TrainOutcome train(const TrainingNetwork& network, const TrainData& data, const TrainOptions& options);

}  // namespace bittrue::explore
