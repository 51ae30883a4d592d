// The proof of a hypothesis: one wrong word under the expected and under the hypothesised datapath, with the step where
// they part.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/verify/diagnose.hpp"
#include "explanation.hpp"
#include "page/diff_page.hpp"

namespace bittrue::cli {

// One side's step: an accumulator's, a word that is read, a number on the way, the result cast.
struct TraceRow {
    std::string step{};                    // "term 3", "input[0,12,13]", "result cast", "result word"
    std::optional<ExactNumber> product{};  // before the product cast
    std::optional<ExactNumber> added{};    // what the adder takes; of other layers the number
    std::optional<ExactNumber> before{};
    std::optional<ExactNumber> after{};
    std::string flags{};  // of the result word its format
};
[[nodiscard]] std::vector<TraceRow> trace_rows(const Explanation& e);

struct Proof {
    std::string layer{};  // the diagnosed one and its wrong word
    std::int64_t image = 0, element = 0;
    i128 expected = 0, predicted = 0, actual = 0;
    // The earliest word of the chain that differs and that the wrong word depends on, on both sides.
    std::string traced{};
    std::int64_t traced_element = 0;
    Explanation by_expected{};
    std::optional<Explanation> by_hypothesis{};  // empty: no network says what the hypothesis says
    std::optional<std::size_t> parting{};        // row of both traces where they part first
};

// Of the first wrong word that the hypothesis gives as it is in the dump (of the first wrong one where there is none).
// `hypothesis` may be null: the expected side alone. Empty where the layer was not judged.
[[nodiscard]] std::optional<Proof> prove(const LayerDiagnosis& layer, const Hypothesis* hypothesis,
                                         const Datapath& datapath);

// A few rows around the step where both part.
[[nodiscard]] std::string proof_text(const Proof& proof);
// All rows, for the page of --report.
[[nodiscard]] PageTrace page_trace(const Proof& proof);
// Both explanations, whole, and the step.
[[nodiscard]] nlohmann::ordered_json proof_json(const Proof& proof);

}  // namespace bittrue::cli
