#include "workbench.hpp"

#include <cmath>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "fit.hpp"
#include "grid_choice.hpp"

namespace bittrue::explore {
namespace {

FloatOptions float_options(const ConvertOptions& options) {
    return {.keep_layers = true, .threads = options.threads, .progress = {}, .cancel = options.cancel};
}

// Beyond these no sum of squares is a number.
constexpr double kLargest = 1e100;

FloatRun finite_run(const FloatModel& model, const InputBatch& batch, const ConvertOptions& options) {
    FloatRun run = run_float(model, batch, float_options(options));
    for (std::size_t tensor = 0; tensor < run.layers.size(); ++tensor) {
        for (const double v : run.layers[tensor].values) {
            if (std::abs(v) <= kLargest) continue;
            const std::string place = tensor == 0 ? fmt::format("input '{}'", model.input_name)
                                                  : fmt::format("layer '{}'", model.layers[tensor - 1].name);
            throw InputError(place, fmt::format("has the value {:.3g} in float, which no word can stand for; scale the "
                                                "data or the weights before it",
                                                v));
        }
    }
    return run;
}

}  // namespace

std::optional<WordFormat> trained_grid(const std::optional<FixedType>& type) {
    if (!type) return std::nullopt;
    return WordFormat{.bits = type->format.width, .frac = type->format.frac(), .is_signed = type->format.is_signed};
}

Workbench::Workbench(FloatModel model, const InputBatch& batch, const ConvertOptions& options)
    : model_(std::move(model)),
      structure_(structure_of(model_)),
      batch_(batch),
      options_(options),
      floats_(finite_run(model_, batch, options)),
      measure_(options.objective, floats_.layers[static_cast<std::size_t>(structure_.scored)].values, batch.images) {
    if (!options.accumulator) return;
    for (std::size_t i = 0; i < model_.layers.size(); ++i) {
        const Operation& op = model_.layers[i].op;
        const auto in = static_cast<std::size_t>(structure_.inputs[i][0]);
        sums_.push_back(multiplies_weights(op) ? partial_sums(op, windows(i), floats_.layers[in].values, batch_.images)
                                               : Span());
    }
}

Windows Workbench::windows(std::size_t layer) const {
    const FloatLayer& l = model_.layers[layer];
    const int in = structure_.inputs[layer][0];
    return {l.op, in == 0 ? model_.input_shape : model_.layers[static_cast<std::size_t>(in) - 1].shape, l.shape};
}

Widths Workbench::widths() const {
    const Bits& bits = options_.bits;
    Widths widths{.input = bits.input, .weight = std::vector<int>(model_.layers.size(), bits.weight), .result = {}};
    for (int tensor = 1; tensor <= static_cast<int>(model_.layers.size()); ++tensor) {
        const bool last = tensor == structure_.output || tensor == structure_.scored;
        widths.result.push_back(last ? bits.output : bits.activation);
    }
    return widths;
}

WordFormat Workbench::input_grid(int bits, Calibration how) const {
    return Numbers(floats_.layers[0].values).choose(bits, how, options_.percentile);
}

WordFormat Workbench::weight_grid(std::size_t layer, int bits, Calibration how) const {
    return Numbers(weights_of(model_.layers[layer].op)->real).choose(bits, how, options_.percentile, true);
}

WordFormat Workbench::result_grid(std::size_t layer, int bits, Calibration how) const {
    if (std::holds_alternative<Softmax>(model_.layers[layer].op))
        return {.bits = bits, .frac = bits, .is_signed = false};
    return Numbers(floats_.layers[layer + 1].values).choose(bits, how, options_.percentile);
}

Draft Workbench::start(Calibration how, const Widths& widths) const {
    Draft draft;
    draft.input = input_grid(widths.input, how);
    for (std::size_t i = 0; i < model_.layers.size(); ++i) {
        const FloatLayer& layer = model_.layers[i];
        LayerFormats& choice = draft.layers.emplace_back();
        choice.weight.bits = widths.weight[i];
        choice.result.bits = widths.result[i];
        if (weights_of(layer.op) != nullptr) {
            choice.weight =
                layer.weight_type ? *trained_grid(layer.weight_type) : weight_grid(i, widths.weight[i], how);
            if (const auto& bias = *bias_of(layer.op))
                choice.bias =
                    trained_grid(layer.bias_type)
                        .value_or(Numbers(bias->real).choose(options_.bits.bias, how, options_.percentile, true));
        }
        if (options_.accumulator && multiplies_weights(layer.op))
            choice.sum = fitting_grid(*options_.accumulator, true, sums_[i].low, sums_[i].high);
        if (structure_.roles[i] == Role::Converter)
            choice.result =
                layer.result_type ? *trained_grid(layer.result_type) : result_grid(i, widths.result[i], how);
        draft.words.push_back(nearest_words(layer.op, choice));
    }
    return draft;
}

Graph Workbench::build(const Draft& draft, const std::vector<int>& proven) const {
    return NetworkBuilder(model_, structure_, options_)(draft, proven);
}

RunResult Workbench::run(const Graph& graph) const {
    const RunOptions how{
        .keep_layers = true, .threads = 1, .progress = {}, .cancel = options_.cancel, .count_events = false};
    return emulator::make_engine(graph)->run(batch_, how);
}

double Workbench::error(const Draft& draft) const {
    const RunResult result = run(build(draft));
    return measure_(values_of(result.layers[static_cast<std::size_t>(structure_.scored)]));
}

void Workbench::fit(Draft& draft, std::size_t first, double ridge, bool fit_weights) const {
    for (std::size_t i = first; i < model_.layers.size(); ++i) {
        if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) throw Interrupted();
        const FloatLayer& layer = model_.layers[i];
        draft.words[i] = nearest_words(layer.op, draft.layers[i]);
        if (!multiplies_weights(layer.op) || layer.weight_type) continue;
        const int in = structure_.inputs[i][0];
        const RunResult result = run(build(draft));
        const std::vector<double> inputs = values_of(result.layers[static_cast<std::size_t>(in)]);
        const FitTask task{.op = layer.op,
                           .windows = windows(i),
                           .inputs = inputs,
                           .targets = floats_.layers[i + 1].values,
                           .images = batch_.images,
                           .ridge = ridge,
                           .correct_bias = options_.correct_bias,
                           .settle = options_.augment > 0,
                           .fit = fit_weights};
        draft.words[i] = fit_words(task, draft.layers[i]);
    }
}

}  // namespace bittrue::explore
