#include "bittrue/explore/convert.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/error.hpp"
#include "budget.hpp"
#include "equalize.hpp"
#include "search.hpp"

namespace bittrue::explore {
namespace {

constexpr int kMostBits = 16;

void check(const ConvertOptions& o) {
    for (const int bits : {o.bits.input, o.bits.weight, o.bits.bias, o.bits.activation, o.bits.output}) {
        if (bits < 1 || bits > kMostBits)
            throw InputError(fmt::format("words have 1 to {} bits here, not {}", kMostBits, bits));
    }
}

struct Candidate {
    std::unique_ptr<Workbench> bench{};
    Found found{};
    std::string scaling{};
};

// The model as it is, or with the scaling whose first draft has the least error.
class Candidates {
public:
    Candidates(const FloatModel& model, const InputBatch& batch, const ConvertOptions& options)
        : batch_(batch), options_(options), plain_(model, batch, options) {}

    // With the widths that the options ask for, or with others.
    Candidate best() { return best(plain_.widths()); }
    Candidate best(const Widths& widths) {
        std::vector<Candidate> all;
        all.push_back(start_on(std::make_unique<Workbench>(plain_.model(), batch_, options_), widths, Scaling::None));
        if (options_.equalize && options_.calibration == Calibration::Joint) {
            for (const Scaling scaling : {Scaling::Tensor, Scaling::Activation, Scaling::Weight, Scaling::Step}) {
                if (options_.progress) options_.progress("scaling channels", static_cast<double>(scaling) / 5);
                FloatModel scaled = plain_.model();
                if (equalize(scaled, plain_.structure(), plain_.floats(), scaling, options_.bits.activation,
                             widths.weight) == 0)
                    break;
                all.push_back(
                    start_on(std::make_unique<Workbench>(std::move(scaled), batch_, options_), widths, scaling));
            }
        }
        const auto best = std::min_element(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
            return a.found.error < b.found.error;
        });
        for (const Candidate& c : all) evaluations_ += c.found.evaluations;
        best->found.evaluations = evaluations_;
        return std::move(*best);
    }

private:
    Candidate start_on(std::unique_ptr<Workbench> bench, const Widths& widths, Scaling scaling) const {
        Candidate c{.bench = std::move(bench), .found = {}, .scaling = print_scaling(scaling)};
        c.found = first_draft(*c.bench, widths, options_);
        return c;
    }

    const InputBatch& batch_;
    const ConvertOptions& options_;
    Workbench plain_;
    std::int64_t evaluations_ = 0;
};

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
    Candidates candidates(model, batch, options);
    Candidate c = candidates.best();
    if (options.budget) {
        narrow_to_budget(*c.bench, c.found, options);
        // Channels scaled for many bits are not scaled for few.
        Candidate again = candidates.best(widths_of(c.found.draft));
        if (again.found.error < c.found.error) c = std::move(again);
        use_up_budget(*c.bench, c.found, options);
    }
    if (options.calibration == Calibration::Joint) improve(*c.bench, c.found, options);
    Conversion done;
    Accumulators accumulators{.asked = options.accumulator, .proven = {}};
    done.graph = c.bench->build(c.found.draft, accumulators);
    if (!options.accumulator) {
        accumulators.proven = proven_widths(done.graph);
        done.graph = c.bench->build(c.found.draft, accumulators);
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
