// What vectors, stimulus and coverage work on: a network or one layer of it, with images, corner images, or both.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bittrue/model/graph.hpp"
#include "bittrue/vectors/stimulus.hpp"
#include "engines.hpp"
#include "inputs.hpp"
#include "paths.hpp"

namespace bittrue::cli {

struct JobOptions {
    std::string network, layer, layer_input;
    InputOptions input;
    bool corners = false;
    StimulusOptions stimulus;
};

// NET, --layer, --layer-input, the input options, --corners and --corner-images, --corner-seed.
void add_job_options(CLI::App& command, JobOptions& options);

[[nodiscard]] std::vector<InputPath> input_paths(const JobOptions& options);

struct Job {
    Graph graph{};                      // of the network, or of the layer alone
    LoadedInput in{};                   // of `graph`: the images first, then the corner images
    std::vector<StimulusGoal> goals{};  // of the corner images
};

// With --layer the network runs on the images, and what the layer reads there is the input.
[[nodiscard]] Job prepare(const JobOptions& options);

// Only the corner images.
[[nodiscard]] Stimulus corners_of(const Graph& graph, StimulusOptions options);

[[nodiscard]] EngineFactory emulator_factory();

}  // namespace bittrue::cli
