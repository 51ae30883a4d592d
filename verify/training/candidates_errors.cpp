#include <algorithm>

#include <fmt/format.h>

#include "training/candidates.hpp"

namespace bittrue::training_detail {

using Mask = StepRules::Mask;

void StepCandidates::scale() {
    const auto by_rule = [&](StepRules::Scale scale, const std::string& found, const std::string& text) {
        rule(
            Cause::ScaleExponent, "the nearest power of two (H1)", found, text, "scale",
            [scale](StepRules& r) { r.scale = scale; }, 3);
    };
    by_rule(StepRules::Scale::LeadingOne, "the leading one",
            "the exponent is that of the leading one where rule H1 takes the nearest power of two");
    by_rule(StepRules::Scale::Up, "the power of two above",
            "the exponent is that of the power of two above where rule H1 takes the nearest");
    for (const int by : {1, -1, 2, -2}) {
        after(
            Cause::ScaleExponent, fmt::format("{:+} ", by),
            fmt::format("the exponent is {} too {}", by < 0 ? -by : by, by < 0 ? "small" : "large"), "scale",
            [by](Words& w) {
                if (w.front() != -128) w.front() += by;
            },
            by == 1 || by == -1 ? 3 : 5);
    }
    after(
        Cause::ScaleExponent, "0 for zeros", "a tensor of zeros has the exponent 0 where rule H11 has none", "zeros",
        [](Words& w) {
            if (w.front() == -128) w.front() = 0;
        },
        5);
}

// What the errors are computed from, before their scale.
void StepCandidates::error_numbers() {
    if (is_last()) {
        other_images("labels", &StepSources::labels);
        return;
    }
    rule(
        Cause::ErrorMask, "no error where the activation is clipped (H8)", "missing",
        "errors pass where the activation is clipped: that mask is missing", "clip mask",
        [](StepRules& r) { r.clipped = Mask::Missing; }, 3);
    rule(
        Cause::ErrorMask, "above the largest activation", "from it on",
        "an activation at its largest word counts as clipped where rule H8 says above it", "clip mask",
        [](StepRules& r) { r.clipped = Mask::Equal; }, 3);
    accumulator("the sums that go back", &TrainingLayer::error, place_.layer + 1);
    weights(true);
    other_images("deltas of the layer behind", &StepSources::behind_deltas);
    other_images("masks", &StepSources::sums);
    add(Cause::ErrorMask, "deltas", "errors",
        "what goes back are the errors of the layer behind, not the masked deltas", 4, "deltas",
        [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            const Words* errors = reader.near(p, 1, "errors");
            if (errors == nullptr || errors->size() != v.from.behind_deltas.size()) return false;
            v.from.behind_deltas = *errors;
            return true;
        });
}

void StepCandidates::errors() {
    roundings("errors");
    rule(
        Cause::ResultOverflow, "+-(S(E)-1)", "wraps", "errors wrap where rule H6 clips them", "limit",
        [](StepRules& r) { r.limit = StepRules::Limit::Wrap; }, 3);
    rule(
        Cause::ResultOverflow, "+-(S(E)-1)", "-S(E)", "errors are clipped to -S(E) where rule H6 ends at -(S(E)-1)",
        "limit", [](StepRules& r) { r.limit = StepRules::Limit::Full; }, 3);
    for (const int by : {1, -1}) {
        add(Cause::ScaleExponent, "k", fmt::format("k{:+}", by),
            fmt::format("errors are scaled by an exponent that is {} too {}", 1, by < 0 ? "small" : "large"), 3,
            "scale", [by](StepVariant& v, const StepPlace&, StepReader&) {
                if (!v.from.error_exponent) return false;
                *v.from.error_exponent += by;
                return true;
            });
    }
    add(Cause::StaleState, "the exponent of the step", "that of the step before",
        "errors are scaled by the exponent of the step before", 4, "scale",
        [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            if (!p.before) return false;
            const Words* k = reader.near(p, *p.before, 0, "error_exponent");
            if (k == nullptr || k->front() == -128) return false;
            v.from.error_exponent = static_cast<int>(k->front());
            return true;
        });
    error_numbers();
}

void StepCandidates::deltas() {
    if (is_last()) {
        rule(
            Cause::ErrorMask, "0 where x < 0 or x > 1 (H7)", "missing",
            "errors pass where the output is clipped: the mask of rule H7 is missing", "mask",
            [](StepRules& r) { r.positive = Mask::Missing; }, 3);
        rule(
            Cause::ErrorMask, "x < 0, x > 1", "x <= 0, x >= 1",
            "sums of exactly 0 or 1 stop the error where rule H7 lets it pass", "mask",
            [](StepRules& r) { r.positive = Mask::Equal; }, 3);
        other_images("masks", &StepSources::sums);
        return;
    }
    rule(
        Cause::ErrorMask, "0 where v <= 0 (H8)", "missing", "the mask of relu is missing: errors pass where v <= 0",
        "mask", [](StepRules& r) { r.positive = Mask::Missing; }, 3);
    rule(
        Cause::ErrorMask, "v > 0", "v >= 0", "a sum of 0 lets the error pass where rule H8 stops it", "mask",
        [](StepRules& r) { r.positive = Mask::Equal; }, 3);
    other_images("masks", &StepSources::sums);
    other_images("errors", &StepSources::errors);
    if (layer().pool_rows * layer().pool_columns == 1) return;
    const auto pool = [&](StepRules::Pool which, const std::string& found, const std::string& text) {
        rule(
            Cause::PoolRule, "the first maximum", found, text, "pool", [which](StepRules& r) { r.pool = which; }, 3);
    };
    pool(StepRules::Pool::Last, "the last maximum",
         "of equal maxima the last gets the error where rule H8 takes the first");
    pool(StepRules::Pool::All, "all maxima", "all of equal maxima get the error where rule H8 takes the first");
    pool(StepRules::Pool::Corner, "the first word", "the window's first word gets the error, not its maximum");
}

}  // namespace bittrue::training_detail
