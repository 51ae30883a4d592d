#include <algorithm>

#include <fmt/format.h>

#include "training/candidates.hpp"

namespace bittrue::training_detail {

using Limit = StepRules::Limit;

void StepCandidates::input() {
    roundings("pixels");
    rule(Cause::ResultOverflow, "the largest word (H3)", "wraps",
         "pixels near 1 wrap where rule H3 takes the largest word", "limit",
         [](StepRules& r) { r.limit = Limit::Wrap; });
    other_images("pixels", &StepSources::pixels);
}

namespace {

// A map read in storage order row, column, channel instead of H4's channel, row, column, or the reverse.
bool reorder(Words& words, std::size_t images, const MapShape& shape, bool channels_last) {
    if (shape.channels == 1 || shape.rows * shape.columns == 1) return false;
    const auto channels = static_cast<std::size_t>(shape.channels),
               places = static_cast<std::size_t>(shape.rows * shape.columns);
    const Words from = words;
    for (std::size_t n = 0; n < images; ++n) {
        for (std::size_t c = 0; c < channels; ++c) {
            for (std::size_t p = 0; p < places; ++p) {
                const std::size_t base = n * channels * places;
                const std::size_t first = base + c * places + p, last = base + p * channels + c;
                channels_last ? words[first] = from[last] : words[last] = from[first];
            }
        }
    }
    return true;
}

}  // namespace

void StepCandidates::sums() {
    accumulator("the sums", &TrainingLayer::forward, place_.layer);
    weights(false);
    other_images("inputs", &StepSources::front);
    const auto front = [&](Cause cause, const std::string& found, const std::string& text, const std::string& slot,
                           std::function<bool(StepVariant&, const TrainingLayer&)> change) {
        add(cause, "", found, text, 5, slot,
            [change = std::move(change)](StepVariant& v, const StepPlace& p, StepReader&) {
                return change(v, v.network.layers[p.layer]);
            });
    };
    for (const bool last : {true, false}) {
        front(Cause::InputOrder, last ? "row, column, channel" : "of row, column, channel",
              last ? "the map in front is read in the order row, column, channel where rule H4 has channel, row, column"
                   : "the map in front is read as if it stood in the order row, column, channel",
              "input order", [last](StepVariant& v, const TrainingLayer& l) {
                  return reorder(v.from.front, v.from.images, l.input, last);
              });
    }
    const auto left_out = [&](bool first) {
        front(Cause::TermsLeftOut, first ? "the first" : "the last",
              fmt::format("the {} input of every image is left out of the sums", first ? "first" : "last"), "terms",
              [first](StepVariant& v, const TrainingLayer& l) {
                  const auto per = static_cast<std::size_t>(l.input.elements());
                  for (std::size_t n = 0; n < v.from.images; ++n) v.from.front[n * per + (first ? 0 : per - 1)] = 0;
                  return true;
              });
    };
    left_out(true);
    left_out(false);
    add(Cause::StaleImage, "this step's", "the step before", "inputs are those of the step before", 4,
        "images of inputs", [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            if (!p.before) return false;
            const Words* words = p.layer == 0 ? reader.words(step_prefix(*p.before) + "input")
                                              : reader.near(p, *p.before, -1, "activations");
            if (words == nullptr || words->size() != v.from.front.size()) return false;
            v.from.front = *words;
            return true;
        });
}

void StepCandidates::activations() {
    const std::string what = is_last() ? "outputs" : "activations";
    if (!is_last() && network_.bits.activations > 1) roundings(what);
    rule(Cause::ResultOverflow, is_last() ? "at most 1" : "the largest word", "no clip",
         is_last() ? "outputs are not clipped at 1" : "activations are not clipped at the largest word", "limit",
         [](StepRules& r) { r.limit = Limit::None; });
    rule(Cause::ActivationMissing, "relu", "none", what + " keep negative sums where rule H4 makes them 0", "relu",
         [](StepRules& r) { r.relu_missing = true; });
    if (!is_last() && network_.bits.activations == 1) {
        rule(Cause::ActivationShape, "v > 0", "v >= 0", "a sum of 0 gives 1 where rule H4 says 0", "step",
             [](StepRules& r) { r.positive = StepRules::Mask::Equal; });
    }
    if (layer().pool_rows * layer().pool_columns > 1) {
        rule(Cause::PoolRule, "the largest", "the first", "the pool takes the first word of its window", "pool",
             [](StepRules& r) { r.pool = StepRules::Pool::Corner; });
        rule(Cause::PoolRule, "the largest", "the smallest", "the pool takes the smallest word of its window", "pool",
             [](StepRules& r) { r.pool = StepRules::Pool::Smallest; });
    }
    for (const int by : {-2, -1, 1, 2}) {
        add(Cause::ResultFormat, fmt::format("{} fraction bits", network_.sum_frac(place_.layer)),
            fmt::format("{} fraction bits", network_.sum_frac(place_.layer) + by),
            fmt::format("the sums are read with {} fraction bits where they have {}",
                        network_.sum_frac(place_.layer) + by, network_.sum_frac(place_.layer)),
            4, "binary point", [by](StepVariant& v, const StepPlace& p, StepReader&) {
                v.network.layers[p.layer].scale += by;
                return v.network.sum_frac(p.layer) >= v.network.bits.activations - 1;
            });
    }
}

void StepCandidates::loss() {
    other_images("labels", &StepSources::labels);
    add(Cause::StaleState, "0", "the loss before", "the loss is not cleared: it begins with the one before", 4, "kept",
        [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            if (!p.before) return false;
            const Words* words = reader.words(step_prefix(*p.before) + "loss");
            if (words == nullptr) return false;
            v.after.push_back([before = words->front()](Words& w) { w.front() += before; });
            return true;
        });
}

}  // namespace bittrue::training_detail
