// Steps that are exact but for the accumulator's range, with their overflows counted: for the images that a range
// kernel has seen leaving it. Cells and steps are those of the range kernel.
#pragma once

#include "group_kernel.hpp"
#include "saturate.hpp"

namespace bittrue::emulator::linear {

// How an accumulator beyond its range is brought back.
enum class CountedOverflow : std::uint8_t { Clamp, Zero, WrapSigned, WrapUnsigned };

// kLanes sums of one channel, of those vectors that have a lane to compute. All numbers are raws of the accumulator.
struct CountedJob {
    const SaturateStep* steps = nullptr;  // count, `stride` apart
    std::size_t count = 0, stride = 1;
    const std::byte* window = nullptr;
    std::int32_t start = 0, last = 0;  // begins at start, within the range; `last` is added behind the steps
    std::int32_t low = 0, high = 0;
    CountedOverflow overflow = CountedOverflow::Clamp;
    int unused = 0;  // bits of a lane above the accumulator's
    LaneSets lanes{};
    std::int32_t* sums = nullptr;
};
struct CountedOverflows {
    std::uint64_t above = 0, below = 0;
};
// A step goes one way only, so that no more than its end has to be looked at until something overflows.
using CountedRun = CountedOverflows (*)(const CountedJob& job);

[[nodiscard]] CountedRun counted_pairs(Isa isa);
[[nodiscard]] CountedRun vnni_counted_quads(Isa isa);  // null where has_vnni() is false
[[nodiscard]] CountedRun vnni_counted_pairs(Isa isa);

}  // namespace bittrue::emulator::linear
