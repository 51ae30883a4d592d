#include "bittrue/model/idx.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include <fmt/format.h>
#include <zlib.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue {

namespace {

std::uint64_t load_big(const char* from, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value = value << 8U | static_cast<std::uint64_t>(static_cast<unsigned char>(from[i]));
    return value;
}

NpyType idx_type(std::uint64_t code, const std::string& where) {
    switch (code) {
        case 0x08: return NpyType::UInt8;
        case 0x09: return NpyType::Int8;
        case 0x0b: return NpyType::Int16;
        case 0x0c: return NpyType::Int32;
        case 0x0d: return NpyType::Float32;
        case 0x0e: return NpyType::Float64;
        default:
            throw InputError(
                where,
                fmt::format("its idx header has the unknown element type 0x{:02x}; 08, 09, 0b, 0c, 0d and 0e are known",
                            code));
    }
}

}  // namespace

bool is_gzip(std::string_view bytes) {
    return bytes.substr(0, 2) == "\x1f\x8b";
}

std::string gunzip(std::string_view bytes, const std::string& where, std::uint64_t max_bytes) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw InputError(where, "cannot be unpacked: no memory");
    struct End {
        z_stream* s;
        ~End() { inflateEnd(s); }
    } const end{&stream};
    std::string result;
    std::string chunk(std::size_t{1} << 20, '\0');
    std::size_t at = 0;
    for (;;) {
        if (stream.avail_in == 0) {
            const std::size_t piece = std::min<std::size_t>(bytes.size() - at, std::numeric_limits<uInt>::max());
            // zlib's interface lacks the const; it only reads the input.
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + at));
            stream.avail_in = static_cast<uInt>(piece);
            at += piece;
        }
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        const int state = inflate(&stream, Z_NO_FLUSH);
        result.append(chunk, 0, chunk.size() - stream.avail_out);
        if (result.size() > max_bytes) throw InputError(where, fmt::format("unpacks to more than {} bytes", max_bytes));
        if (state == Z_STREAM_END) {
            if (stream.avail_in == 0 && at == bytes.size()) return result;
            if (stream.avail_in < 2 || stream.next_in[0] != 0x1f || stream.next_in[1] != 0x8b) {
                throw InputError(where, "has other bytes behind the gzip data");
            }
            if (inflateReset(&stream) != Z_OK) throw InputError(where, "cannot be unpacked");
        } else if (state == Z_BUF_ERROR ||
                   (state == Z_OK && stream.avail_in == 0 && at == bytes.size() && stream.avail_out != 0)) {
            throw InputError(where, "is truncated: the gzip data ends early");
        } else if (state != Z_OK) {
            throw InputError(
                where, fmt::format("is damaged: {}", stream.msg != nullptr ? stream.msg : "the gzip data is invalid"));
        }
    }
}

NpyArray parse_idx(std::string_view bytes, const std::string& where) {
    if (is_gzip(bytes)) {
        const std::string unpacked = gunzip(bytes, where, kMaxFileBytes);
        if (is_gzip(unpacked)) throw InputError(where, "is gzipped twice; unpack it once");
        return parse_idx(unpacked, where);
    }
    if (bytes.size() < 4 || bytes[0] != '\0' || bytes[1] != '\0')
        throw InputError(where, "is not an idx file (its first two bytes are not zero)");
    NpyArray array;
    array.type = idx_type(load_big(bytes.data() + 2, 1), where);
    const auto axes = static_cast<std::size_t>(load_big(bytes.data() + 3, 1));
    if (axes < 1 || axes > 8)
        throw InputError(where, fmt::format("its idx header has {} axes; 1 to 8 are sensible", axes));
    const std::size_t header = 4 + 4 * axes;
    if (bytes.size() < header) throw InputError(where, "is truncated inside its idx header");
    std::int64_t count = 1;
    for (std::size_t a = 0; a < axes; ++a) {
        const auto d = static_cast<std::int64_t>(load_big(bytes.data() + 4 + 4 * a, 4));
        array.dims.push_back(d);
        if (d == 0) throw InputError(where, "its idx header has an axis of no elements");
        if (d > kMaxArrayElements / count)
            throw InputError(where, fmt::format("its idx header has more than {} elements", kMaxArrayElements));
        count *= d;
    }
    const std::size_t size = npy_type_bytes(array.type);
    const std::size_t needed = static_cast<std::size_t>(count) * size;
    const std::size_t present = bytes.size() - header;
    if (present != needed) {
        throw InputError(
            where, fmt::format("is {}: its idx header {} needs {} bytes of data, it has {}",
                               present < needed ? "truncated" : "too long", print_dims(array.dims), needed, present));
    }
    const char* data = bytes.data() + header;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const std::uint64_t bits = load_big(data + i * size, size);
        if (array.type == NpyType::Float32) {
            array.reals.push_back(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
        } else if (array.type == NpyType::Float64) {
            array.reals.push_back(std::bit_cast<double>(bits));
        } else {
            const Format format{.width = static_cast<int>(8 * size),
                                .integer = static_cast<int>(8 * size),
                                .is_signed = array.type != NpyType::UInt8};
            array.integers.push_back(word_from_pattern(bits, format));
        }
    }
    return array;
}

NpyArray read_idx(const std::string& path) {
    return parse_idx(read_file(path), path);
}

}  // namespace bittrue
