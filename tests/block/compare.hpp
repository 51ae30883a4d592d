// The engine on blocks against golden, in every way a batch can be run.
#pragma once

#include <string>

#include "bittrue/emulator/emulator.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::testing {

// One way to run a batch.
struct Way {
    emulator::Isa isa = emulator::Isa::Scalar;
    bool keep_layers = false;
    bool count_events = true;
    int threads = 1;
    bool words = false;           // the batch comes as words instead of reals
    bool count_channels = false;  // with counted events
};
[[nodiscard]] std::string print(const Way& way);

// Every instruction set of the machine, kept layers and counted events both ways: each of them at least once with each
// other. One and two threads, reals and words, and counted channels alternate.
[[nodiscard]] std::vector<Way> all_ways();

// Empty when the results are equal as far as `way` measures them, else the first difference.
[[nodiscard]] std::string difference(const RunResult& golden, const RunResult& emulator, const Way& way);

// Golden once, then every way. Empty when all are equal; otherwise the case that shrink() leaves of it, with the way.
[[nodiscard]] std::string compare_with_golden(const Graph& graph, const InputBatch& batch);

}  // namespace bittrue::testing
