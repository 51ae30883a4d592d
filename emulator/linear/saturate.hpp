// Accumulators that quantise at every step, in the lane's own arithmetic: one instruction multiplies, one or two add
// and saturate. Weights of one sign times inputs that are never negative move the accumulator one way, so several
// products may be added before it saturates once.
#pragma once

#include <optional>

#include "cells.hpp"
#include "facts.hpp"

namespace bittrue::emulator::linear {

enum class SaturateKernel : std::uint8_t {
    Pairs16,    // u8 x s8, two products of one sign per saturating 16-bit addition
    Low16,      // 16-bit products
    Floor16,    // products that lose low bits by TRN: the high half of a 16-bit multiplication
    Round16,    // the same by RND
    Native32,   // pre-scaled, so that the lane's end is the accumulator's: saturating dot product of VNNI
    Clamped32,  // 32-bit lanes, clamped
};

struct SaturatePlan {
    SaturateKernel kernel = SaturateKernel::Low16;
    int input_shift = 0, weight_shift = 0;  // of the operands
    bool wraps = false;                     // WRAP instead of saturation (16 bits, where products are rounded)
    bool fuses = false;                     // inputs are never negative
    int scale = 0;                          // the accumulator stands shifted left by it (Native32)
    friend bool operator==(const SaturatePlan&, const SaturatePlan&) = default;
};
[[nodiscard]] CellKind cells_of(SaturateKernel kernel);

// Empty where only the ordered kernel is exact.
[[nodiscard]] std::optional<SaturatePlan> plan_saturation(const LinearTerms& terms, const ChannelFacts& facts, Isa isa);
[[nodiscard]] std::string print(const SaturatePlan& plan);

// One multiplication: a cell, and its packed weights (16-bit lanes: twice).
struct SaturateStep {
    std::uint32_t offset = 0;
    std::int32_t weights = 0;
};

// One channel of a tile. All numbers are those of the lanes: 16-bit lanes hold acc + offset, so that `high` is the
// lane's own end; 32-bit lanes acc << scale.
struct SaturateJob {
    std::int32_t start = 0;
    std::int32_t low = 0, high = 0;
    std::int32_t last = 0;  // added and saturated behind the steps
    const std::byte* window = nullptr;
    std::int32_t* out = nullptr;  // kLanes
};

// Channels that run side by side: they read the same part of the window at the same time, and one works while another
// waits for its predecessor.
inline constexpr std::size_t kSaturateJobs = 4;
struct SaturateTile {
    const SaturateStep* steps = nullptr;  // count x channels; behind the end of a channel come products with zero
    std::size_t count = 0, channels = 0;
    std::int32_t offset = 0;  // 16-bit lanes
    int scale = 0;            // Native32
    int width = 16;           // where it wraps
    bool is_signed = true;
    bool needs_low = true;  // `low` is not the lane's own end
    std::array<SaturateJob, kSaturateJobs> jobs{};
};

using SaturateRun = void (*)(const SaturateTile& tile);
struct SaturateKernels {
    SaturateRun pairs16 = nullptr, low16 = nullptr, floor16 = nullptr, round16 = nullptr;
    SaturateRun floor16_wraps = nullptr, round16_wraps = nullptr;
    SaturateRun clamped32 = nullptr;
};
[[nodiscard]] SaturateKernels saturate_kernels(Isa isa);
[[nodiscard]] SaturateRun native32(Isa isa);  // null where has_vnni() is false

}  // namespace bittrue::emulator::linear
