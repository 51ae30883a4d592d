#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bittrue/explore/train_report.hpp"

namespace bittrue::explore {

namespace {

using nlohmann::ordered_json;

double value_of(const LearningRate& rate) {
    return std::ldexp(rate.raw, -rate.frac);
}

// JSON has no NaN.
ordered_json number_or_null(double x) {
    return std::isfinite(x) ? ordered_json(x) : ordered_json(nullptr);
}

ordered_json json_of(const ScaleLog& s) {
    if (s.count == 0) return {{"min", nullptr}, {"mean", nullptr}, {"max", nullptr}, {"zero_tensors", s.zeros}};
    return {{"min", s.min}, {"mean", s.mean()}, {"max", s.max}, {"zero_tensors", s.zeros}};
}

ordered_json json_of(const LayerLog& l, const std::string& name) {
    return {{"name", name},
            {"error_exponent", json_of(l.errors)},
            {"gradient_exponent", json_of(l.gradients)},
            {"changed_words", l.changed_words},
            {"clipped_updates", l.clipped_updates},
            {"saturated", l.saturated_weights},
            {"overflows",
             {{"forward", l.forward_overflows}, {"errors", l.error_overflows}, {"gradients", l.gradient_overflows}}},
            {"dead", l.dead},
            {"constant_units", l.constant_units},
            {"units", l.units},
            {"nan", l.nan}};
}

ordered_json json_of(const EpochLog& e, const TrainingNetwork& n) {
    ordered_json layers = ordered_json::array();
    for (std::size_t l = 0; l < e.layers.size(); ++l) layers.push_back(json_of(e.layers[l], n.layers[l].name));
    return {{"epoch", e.epoch},
            {"learning_rate", value_of(e.rate)},
            {"loss", number_or_null(loss_of(e, n))},
            {"train_accuracy", e.accuracy()},
            {"train_correct", e.correct},
            {"test_loss", number_or_null(test_loss_of(e, n))},
            {"test_accuracy", e.test_accuracy()},
            {"test_correct", e.test_correct},
            {"seconds", e.seconds},
            {"test_seconds", e.test_seconds},
            {"images_per_second", e.images_per_second()},
            {"zero_tensors", e.zero_tensors()},
            {"saturated", e.saturated_weights()},
            {"dead_layers", e.dead_layers()},
            {"nan", e.nan_loss || e.test_nan},
            {"layers", std::move(layers)}};
}

ordered_json json_of(const TrainingAccumulator& a) {
    if (a.width == 0) return {{"width", nullptr}, {"overflow", nullptr}};
    return {{"width", a.width}, {"overflow", a.saturate ? "saturate" : "wrap"}};
}

ordered_json settings_json(const TrainReport& r) {
    const TrainingNetwork& n = *r.network;
    ordered_json schedule = ordered_json::array(), accumulators = ordered_json::array();
    for (const RateChange& c : r.options->schedule)
        schedule.push_back(
            {{"epoch", c.epoch}, {"rate", value_of(c.rate)}, {"raw", c.rate.raw}, {"frac", c.rate.frac}});
    for (const TrainingLayer& l : n.layers)
        accumulators.push_back({{"layer", l.name},
                                {"forward", json_of(l.forward)},
                                {"errors", json_of(l.error)},
                                {"gradients", json_of(l.gradient)}});
    return {{"bits",
             {{"weights", n.bits.weights},
              {"activations", n.bits.activations},
              {"gradients", n.bits.gradients},
              {"errors", n.bits.errors},
              {"randomizer", n.bits.randomizer}}},
            {"randomizer", {{"width", n.randomizer.width}, {"taps", fmt::format("{:#x}", n.randomizer.taps)}}},
            {"store", print_weight_store(n.store)},
            {"zero_scale", print_zero_scale(n.zero_scale)},
            {"batch", r.options->batch},
            {"schedule", std::move(schedule)},
            {"accumulators", std::move(accumulators)}};
}

}  // namespace

std::string train_json(const TrainReport& r) {
    const TrainingNetwork& n = *r.network;
    ordered_json j{{"tool", r.version},
                   {"network", n.name},
                   {"input", r.data},
                   {"seed", r.options->seed},
                   {"settings", settings_json(r)}};
    const auto best = r.log->best();
    j["best_epoch"] = best ? ordered_json(r.log->epochs[*best].epoch) : ordered_json(nullptr);
    j["best_test_accuracy"] = best ? ordered_json(r.log->epochs[*best].test_accuracy()) : ordered_json(nullptr);
    j["first_nan"] = nullptr;
    if (const auto& s = r.log->nan) {
        j["first_nan"] = {{"layer", n.layers[s->layer].name},
                          {"tensor", s->gradient ? "gradients" : "errors"},
                          {"epoch", s->epoch},
                          {"batch", s->batch},
                          {"step", s->step},
                          {"layers_at_once", s->at_once},
                          {"layers_next_step", s->next_step}};
    }
    j["epochs"] = ordered_json::array();
    for (const EpochLog& e : r.log->epochs) j["epochs"].push_back(json_of(e, n));
    return j.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace bittrue::explore
