// Draws one digit as a hand with a pen would, in integers.
#pragma once

#include <cstdint>
#include <span>

#include "glyphs.hpp"
#include "random.hpp"

namespace bittrue {

// Writes all 28x28 pixels. `random` gives the hand: slant, rotation, proportions, pen, tremble.
void draw_glyph(const Glyph& glyph, SplitMix64& random, std::span<std::uint8_t, 28 * 28> pixels);

}  // namespace bittrue
