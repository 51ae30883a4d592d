// How people write the ten digits: strokes of a pen through a few control points.
#pragma once

#include <span>
#include <vector>

namespace bittrue {

// x to the right, y down; a digit is about 100 units high. A stroke is a smooth curve through its points, broken where
// a point is a corner.
struct GlyphPoint {
    int x = 0;
    int y = 0;
    bool corner = false;
};
using GlyphStroke = std::vector<GlyphPoint>;

struct Glyph {
    int weight = 1;  // how often this handwriting occurs among those of its digit
    std::vector<GlyphStroke> strokes{};
};

// The handwritings of a digit 0..9.
[[nodiscard]] std::span<const Glyph> glyphs_of(int digit);

}  // namespace bittrue
