// Arrays that the targets of .npy, .npz and idx files share.
#pragma once

#include <string>

#include "bittrue/model/npy.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

inline NpyArray small_array(NpyType type, Dims dims) {
    NpyArray array{.dims = std::move(dims), .type = type, .integers = {}, .reals = {}};
    for (std::int64_t i = 0; i < element_count(array.dims); ++i) {
        if (is_real(type)) {
            array.reals.push_back(0.25 * static_cast<double>(i) - 1);
        } else {
            array.integers.push_back(i % 2);
        }
    }
    return array;
}

inline constexpr NpyType kAllNpyTypes[] = {NpyType::Bool,   NpyType::Int8,    NpyType::Int16,   NpyType::Int32,
                                           NpyType::Int64,  NpyType::UInt8,   NpyType::UInt16,  NpyType::UInt32,
                                           NpyType::UInt64, NpyType::Float16, NpyType::Float32, NpyType::Float64};

// What every array that was read must fulfil. Compared as bytes, because a NaN is not equal to itself.
inline void check_array(const NpyArray& array) {
    require(array.integers.empty() || array.reals.empty(), "an array holds integers or reals");
    require(static_cast<std::int64_t>(array.count()) == element_count(array.dims),
            "an array has as many elements as its shape");
    const int bits = static_cast<int>(8 * npy_type_bytes(array.type));
    const bool is_unsigned = array.type == NpyType::UInt8 || array.type == NpyType::UInt16 ||
                             array.type == NpyType::UInt32 || array.type == NpyType::UInt64 ||
                             array.type == NpyType::Bool;
    const Format format{.width = array.type == NpyType::Bool ? 1 : bits, .integer = bits, .is_signed = !is_unsigned};
    for (const std::int64_t word : array.integers) {
        require(word == word_from_pattern(pattern_from_word(word, format), format), "an element fits its type");
    }
    const std::string bytes = npy_bytes(array);
    must_take("a written array can be read", [&] {
        require(npy_bytes(parse_npy(bytes, "again")) == bytes, "an array is written and read back alike");
    });
}

}  // namespace bittrue::fuzz
