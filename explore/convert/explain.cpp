#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bittrue/explore/explain_conversion.hpp"
#include "bittrue/explore/precision.hpp"
#include "bittrue/model/notation.hpp"
#include "parallel.hpp"
#include "workbench.hpp"

namespace bittrue::explore {
namespace {

std::string counted(int count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// The answers that count as good: the labels, or what the float model says.
std::vector<std::size_t> wanted_answers(const Workbench& bench, std::span<const int> labels) {
    if (!labels.empty()) return {labels.begin(), labels.end()};
    const FloatRun& floats = bench.floats();
    return answers_of(floats.layers[static_cast<std::size_t>(bench.structure().output)].values, floats.images);
}

std::uint64_t good_images(const std::vector<double>& scores, const std::vector<std::size_t>& wanted) {
    const std::vector<std::size_t> answers = answers_of(scores, wanted.size());
    std::uint64_t good = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) good += answers[i] == wanted[i] ? 1U : 0U;
    return good;
}

Draft draft_of(const Conversion& conversion) {
    Draft draft{.input = conversion.input, .layers = conversion.layers, .words = {}};
    for (const Node& node : conversion.graph.nodes) {
        LayerWords& words = draft.words.emplace_back();
        const Parameter* weights = weights_of(node.op);
        if (weights == nullptr) continue;
        words.weights = weights->raw;
        if (const auto& bias = *bias_of(node.op)) words.bias = bias->raw;
    }
    return draft;
}

LayerChoice choice_of(const Node& node, const LayerPrecision& precision) {
    LayerChoice choice;
    if (const Parameter* weights = weights_of(node.op)) {
        choice.weights = ChosenType(weights->type);
        if (const auto& bias = *bias_of(node.op)) choice.bias = ChosenType(bias->type);
    }
    if (const auto* dense = std::get_if<Dense>(&node.op)) choice.accumulator = ChosenType(dense->accumulator.type);
    if (const auto* conv = std::get_if<Conv2d>(&node.op)) choice.accumulator = ChosenType(conv->accumulator.type);
    choice.result = ChosenType(node.result);
    choice.sqnr_db = precision.sqnr_db();
    choice.out_of_range = precision.out_of_range();
    choice.sums_out_of_range = precision.sums_out_of_range();
    choice.inexact = precision.inexact();
    return choice;
}

std::map<std::string, const LayerPrecision*> by_name(const Precision& precision) {
    std::map<std::string, const LayerPrecision*> all;
    for (const LayerPrecision& layer : precision.layers) all.emplace(layer.layer, &layer);
    return all;
}

ConversionResult result_of(const Graph& graph, std::uint64_t good) {
    ConversionResult result{
        .good = good, .weight_bits = weight_bits(graph), .area = {}, .datapath = datapath_area(graph)};
    for (const LayerArea& layer : layer_areas(graph)) result.area += layer.total();
    return result;
}

// A model that was quantised in training is taken as the numbers that it computes; that loses its exactness.
std::string quantised_note(const FloatModel& model) {
    const auto trained = std::count_if(model.layers.begin(), model.layers.end(), [](const FloatLayer& layer) {
        return layer.weight_type || layer.result_type || layer.stepped_weights;
    });
    if (trained == 0) return "";
    return fmt::format(
        "the model is quantised already (layers with trained steps: {}): steps that are powers of two are kept, all "
        "other numbers are rounded as those of a float model; 'bittrue init --exact' makes the integer network that "
        "the model is, without loss",
        trained);
}

class Explanation {
public:
    Explanation(const FloatModel& model, const Conversion& conversion, const ConvertOptions& options,
                const InputBatch& batch, std::span<const int> labels)
        : model_(model),
          conversion_(conversion),
          options_(options),
          plenty_(with_plenty(options)),
          bench_(conversion.model, batch, plenty_),
          naive_(convert_naively(model, options)),
          labels_(labels),
          wanted_(wanted_answers(bench_, labels)) {}

    ConversionReport run() {
        const InputBatch& batch = bench_.batch();
        const Precision ours = measure_precision(conversion_.graph, batch, labels_, of(conversion_.model));
        const Precision naive = measure_precision(naive_, batch, labels_, of(model_));
        ConversionReport report;
        report.model = model_.name;
        report.images = batch.images;
        report.labelled = !labels_.empty();
        report.float_good =
            good_images(bench_.floats().layers[static_cast<std::size_t>(bench_.structure().output)].values, wanted_);
        report.ours =
            result_of(conversion_.graph, good_images(outputs_of(conversion_.graph, batch, options_.threads), wanted_));
        report.naive = result_of(naive_, good_images(outputs_of(naive_, batch, options_.threads), wanted_));
        report.naive_rule = fmt::format("{} with {} for every number", counted(options_.bits.activation, "bit"),
                                        counted(options_.bits.activation - 1, "fraction bit"));
        report.notes = model_.notes;
        if (const std::string note = quantised_note(model_); !note.empty()) report.notes.push_back(note);
        rows(report, by_name(ours), by_name(naive));
        mixtures(report);
        return report;
    }

private:
    static ConvertOptions with_plenty(ConvertOptions options) {
        options.bits = {.input = kPlentyOfBits,
                        .weight = kPlentyOfBits,
                        .bias = kPlentyOfBits,
                        .activation = kPlentyOfBits,
                        .output = kPlentyOfBits};
        options.objective = Objective::Mse;
        options.accumulator.reset();
        return options;
    }

    [[nodiscard]] PrecisionOptions of(const FloatModel& reference) const {
        return {.reference = &reference, .threads = options_.threads, .progress = {}, .cancel = options_.cancel};
    }

    void rows(ConversionReport& report, const std::map<std::string, const LayerPrecision*>& ours,
              const std::map<std::string, const LayerPrecision*>& naive) {
        const FloatRun& floats = bench_.floats();
        LayerConversion& input = report.layers.emplace_back();
        const LayerPrecision& in = *ours.at(model_.input_name);
        input.layer = model_.input_name;
        input.op = "input";
        input.float_low = in.float_low, input.float_high = in.float_high;
        input.ours.result = ChosenType(conversion_.graph.input.type);
        input.naive.result = ChosenType(naive_.input.type);
        fill(input.ours, in);
        fill(input.naive, *naive.at(model_.input_name));
        input.results = histogram_of(floats.layers[0].values);
        for (std::size_t i = 0; i < conversion_.graph.nodes.size(); ++i) {
            const Node& node = conversion_.graph.nodes[i];
            if (conversion_.roles[i] == Role::Same) continue;
            LayerConversion& row = report.layers.emplace_back();
            row.layer = node.name;
            row.op = op_name(node.op);
            const LayerPrecision& precision = *ours.at(node.name);
            row.float_low = precision.float_low, row.float_high = precision.float_high;
            row.ours = choice_of(node, precision);
            // A layer that brings channels to one format has no naive counterpart.
            for (const Node& same : naive_.nodes)
                if (same.name == node.name) row.naive = choice_of(same, *naive.at(node.name));
            if (weights_of(node.op) != nullptr) row.weight_bits = cost_of(node).weight_bits;
            if (const Parameter* weights = weights_of(conversion_.model.layers[i].op);
                weights != nullptr && !weights->real.empty())
                row.weights = histogram_of(weights->real);
            if (conversion_.roles[i] == Role::Converter) row.results = histogram_of(floats.layers[i + 1].values);
        }
    }

    static void fill(LayerChoice& choice, const LayerPrecision& precision) {
        choice.sqnr_db = precision.sqnr_db();
        choice.out_of_range = precision.out_of_range();
        choice.inexact = precision.inexact();
    }

    // Row 0 is the input, the others the layers that have formats of their own.
    void mixtures(ConversionReport& report) {
        const Draft ours = draft_of(conversion_), plenty = bench_.start(Calibration::Max);
        std::vector<std::size_t> layers;
        for (std::size_t i = 0; i < conversion_.roles.size(); ++i)
            if (conversion_.roles[i] != Role::Same) layers.push_back(i);
        const auto mixed = [&](const Draft& most, const Draft& one, std::size_t row) {
            Draft draft = most;
            if (row == 0) {
                draft.input = one.input;
            } else {
                draft.layers[layers[row - 1]] = one.layers[layers[row - 1]];
                draft.words[layers[row - 1]] = one.words[layers[row - 1]];
            }
            return good_images(outputs_of(bench_.build(draft), bench_.batch(), 1), wanted_);
        };
        in_parallel(options_, report.layers.size(), [&](std::size_t row) {
            report.layers[row].good_only_this = mixed(plenty, ours, row);
            report.layers[row].good_all_but_this = mixed(ours, plenty, row);
        });
    }

    const FloatModel& model_;
    const Conversion& conversion_;
    const ConvertOptions& options_;
    ConvertOptions plenty_;
    Workbench bench_;
    Graph naive_;
    std::span<const int> labels_;
    std::vector<std::size_t> wanted_;
};

}  // namespace

ConversionReport explain_conversion(const FloatModel& model, const Conversion& conversion,
                                    const ConvertOptions& options, const InputBatch& batch,
                                    std::span<const int> labels) {
    return Explanation(model, conversion, options, batch, labels).run();
}

}  // namespace bittrue::explore
