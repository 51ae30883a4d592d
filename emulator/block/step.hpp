// A step of a block's program: one layer, or several whose intermediate words never leave the cache.
#pragma once

#include <array>
#include <limits>
#include <memory>
#include <vector>

#include "aligned.hpp"
#include "bittrue/emulator/plan.hpp"
#include "lane_kernels.hpp"
#include "layer.hpp"

namespace bittrue::emulator {

// What one thread owns for one step besides the tensors; made by the step.
class StepRoom {
public:
    StepRoom() = default;
    StepRoom(const StepRoom&) = delete;
    StepRoom& operator=(const StepRoom&) = delete;
    virtual ~StepRoom() = default;
};

// One thread's view of the block it works on. Tensor 0 is the input, tensor i + 1 the result of node i.
struct Block {
    int images = kLanes;  // valid lanes
    const LaneKernels* kernels = nullptr;
    bool counts = true;                 // events and ranges are measured
    std::vector<Planes> tensors{};      // null data where never stored
    std::vector<LayerEvents> events{};  // per tensor, over all blocks of the thread
    std::vector<LaneRange> ranges{};    // per tensor, of this block
    // Per tensor: bit l is set when a product or an accumulator of lane l overflowed. Only who resets it reads it.
    std::vector<std::uint64_t> overflowed{};
    std::vector<AlignedBytes> rooms{4};  // tiles of the running step; contents do not survive it
    Scratch scratch{};

    [[nodiscard]] EventCounts* result_counts(std::size_t tensor) { return counts ? &events[tensor].result : nullptr; }
    [[nodiscard]] EventCounts* accumulator_counts(std::size_t tensor) {
        return counts ? &events[tensor].accumulator : nullptr;
    }
    // Rows of planes, or of a tile as S32 or S64, belong to `tensor`.
    void see(std::size_t tensor, LaneType type, const void* rows, std::int64_t count) {
        if (counts) kernels->range(type, rows, count, ranges[tensor]);
    }
};

class BlockStep {
public:
    BlockStep() = default;
    BlockStep(const BlockStep&) = delete;
    BlockStep& operator=(const BlockStep&) = delete;
    virtual ~BlockStep() = default;

    [[nodiscard]] virtual std::unique_ptr<StepRoom> make_room() const { return nullptr; }
    virtual void run(Block& block, StepRoom* room) const = 0;

    // For the plan, of the step's first layer.
    virtual void describe(LayerPlan& plan) const = 0;
};
using BlockStepPointer = std::unique_ptr<BlockStep>;

}  // namespace bittrue::emulator
