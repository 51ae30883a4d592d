// Words that carry their own index, in their places.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"

namespace bittrue::dump {

struct IndexOrder {
    std::vector<std::int64_t> entries{};  // by place; -1: no entry has this index
    std::int64_t holes = 0;
    std::int64_t first_hole = 0;
    std::vector<std::string> notes{};
};

// Indices count the words of the layer, or begin again with each image: then the k-th entry of an index is that of
// image k. Without an expected layer the latter holds if every index comes equally often. Any other repetition is an
// InputError unless the words are equal (a note); so are negative indices and those far behind the last word.
[[nodiscard]] IndexOrder order_by_index(const std::vector<std::int64_t>& indices, const VectorLayer* expected,
                                        const std::function<bool(std::size_t, std::size_t)>& equal,
                                        const std::function<std::string(std::size_t)>& line_of,
                                        const std::string& where);

}  // namespace bittrue::dump
