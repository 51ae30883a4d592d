// The sums of the positive and of the negative products of each channel, for inputs that are never negative: between
// them lies every partial sum, in whatever order.
#pragma once

#include "dot.hpp"
#include "workspace.hpp"

namespace bittrue::emulator::linear {

class SignedSums {
public:
    // The channels are those of a RangeGroup of this kind of cells.
    SignedSums(const LinearTerms& terms, const std::vector<int>& channels, CellKind kind, Isa isa);
    [[nodiscard]] static bool fits(const LinearTerms& terms) { return raw_min(terms.input) >= 0; }

    // Of channel i: the positive sum at out + 2 * i * kLanes, the negative one a row behind, at RangeGroup::frac().
    // Both begin with the bias, but one of position last counts in the sum of its sign.
    void run(std::int64_t y, std::int64_t x, std::int32_t* out, const Planes& in, CellRoom& room) const;
    // What positive + negative sum have too much.
    [[nodiscard]] std::int32_t start(std::size_t i) const { return starts_[i]; }

private:
    struct Tile {
        std::size_t first = 0;   // channel of the group
        std::int64_t group = 0;  // of the convolution
        std::vector<std::uint32_t> offsets{};
        std::vector<std::int32_t> weights{}, starts{};
    };
    CellMap map_;
    DotKernel run_;
    std::vector<Tile> tiles_{};
    std::vector<std::int32_t> starts_{};
};

}  // namespace bittrue::emulator::linear
