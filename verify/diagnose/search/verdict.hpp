// What is said of a layer, and why.
#pragma once

#include <string>
#include <vector>

#include "bittrue/verify/diagnose.hpp"
#include "subject/evidence.hpp"
#include "subject/sides.hpp"

namespace bittrue::diagnose_detail {

struct Judgement {
    Verdict verdict = Verdict::Unknown;
    std::string sentence{};
};

// Of a case that needs no search: equal, unknown, undefined. Nothing where words are wrong.
[[nodiscard]] std::optional<Judgement> judge_without_search(const Case& c, const Evidence& evidence);

// The dump is whole images ahead of the network, and right otherwise.
[[nodiscard]] std::optional<Judgement> judge_images_ahead(const Case& c);

// The words are right where diff finds them.
[[nodiscard]] Judgement judge_moved(const Case& c);

// After a search; the best hypothesis first.
// `null_bits`: of the wrong words listed one by one, or as flipped bits.
[[nodiscard]] Judgement judge(const LayerDiagnosis& diagnosis, const Case& c, const Evidence& evidence,
                              double null_bits);

// Single bits here and there, nothing in common.
[[nodiscard]] bool looks_like_noise(const Evidence& evidence, int width);

}  // namespace bittrue::diagnose_detail
