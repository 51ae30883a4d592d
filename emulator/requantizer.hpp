// L24 for one number: what a requantizing layer makes of a raw, a multiplier and a shift.
#pragma once

#include "layer.hpp"

namespace bittrue::emulator {

class Requantizer {
public:
    Requantizer(const Requantize& op, const FixedType& to);

    // Two's complement bits that hold every exact number on the way.
    [[nodiscard]] int bits(Format in, Format multiplier, int shift) const;
    [[nodiscard]] Converted operator()(i128 raw, i128 multiplier, int shift) const;

private:
    [[nodiscard]] Converted finish(const Rounded& rounded) const;
    [[nodiscard]] Converted exact(i128 raw, i128 multiplier, int shift) const;
    [[nodiscard]] Converted single(i128 raw, i128 multiplier, int shift) const;
    [[nodiscard]] Converted doubling(i128 raw, i128 multiplier, int shift) const;

    RequantizeRule rule_;
    FixedType to_;
    i128 zero_point_;
    bool first_;
};

}  // namespace bittrue::emulator
