// Which word of the actual layer belongs to which of the expected one, by what the two sides state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "align_place.hpp"
#include "align_words.hpp"
#include "bittrue/verify/diff.hpp"

namespace bittrue {

struct Alignment {
    Dims dims{};                     // images first; of the side that has a shape
    std::optional<Layout> layout{};  // of those dims
    std::int64_t per_image = 1;      // words, at least 1
    std::int64_t words = 0;          // of the expected side to compare, from the first on
    Placement placement{};
    WordMap map{};
    std::string counts{};  // "48 words (2x24) expected, 30 (30) found"; empty: as many on both sides
    bool counts_allowed = false;
    std::vector<std::string> notes{};
    std::vector<Finding> findings{};
};

// `common`: another number of images is no difference. `strict`: an order that no side states is not looked for.
[[nodiscard]] Alignment align(const VectorLayer& expected, const VectorLayer& actual, const DiffOptions& options);

}  // namespace bittrue
