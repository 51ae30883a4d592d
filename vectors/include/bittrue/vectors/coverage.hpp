// Which corners of the arithmetic a set of images has exercised, layer by layer. docs/stimulus.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/vectors/stimulus.hpp"

namespace bittrue {

// One corner of one conversion of one layer.
struct CoverageItem {
    std::string layer{};
    std::string place{};  // a conversion ("product", "accumulator", "result", ...), "input" of an activation, "window",
                          // "padding", "largest", or a table ("table", "exp_table", "inv_table")
    std::string goal{};   // "exact", "rounded, positive", "tie, negative", "above", "largest word", "one above the
                          // largest", "most negative times most negative", "largest sum, channel 3", "bin 17",
                          // "bin 17, lowest word", "top left corner", ...: all of them in docs/stimulus.md
    std::uint64_t hits = 0;
    std::int64_t first_image = -1;
    bool reachable = true;  // false: proved impossible, with the reason in `why`; true: not proved impossible
    std::string why{};
    CoverageKind kind = CoverageKind::Goal;
    int channel = -1;          // of a Sum
    int reach_per_mille = -1;  // of "largest sum" and "smallest sum": how near to the bound
};

struct LayerCoverage {
    std::string layer{};
    std::vector<CoverageItem> items{};
    // How near the sums came to their bounds: the largest over all channels of |sum| / bound, in per mille.
    int accumulator_reach_per_mille = -1;             // -1: the layer has no accumulator
    std::int64_t sums = 0, sums_hit = 0;              // items of kind Sum
    std::int64_t table_bins = 0, table_bins_hit = 0;  // reachable items of kind Bin
    // Items of kind Goal.
    [[nodiscard]] std::size_t reachable() const;
    [[nodiscard]] std::size_t covered() const;
};

struct CoverageReport {
    std::int64_t images = 0;
    std::vector<LayerCoverage> layers{};
    [[nodiscard]] std::size_t reachable() const;
    [[nodiscard]] std::size_t covered() const;
};

// Runs the images layer by layer; every word and every event that coverage computes to look inside is compared with the
// engine's (std::logic_error where they differ). The report depends on graph and images only. InputError: a layer whose
// exact sums need more than 120 bits, and what the engine refuses.
[[nodiscard]] CoverageReport measure_coverage(const Graph& graph, const InputBatch& batch,
                                              const EngineFactory& make_engine,
                                              const std::atomic<bool>* cancel = nullptr);

// A table per layer, then what is missing; `all` lists what was hit, too. Lines end with '\n'.
[[nodiscard]] std::string print_coverage(const CoverageReport& report, bool all = false);
[[nodiscard]] std::string coverage_json(const CoverageReport& report);

}  // namespace bittrue
