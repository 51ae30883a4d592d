// How far the accumulations of a layer really go: the smallest and the largest partial sum of each image, in the order
// of the rule. One pass answers for every width of the accumulator whether the image changes: a saturating accumulator
// that holds [low, high] gives the exact sums, and never overflows.
#pragma once

#include "range_extents.hpp"

namespace bittrue::emulator {

// The widths and the overflow of AccumulatorSpec::type do not matter here; its lsb does only to the caller, whose
// accumulator is exact where its frac is not below frac().
class PrefixRange {
public:
    PrefixRange() = default;
    PrefixRange(const PrefixRange&) = delete;
    PrefixRange& operator=(const PrefixRange&) = delete;
    virtual ~PrefixRange() = default;

    // Of all raws: that of the products, or of the bias where it has more bits.
    [[nodiscard]] virtual int frac() const = 0;
    [[nodiscard]] virtual std::unique_ptr<LinearRoom> make_room() const = 0;

    // Widens the extents by the running sums of all outputs. A sum starts at a bias of position first or at 0, and
    // takes each term and a bias of position last. `in` as in Linear::begin.
    virtual void widen(const Planes& in, const LaneExtents& extents, LinearRoom& room) const = 0;
};

// Null where an accumulation is not a sequence of exact steps (quantised at folds or at the end, partial sums in lanes
// or in a tree, products that a cast changes), where operands are wider than 16 bits, or where a sum may need more
// than 31.
[[nodiscard]] std::unique_ptr<PrefixRange> make_prefix_range(const LayerSetup& setup, const Dense& op, Isa isa);
[[nodiscard]] std::unique_ptr<PrefixRange> make_prefix_range(const LayerSetup& setup, const Conv2d& op, Isa isa);

}  // namespace bittrue::emulator
