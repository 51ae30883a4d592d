// Which word of the actual layer belongs to which of the expected one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

struct Alignment {
    Dims dims{};                        // images first; of the side that has a shape
    std::optional<Layout> layout{};     // of those dims
    std::int64_t per_image = 1;         // words, at least 1
    std::int64_t words = 0;             // to compare, from the first on
    std::optional<Shape> actual_map{};  // the actual side stores each image in this other layout
    std::vector<std::string> differences{};
    std::vector<std::string> notes{};

    [[nodiscard]] std::int64_t actual_flat(std::int64_t flat) const;
};

[[nodiscard]] Alignment align(const VectorLayer& expected, const VectorLayer& actual, bool common);

}  // namespace bittrue
