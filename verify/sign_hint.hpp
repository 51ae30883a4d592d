// Whether words without a format differ only by how their highest bit is read.
#pragma once

#include <string>

#include "alignment.hpp"
#include "word_pair.hpp"

namespace bittrue {

// A sentence when for one width k every word of one side is in -2^(k-1)..2^(k-1)-1, of the other in 0..2^k-1, and all
// are equal in their low k bits, so that every distance is 2^k of one sign; empty otherwise, or when no word differs.
[[nodiscard]] std::string sign_hint(const WordPair& words, const Alignment& plan);

}  // namespace bittrue
