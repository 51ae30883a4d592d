// What stands behind a channel group: one kernel with its weights.
#pragma once

#include "terms.hpp"
#include "workspace.hpp"

namespace bittrue::emulator::linear {

class GroupKernel {
public:
    GroupKernel() = default;
    GroupKernel(const GroupKernel&) = delete;
    GroupKernel& operator=(const GroupKernel&) = delete;
    virtual ~GroupKernel() = default;

    [[nodiscard]] virtual LaneType sum_type() const = 0;
    // As in Linear.
    virtual void sums(std::int64_t y, std::int64_t x, void* out, Workspace& room, int images,
                      ChannelCounts* counts) const = 0;
    // As Linear::sums_along; `channels` are those of the group.
    virtual void sums_along(const PositionRun& run, std::size_t channels, void* out, Workspace& room, int images,
                            ChannelCounts* counts) const {
        const std::size_t bytes = channels * kLanes * static_cast<std::size_t>(bytes_of(sum_type()));
        for (std::int64_t p = 0; p < run.count; ++p) {
            sums(run.y, run.x + p * run.step, static_cast<std::byte*>(out) + static_cast<std::size_t>(p) * bytes, room,
                 images, counts);
        }
    }
    [[nodiscard]] virtual AccumulationCounts known(std::size_t /*i*/) const { return {}; }
};

// Sets of lanes, lane 0 in bit 0.
struct LaneSets {
    std::uint64_t computed = ~std::uint64_t{0};  // the others keep what they have or are computed, too
    std::uint64_t counted = ~std::uint64_t{0};
};
[[nodiscard]] constexpr std::uint64_t first_lanes(int images) {
    return images == 0 ? 0 : ~std::uint64_t{0} >> (kLanes - images);
}

// A kernel that can leave some images out.
class PartialKernel : public GroupKernel {
public:
    virtual void sums_of(LaneSets lanes, std::int64_t y, std::int64_t x, void* out, Workspace& room,
                         ChannelCounts* counts) const = 0;
};

// The general kernel, for every channel of a layer that fits 62 bits. The references live as long as the kernel.
[[nodiscard]] std::unique_ptr<PartialKernel> make_ordered(const LinearTerms& terms, const std::vector<int>& channels,
                                                          Isa isa);
// 32 or 64; 0 where the ordered kernel cannot run.
[[nodiscard]] int ordered_lane_bits(const LinearTerms& terms);

}  // namespace bittrue::emulator::linear
