// How wrong a fixed-point network is beside its float model, as one number.
#pragma once

#include <vector>

#include "bittrue/explore/convert.hpp"

namespace bittrue::explore {

class ErrorMeasure {
public:
    ErrorMeasure() = default;
    // `wanted`: the float model's numbers, images x outputs.
    ErrorMeasure(Objective objective, std::vector<double> wanted, std::size_t images);
    [[nodiscard]] double operator()(const std::vector<double>& got) const;
    [[nodiscard]] Objective objective() const { return objective_; }

private:
    Objective objective_ = Objective::Mse;
    std::vector<double> wanted_{};
    std::size_t images_ = 0;
};

}  // namespace bittrue::explore
