#include "candidates.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "budget.hpp"
#include "channel_formats.hpp"

namespace bittrue::explore {

Candidate Candidates::start_on(const FloatModel& model, const Widths& widths, Scaling scaling) const {
    auto bench =
        std::make_shared<const Workbench>(with_channel_formats(model, options_.per_channel, widths), batch_, options_);
    Found found = first_draft(*bench, with_rescalers(widths, bench->model()), options_);
    return {.bench = std::move(bench), .found = std::move(found), .scaling = print_scaling(scaling)};
}

Candidate Candidates::best(const Widths& widths) {
    std::vector<Candidate> all;
    all.push_back(start_on(plain_.model(), widths, Scaling::None));
    if (options_.equalize && options_.calibration == Calibration::Joint) {
        for (const Scaling scaling : {Scaling::Tensor, Scaling::Activation, Scaling::Weight, Scaling::Step}) {
            if (options_.progress) options_.progress("scaling channels", static_cast<double>(scaling) / 5);
            FloatModel scaled = plain_.model();
            if (equalize(scaled, plain_.structure(), plain_.floats(), scaling, options_.bits.activation,
                         widths.weight) == 0)
                break;
            all.push_back(start_on(scaled, widths, scaling));
        }
    }
    const auto best = std::min_element(
        all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.found.error < b.found.error; });
    for (const Candidate& c : all) evaluations_ += c.found.evaluations;
    best->found.evaluations = evaluations_;
    return std::move(*best);
}

std::optional<Candidate> Candidates::within(const Candidate& start, const Budget& budget) {
    Candidate narrow = start;
    if (!narrow_to_budget(*narrow.bench, narrow.found, options_, budget)) return std::nullopt;
    evaluations_ = narrow.found.evaluations;
    // Channels that were scaled for many bits are not scaled for few.
    Candidate again = best(without_rescalers(widths_of(narrow.found.draft), narrow.bench->model()));
    // Other scales and other binary points need other casts.
    const auto fits = [&](const Candidate& c) {
        return
            [&c, &budget, this](const Draft& draft) { return spent(c.bench->build(draft), budget.of) <= budget.most; };
    };
    const bool twice = fits(again)(again.found.draft);
    for (Candidate* c : {&narrow, &again}) {
        if (c == &again && !twice) continue;
        c->found.evaluations = evaluations_;
        use_up_budget(*c->bench, c->found, options_, budget);
        if (options_.calibration == Calibration::Joint) improve(*c->bench, c->found, options_, fits(*c));
        evaluations_ = c->found.evaluations;
    }
    Candidate& better = twice && again.found.error < narrow.found.error ? again : narrow;
    better.found.evaluations = evaluations_;
    return std::move(better);
}

Candidate Candidates::within_budget() {
    const Candidate start = best();
    std::optional<Candidate> found = within(start, *options_.budget);
    if (found) return std::move(*found);
    Found narrowest = start.found;
    while (narrow_to_budget(*start.bench, narrowest, options_, {.most = 0, .of = options_.budget->of}))
        ;
    const auto [stays, remedy] = what_stays(*start.bench);
    throw InputError("--budget",
                     fmt::format("{} {} are fewer than the {} that words of 1 bit need{}; {}", options_.budget->most,
                                 print_resource(options_.budget->of),
                                 spent(start.bench->build(narrowest.draft), options_.budget->of), stays, remedy));
}

// What a budget does not make narrower, and the options that do.
std::pair<std::string, std::string> Candidates::what_stays(const Workbench& bench) const {
    const std::vector<FloatLayer>& layers = bench.model().layers;
    const bool biases = std::any_of(layers.begin(), layers.end(), [](const FloatLayer& layer) {
        return weights_of(layer.op) != nullptr && bias_of(layer.op)->has_value() && !layer.bias_type;
    });
    const bool trained = std::any_of(layers.begin(), layers.end(), [](const FloatLayer& layer) {
        return layer.weight_type || layer.bias_type || layer.result_type;
    });
    std::vector<std::string> stay, less;
    if (biases && options_.bits.bias > 1) {
        stay.push_back(fmt::format("biases of {} bits", options_.bits.bias));
        less.emplace_back("--bias-bits");
    }
    if (options_.budget->of != Resource::WeightBits) {
        if (options_.bits.output > 1) {
            stay.push_back(fmt::format("network results of {} bits", options_.bits.output));
            less.emplace_back("--output-bits");
        }
        if (options_.accumulator) {
            stay.push_back(fmt::format("accumulators of {} bits", *options_.accumulator));
            less.emplace_back("--accumulator");
        }
    }
    if (trained) stay.emplace_back("the formats that the model was trained for");
    return {stay.empty() ? "" : fmt::format(" beside {}, which stay", fmt::join(stay, ", ")),
            less.empty() ? "allow more" : fmt::format("allow more, or try a smaller {}", fmt::join(less, " or "))};
}

// Images that the float model answers right and the candidate does not. What it gains by chance elsewhere does not
// count.
double Candidates::loss_of(const Candidate& candidate) const {
    const std::vector<double>& wanted =
        plain_.floats().layers[static_cast<std::size_t>(plain_.structure().output)].values;
    const Graph graph = candidate.bench->build(candidate.found.draft);
    const std::vector<std::size_t> real = answers_of(wanted, batch_.images),
                                   fixed = answers_of(outputs_of(graph, batch_, options_.threads), batch_.images);
    std::size_t lost = 0;
    for (std::size_t i = 0; i < batch_.images; ++i) {
        const bool right =
            options_.labels.empty() || std::cmp_equal(options_.labels[i % options_.labels.size()], real[i]);
        lost += right && fixed[i] != real[i] ? 1U : 0U;
    }
    return 100 * static_cast<double>(lost) / static_cast<double>(batch_.images);
}

Candidate Candidates::within_loss(double& loss) {
    constexpr double kRounding = 1e-9;
    constexpr std::int64_t kParts = 64;  // the budget is found to this part of it
    const Candidate start = best();
    std::int64_t most = spent(start.bench->build(start.found.draft), Resource::WeightBits), least = 0;
    std::optional<Candidate> kept;
    for (std::int64_t budget = most; budget > least && (!kept || most - least > most / kParts);
         budget = least + (most - least) / 2) {
        std::optional<Candidate> c = within(start, {.most = budget, .of = Resource::WeightBits});
        const double lost = c ? loss_of(*c) : 100;
        if (!c || lost > *options_.max_loss + kRounding) {
            if (budget == most) break;
            least = budget;
            continue;
        }
        most = spent(c->bench->build(c->found.draft), Resource::WeightBits);
        kept = std::move(c), loss = lost;
    }
    if (!kept)
        throw InputError("--max-loss",
                         fmt::format("no network with {} bits for each weight loses at most {} points on the "
                                     "calibration images; allow more bits",
                                     options_.bits.weight, *options_.max_loss));
    kept->found.evaluations = evaluations_;
    return std::move(*kept);
}

}  // namespace bittrue::explore
