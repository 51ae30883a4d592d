// What an accumulator does is part of the network (numerics.md, A rules): product, order, when it quantises, bias.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue {

// In which order a convolution's window is enumerated into terms 0..n-1 (rule A2). A dense layer has one order.
enum class TermOrder : std::uint8_t {
    Input,   // kernel row, kernel column, channel (channel fastest): as a channels-last stream delivers the window
    Kernel,  // channel, kernel row, kernel column (column fastest): as channels-first kernels are stored
};

// How the terms meet the accumulator (rules A4-A9); `group` is the number in brackets.
enum class Schedule : std::uint8_t {
    Sequential,  // term by term
    Interleave,  // [reuse factor R] terms r, r+R, r+2R, ... for r = 0..R-1; R > n is sequential
    Fold,        // [SIMD lanes S] groups of S consecutive terms, one group a clock
    Cascade,     // [length C] C consecutive products summed exactly in a DSP chain, then added
    Partial,     // [lanes L] L accumulators, term t into accumulator t mod L, then the accumulators in order
    Tree,        // balanced adder tree over all terms
};

// When the running sum is brought back into the accumulator's type (rule A3).
enum class QuantizeAt : std::uint8_t {
    Step,  // after every addition (for a tree: at every node)
    Fold,  // after every group; exact inside a group
    End,   // once
};

enum class BiasPosition : std::uint8_t { First, Last };

struct AccumulatorSpec {
    FixedType type{};                    // of the accumulator register
    std::optional<FixedType> product{};  // each product is cast to this first; empty: exact
    TermOrder terms = TermOrder::Input;
    Schedule schedule = Schedule::Sequential;
    int group = 1;  // 1..2^24: reuse factor, SIMD lanes, cascade length or lanes
    QuantizeAt quantize = QuantizeAt::Step;
    BiasPosition bias = BiasPosition::First;
    std::optional<FixedType> bias_cast{};  // the bias is cast to this before it is added; empty: as stored

    friend bool operator==(const AccumulatorSpec&, const AccumulatorSpec&) = default;
};

// Empty when schedule, group and quantize fit together (rule A3), otherwise the reason in words.
[[nodiscard]] std::string reason_invalid(const AccumulatorSpec& spec);

// "sequential", "interleave:16", "fold:8", "cascade:4", "partial:4", "tree"; parse throws InputError.
[[nodiscard]] std::string print_schedule(const AccumulatorSpec& spec);
void parse_schedule(const std::string& text, AccumulatorSpec& spec);

}  // namespace bittrue
