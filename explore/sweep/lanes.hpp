// The loops over lanes, compiled for several instruction sets and chosen while running. Results do not depend on which.
#pragma once

#include <cstdint>
#include <span>

#include "sweep/block.hpp"
#include "sweep/lane_cast.hpp"
#include "sweep/steps.hpp"

namespace bittrue::explore {

// What an accumulation keeps besides its result.
enum class Want : std::uint8_t {
    Sum,    // nothing: unlimited accumulators
    Range,  // unlimited, with the smallest and largest converted number of every lane
    Limit,  // the accumulator's own range and overflow mode, and which lanes have left it
};

// Terms of one sign, added one after the other; with inputs that are never negative the running sum moves one way only.
struct Run {
    std::int32_t begin = 0, end = 0;
    int sign = 0;  // 0: unknown, the run has one term
};
struct Tap {
    std::int32_t term = 0;  // of the window
    std::int32_t weight = 0;
};

// Accumulators of 32 bits, one converted number per term, plain rounding.
struct FastJob {
    const std::int32_t* const* inputs = nullptr;  // planes by number of the window's term
    const Tap* taps = nullptr;
    const Run* runs = nullptr;
    std::int32_t run_count = 0;
    int down = 0;  // product to accumulator: (p + round) >> down
    std::int32_t round = 0;
    bool casts = false;           // the rounded product is converted by itself, too
    bool short_operands = false;  // inputs and weights fit 16 signed bits
    std::int32_t start = 0;       // where the accumulator begins
    std::int32_t last = 0;        // added behind the last term
    std::int32_t lo = 0, hi = 0;  // Limit: saturating at these
    int lanes = 0;
    std::int32_t* sums = nullptr;
    std::int32_t *low = nullptr, *high = nullptr;  // Range: widened
    std::int32_t* left = nullptr;                  // Limit: becomes non-zero; null: nobody asks
};
void accumulate_fast(Want want, const FastJob& job);

// Everything else, in 64 bits.
struct StepJob {
    const std::int32_t* const* inputs = nullptr;  // null: padding
    const std::int32_t* weights = nullptr;        // by number of the window's term
    const Steps* steps = nullptr;
    std::int64_t bias = 0;              // at the frac where all meet
    int term_up = 0;                    // from a term (after its cast) to that frac
    int acc_up = 0;                     // from the accumulator to that frac
    const LaneCast* convert = nullptr;  // from that frac into the accumulator
    const LaneCast* product = nullptr;  // null: exact products
    int lanes = 0;
    std::int64_t* registers = nullptr;  // room: steps->registers * kStepTile
    std::int64_t* sums = nullptr;
    std::int64_t *low = nullptr, *high = nullptr;
    std::int32_t* left = nullptr;
};
inline constexpr int kStepTile = 16;
void accumulate_steps(Want want, const StepJob& job);

// out[l] = the word of in[l]; both may be the same. `lanes` is a multiple of kLaneStep.
void cast_lanes(const LaneCast& cast, const std::int64_t* in, std::int32_t* out, int lanes);
void cast_lanes(const LaneCast& cast, const std::int32_t* in, std::int32_t* out, int lanes);  // needs fits(bits, 32)
void widen_lanes(const std::int32_t* in, std::int64_t* out, int lanes);
void max_lanes(std::int32_t* into, const std::int32_t* in, int lanes);
void relu_lanes(const std::int32_t* in, std::int32_t* out, int lanes);
// different[l] becomes non-zero where a[l] != b[l].
void compare_lanes(const std::int32_t* a, const std::int32_t* b, std::int32_t* different, int lanes);

}  // namespace bittrue::explore
