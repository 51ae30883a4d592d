// By which character each record of a VCD begins.
#pragma once

#include <cstdint>

namespace bittrue::dump {

enum class VcdKind : std::uint8_t { Blank, Scalar, Vector, Real, Time, Keyword, Other };

constexpr VcdKind vcd_kind_of(unsigned char c) {
    if (c <= ' ') return VcdKind::Blank;
    switch (c) {
        case '0':
        case '1':
        case 'x':
        case 'X':
        case 'z':
        case 'Z':
        case 'u':
        case 'U':
        case 'w':
        case 'W':
        case 'l':
        case 'L':
        case 'h':
        case 'H':
        case '-': return VcdKind::Scalar;
        case 'b':
        case 'B': return VcdKind::Vector;
        case 'r':
        case 'R':
        case 's':
        case 'S': return VcdKind::Real;
        case '#': return VcdKind::Time;
        case '$': return VcdKind::Keyword;
        default: return VcdKind::Other;
    }
}
struct VcdKinds {
    VcdKind of[256];
    constexpr VcdKinds() : of() {
        for (unsigned c = 0; c < 256; ++c) of[c] = vcd_kind_of(static_cast<unsigned char>(c));
    }
};
inline constexpr VcdKinds kVcdKinds{};

}  // namespace bittrue::dump
