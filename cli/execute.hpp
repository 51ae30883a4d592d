// Runs a network on loaded images with the chosen engine or both, with progress, timing and interruption.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "engines.hpp"

namespace bittrue::cli {

// What a run counts besides its words.
enum class Counting : std::uint8_t { Nothing, Layers, Channels };

struct Execution {
    RunResult result{};
    Counting counting = Counting::Layers;
    std::vector<ParameterWords> parameters{};
    double seconds = 0;          // of the emulator's run, or of golden's when it ran alone
    double golden_seconds = 0;   // with Both
    std::string disagreement{};  // with Both: the report of the first difference; empty when all is equal
};

// With Both every word of every layer, the events and the ranges are compared.
[[nodiscard]] Execution execute(const Graph& graph, const InputBatch& batch, EngineChoice engine, bool keep_layers,
                                int threads, emulator::Isa isa = emulator::best_isa(),
                                Counting counting = Counting::Layers);

// SHA-256 of the network file's text and of every parameter word: networks with equal hashes compute the same.
[[nodiscard]] std::string network_hash(const std::string& network_file, const std::vector<ParameterWords>& parameters);

// The network file as seen from the folder of a vector set, for its manifest; empty where nobody could read it again.
[[nodiscard]] std::string network_path(const std::string& network_file, const std::string& set_folder);

}  // namespace bittrue::cli
