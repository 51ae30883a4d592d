// The channels of a group by dot products: exact sums, whatever the order.
#pragma once

#include "cells.hpp"
#include "group_kernel.hpp"

namespace bittrue::emulator::linear {

// A cell and the term of each of its elements, -1 where its weight is zero.
struct PackedCell {
    CellElements elements{};
    std::array<std::int64_t, kMaxCellElements> terms{-1, -1, -1, -1};
};

// Every term of a window once, in few cells of `count` elements of few shapes.
[[nodiscard]] std::vector<PackedCell> pack_cells(const LinearTerms& terms, std::size_t count);

enum class DotMode : std::uint8_t {
    Bounded,  // the bias takes part as any term; counts are known beforehand
    Modular,  // the same, and one WRAP; nothing is counted
    AtEnd     // quantised once, a last bias once more
};

// Group `index` of its layer. The operands fit the kind, and sums of Bounded and AtEnd 32 bits.
[[nodiscard]] std::unique_ptr<GroupKernel> make_dot(const LinearTerms& terms, const std::vector<int>& channels, Isa isa,
                                                    CellKind kind, DotMode mode, std::size_t index);
// Dot product instructions per output of such a kernel.
[[nodiscard]] int dot_steps(const LinearTerms& terms, CellKind kind);

}  // namespace bittrue::emulator::linear
