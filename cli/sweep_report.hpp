// What `bittrue sweep` and `bittrue sweep-merge` say: a table for people, JSON, CSV and a page.
#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bittrue/explore/sweep_results.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "paths.hpp"

namespace bittrue::cli {

struct SweepOutputs {
    std::string csv, json, html;
};
void add_sweep_outputs(CLI::App& command, SweepOutputs& options);
// With that of --output, for check_paths().
[[nodiscard]] std::vector<OutputPath> output_paths(const std::string& output, const SweepOutputs& options);

// Opens the files before the work, so that a bad path costs no time, and commits them together.
class SweepReport {
public:
    explicit SweepReport(const SweepOutputs& options);
    // The table on stdout, or there the one report whose file is '-'.
    void write(const explore::SweepResults& results);

private:
    SweepOutputs options_;
    std::optional<AtomicFile> csv_{}, json_{}, html_{};
};

[[nodiscard]] std::string sweep_table(const explore::SweepResults& results);
[[nodiscard]] nlohmann::ordered_json sweep_json(const explore::SweepResults& results);

}  // namespace bittrue::cli
