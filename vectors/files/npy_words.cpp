// Arrays of numpy: integers, or packed words as unsigned integers and, beyond 64 bits, as rows of bytes.
#include "npy_words.hpp"

#include <cmath>

#include <fmt/core.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/npy.hpp"
#include "bittrue/model/npz.hpp"
#include "codecs.hpp"

namespace bittrue {
namespace {

std::string print_index(std::int64_t flat, const Dims& dims) {
    std::string text;
    for (std::size_t axis = dims.size(); axis-- > 0;) {
        const std::string one = std::to_string(flat % dims[axis]);
        text = text.empty() ? one : one + ", " + text;
        flat /= dims[axis];
    }
    return "[" + text + "]";
}

NpyType unsigned_type(int bits) {
    return bits <= 8 ? NpyType::UInt8 : bits <= 16 ? NpyType::UInt16 : bits <= 32 ? NpyType::UInt32 : NpyType::UInt64;
}

NpyArray packed_array(const WordSource& source) {
    const PackingPlan& plan = source.plan();
    NpyArray array{.dims = {plan.images, plan.words}, .type = unsigned_type(plan.total_bits)};
    if (source.context().parameter) array.dims.erase(array.dims.begin());
    if (plan.total_bits <= 64) {
        source.each(
            [&](ConstLimbs word, std::int64_t) { array.integers.push_back(static_cast<std::int64_t>(word[0])); });
        return array;
    }
    const auto bytes = static_cast<std::size_t>((plan.total_bits + 7) / 8);
    array.type = NpyType::UInt8;
    array.dims.push_back(static_cast<std::int64_t>(bytes));
    source.each([&](ConstLimbs word, std::int64_t) {
        for (std::size_t i = 0; i < bytes; ++i) {
            array.integers.push_back(static_cast<std::int64_t>(word[i / 8] >> (8 * (i % 8)) & 0xffU));
        }
    });
    return array;
}

}  // namespace

Format npy_container(NpyType type) {
    switch (type) {
        case NpyType::Bool: return {.width = 1, .integer = 1, .is_signed = false};
        case NpyType::Int8: return {.width = 8, .integer = 8, .is_signed = true};
        case NpyType::Int16: return {.width = 16, .integer = 16, .is_signed = true};
        case NpyType::Int32: return {.width = 32, .integer = 32, .is_signed = true};
        case NpyType::UInt8: return {.width = 8, .integer = 8, .is_signed = false};
        case NpyType::UInt16: return {.width = 16, .integer = 16, .is_signed = false};
        case NpyType::UInt32: return {.width = 32, .integer = 32, .is_signed = false};
        case NpyType::UInt64: return {.width = 64, .integer = 64, .is_signed = false};
        case NpyType::Int64:
        case NpyType::Float16:
        case NpyType::Float32:
        case NpyType::Float64: break;
    }
    return {.width = 64, .integer = 64, .is_signed = true};
}

NpyArray npy_array(const WordSource& source) {
    if (!source.unpacked()) return packed_array(source);
    const Dims& dims = source.context().shape.dims;
    return npy_from_words(source.context().parameter ? Dims(dims.begin() + 1, dims.end()) : dims,
                          source.context().shape.format, {source.words().begin(), source.words().end()});
}

FileWords words_of_array(NpyArray array, const std::string& where) {
    FileWords words;
    words.dims = array.dims.empty() ? Dims{1} : array.dims;
    words.container = npy_container(array.type);
    if (!array.is_real()) {
        words.integers = std::move(array.integers);
        return words;
    }
    words.integers.reserve(array.reals.size());
    for (std::size_t i = 0; i < array.reals.size(); ++i) {
        const double real = array.reals[i];
        if (!(std::fabs(real) < 0x1p63) || std::trunc(real) != real) {
            throw InputError(where, "element " + print_index(static_cast<std::int64_t>(i), words.dims) + " is " +
                                        fmt::format("{}", real) +
                                        ", which is no 64-bit integer: a vector holds raw words, value * 2^frac");
        }
        words.integers.push_back(static_cast<std::int64_t>(real));
    }
    words.notes.push_back(where + ": " + print_npy_type(array.type) + " numbers, all integers, are taken as raw words");
    return words;
}

void encode_npy(const WordSource& source, const ByteSink& sink) {
    sink(npy_bytes(npy_array(source)));
}

void encode_npz(const WordSource& source, const ByteSink& sink) {
    const std::string& name = source.context().name;
    sink(npz_bytes({{.name = name.empty() ? "words" : name, .array = npy_array(source)}}));
}

FileWords decode_npy(std::string_view bytes, const std::string& where) {
    return words_of_array(parse_npy(bytes, where), where);
}

FileWords decode_npz(std::string_view bytes, const std::string& where) {
    std::vector<NamedArray> arrays = parse_npz(bytes, where);
    if (arrays.size() != 1) {
        throw InputError(where, "holds " + std::to_string(arrays.size()) + " arrays where one is expected");
    }
    return words_of_array(std::move(arrays[0].array), where);
}

}  // namespace bittrue
