// How a network will run: which layers run together, by which kernels, and why those give the bits of the rules.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue::emulator {

// Why the kernel of a channel group gives the bits of the ordered rules.
enum class Proof : std::uint8_t {
    Bounded,  // no partial sum can leave the accumulator's range nor lose a bit: order and overflow mode do not matter
    Modular,  // WRAP without rounding: any order, one wrap at the end
    AtEnd,    // the exact sum is quantised once (rule A10)
    Ordered,  // every step in its order
};
[[nodiscard]] std::string print_proof(Proof proof);  // "bounded", "modular", "at end", "ordered"

// Channels of one layer that run by one kernel.
struct ChannelGroup {
    std::vector<int> channels{};  // ascending
    std::vector<int> bounded{};   // of them, when not all are: proven, too, but faster beside the others; ascending
    Proof proof = Proof::Ordered;
    std::string kernel{};  // "dot u8s8", "saturate16 pairs", "saturate32", "ordered int32", ...
    // Why nothing faster; empty if nothing is: "a partial sum may reach 40123 at 15 fraction bits, the accumulator ends
    // at 32767 at 15", perhaps "...; overflows are counted".
    std::string why_not{};
    int steps = 0;  // additions per output, after fusing and without zero weights (Ordered), or dot products
};

// One layer of the network, in graph order; the input is not listed.
struct LayerPlan {
    std::string name{};
    std::string op{};
    std::string runs_with{};  // the layer in front whose step this one is fused into; empty: a step of its own
    std::string kernel{};     // of layers without channel groups: "lanes int32", "renamed", "image by image", ...
    std::string why_not{};    // why nothing faster, for these layers
    std::vector<ChannelGroup> groups{};  // dense and conv2d that run on blocks
    std::string lane_type{};             // of the result in a block: "u8", "s8", "s16", "s32", "s64"; "-": never stored
    std::int64_t block_bytes = 0;        // of the result of one block; 0: never stored, or another tensor's memory
};

struct Plan {
    int lanes = 0;  // images of a block
    Isa isa = Isa::Scalar;
    std::vector<LayerPlan> layers{};
    std::int64_t block_bytes = 0;  // what one thread holds for all tensors of a block; tensors share memory over time
};

struct PlanOptions {
    Isa isa = best_isa();
    bool count_events = true;  // as in RunOptions
    bool keep_layers = false;
};

// The plan that make_engine's engine follows under these options. `graph` is validated.
[[nodiscard]] Plan plan_of(const Graph& graph, const PlanOptions& options = {});

}  // namespace bittrue::emulator
