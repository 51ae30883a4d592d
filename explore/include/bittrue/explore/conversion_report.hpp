// What a conversion from float to fixed point chose and what each choice costs: facts in, a self-contained HTML page
// and JSON out.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bittrue/explore/cost.hpp"
#include "bittrue/model/fixed_type.hpp"

namespace bittrue::explore {

// How often numbers fall into bins of one width: bin i holds low + i * width up to the next bin's begin, the last one
// its end, too.
struct Histogram {
    double low = 0, high = 0;
    std::vector<std::uint64_t> counts{};
};
// Of finite numbers; without ends from the least to the largest of them. Numbers beyond given ends count in the bins at
// the ends.
[[nodiscard]] Histogram histogram_of(std::span<const double> values, std::size_t bins = 120);
[[nodiscard]] Histogram histogram_of(std::span<const double> values, double low, double high, std::size_t bins = 120);

// What a type can hold, in values.
struct Grid {
    double low = 0, high = 0, step = 0;
};
[[nodiscard]] Grid grid_of(const FixedType& type);

// A type, or several of them (by channel) in words.
struct ChosenType {
    std::string text{};          // empty: the layer has no such tensor
    std::optional<Grid> grid{};  // empty: no single one
    ChosenType() = default;
    explicit ChosenType(const FixedType& type);
    ChosenType(std::string words, const std::optional<Grid>& ends) : text(std::move(words)), grid(ends) {}
};

// A layer as one conversion made it. Figures are of the layer's result with the whole network converted.
struct LayerChoice {
    ChosenType weights{}, bias{}, accumulator{}, result{};
    double sqnr_db = std::numeric_limits<double>::quiet_NaN();  // infinite: exact; NaN: unknown
    double out_of_range = 0;       // share 0..1 of the result's words (saturated or wrapped)
    double sums_out_of_range = 0;  // the same of the steps of the accumulator
    double inexact = 0;            // share 0..1
};

struct LayerConversion {
    std::string layer{};
    std::string op{};
    double float_low = 0, float_high = 0;
    LayerChoice ours{}, naive{};
    // Images that are good (see below) when only this layer has its types and all others are float, and when all others
    // have theirs and only this one is float. Empty: not measured.
    std::optional<std::uint64_t> good_only_this{}, good_all_but_this{};
    std::int64_t weight_bits = 0;
    std::optional<Histogram> weights{}, results{};  // the real numbers
};

// An image is good when the answer is its label, or without labels when the answer is that of the float network.
struct ConversionResult {
    std::uint64_t good = 0;
    std::int64_t weight_bits = 0;
    Area area{};      // layer_areas() summed; all zero: not known
    Area datapath{};  // datapath_area()
};

struct ConversionReport {
    std::string version{};  // "bittrue 0.1.0"
    std::string model{};    // the network's name
    std::string source{};   // file of the float model
    std::string command{};  // how it was made; empty: not said
    std::string data{};     // what the figures were measured on: "t10k-images, first 500"
    std::size_t images = 0;
    bool labelled = false;
    std::uint64_t float_good = 0;
    ConversionResult ours{}, naive{};
    std::string goal{};        // a budget or a loss that was asked for, and what the conversion makes of it
    std::string naive_rule{};  // "8 bits with 7 fraction bits for everything"
    std::vector<LayerConversion> layers{};  // [0] may be the input (op "input")
    std::vector<std::string> steps{};  // what was done, one sentence each: "Biases corrected by the mean error of ..."
    std::vector<std::string> notes{};  // of the import and of the conversion
};

// The layer whose naive conversion costs most, and why, in one or two plain sentences; empty where naive loses nothing.
[[nodiscard]] std::string why_naive_fails(const ConversionReport& report);

// One file without references and without script that must run: figures, charts as SVG, a table, histograms; light and
// dark; can be printed.
[[nodiscard]] std::string conversion_page(const ConversionReport& report);

// Every fact of the report; infinite and unknown numbers are null ("exact" says which).
[[nodiscard]] std::string conversion_json(const ConversionReport& report);

}  // namespace bittrue::explore
