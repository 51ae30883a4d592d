// Images and labels of run and vectors: files, or the built-in generator as digits:N[:SEED].
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bittrue/model/graph.hpp"

namespace bittrue::cli {

struct InputOptions {
    std::string source;
    std::string labels;
    std::size_t first = 0;  // 0: all
};

void add_image_options(CLI::App& command, InputOptions& options, bool required);
// With labels, too.
void add_input_options(CLI::App& command, InputOptions& options, bool required = true);

struct LoadedInput {
    InputBatch batch{};
    std::vector<int> labels{};  // empty: unknown
    std::string description{};  // for manifests: "digits:200:1", "t10k-images-idx3-ubyte.gz, first 40"
};

// ", inputs 0..1 declared", or nothing: behind what a command says of the network.
[[nodiscard]] std::string declared_text(const InputSpec& input);

[[nodiscard]] LoadedInput load(const InputOptions& options, const InputSpec& spec);

// InputError for the first label that is none of the network's outputs.
void check_labels(const Graph& graph, const LoadedInput& in);

}  // namespace bittrue::cli
