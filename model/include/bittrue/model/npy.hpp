// Arrays as numpy stores them (.npy versions 1 to 3): read into integers or doubles, written back byte for byte alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/tensor.hpp"

namespace bittrue {

enum class NpyType : std::uint8_t {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    Float32,
    Float64,
};

[[nodiscard]] bool is_real(NpyType type);
[[nodiscard]] std::string print_npy_type(NpyType type);  // "int8", "float32"
[[nodiscard]] std::size_t npy_type_bytes(NpyType type);

// Elements in C order whatever the file's order was. `integers` for bool and integer types (uint64: the bit pattern),
// `reals` for floats (every float16 and float32 is exact in double; NaN and infinity are kept).
struct NpyArray {
    Dims dims{};
    NpyType type = NpyType::Int64;
    std::vector<std::int64_t> integers{};
    std::vector<double> reals{};

    [[nodiscard]] bool is_real() const { return bittrue::is_real(type); }
    [[nodiscard]] std::size_t count() const { return is_real() ? reals.size() : integers.size(); }
    // Element i as a number; uint64 as what it means. Integers beyond 2^53 are rounded.
    [[nodiscard]] double number(std::size_t i) const;
    friend bool operator==(const NpyArray&, const NpyArray&) = default;
};

// At most 2^30 elements are read, so that 8 GiB of memory suffice for an array.
inline constexpr std::int64_t kMaxArrayElements = std::int64_t{1} << 30;

// What stands in front of the elements.
struct NpyHeader {
    Dims dims{};
    NpyType type = NpyType::Int64;
    bool big_endian = false;
    bool fortran_order = false;
    std::size_t header_bytes = 0;
    std::int64_t elements = 0;
    [[nodiscard]] std::uint64_t data_bytes() const;
};

// `bytes` is the file or its first 128 KiB. InputError when it is no .npy, has elements that are not plain numbers
// (objects, strings, structures, complex), or a shape beyond kMaxArrayElements. `where` names the file in messages.
[[nodiscard]] NpyHeader parse_npy_header(std::string_view bytes, const std::string& where);

// The whole file; its length must be that of the header, no byte more or less, which is checked before allocating.
[[nodiscard]] NpyArray parse_npy(std::string_view bytes, const std::string& where);
[[nodiscard]] NpyArray read_npy(const std::string& path);

// Version 1.0, little endian, C order, data at a multiple of 64 bytes: the bytes numpy.save writes.
[[nodiscard]] std::string npy_bytes(const NpyArray& array);
void write_npy(const std::string& path, const NpyArray& array);

// The smallest signed type (int8, int16, int32, int64) that holds every raw of the format; uint64 for an unsigned
// format of 64 bits.
[[nodiscard]] NpyType smallest_npy_type(Format format);
// Words of a format as an array of smallest_npy_type.
[[nodiscard]] NpyArray npy_from_words(Dims dims, Format format, std::vector<std::int64_t> words);

}  // namespace bittrue
