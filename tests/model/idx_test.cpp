#include "bittrue/model/idx.hpp"

#include <zlib.h>

#include "model/files.hpp"

using namespace bittrue;
using bittrue::test::error_of;

namespace {

std::string big(std::uint32_t n) {
    std::string s;
    for (int shift = 24; shift >= 0; shift -= 8) s += static_cast<char>(n >> static_cast<unsigned>(shift) & 0xffU);
    return s;
}

std::string idx(char type, const std::vector<std::uint32_t>& dims, const std::string& data) {
    std::string bytes(2, '\0');
    bytes += type;
    bytes += static_cast<char>(dims.size());
    for (const std::uint32_t d : dims) bytes += big(d);
    return bytes + data;
}

std::string gzipped(const std::string& bytes) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(compressBound(bytes.size()) + 64, '\0');
    std::string in = bytes;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string message(const std::string& bytes) {
    return error_of([&] { static_cast<void>(parse_idx(bytes, "x.idx")); });
}

}  // namespace

TEST_CASE("idx images and labels, plain and gzipped") {
    const std::string images = idx(8, {2, 1, 2}, std::string("\x00\xff\x7f\x80", 4));
    for (const std::string& bytes :
         {images, gzipped(images), gzipped(images.substr(0, 7)) + gzipped(images.substr(7))}) {
        const NpyArray a = parse_idx(bytes, "x");
        CHECK(a.dims == Dims{2, 1, 2});
        CHECK(a.type == NpyType::UInt8);
        CHECK(a.integers == std::vector<std::int64_t>{0, 255, 127, 128});
    }
    CHECK(parse_idx(idx(8, {3}, "\x07\x02\x01"), "x").integers == std::vector<std::int64_t>{7, 2, 1});
}

TEST_CASE("idx elements of every type are big-endian") {
    CHECK(parse_idx(idx(9, {1}, "\xff"), "x").integers == std::vector<std::int64_t>{-1});
    CHECK(parse_idx(idx(0x0b, {1}, "\xff\xfe"), "x").integers == std::vector<std::int64_t>{-2});
    CHECK(parse_idx(idx(0x0c, {1}, std::string("\x00\x00\x01\x02", 4)), "x").integers ==
          std::vector<std::int64_t>{258});
    CHECK(parse_idx(idx(0x0d, {1}, std::string("\xc0\x20\x00\x00", 4)), "x").reals == std::vector<double>{-2.5});
    CHECK(parse_idx(idx(0x0e, {1}, std::string("\x3f\xf8\x00\x00\x00\x00\x00\x00", 8)), "x").reals ==
          std::vector<double>{1.5});
    CHECK_THAT(message(idx(0x0a, {1}, "x")), Catch::Contains("unknown element type 0x0a"));
}

TEST_CASE("an idx file cut after any number of bytes is an input error") {
    const std::string plain = idx(8, {2, 2, 2}, "abcdefgh");
    const std::string packed = gzipped(plain);
    for (std::size_t n = 0; n < plain.size(); ++n) CHECK_FALSE(message(plain.substr(0, n)).empty());
    for (std::size_t n = 0; n < packed.size(); ++n) CHECK_FALSE(message(packed.substr(0, n)).empty());
}

TEST_CASE("idx headers that cannot be true are refused before allocating") {
    CHECK_THAT(message(idx(8, {0xffffffffU, 0xffffffffU, 0xffffffffU}, "x")),
               Catch::Contains("more than 1073741824 elements"));
    CHECK_THAT(message(idx(8, {1073741824U}, "x")), Catch::Contains("is truncated"));
    CHECK_THAT(message(idx(8, {0, 28, 28}, "")), Catch::Contains("no elements"));
    CHECK_THAT(message(idx(8, {}, "")), Catch::Contains("0 axes"));
    CHECK_THAT(message(idx(8, {2}, "abc")),
               Catch::Contains("too long") && Catch::Contains("needs 2 bytes of data, it has 3"));
    CHECK_THAT(message("\x01\x00\x08\x01"), Catch::Contains("not an idx file"));
}

TEST_CASE("damaged gzip data is refused") {
    const std::string packed = gzipped(idx(8, {2}, "ab"));
    CHECK_THAT(message(packed + "junk"), Catch::Contains("other bytes behind"));
    std::string crc = packed;
    crc[crc.size() - 5] = static_cast<char>(~crc[crc.size() - 5]);
    CHECK_THAT(message(crc), Catch::Contains("damaged"));
    CHECK_THAT(message(gzipped(packed)), Catch::Contains("gzipped twice"));
}

TEST_CASE("unpacking stops at the limit") {
    const std::string bomb = gzipped(std::string(30000000, '\0'));
    REQUIRE(bomb.size() < 40000);
    CHECK_THAT(error_of([&] { static_cast<void>(gunzip(bomb, "x.gz", 1000000)); }),
               Catch::Contains("unpacks to more than 1000000 bytes"));
    CHECK(gunzip(bomb, "x.gz", 30000000).size() == 30000000);
}
