// Chapter T: how a value or a word becomes the index of a table entry.
#pragma once

#include "quantizer.hpp"

namespace bittrue::golden {

// clamp(trunc(x * size / span) + offset, 0, size - 1), span > 0.
[[nodiscard]] std::size_t scaled_index(const Dyadic& x, std::size_t size, int span, std::size_t offset);

// T4: the top log2(size) bits of the raw's pattern; size is a power of two not larger than 2^width.
[[nodiscard]] std::size_t bit_index(const Integer& raw, const Format& format, std::size_t size);

}  // namespace bittrue::golden
