// `bittrue quantize`: from a float model to a network file in which every word has few bits (docs/quantize.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue::explore {

// Where the binary point of a tensor is put, from its numbers on the calibration images.
enum class Calibration : std::uint8_t {
    Max,         // the largest magnitude just fits
    Percentile,  // all but the rarest magnitudes fit
    Mse,         // least mean squared error of the tensor
    Kl,          // least divergence of the tensor's distribution
    Joint,       // starts at Mse, then whatever makes the network's own error least under the bit-true emulator
};

// What the search makes small, between the float model and the fixed-point network on the calibration images.
enum class Objective : std::uint8_t {
    Auto,  // Kl where the model ends in a softmax, or is a classifier (labels), else Mse
    Kl,    // mean divergence of the class probabilities
    Mse,   // mean squared error of the outputs, relative to their mean square
};

// Bits of the words, by what they are.
struct Bits {
    int input = 8, weight = 8, bias = 8, activation = 8, output = 8;
    friend bool operator==(const Bits&, const Bits&) = default;
};

// What --budget counts.
enum class Resource : std::uint8_t {
    WeightBits,  // of all weights and biases
    Lut,         // datapath_area of cost.hpp
    Dsp,
};
[[nodiscard]] std::string print_resource(Resource resource);  // "bits", "LUT", "DSP"
struct Budget {
    std::int64_t most = 0;
    Resource of = Resource::WeightBits;
    friend bool operator==(const Budget&, const Budget&) = default;
};

// Whether each output channel of weights has a format of its own; a requantize layer behind brings all channels to one.
enum class PerChannel : std::uint8_t {
    No,
    PowerOfTwo,  // a binary point for each channel: a shift
    Multiplier,  // any step: a multiplier of 8 bits and a shift
};

struct ConvertOptions {
    Bits bits{};
    Calibration calibration = Calibration::Joint;
    Objective objective = Objective::Auto;
    double percentile = 99.9;          // of Percentile, in percent
    std::optional<int> accumulator{};  // bits of all accumulators, rounding and saturating; none: what the proof needs
    bool equalize = true;              // scale channels between two linear layers where that is exact (relu)
    PerChannel per_channel = PerChannel::No;
    bool correct_bias = true;        // biases take over the mean error of their channel
    bool fit = true;                 // weights are rounded for their layer's error together, not one by one (Joint)
    std::optional<Budget> budget{};  // widths are chosen per layer, up to `bits`
    // The least weight bits with which at most so many of 100 calibration images have an answer that is wrong (not in
    // `labels`, or without them: not the float model's) and was right in float. Not together with a budget.
    std::optional<double> max_loss{};
    std::vector<int> labels{};
    int augment = 0;    // copies of each image (a map) to calibrate on besides it, shifted by a pixel each: 0 to 8
    double divide = 1;  // pixel to value, as in InputSpec
    bool float32 = true;
    int threads = 0;  // 0: all cores. The result does not depend on it.
    std::function<void(const std::string& stage, double done)> progress{};  // 0..1 within the stage
    const std::atomic<bool>* cancel = nullptr;
};

// A format of the conversion: `bits` wide, rounded to nearest and saturated.
struct WordFormat {
    int bits = 8, frac = 0;
    bool is_signed = true;
    [[nodiscard]] FixedType type() const;
    friend bool operator==(const WordFormat&, const WordFormat&) = default;
};

// What was chosen for a layer. `result` is meaningless where the layer passes its words on; `sum` is the accumulator
// of a dense or conv2d layer where a width was asked for, and may have more fraction bits than the products have.
struct LayerFormats {
    WordFormat weight{}, bias{}, result{};
    std::optional<WordFormat> sum{};
    friend bool operator==(const LayerFormats&, const LayerFormats&) = default;
};

// What becomes of a layer's results.
enum class Role : std::uint8_t {
    Wide,       // all bits of the sum go on: the activation behind rounds them once
    Converter,  // rounded into the layer's format
    Same,       // the words of the input, moved or chosen
};

struct Conversion {
    Graph graph{};       // validated; parameters are raw words
    FloatModel model{};  // what it was made from: after equalisation, the same function as the given model
    WordFormat input{};
    std::vector<LayerFormats> layers{};  // in the model's order
    std::vector<Role> roles{};
    std::string equalized{};  // how channels were scaled, in words; empty: not at all
    double error = 0;         // the objective, at the end
    Objective objective = Objective::Kl;
    std::int64_t evaluations = 0;  // networks that the search ran
    std::int64_t weight_bits = 0;  // of all stored weights and biases, as below
    std::optional<double> loss{};  // in points on the calibration images, where max_loss was asked for
};

// Calibrates on `batch` (values as the float model reads them), chooses all formats and rounds all numbers. `labels`
// may be empty. InputError: a layer that cannot be converted, with its name and the
// remedy; a batch of another shape; bits outside 1..16.
[[nodiscard]] Conversion convert(const FloatModel& model, const InputBatch& batch, const ConvertOptions& options);

// The conversion of the question "why did my accuracy go": one format for everything, with bits - 1 fraction bits and a
// sign.
[[nodiscard]] Graph convert_naively(const FloatModel& model, const ConvertOptions& options);

// Output values of a network on images, as class scores: images x outputs.
[[nodiscard]] std::vector<double> outputs_of(const Graph& graph, const InputBatch& batch, int threads = 0);

// Bits of all stored weights and biases of dense, convolution and affine layers, and of the multipliers and shifts of
// requantize layers with more than one; tables are left out.
[[nodiscard]] std::int64_t weight_bits(const Graph& graph);

// What the network takes of it: weight_bits, or the cells of its datapath.
[[nodiscard]] std::int64_t spent(const Graph& graph, Resource resource);

// Of each image the index of its largest score, the first of equals.
[[nodiscard]] std::vector<std::size_t> answers_of(const std::vector<double>& scores, std::size_t images);

// Share of images whose answer is the label, 0..1.
[[nodiscard]] double accuracy(const std::vector<double>& scores, const std::vector<int>& labels);

}  // namespace bittrue::explore
