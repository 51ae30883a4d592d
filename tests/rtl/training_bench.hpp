// The RTL of examples/rtl/training replaying a vector set of training: steps made by golden, simulated, compared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/training_vectors.hpp"
#include "bittrue/verify/diff.hpp"
#include "simulation.hpp"

namespace bittrue::test {

inline const std::string kTrainingRtl = kRtl + "/training";

struct TrainingRun {
    TrainingNetwork network{};  // its last layer is the design's
    std::vector<TrainedStep> steps{};
};

// Two dense layers on random images. `rates`: a learning rate per step, 7 fraction bits. Some weights of the last begin
// at the ends of their range and at 0, and its first output has large ones only, so that its sums reach above 1.
[[nodiscard]] TrainingRun make_run(TrainingBits bits, int inputs, int hidden, int outputs, std::size_t batch,
                                   const std::vector<int>& rates, WeightStore store = WeightStore::Saturate);

// Two steps, the first on images without ink.
[[nodiscard]] TrainingRun make_blank_run();
// Two steps on an image whose answer is exact, so that no error is left.
[[nodiscard]] TrainingRun make_exact_run();
// Accumulators of the last layer that are too narrow and wrap (H15).
[[nodiscard]] TrainingRun make_wrapping_run();

struct TrainingReplay {
    Outcome outcome{};
    VectorSet golden{}, dump{};
    std::optional<DiffReport> report{};  // of the dump against the set, nothing left out
};
[[nodiscard]] TrainingReplay replay(Simulator simulator, const TrainingRun& run, const std::string& rtl = kTrainingRtl);

}  // namespace bittrue::test
