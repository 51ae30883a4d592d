// A diagnosis for people, for programs and for CI. docs/reading_a_mismatch.md explains the text.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/verify/diagnose.hpp"
#include "bittrue/verify/diff.hpp"

namespace bittrue::cli {

// The word `element` (storage order) of an image of a diagnosed layer, as diff shows wrong words: LAYER[image 3, row 5,
// ...] (flat 4242). `layer` is the diff report's, of that name.
[[nodiscard]] const LayerDiff& diff_of(const DiffReport& report, const std::string& layer);
[[nodiscard]] Mismatch mismatch_at(const LayerDiff& layer, std::int64_t image, std::int64_t element, i128 expected,
                                   i128 actual);
// "17 (0x11, 0.53125)"; the integer alone where no format is known or the raw does not fit it.
[[nodiscard]] std::string raw_text(i128 raw, const std::optional<FixedType>& type);

// What the changes of a hypothesis say, one after the other.
[[nodiscard]] std::string changes_text(const LayerDiagnosis& layer, const Hypothesis& hypothesis);
// "311 of 311 wrong words", and what it spoils.
[[nodiscard]] std::string explained_text(const LayerDiagnosis& layer, const Hypothesis& hypothesis);

// One paragraph for every layer that is not as the network computes it from what it read; lines end with '\n'.
[[nodiscard]] std::string diagnosis_text(const DiffReport& report, const DiagnosisReport& diagnosis, bool color);

// {"first_wrong_layer": ..., "layers": [...]}: all facts but the words and the settings of whole layers.
[[nodiscard]] nlohmann::ordered_json diagnosis_json(const DiffReport& report, const DiagnosisReport& diagnosis);

// JUnit's XML: one test case per layer that was compared or is missing; a wrong one fails with the verdict, or without
// a diagnosis with what diff says, and its first word.
[[nodiscard]] std::string junit_xml(const DiffReport& report, const DiagnosisReport* diagnosis,
                                    const std::string& suite);

}  // namespace bittrue::cli
