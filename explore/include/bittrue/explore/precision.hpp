// What fixed point costs, layer by layer: the emulator's words beside the numbers of the float engine.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "bittrue/model/float_model.hpp"

namespace bittrue::explore {

// All elements of all images of one layer: q is the value of a word, f the number in its place, q - f the error.
struct LayerPrecision {
    std::string layer{};
    std::string op{};  // as in the network file; "input"
    FixedType type{};
    double float_low = 0, float_high = 0;
    double fixed_low = 0, fixed_high = 0;
    LayerEvents events{};  // of the emulator
    std::uint64_t elements = 0;
    double signal = 0;  // sum of f^2
    double noise = 0;   // sum of (q - f)^2
    double error_sum = 0;
    struct Largest {
        double error = 0;  // |q - f|
        std::uint64_t image = 0;
        std::size_t element = 0;  // of the image, in storage order
        double real = 0, fixed = 0;
    } largest{};  // the first of equals

    // 10 log10(signal / noise): plus infinity without noise, else minus infinity without signal.
    [[nodiscard]] double sqnr_db() const;
    [[nodiscard]] double mean_error() const { return error_sum / static_cast<double>(elements); }
    // Shares 0..1 of the conversions into the result: rounded words, and numbers beyond the ends of the type
    // (saturated, or wrapped where the type says so).
    [[nodiscard]] double inexact() const;
    [[nodiscard]] double out_of_range() const;
    // The same of the conversions into the accumulator; 0 where there is none.
    [[nodiscard]] double sums_out_of_range() const;
};

struct Precision {
    std::size_t images = 0;
    std::vector<LayerPrecision> layers{};  // [0] is the input; layers that the reference does not have are left out
    std::uint64_t same_answer = 0;         // images whose largest output, the first of equals, is the same
    bool labelled = false;
    std::uint64_t float_correct = 0, fixed_correct = 0;  // 0 without labels
};

struct PrecisionOptions {
    // The numbers to compare with, found by the names of layers and input; null: those of the graph itself, whose real
    // weights are not cast.
    const FloatModel* reference = nullptr;
    int threads = 0;  // 0: all cores. Figures do not depend on it.
    std::function<void(std::size_t images_done)> progress{};
    const std::atomic<bool>* cancel = nullptr;
};

// Runs both, a block of images at a time. `graph` is validated, labels are empty or one per image. InputError: as the
// two engines; outputs of different sizes.
[[nodiscard]] Precision measure_precision(const Graph& graph, const InputBatch& batch, std::span<const int> labels,
                                          const PrecisionOptions& options = {});

}  // namespace bittrue::explore
