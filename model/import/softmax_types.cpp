#include "import/softmax_types.hpp"

#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace bittrue::detail {

namespace {

FixedType index_type(int integer, int frac, Dialect dialect) {
    return {.format = {.width = integer + frac, .integer = integer, .is_signed = false},
            .rounding = Rounding::Rnd,
            .overflow = Overflow::Sat,
            .saturated_bits = 0,
            .dialect = dialect};
}

}  // namespace

FixedType usual_table_type(Dialect dialect) {
    return {.format = {.width = 18, .integer = 8, .is_signed = true},
            .rounding = Rounding::Rnd,
            .overflow = Overflow::Sat,
            .saturated_bits = 0,
            .dialect = dialect};
}

SoftmaxTypes softmax_types(const FixedType& in, const FixedType& table, std::int64_t elements) {
    constexpr int kBits = 10;        // of the index into 1024 entries
    constexpr int kCoarsest = -3;    // 2^-3, the largest step that is left as it is
    constexpr int kDifference = 5;   // integer bits: exp(-32) is nothing in any table
    constexpr int kSumFraction = 4;  // 1/x, x from 1, in steps of at most 1/16
    constexpr int kMostBits = 20;    // of a table
    const int sign = in.format.is_signed && in.format.width > 1 ? 1 : 0;
    SoftmaxTypes s{.difference = {.format = {.width = in.format.width - sign,
                                             .integer = in.format.integer - sign,
                                             .is_signed = false},
                                  .rounding = Rounding::Trn,
                                  .overflow = Overflow::Wrap,
                                  .saturated_bits = 0,
                                  .dialect = in.dialect},
                   .accumulator = table,
                   .inv_input = table,
                   .exp_size = 1 << kBits,
                   .inv_size = 1 << kBits,
                   .difference_note = {},
                   .inv_note = {}};
    const Format d = s.difference.format;
    if (d.width <= kBits) {
        s.exp_size = 1 << d.width;  // every difference has its own entry
        return s;
    }
    const int step = d.integer - kBits;
    if (step <= kCoarsest) return s;
    s.difference = index_type(kDifference, kBits - kDifference, in.dialect);
    s.difference_note = fmt::format(": steps of 1/{}, of the input's own format they would be {}",
                                    1 << (kBits - kDifference), std::ldexp(1.0, step));
    const auto sum_bits =
        static_cast<int>(std::bit_width(static_cast<std::uint64_t>(elements)));  // holds 1 to `elements`
    const int inv_bits = std::min(std::max(kBits, sum_bits + kSumFraction), kMostBits);
    s.inv_input = index_type(sum_bits, std::max(inv_bits - sum_bits, 0), in.dialect);
    s.inv_size = 1 << std::min(inv_bits, s.inv_input.format.width);
    s.inv_note = fmt::format(": from 1 to {}", elements);
    const int needed = sum_bits + 1;  // signed
    if (needed > table.format.integer) {
        s.accumulator.format.width = needed + table.format.frac();
        s.accumulator.format.integer = needed;
    }
    return s;
}

}  // namespace bittrue::detail
