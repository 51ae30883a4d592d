// The file from which an interrupted run goes on.
#pragma once

#include <optional>
#include <string>

#include "bittrue/explore/train.hpp"

namespace bittrue::explore {

/// What a run depends on: a checkpoint of another is refused.
struct RunIdentity {
    std::string version{}, network{}, settings{}, data{}, schedule{};
    std::uint64_t seed = 0;
    std::uint32_t batch = 0;
    friend bool operator==(const RunIdentity&, const RunIdentity&) = default;
};
[[nodiscard]] RunIdentity identity_of(const TrainingNetwork& network, const TrainData& data,
                                      const TrainOptions& options);

struct Checkpoint {
    std::uint64_t epoch = 0, batch = 0, step = 0;  // the next ones
    TrainingState state{};
    std::optional<TrainingState> best{};
    EpochLog partial{};  // of the epoch at hand
    TrainLog log{};
    bool awaits_next_step = false;  // the step behind the first zero tensor is still to be told of
};

/// Images of the run's data and of a step: how many steps and counts an epoch can have.
struct RunSize {
    std::uint64_t images = 0, test_images = 0;
    std::uint32_t batch = 1;
};

/// Replaces the file as a whole.
void write_checkpoint(const std::string& path, const RunIdentity& run, const Checkpoint& checkpoint);

/// What stands in a file of this body: a first line with the body's checksum, then the body.
[[nodiscard]] std::string sealed_checkpoint(const std::string& body);

/// InputError: damaged, or of another run (says what differs).
[[nodiscard]] Checkpoint read_checkpoint(const std::string& path, const RunIdentity& run, const RunSize& size,
                                         const TrainingNetwork& network);

}  // namespace bittrue::explore
