// What `bittrue run --channels` says: which output channels overflowed, where, and which never can.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/engine.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue::cli {

// What is known of a channel without a run, for every input.
struct ChannelProof {
    bool accumulator = false;  // no partial sum leaves the accumulator's range
    bool all = false;          // and the result type holds whatever the accumulator holds
};
// By tensor (0 is the network's input) and channel; empty for layers without channels.
using ChannelProofs = std::vector<std::vector<ChannelProof>>;
// `parameters` are the engine's.
[[nodiscard]] ChannelProofs channel_proofs(const Graph& graph, emulator::Isa isa,
                                           const std::vector<ParameterWords>& parameters);

// A table of the channels that overflowed, and how many of all did not.
[[nodiscard]] std::string channel_report_text(const RunResult& result, const ChannelProofs& proofs);

// Adds "channels" to each element of `layers`, which are those of run_report_json().
void add_channels(nlohmann::ordered_json& layers, const RunResult& result, const ChannelProofs& proofs);

}  // namespace bittrue::cli
