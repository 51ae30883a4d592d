// Every schedule of chapter A with images in the lanes, step by step; exact for whatever fits the lanes.
#pragma once

#include "group_kernel.hpp"
#include "lane_cast.hpp"

namespace bittrue::emulator::linear {

// What depends on the layer only. Made for lanes of 32 or 64 bits.
struct OrderedPlan {
    OrderedPlan() = default;
    OrderedPlan(int lane_bits, const Accumulation<std::int64_t>& accumulation, const AccumulationFormats& formats);
    [[nodiscard]] static bool fits(int lane_bits, const AccumulatorSpec& spec, const AccumulationFormats& formats);

    Accumulation<std::int64_t> a{};
    std::int64_t terms = 1;
    LaneCast product{}, step{}, end{}, last{};
    std::int64_t room = 0;         // lanes of working room, in blocks of kLanes
    bool narrow_products = false;  // operands of 16 bits in lanes of 32
    bool step_loop = false;        // clamps at every step, without shifts that StepLoop does not have
};

// One channel at one output position; `window`, `weights`, `room` and `out` are of the plan's lanes, the window and the
// room aligned to 64 bytes.
struct OrderedJob {
    const void* window = nullptr;   // terms x kLanes
    const void* weights = nullptr;  // terms
    const BiasTerm<std::int64_t>* bias = nullptr;
    void* room = nullptr;
    void* out = nullptr;  // kLanes
    LaneSets lanes{};
    AccumulationCounts* counts = nullptr;  // null: nothing is counted
};

// Widens words of a plane to lanes of 32 or 64 bits.
using Widen = void (*)(const std::byte* plane, LaneType type, void* out);

struct OrderedKernels {
    void (*run32)(const OrderedPlan&, const OrderedJob&) = nullptr;
    void (*run64)(const OrderedPlan&, const OrderedJob&) = nullptr;
    Widen widen32 = nullptr;
    Widen widen64 = nullptr;
};
[[nodiscard]] OrderedKernels ordered_kernels(Isa isa);

}  // namespace bittrue::emulator::linear
