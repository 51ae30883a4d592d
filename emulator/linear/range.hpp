// Kernels of prefix ranges: running sums in their order, with their smallest and largest values.
#pragma once

#include "cells.hpp"
#include "counted.hpp"
#include "facts.hpp"
#include "range_extents.hpp"
#include "saturate.hpp"

namespace bittrue::emulator::linear {

inline constexpr std::size_t kRangeJobs = 2;

// kLanes numbers of one channel each.
struct RangeJob {
    std::int32_t start = 0, last = 0;  // the sum begins at start; `last` is added behind the steps
    const std::byte* window = nullptr;
    std::int32_t* sum = nullptr;  // null: `low` and `high` are widened, and may be the same for all jobs
    std::int32_t* low = nullptr;
    std::int32_t* high = nullptr;
};
struct RangeTile {
    const SaturateStep* steps = nullptr;  // count x channels
    bool alternates = false;              // steps with an even number never raise a sum, the others never lower it
    std::size_t count = 0, channels = 0;
    std::array<RangeJob, kRangeJobs> jobs{};
};
using RangeRun = void (*)(const RangeTile& tile);

[[nodiscard]] RangeRun range_pairs(Isa isa);
// The lanes of a channel (lane 0 in bit 0) whose range is not within low..high.
using RangeLook = std::uint64_t (*)(const std::int32_t* lows, const std::int32_t* highs, std::int32_t low,
                                    std::int32_t high);
[[nodiscard]] RangeLook range_look(Isa isa);
[[nodiscard]] RangeRun vnni_range_quads(Isa isa);  // null where has_vnni() is false
[[nodiscard]] RangeRun vnni_range_pairs(Isa isa);

// Channels of one layer whose running sums are exact in 32 bits.
class RangeGroup {
public:
    // Whether a channel may be given to a group: exact steps, operands of at most 16 bits, sums of at most 31.
    [[nodiscard]] static bool fits(const LinearTerms& terms, const ChannelFacts& facts);
    [[nodiscard]] static int frac(const LinearTerms& terms);
    [[nodiscard]] static i128 bias(const LinearTerms& terms, int channel);  // after its cast, at frac()

    RangeGroup(const LinearTerms& terms, const std::vector<int>& channels, Isa isa);

    // The steps of channel i and where they read, for kernels of the same cells. Behind run() at the same position.
    [[nodiscard]] CellKind kind() const { return kind_; }
    void describe(std::size_t i, std::int64_t y, std::int64_t x, const Planes& in, CellRoom& room,
                  CountedJob& job) const;

    // Channel i of the group at sums + i * kLanes, and so on. Channels that are not wanted may be left out (null: all
    // are wanted).
    void run(std::int64_t y, std::int64_t x, std::int32_t* sums, std::int32_t* lows, std::int32_t* highs,
             const Planes& in, CellRoom& room, const std::uint8_t* wanted = nullptr) const;

    // Widens the extents by the running sums of all channels. True when every image has left the extents' ends, maybe
    // before all channels ran; it is looked now and then, `steps` counts since when.
    [[nodiscard]] bool widen(std::int64_t y, std::int64_t x, const LaneExtents& extents, const Planes& in,
                             CellRoom& room, std::size_t& steps) const;

private:
    struct Tile {
        std::array<std::int64_t, kRangeJobs> groups{};
        std::vector<SaturateStep> steps{};
        RangeTile tile{};
    };
    CellKind kind_;
    RangeRun run_;
    CellMap map_;
    std::vector<Tile> tiles_{};
};

}  // namespace bittrue::emulator::linear
