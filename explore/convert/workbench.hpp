// A float model with its results on the calibration images, and what drafts of its conversion do on the same images.
#pragma once

#include "bittrue/explore/float_engine.hpp"
#include "draft.hpp"
#include "error_measure.hpp"
#include "partial_sums.hpp"

namespace bittrue::explore {

class Workbench {
public:
    // `model` is kept; the objective must not be Auto.
    Workbench(FloatModel model, const InputBatch& batch, const ConvertOptions& options);
    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;

    // What the options ask for.
    [[nodiscard]] Widths widths() const;
    // Every tensor by itself.
    [[nodiscard]] Draft start(Calibration how, const Widths& widths) const;
    [[nodiscard]] Draft start(Calibration how) const { return start(how, widths()); }
    // Of a number without a trained type.
    [[nodiscard]] WordFormat input_grid(int bits, Calibration how) const;
    [[nodiscard]] WordFormat weight_grid(std::size_t layer, int bits, Calibration how) const;
    [[nodiscard]] WordFormat result_grid(std::size_t layer, int bits, Calibration how) const;
    // What the sums of a dense or conv2d layer reach, partial ones, too.
    [[nodiscard]] const Span& sums(std::size_t layer) const { return sums_[layer]; }
    // Rounds the weights of the layers from `first` on anew, one after the other, each on what the fixed-point network
    // gives it to read.
    void fit(Draft& draft, std::size_t first, double ridge, bool fit_weights) const;
    [[nodiscard]] double error(const Draft& draft) const;
    [[nodiscard]] Graph build(const Draft& draft, const std::vector<int>& proven = {}) const;

    [[nodiscard]] const FloatModel& model() const { return model_; }
    [[nodiscard]] const Structure& structure() const { return structure_; }
    [[nodiscard]] const FloatRun& floats() const { return floats_; }
    [[nodiscard]] const InputBatch& batch() const { return batch_; }

private:
    [[nodiscard]] Windows windows(std::size_t layer) const;
    [[nodiscard]] RunResult run(const Graph& graph) const;

    FloatModel model_;
    Structure structure_;
    const InputBatch& batch_;
    const ConvertOptions& options_;
    FloatRun floats_;
    ErrorMeasure measure_;
    std::vector<Span> sums_{};  // where accumulators of a width were asked for
};

// The trained grid of a layer, where the model has a fixed-point type for it.
[[nodiscard]] std::optional<WordFormat> trained_grid(const std::optional<FixedType>& type);

}  // namespace bittrue::explore
