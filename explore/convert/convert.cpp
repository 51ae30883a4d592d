#include "bittrue/explore/convert.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/error.hpp"
#include "candidates.hpp"

namespace bittrue::explore {
namespace {

constexpr int kMostBits = 16;

void check(const ConvertOptions& o) {
    for (const int bits : {o.bits.input, o.bits.weight, o.bits.bias, o.bits.activation, o.bits.output}) {
        if (bits < 1 || bits > kMostBits)
            throw InputError(fmt::format("words have 1 to {} bits here, not {}", kMostBits, bits));
    }
}

// Each image once more, moved by one pixel to as many of its eight sides as `copies` says. What comes in is 0.
InputBatch augmented(const InputBatch& batch, const Shape& shape, int copies) {
    constexpr int kSides[][2] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
    if (copies == 0) return batch;
    if (shape.layout == Layout::Vector)
        throw InputError("--augment", "only maps have sides to which an image can be moved; this input is a vector");
    InputBatch all = batch;
    all.images *= static_cast<std::size_t>(copies) + 1;
    const auto size = static_cast<std::size_t>(shape.count());
    for (int copy = 0; copy < copies; ++copy) {
        for (std::size_t image = 0; image < batch.images; ++image) {
            std::vector<double> moved(size);
            const double* pixels = &batch.values[image * size];
            for (std::int64_t y = 0; y < shape.height(); ++y)
                for (std::int64_t x = 0; x < shape.width(); ++x) {
                    const std::int64_t from_y = y - kSides[copy][0], from_x = x - kSides[copy][1];
                    if (from_y < 0 || from_x < 0 || from_y >= shape.height() || from_x >= shape.width()) continue;
                    for (std::int64_t c = 0; c < shape.channels(); ++c)
                        moved[static_cast<std::size_t>(shape.index(c, y, x))] = pixels[shape.index(c, from_y, from_x)];
                }
            all.values.insert(all.values.end(), moved.begin(), moved.end());
        }
    }
    return all;
}

// What the exact bounds need, per layer; 0 where there is no accumulator.
std::vector<int> proven_widths(const Graph& graph) {
    std::vector<int> widths(graph.nodes.size());
    const InputRaws raws = input_raws(graph.input);
    const bool any = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& n) {
        return std::holds_alternative<Dense>(n.op) || std::holds_alternative<Conv2d>(n.op);
    });
    if (!any) return widths;
    const NetworkBounds bounds = bound_network(graph, {.tensor = graph.input.name, .low = raws.low, .high = raws.high});
    for (const LayerBounds& layer : bounds.layers)
        for (const ChannelBounds& channel : layer.channels)
            widths[static_cast<std::size_t>(layer.node)] =
                std::max(widths[static_cast<std::size_t>(layer.node)], channel.width);
    return widths;
}

}  // namespace

Conversion convert(const FloatModel& model, const InputBatch& batch, const ConvertOptions& given) {
    check(given);
    ConvertOptions options = given;
    if (options.objective == Objective::Auto)
        options.objective = structure_of(model).ends_in_softmax ? Objective::Kl : Objective::Mse;
    const InputBatch images = augmented(batch, model.input_shape, options.augment);
    Candidates candidates(model, images, options);
    Conversion done;
    Candidate c;
    if (options.max_loss) {
        c = candidates.within_loss(done.loss.emplace());
    } else if (options.budget) {
        c = candidates.within_budget();
    } else {
        c = candidates.best();
        if (options.calibration == Calibration::Joint) improve(*c.bench, c.found, options);
    }
    done.graph = c.bench->build(c.found.draft);
    if (!options.accumulator) {
        Graph proven = c.bench->build(c.found.draft, proven_widths(done.graph));
        // A narrower accumulator seldom needs a larger cast behind it.
        if (!options.budget || spent(proven, options.budget->of) <= options.budget->most)
            done.graph = std::move(proven);
    }
    done.model = c.bench->model();
    done.input = c.found.draft.input;
    done.layers = c.found.draft.layers;
    done.roles = c.bench->structure().roles;
    done.equalized = c.scaling;
    done.error = c.found.error;
    done.objective = options.objective;
    done.evaluations = c.found.evaluations;
    done.weight_bits = weight_bits(done.graph);
    return done;
}

std::int64_t weight_bits(const Graph& graph) {
    std::int64_t bits = 0;
    const auto add = [&](const Parameter& p) { bits += element_count(p.dims) * p.type.format.width; };
    for (const Node& node : graph.nodes) {
        if (const auto* op = std::get_if<Requantize>(&node.op); op != nullptr && op->shift.size() > 1) {
            const auto [least, most] = std::minmax_element(op->shift.begin(), op->shift.end());
            const bool only_shifts = op->multiplier.type.format.width == 1;
            if (!only_shifts) add(op->multiplier);
            bits += static_cast<std::int64_t>(op->shift.size()) * std::bit_width(static_cast<unsigned>(*most - *least));
        }
        const Parameter* weights = weights_of(node.op);
        if (weights == nullptr) continue;
        add(*weights);
        if (const auto& bias = *bias_of(node.op)) add(*bias);
    }
    return bits;
}

std::vector<double> outputs_of(const Graph& graph, const InputBatch& batch, int threads) {
    const RunResult result =
        emulator::make_engine(graph)->run(batch, {.threads = threads, .progress = {}, .count_events = false});
    return values_of(result.layers[static_cast<std::size_t>(node_index(graph, graph.output)) + 1]);
}

std::vector<std::size_t> answers_of(const std::vector<double>& scores, std::size_t images) {
    const auto n = static_cast<std::ptrdiff_t>(scores.size() / images);
    std::vector<std::size_t> answers;
    for (auto at = scores.begin(); at != scores.end(); at += n)
        answers.push_back(static_cast<std::size_t>(std::max_element(at, at + n) - at));
    return answers;
}

double accuracy(const std::vector<double>& scores, const std::vector<int>& labels) {
    const std::vector<std::size_t> answers = answers_of(scores, labels.size());
    std::size_t right = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) right += std::cmp_equal(answers[i], labels[i]) ? 1U : 0U;
    return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace bittrue::explore
