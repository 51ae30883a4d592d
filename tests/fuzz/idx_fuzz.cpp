// parse_idx and gunzip: the elements of an idx file, written down again, are the file.
#include <bit>
#include <cmath>

#include <zlib.h>

#include "bittrue/model/idx.hpp"
#include "fuzz/arrays.hpp"

namespace bittrue::fuzz {

namespace {

void append_big_endian(std::string& bytes, std::uint64_t value, std::size_t count) {
    for (std::size_t i = count; i > 0; --i) bytes += static_cast<char>(value >> (8 * (i - 1)) & 0xffU);
}

char code_of(NpyType type) {
    for (const auto& [code, known] : {std::pair{8, NpyType::UInt8},
                                      {9, NpyType::Int8},
                                      {11, NpyType::Int16},
                                      {12, NpyType::Int32},
                                      {13, NpyType::Float32},
                                      {14, NpyType::Float64}}) {
        if (type == known) return static_cast<char>(code);
    }
    require(false, "an idx file has one of six types");
    return 0;
}

std::string idx_bytes(const NpyArray& array) {
    std::string bytes{'\0', '\0', code_of(array.type), static_cast<char>(array.dims.size())};
    for (const std::int64_t dim : array.dims) append_big_endian(bytes, static_cast<std::uint64_t>(dim), 4);
    const std::size_t width = npy_type_bytes(array.type);
    for (const std::int64_t word : array.integers) append_big_endian(bytes, static_cast<std::uint64_t>(word), width);
    for (const double real : array.reals) {
        const std::uint64_t pattern =
            width == 8 ? std::bit_cast<std::uint64_t>(real) : std::bit_cast<std::uint32_t>(static_cast<float>(real));
        append_big_endian(bytes, pattern, width);
    }
    return bytes;
}

std::string gzipped(const std::string& bytes) {
    z_stream stream{};
    require(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib starts");
    std::string in = bytes;
    std::string out(bytes.size() + 256, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs a small file");
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

bool has_nan(const NpyArray& array) {
    for (const double real : array.reals) {
        if (std::isnan(real)) return true;
    }
    return false;
}

constexpr std::uint64_t kMost = 1U << 20U;

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (const NpyType type :
         {NpyType::UInt8, NpyType::Int8, NpyType::Int16, NpyType::Int32, NpyType::Float32, NpyType::Float64}) {
        all.push_back(idx_bytes(small_array(type, {2, 2, 3})));
    }
    all.push_back(idx_bytes(small_array(NpyType::UInt8, {5})));
    all.push_back(gzipped(all[0]));
    all.push_back(gzipped(all[6]) + gzipped(""));
    return all;
}

std::vector<std::string> dictionary() {
    return {std::string("\0\0\x08\x03", 4),
            std::string("\0\0\x0d\x01", 4),
            "\x1f\x8b\x08",
            "\xff\xff\xff\xff",
            std::string("\0\0\0\0", 4),
            "\x7f\xff\xff\xff",
            "\x80"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string_view bytes = view_of(data, size);
    std::string unpacked(bytes);
    bool opens = true;
    if (is_gzip(bytes)) {
        try {
            unpacked = gunzip(bytes, "input", kMost);
            require(unpacked.size() <= kMost, "gunzip keeps its limit");
        } catch (const InputError&) {
            opens = false;
        }
    }
    NpyArray array;
    if (!takes([&] { array = parse_idx(bytes, "input"); })) return 0;
    check_array(array);
    if (opens && !has_nan(array)) require(idx_bytes(array) == unpacked, "the elements are those of the file");
    return 0;
}
