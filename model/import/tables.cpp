#include "bittrue/model/tables.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue {

namespace {

// The double function is good to far less than half a single-precision lsb, so one rounding to float gives fl32 of the
// exact value, independent of how good the float functions of a C library are.
float exp32(float a) {
    return static_cast<float>(std::exp(static_cast<double>(a)));
}
float tanh32(float a) {
    return static_cast<float>(std::tanh(static_cast<double>(a)));
}

// fl32(span * (i - N/2) / N), N/2 a real number: span and 2i - N are small integers, so only the division rounds.
float centred(int span, int i, int size) {
    const std::int64_t numerator = std::int64_t{span} * (2 * std::int64_t{i} - size);
    return static_cast<float>(static_cast<double>(numerator) / (2.0 * size));
}

void check_size(const std::string& what, int size) {
    if (size < 2 || size > kMaxTableSize)
        throw InputError(fmt::format("the {} table must have 2 to {} entries, not {}", what, kMaxTableSize, size));
}

int log2_of(int power) {
    return std::countr_zero(static_cast<unsigned>(power));
}

void check_bits(const std::string& what, int size, Format index) {
    if (size < 1 || size > kMaxTableSize || !std::has_single_bit(static_cast<unsigned>(size)) ||
        log2_of(size) > index.width) {
        throw InputError(
            fmt::format("the {} table has {} entries; indexed by the top bits of a {}-bit word it needs a power of "
                        "two, at most 2^{}",
                        what, size, index.width, std::min(index.width, 20)));
    }
}

// Value of the word whose top log2(size) bits are i and whose other bits are zero.
float bits_abscissa(int i, int size, Format index) {
    const int top = log2_of(size);
    const std::uint64_t pattern = top == 0 ? 0 : static_cast<std::uint64_t>(i) << (index.width - top);
    return static_cast<float>(value_of(raw_from_word(word_from_pattern(pattern, index), index), index.frac()));
}

template <typename Entry>
Table make(const char* origin, int size, const FixedType& type, Entry entry) {
    Table table;
    table.origin = origin;
    table.entries.dims = {size};
    table.entries.type = type;
    for (int i = 0; i < size; ++i) table.entries.real.push_back(static_cast<double>(entry(i)));
    return table;
}

}  // namespace

Table sigmoid_table(int size, const FixedType& type, int span) {
    check_size("sigmoid", size);
    return make("sigmoid", size, type, [&](int i) { return 1.0F / (1.0F + exp32(-centred(span, i, size))); });
}

Table tanh_table(int size, const FixedType& type, int span) {
    check_size("tanh", size);
    return make("tanh", size, type, [&](int i) { return tanh32(centred(span, i, size)); });
}

Table stable_exp_table(int size, const FixedType& type, Format index) {
    check_bits("exp", size, index);
    return make("exp", size, type, [&](int i) { return exp32(-bits_abscissa(i, size, index)); });
}

Table latency_exp_table(int size, const FixedType& type, Format index) {
    check_bits("exp", size, index);
    return make("exp", size, type, [&](int i) { return exp32(bits_abscissa(i, size, index)); });
}

Table inverse_table(int size, const FixedType& type, Format index) {
    check_bits("inverse", size, index);
    return make("inverse", size, type, [&](int i) { return 1.0F / bits_abscissa(i, size, index); });
}

Table legacy_exp_table(int size, const FixedType& type) {
    check_size("exp", size);
    return make("exp", size, type, [&](int i) { return exp32(centred(16, i, size)); });
}

Table legacy_inverse_table(int size, const FixedType& type) {
    check_size("inverse", size);
    return make("inverse", size, type, [&](int i) {
        if (i == 0) return 0.0;
        return 1.0 / static_cast<double>(static_cast<float>(64.0 * i / size));
    });
}

}  // namespace bittrue
