// How well the wrong words go with a kind of change, 0..1. It only decides what is tried first.
#pragma once

#include "subject/evidence.hpp"

namespace bittrue::diagnose_detail {

[[nodiscard]] double fits_rounding(const Evidence& evidence);  // distances of one lsb
[[nodiscard]] double fits_overflow(const Evidence& evidence);  // words at an end of the range, or from there; top bits
[[nodiscard]] double fits_bias(const Evidence& evidence);      // the same distance for all words of a channel
[[nodiscard]] double fits_many(const Evidence& evidence);      // most words are wrong, by more than one lsb
[[nodiscard]] double fits_zero(const Evidence& evidence);      // zeros where there were none, or negative numbers

}  // namespace bittrue::diagnose_detail
