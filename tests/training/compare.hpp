// Steps tensor by tensor, so that a failure names the first tensor that differs.
#pragma once

#include "bittrue/model/training.hpp"

namespace training_tests {

void check_equal(const bittrue::StepTrace& a, const bittrue::StepTrace& b);

}  // namespace training_tests
