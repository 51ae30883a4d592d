// Every subcommand adds itself to the program and leaves its exit status here.
#pragma once

#include <CLI/CLI.hpp>

namespace bittrue::cli {

// Part of the contract with scripts.
inline constexpr int kEqual = 0;      // done; for comparisons: equal
inline constexpr int kDifferent = 1;  // a comparison found a difference
inline constexpr int kUnusable = 2;   // the input cannot be used
inline constexpr int kInterrupted = 130;

void add_run(CLI::App& app, int& status);
void add_vectors(CLI::App& app, int& status);
void add_stimulus(CLI::App& app, int& status);
void add_coverage(CLI::App& app, int& status);
void add_diff(CLI::App& app, int& status);
void add_explain(CLI::App& app, int& status);
void add_map(CLI::App& app, int& status);
void add_cast(CLI::App& app, int& status);
void add_formats(CLI::App& app, int& status);
void add_mac(CLI::App& app, int& status);
void add_init(CLI::App& app, int& status);
void add_show(CLI::App& app, int& status);
void add_plan(CLI::App& app, int& status);
void add_precision(CLI::App& app, int& status);
void add_quantize(CLI::App& app, int& status);
void add_bounds(CLI::App& app, int& status);
void add_sweep(CLI::App& app, int& status);
void add_sweep_merge(CLI::App& app, int& status);
void add_train(CLI::App& app, int& status);
void add_train_vectors(CLI::App& app, int& status);

}  // namespace bittrue::cli
