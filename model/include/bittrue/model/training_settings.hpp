// The [training] table of a network file: in which integers the network is trained (docs/numerics.md, chapter H).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/training.hpp"

namespace bittrue {

struct TrainingSettings {
    TrainingBits bits{};
    int rate_width = 8;  // of the learning rate's word (H10), 1..16
    int rate_frac = 7;   // 0..15
    Randomizer randomizer{};
    ZeroScale zero_scale = ZeroScale::Hold;
    WeightStore store = WeightStore::Saturate;
    TrainingAccumulator error{};  // H15, of all layers that do not say otherwise
    TrainingAccumulator gradient{};
    struct Layer {
        std::string name{};
        std::optional<TrainingAccumulator> error{};
        std::optional<TrainingAccumulator> gradient{};
    };
    std::vector<Layer> layers{};
};

/// "1/2/8/8/8": bits of weights, activations, gradients, errors and randomiser. InputError where one is out of range.
[[nodiscard]] TrainingBits parse_training_bits(const std::string& text);
[[nodiscard]] std::string print_training_bits(const TrainingBits& bits);

/// "hold", "nan"; "saturate", "wrap", "unbounded".
[[nodiscard]] std::string print_zero_scale(ZeroScale rule);
[[nodiscard]] std::string print_weight_store(WeightStore store);

}  // namespace bittrue
