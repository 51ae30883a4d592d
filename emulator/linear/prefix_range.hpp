// How far each accumulation of a layer really went: besides its exact sum the smallest and the largest partial sum, in
// the order of the rule. One pass answers for every width of the accumulator whether an output changes: a saturating
// accumulator that holds [low, high] gives the sum, and never overflows.
#pragma once

#include "linear.hpp"

namespace bittrue::emulator {

// The widths and the overflow of AccumulatorSpec::type do not matter here; its lsb does only to the caller, whose
// accumulator is exact where its frac is not below frac().
class PrefixRange {
public:
    PrefixRange() = default;
    PrefixRange(const PrefixRange&) = delete;
    PrefixRange& operator=(const PrefixRange&) = delete;
    virtual ~PrefixRange() = default;

    // Of all raws below: that of the products, or of the bias where it has more bits.
    [[nodiscard]] virtual int frac() const = 0;
    [[nodiscard]] virtual std::unique_ptr<LinearRoom> make_room() const = 0;

    // As Linear::begin.
    virtual void begin(const Planes& in, LinearRoom& room) const = 0;

    // All channels at output position (y, x): out[o * kLanes + lane]. `lows` and `highs` are the ends of the running
    // sum, which starts at a bias of position first or at 0, and takes each term and a bias of position last.
    virtual void ranges(std::int64_t y, std::int64_t x, std::int32_t* sums, std::int32_t* lows, std::int32_t* highs,
                        LinearRoom& room) const = 0;
};

// Null where an accumulation is not a sequence of exact steps (quantised at folds or at the end, partial sums in lanes
// or in a tree, products that a cast changes), where operands are wider than 16 bits, or where a sum may need more
// than 31.
[[nodiscard]] std::unique_ptr<PrefixRange> make_prefix_range(const LayerSetup& setup, const Dense& op, Isa isa);
[[nodiscard]] std::unique_ptr<PrefixRange> make_prefix_range(const LayerSetup& setup, const Conv2d& op, Isa isa);

}  // namespace bittrue::emulator
