// The types of a softmax that nobody chose.
#pragma once

#include <string>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue::detail {

struct SoftmaxTypes {
    FixedType difference, accumulator, inv_input;
    int exp_size, inv_size;
    std::string difference_note, inv_note;
};

// hls4ml's type of table entries.
[[nodiscard]] FixedType usual_table_type(Dialect dialect);

// hls4ml's types, where 1024 entries indexed by the top bits of the difference (rule T4) leave steps of at most 1/8.
// A wide difference would have all its inputs in one or two entries; then the indices become as narrow as the tables.
[[nodiscard]] SoftmaxTypes softmax_types(const FixedType& in, const FixedType& table, std::int64_t elements);

}  // namespace bittrue::detail
