// The order of an accumulation (rules A5-A10) as a list of conversions, the same for every width and overflow mode.
#pragma once

#include <cstdint>
#include <vector>

#include "bittrue/model/accumulator.hpp"

namespace bittrue::explore {

// register[to] = Q_A(register[from] + register[other] + sum of terms[begin..end) + bias); -1: nothing.
struct Step {
    int to = 0;
    int from = -1;
    int other = -1;
    std::int32_t begin = 0, end = 0;
    bool bias = false;
};

struct Steps {
    std::vector<std::int32_t> terms{};  // numbers of the window's terms in the order of visiting
    std::vector<Step> list{};           // the last one leaves the result in register 0
    int registers = 1;
    bool one_by_one = false;  // after a first bias: one register that takes one term per conversion, as in `terms`
};

[[nodiscard]] Steps steps_of(const AccumulatorSpec& spec, std::int64_t terms, bool has_bias);

}  // namespace bittrue::explore
