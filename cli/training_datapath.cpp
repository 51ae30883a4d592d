#include "training_datapath.hpp"

#include "bittrue/emulator/training_tensor.hpp"

namespace bittrue::cli {

namespace {

class EmulatorTraining final : public TrainingDatapath {
public:
    [[nodiscard]] std::vector<std::int64_t> tensor(const TrainingNetwork& network, std::size_t layer, StepTensor tensor,
                                                   const StepSources& sources, const StepRules& rules) const override {
        return emulator::training_tensor(network, layer, tensor, sources, rules);
    }
};

}  // namespace

std::unique_ptr<TrainingDatapath> make_training_datapath() {
    return std::make_unique<EmulatorTraining>();
}

}  // namespace bittrue::cli
