// Inputs that tell hypotheses apart, as vector sets to feed to the hardware and to compare its answer with.
#pragma once

#include <cstddef>
#include <string>

#include "bittrue/verify/diagnose.hpp"

namespace bittrue::cli {

// For every telling vector that was found DIR/LAYER-A-B, A and B the numbers of the hypotheses as reports count them
// (from 1), with three vector sets of the layer's inputs and its result: expected, hypothesis-A and hypothesis-B.
// `bittrue diff DIR/LAYER-A-B/hypothesis-A DUMP` then says whether A holds. Those of an earlier run are
// removed. Returns how many were written. InputError: DIR cannot be written, or holds something else in those places.
std::size_t write_telling(const std::string& directory, const DiagnosisReport& report);
// Before a long run: InputError where DIR, or what it would lie in, is a file.
void check_telling(const std::string& directory);

}  // namespace bittrue::cli
