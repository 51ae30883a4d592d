#include "bittrue/model/npy.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "model/files.hpp"

using namespace bittrue;
using bittrue::test::error_of;

namespace {

// A version 1.0 file with this header dictionary, as numpy pads it.
std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
    const std::size_t fixed = version == 1 ? 10 : 12;
    std::string text = dictionary;
    text.append(63 - (fixed + text.size()) % 64, ' ');
    text += '\n';
    std::string bytes("\x93NUMPY", 6);
    bytes += version;
    bytes += '\0';
    bytes += static_cast<char>(text.size() & 0xffU);
    bytes += static_cast<char>(text.size() >> 8U);
    if (version > 1) bytes += std::string(2, '\0');
    return bytes + text + data;
}

std::string header(const std::string& descr, const std::string& shape, bool fortran = false) {
    return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
           ", }";
}

NpyArray parse(const std::string& bytes) {
    return parse_npy(bytes, "a.npy");
}
std::string message(const std::string& bytes) {
    return error_of([&] { static_cast<void>(parse(bytes)); });
}

}  // namespace

TEST_CASE("integers of every width and byte order") {
    CHECK(parse(npy(header("|i1", "(2,)"), "\x80\x7f")).integers == std::vector<std::int64_t>{-128, 127});
    CHECK(parse(npy(header("|u1", "(2,)"), "\x80\x7f")).integers == std::vector<std::int64_t>{128, 127});
    CHECK(parse(npy(header("<i2", "(1,)"), "\xfe\xff")).integers == std::vector<std::int64_t>{-2});
    CHECK(parse(npy(header(">i2", "(1,)"), "\xff\xfe")).integers == std::vector<std::int64_t>{-2});
    CHECK(parse(npy(header("<u2", "(1,)"), "\xfe\xff")).integers == std::vector<std::int64_t>{65534});
    CHECK(parse(npy(header(">i4", "(1,)"), std::string("\x00\x00\x01\x02", 4))).integers ==
          std::vector<std::int64_t>{258});
    CHECK(parse(npy(header("<u4", "(1,)"), "\xff\xff\xff\xff")).integers == std::vector<std::int64_t>{4294967295});
    CHECK(parse(npy(header("<i8", "(1,)"), std::string(8, '\xff'))).integers == std::vector<std::int64_t>{-1});
    const NpyArray wide = parse(npy(header("<u8", "(1,)"), std::string(8, '\xff')));
    CHECK(wide.integers == std::vector<std::int64_t>{-1});
    CHECK(wide.number(0) == 18446744073709551616.0);
    CHECK(parse(npy(header("|b1", "(3,)"), std::string("\x00\x01\x05", 3))).integers ==
          std::vector<std::int64_t>{0, 1, 1});
}

TEST_CASE("floats of every width and byte order") {
    CHECK(parse(npy(header("<f4", "(1,)"), std::string("\x00\x00\x20\xc0", 4))).reals == std::vector<double>{-2.5});
    CHECK(parse(npy(header(">f8", "(1,)"), std::string("\x3f\xf8\x00\x00\x00\x00\x00\x00", 8))).reals ==
          std::vector<double>{1.5});
    const NpyArray half =
        parse(npy(header("<f2", "(6,)"), std::string("\x00\x3c\xff\x7b\x01\x00\x00\xfc\x00\x80\xff\x03", 12)));
    CHECK(half.reals[0] == 1.0);
    CHECK(half.reals[1] == 65504.0);
    CHECK(half.reals[2] == 0x1p-24);
    CHECK(half.reals[3] == -std::numeric_limits<double>::infinity());
    CHECK((half.reals[4] == 0.0 && std::signbit(half.reals[4])));
    CHECK(half.reals[5] == 1023 * 0x1p-24);
    CHECK(std::isnan(parse(npy(header("<f2", "(1,)"), "\x01\x7e")).reals[0]));
}

TEST_CASE("versions 1, 2 and 3 of the header") {
    for (const char version : {'\1', '\2', '\3'})
        CHECK(parse(npy(header("|i1", "(1,)"), "\x07", version)).integers == std::vector<std::int64_t>{7});
    CHECK_THAT(message(npy(header("|i1", "(1,)"), "\x07", 4)), Catch::Contains("version 4.0 is unknown"));
}

TEST_CASE("Fortran order is turned into C order") {
    const NpyArray a = parse(npy(header("|i1", "(2, 3)", true), std::string("\x01\x04\x02\x05\x03\x06")));
    CHECK(a.integers == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
    const NpyArray b = parse(npy(header("|i1", "(2, 2, 2)", true), std::string("\x01\x05\x03\x07\x02\x06\x04\x08")));
    CHECK(b.integers == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("shapes without axes and without elements") {
    CHECK(parse(npy(header("|i1", "()"), "\x07")).dims.empty());
    CHECK(parse(npy(header("|i1", "()"), "\x07")).integers == std::vector<std::int64_t>{7});
    CHECK(parse(npy(header("<f4", "(0, 1099511627776)"), "")).count() == 0);
    CHECK(parse(npy(header("|i1", "(1L, 1L)"), "\x07")).dims == Dims{1, 1});
}

TEST_CASE("elements that are not plain numbers are refused with the reason") {
    CHECK_THAT(message(npy(header("|O", "(1,)"), std::string(8, '\0'))), Catch::Contains("Python objects"));
    CHECK_THAT(message(npy(header("<c8", "(1,)"), std::string(8, '\0'))), Catch::Contains("complex numbers"));
    CHECK_THAT(message(npy(header("<U1", "(1,)"), std::string(4, '\0'))), Catch::Contains("strings"));
    CHECK_THAT(message(npy(header("|S1", "(1,)"), "x")), Catch::Contains("strings"));
    CHECK_THAT(message(npy(header("<M8[s]", "(1,)"), std::string(8, '\0'))), Catch::Contains("times"));
    CHECK_THAT(message(npy(header("<f16", "(1,)"), std::string(16, '\0'))), Catch::Contains("unsupported width"));
    CHECK_THAT(message(npy("{'descr': [('x', '<i4')], 'fortran_order': False, 'shape': (1,), }", std::string(4, '\0'))),
               Catch::Contains("structures"));
    CHECK_THAT(message(npy(header("i4", "(1,)"), std::string(4, '\0'))),
               Catch::Contains("element type 'i4' is unknown"));
}

TEST_CASE("absurd shapes are refused before anything is allocated") {
    CHECK_THAT(message(npy(header("|i1", "(1099511627776,)"), "")), Catch::Contains("more than 1073741824 elements"));
    CHECK_THAT(message(npy(header("<i8", "(4294967296, 4294967296)"), "")), Catch::Contains("more than"));
    CHECK_THAT(message(npy(header("<i8", "(2147483648, 2147483648, 4)"), "")), Catch::Contains("more than"));
    CHECK_THAT(message(npy(header("<i8", "(99999999999999999999,)"), "")), Catch::Contains("2^63"));
    CHECK_THAT(message(npy(header("<i8", "(-1,)"), "")), Catch::Contains("-1 elements"));
    CHECK_THAT(message(npy(header("<f8", "(1073741824,)"), "12345678")), Catch::Contains("is truncated"));
}

TEST_CASE("data that is too short or too long is said with both lengths") {
    CHECK_THAT(message(npy(header("<i2", "(2,)"), "abc")),
               Catch::Contains("is truncated") && Catch::Contains("needs 4 bytes of data, it has 3"));
    CHECK_THAT(message(npy(header("<i2", "(2,)"), "abcde")),
               Catch::Contains("too long") && Catch::Contains("needs 4 bytes of data, it has 5"));
}

TEST_CASE("a .npy cut after any number of bytes is an input error") {
    const std::string whole =
        npy_bytes({.dims = {2, 2}, .type = NpyType::Int16, .integers = {1, -2, 3, -4}, .reals = {}});
    REQUIRE(parse(whole).count() == 4);
    for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(message(whole.substr(0, n)).empty());
}

TEST_CASE("a .npy with any one byte of its header changed never does worse than an input error") {
    const std::string whole =
        npy_bytes({.dims = {2, 2}, .type = NpyType::Int16, .integers = {1, -2, 3, -4}, .reals = {}});
    std::size_t refused = 0;
    for (std::size_t n = 0; n < whole.size(); ++n) {
        for (const char c : {'\0', '\xff', '9', '(', '\'', ' '}) {
            std::string bytes = whole;
            bytes[n] = c;
            refused += message(bytes).empty() ? 0U : 1U;
        }
    }
    CHECK(refused > 100);
}

TEST_CASE("headers with missing, unknown or broken parts are refused") {
    CHECK_THAT(message(npy("{'descr': '<i2', 'shape': (1,), }", "ab")),
               Catch::Contains("lacks 'descr', 'fortran_order' or 'shape'"));
    CHECK_THAT(message(npy("{'descr': '<i2', 'fortran_order': 0, 'shape': (1,), }", "ab")),
               Catch::Contains("neither True nor False"));
    CHECK_THAT(message(npy("{'descr': '<i2', 'fortran_order': False, 'shape': (1,), 'x': 1}", "ab")),
               Catch::Contains("unknown key 'x'"));
    CHECK_THAT(message(npy(header("<i2", "(1,)") + " junk", "ab")), Catch::Contains("behind the closing"));
    CHECK_THAT(message("PK\x03\x04"), Catch::Contains("not a .npy file"));
}

TEST_CASE("every type reads back as it was written, byte for byte alike") {
    test::SplitMix64 random(1);
    for (const NpyType type :
         {NpyType::Bool, NpyType::Int8, NpyType::Int16, NpyType::Int32, NpyType::Int64, NpyType::UInt8, NpyType::UInt16,
          NpyType::UInt32, NpyType::UInt64, NpyType::Float16, NpyType::Float32, NpyType::Float64}) {
        NpyArray a{.dims = {3, 1, 5}, .type = type, .integers = {}, .reals = {}};
        const int bits = static_cast<int>(8 * npy_type_bytes(type));
        const bool is_unsigned =
            type == NpyType::UInt8 || type == NpyType::UInt16 || type == NpyType::UInt32 || type == NpyType::UInt64;
        for (int i = 0; i < 15; ++i) {
            const std::uint64_t r = random.next();
            if (a.is_real())
                a.reals.push_back(static_cast<double>(static_cast<std::int64_t>(r % 4001) - 2000) / 1024);
            else if (type == NpyType::Bool)
                a.integers.push_back(static_cast<std::int64_t>(r & 1U));
            else
                a.integers.push_back(word_from_pattern(r, {.width = bits, .integer = bits, .is_signed = !is_unsigned}));
        }
        if (type == NpyType::Float16)
            for (double& x : a.reals) x = std::floor(x * 256) / 256;
        INFO(print_npy_type(type));
        const std::string bytes = npy_bytes(a);
        CHECK(parse(bytes) == a);
        CHECK(npy_bytes(parse(bytes)) == bytes);
    }
}

TEST_CASE("the header is the one numpy writes") {
    const std::string bytes = npy_bytes({.dims = {3}, .type = NpyType::Int8, .integers = {1, 2, 3}, .reals = {}});
    CHECK(bytes.substr(0, 10) == std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    CHECK(bytes.substr(10, 58) == "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), } ");
    CHECK(bytes.size() == 128 + 3);
    CHECK_THAT(npy_bytes({.dims = {2, 3}, .type = NpyType::Float32, .integers = {}, .reals = std::vector<double>(6)}),
               Catch::Contains("'shape': (2, 3), }"));
    CHECK_THAT(npy_bytes({.dims = {}, .type = NpyType::Int8, .integers = {1}, .reals = {}}),
               Catch::Contains("'shape': (), }"));
}

TEST_CASE("words are written in the smallest signed type that holds their format") {
    const auto type = [](int width, bool is_signed) {
        return smallest_npy_type({.width = width, .integer = width, .is_signed = is_signed});
    };
    CHECK(type(8, true) == NpyType::Int8);
    CHECK(type(7, false) == NpyType::Int8);
    CHECK(type(8, false) == NpyType::Int16);
    CHECK(type(9, true) == NpyType::Int16);
    CHECK(type(16, false) == NpyType::Int32);
    CHECK(type(32, true) == NpyType::Int32);
    CHECK(type(63, false) == NpyType::Int64);
    CHECK(type(64, true) == NpyType::Int64);
    CHECK(type(64, false) == NpyType::UInt64);
}

TEST_CASE("a float64 that is not a float16 is rounded to nearest even when written as one") {
    const NpyArray a{.dims = {4},
                     .type = NpyType::Float16,
                     .integers = {},
                     .reals = {1 + 0x1p-11, 1 + 3 * 0x1p-11, 65519.99, 65520}};
    CHECK(parse(npy_bytes(a)).reals ==
          std::vector<double>{1, 1 + 0x1p-9, 65504, std::numeric_limits<double>::infinity()});
}
