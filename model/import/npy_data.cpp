#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/npy.hpp"

namespace bittrue {

namespace {

std::uint64_t load(const char* from, std::size_t bytes, bool big_endian) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(from[big_endian ? bytes - 1 - i : i]));
        value |= byte << (8 * i);
    }
    return value;
}

double from_half(std::uint64_t bits) {
    const auto exponent = static_cast<int>((bits >> 10U) & 0x1fU);
    const auto fraction = static_cast<int>(bits & 0x3ffU);
    double value = 0;
    if (exponent == 31) {
        value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    } else {
        value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    }
    return (bits & 0x8000U) != 0 ? -value : value;
}

std::uint64_t to_half(double value) {
    const std::uint64_t sign = std::signbit(value) ? 0x8000U : 0U;
    const double size = std::fabs(value);
    if (std::isnan(value)) return sign | 0x7e00U;
    if (size >= 65520) return sign | 0x7c00U;
    const int exponent = size < 0x1p-14 ? -14 : std::ilogb(size);
    const auto steps = static_cast<std::uint64_t>(std::nearbyint(std::ldexp(size, 10 - exponent)));  // ties to even
    return sign | (steps + (static_cast<std::uint64_t>(exponent + 14) << 10U));
}

std::int64_t sign_extended(std::uint64_t bits, std::size_t bytes) {
    const auto shift = static_cast<unsigned>(64 - 8 * bytes);
    return static_cast<std::int64_t>(bits << shift) >> shift;
}

double real_element(NpyType type, std::uint64_t bits) {
    if (type == NpyType::Float16) return from_half(bits);
    if (type == NpyType::Float32) return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    return std::bit_cast<double>(bits);
}

bool is_signed_type(NpyType type) {
    return type == NpyType::Int8 || type == NpyType::Int16 || type == NpyType::Int32 || type == NpyType::Int64;
}

// Calls visit(position in the file) for each element in C order.
template <typename Visit>
void for_each_position(const NpyHeader& header, Visit visit) {
    const auto count = static_cast<std::size_t>(header.elements);
    if (!header.fortran_order || header.dims.size() < 2) {
        for (std::size_t i = 0; i < count; ++i) visit(i);
        return;
    }
    const std::size_t axes = header.dims.size();
    std::vector<std::size_t> stride(axes, 1);
    for (std::size_t a = 1; a < axes; ++a) stride[a] = stride[a - 1] * static_cast<std::size_t>(header.dims[a - 1]);
    std::vector<std::size_t> index(axes, 0);
    std::size_t position = 0;
    for (std::size_t i = 0; i < count; ++i) {
        visit(position);
        for (std::size_t a = axes; a-- > 0;) {
            position += stride[a];
            if (++index[a] < static_cast<std::size_t>(header.dims[a])) break;
            position -= stride[a] * index[a];
            index[a] = 0;
        }
    }
}

std::string_view type_letters(NpyType type) {
    switch (type) {
        case NpyType::Bool: return "|b1";
        case NpyType::Int8: return "|i1";
        case NpyType::Int16: return "<i2";
        case NpyType::Int32: return "<i4";
        case NpyType::Int64: return "<i8";
        case NpyType::UInt8: return "|u1";
        case NpyType::UInt16: return "<u2";
        case NpyType::UInt32: return "<u4";
        case NpyType::UInt64: return "<u8";
        case NpyType::Float16: return "<f2";
        case NpyType::Float32: return "<f4";
        case NpyType::Float64: return "<f8";
    }
    return "";
}

std::uint64_t element_bits(const NpyArray& array, std::size_t i) {
    switch (array.type) {
        case NpyType::Float16: return to_half(array.reals[i]);
        case NpyType::Float32: return std::bit_cast<std::uint32_t>(static_cast<float>(array.reals[i]));
        case NpyType::Float64: return std::bit_cast<std::uint64_t>(array.reals[i]);
        case NpyType::Bool: return array.integers[i] != 0 ? 1U : 0U;
        case NpyType::Int8:
        case NpyType::Int16:
        case NpyType::Int32:
        case NpyType::Int64:
        case NpyType::UInt8:
        case NpyType::UInt16:
        case NpyType::UInt32:
        case NpyType::UInt64: break;
    }
    return static_cast<std::uint64_t>(array.integers[i]);
}

}  // namespace

double NpyArray::number(std::size_t i) const {
    if (is_real()) return reals[i];
    return type == NpyType::UInt64 ? static_cast<double>(static_cast<std::uint64_t>(integers[i]))
                                   : static_cast<double>(integers[i]);
}

NpyArray parse_npy(std::string_view bytes, const std::string& where) {
    const NpyHeader header = parse_npy_header(bytes, where);
    const std::uint64_t present = bytes.size() - header.header_bytes;
    const std::uint64_t needed = header.data_bytes();
    if (present != needed) {
        throw InputError(where, fmt::format("is {}: its shape {} of {} needs {} bytes of data, it has {}",
                                            present < needed ? "truncated" : "too long",
                                            header.dims.empty() ? "()" : print_dims(header.dims),
                                            print_npy_type(header.type), needed, present));
    }
    NpyArray array{.dims = header.dims, .type = header.type, .integers = {}, .reals = {}};
    const std::size_t size = npy_type_bytes(header.type);
    const char* data = bytes.data() + header.header_bytes;
    const auto count = static_cast<std::size_t>(header.elements);
    if (is_real(header.type)) {
        array.reals.reserve(count);
        for_each_position(header, [&](std::size_t i) {
            array.reals.push_back(real_element(header.type, load(data + i * size, size, header.big_endian)));
        });
        return array;
    }
    array.integers.reserve(count);
    const bool extend = is_signed_type(header.type);
    for_each_position(header, [&](std::size_t i) {
        const std::uint64_t bits = load(data + i * size, size, header.big_endian);
        array.integers.push_back(extend ? sign_extended(bits, size) : static_cast<std::int64_t>(bits));
    });
    if (header.type == NpyType::Bool) {
        for (std::int64_t& value : array.integers) value = value != 0 ? 1 : 0;
    }
    return array;
}

NpyArray read_npy(const std::string& path) {
    return parse_npy(read_file(path), path);
}

std::string npy_bytes(const NpyArray& array) {
    std::string shape;
    for (const std::int64_t d : array.dims) shape += fmt::format("{}, ", d);
    if (!shape.empty()) shape.erase(array.dims.size() == 1 ? shape.size() - 1 : shape.size() - 2);
    std::string text =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type_letters(array.type), shape);
    text.append(63 - (10 + text.size()) % 64, ' ');
    text += '\n';
    const auto length = static_cast<unsigned>(text.size());
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(length & 0xffU);
    bytes += static_cast<char>(length >> 8U);
    bytes += text;
    const std::size_t size = npy_type_bytes(array.type);
    const std::size_t count = array.count();
    bytes.reserve(bytes.size() + count * size);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t bits = element_bits(array, i);
        for (std::size_t b = 0; b < size; ++b) bytes += static_cast<char>(bits >> (8 * b) & 0xffU);
    }
    return bytes;
}

void write_npy(const std::string& path, const NpyArray& array) {
    write_file(path, npy_bytes(array));
}

NpyType smallest_npy_type(Format format) {
    const int bits = format.width + (format.is_signed ? 0 : 1);
    if (bits <= 8) return NpyType::Int8;
    if (bits <= 16) return NpyType::Int16;
    if (bits <= 32) return NpyType::Int32;
    return bits <= 64 ? NpyType::Int64 : NpyType::UInt64;
}

NpyArray npy_from_words(Dims dims, Format format, std::vector<std::int64_t> words) {
    return {.dims = std::move(dims), .type = smallest_npy_type(format), .integers = std::move(words), .reals = {}};
}

}  // namespace bittrue
