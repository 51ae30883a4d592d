#include "bittrue/model/npz.hpp"

#include <array>

#include <zip.h>

#include "model/files.hpp"

using namespace bittrue;
using bittrue::test::error_of;
using bittrue::test::TemporaryFolder;

namespace {

struct Entry {
    std::string name;
    std::string bytes;
    int method = ZIP_CM_DEFLATE;
    bool encrypted = false;
};

// A zip made by libzip itself, not by the code under test.
void make_zip(const std::string& path, const std::vector<Entry>& entries) {
    int error = 0;
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    REQUIRE(zip != nullptr);
    for (const Entry& e : entries) {
        zip_source_t* source = zip_source_buffer(zip, e.bytes.data(), e.bytes.size(), 0);
        const zip_int64_t index = zip_file_add(zip, e.name.c_str(), source, ZIP_FL_ENC_UTF_8);
        REQUIRE(index >= 0);
        REQUIRE(zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), e.method, 9) == 0);
        if (e.encrypted)
            REQUIRE(zip_file_set_encryption(zip, static_cast<zip_uint64_t>(index), ZIP_EM_AES_128, "secret") == 0);
    }
    REQUIRE(zip_close(zip) == 0);
}

NpyArray small() {
    return {.dims = {2, 2}, .type = NpyType::Int16, .integers = {1, -2, 3, -4}, .reals = {}};
}

std::string message(const std::string& path, const NpzLimits& limits = {}) {
    return error_of([&] { static_cast<void>(read_npz(path, limits)); });
}

// Overwrites the four little-endian bytes behind each occurrence of a zip signature.
void patch(std::string& bytes, const std::string& signature, std::size_t offset, std::uint32_t value) {
    for (std::size_t at = bytes.find(signature); at != std::string::npos; at = bytes.find(signature, at + 4)) {
        for (std::size_t i = 0; i < 4; ++i) bytes[at + offset + i] = static_cast<char>(value >> (8 * i) & 0xffU);
    }
}

const std::string kLocal("PK\x03\x04", 4);
const std::string kCentral("PK\x01\x02", 4);

}  // namespace

TEST_CASE("named arrays read back in their order, and equal content gives equal bytes") {
    const TemporaryFolder folder;
    const std::vector<NamedArray> arrays{
        {"conv2d/kernel:0", small()},
        {"a", {.dims = {3}, .type = NpyType::Float64, .integers = {}, .reals = {0.5, -1, 1e300}}},
        {"\xc3\xa4", {.dims = {}, .type = NpyType::UInt64, .integers = {-1}, .reals = {}}}};
    write_npz(folder.file("x.npz"), arrays);
    CHECK(read_npz(folder.file("x.npz")) == arrays);
    CHECK(npz_names(folder.file("x.npz")) == std::vector<std::string>{"conv2d/kernel:0", "a", "\xc3\xa4"});
    CHECK(read_npz_array(folder.file("x.npz"), "a") == arrays[1].array);
    CHECK(npz_bytes(arrays) == npz_bytes(arrays));
    CHECK(read_file(folder.file("x.npz")) == npz_bytes(arrays));
    CHECK(folder.entries() == 1);
    write_npz(folder.file("empty.npz"), {});
    CHECK(read_npz(folder.file("empty.npz")).empty());
}

TEST_CASE("entries may be stored or deflated") {
    const TemporaryFolder folder;
    make_zip(folder.file("x.npz"),
             {{"s.npy", npy_bytes(small()), ZIP_CM_STORE}, {"d.npy", npy_bytes(small()), ZIP_CM_DEFLATE}});
    const std::vector<NamedArray> arrays = read_npz(folder.file("x.npz"));
    REQUIRE(arrays.size() == 2);
    CHECK(arrays[0] == NamedArray{"s", small()});
    CHECK(arrays[1] == NamedArray{"d", small()});
}

TEST_CASE("an archive of numpy itself, zip64 headers included, is read") {
    // numpy.savez(x=numpy.arange(3, dtype='int8')): a zip64 extra field in the local header, sizes 0xffffffff there.
    const std::string npy = npy_bytes({.dims = {3}, .type = NpyType::Int8, .integers = {0, 1, 2}, .reals = {}});
    const auto number = [](std::uint64_t n, unsigned bytes) {
        std::string s;
        for (unsigned i = 0; i < bytes; ++i) s += i < 8 ? static_cast<char>(n >> (8 * i) & 0xffU) : char{0};
        return s;
    };
    std::uint32_t crc = 0xffffffffU;
    for (const char c : npy) {
        crc ^= static_cast<unsigned char>(c);
        for (int k = 0; k < 8; ++k) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    crc = ~crc;
    const std::string size = number(npy.size(), 4);
    const std::string local = kLocal + number(45, 2) + number(0, 8) + number(crc, 4) + number(0xffffffff, 4) +
                              number(0xffffffff, 4) + number(5, 2) + number(20, 2) + "x.npy" + number(1, 2) +
                              number(16, 2) + number(npy.size(), 8) + number(npy.size(), 8);
    const std::string central = kCentral + number(45, 2) + number(45, 2) + number(0, 8) + number(crc, 4) + size + size +
                                number(5, 2) + number(0, 12) + number(0, 4) + "x.npy";
    const std::string end = "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) + number(central.size(), 4) +
                            number(local.size() + npy.size(), 4) + number(0, 2);
    const TemporaryFolder folder;
    const std::vector<NamedArray> arrays = read_npz(folder.write("x.npz", local + npy + central + end));
    REQUIRE(arrays.size() == 1);
    CHECK(arrays[0].array.integers == std::vector<std::int64_t>{0, 1, 2});
}

TEST_CASE("an .npz cut after any number of bytes is an input error") {
    const TemporaryFolder folder;
    const std::string whole = npz_bytes({{"a", small()}, {"b", small()}});
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const std::string path = folder.write("x.npz", std::string_view(whole).substr(0, n));
        CHECK_FALSE(message(path).empty());
    }
}

TEST_CASE("an .npz with any one byte inverted is refused or equal, never a crash") {
    const TemporaryFolder folder;
    const std::vector<NamedArray> arrays{{"a", small()}};
    const std::string whole = npz_bytes(arrays);
    std::size_t refused = 0;
    for (std::size_t n = 0; n < whole.size(); ++n) {
        std::string bytes = whole;
        bytes[n] = static_cast<char>(~bytes[n]);
        const std::string path = folder.write("x.npz", bytes);
        refused += message(path).empty() ? 0U : 1U;
    }
    CHECK(refused > whole.size() / 2);
}

TEST_CASE("a zip bomb is refused by its declaration before it is unpacked") {
    const TemporaryFolder folder;
    const std::string header = npy_bytes({.dims = {0}, .type = NpyType::Int8, .integers = {}, .reals = {}});
    std::string big = header;
    const std::size_t at = big.find("(0,), }");
    big.replace(at, 7, "(64000000,), }");
    big.erase(big.size() - 8, 7);
    make_zip(folder.file("bomb.npz"), {{"x.npy", big + std::string(64000000, '\0')}});
    CHECK(std::filesystem::file_size(folder.file("bomb.npz")) < 100000);
    CHECK_THAT(message(folder.file("bomb.npz"), {.total_elements = 1000000, .entries = 10}),
               Catch::Contains("more elements than are allowed"));
    CHECK(message(folder.file("bomb.npz")).empty());
    const std::string many =
        npy_bytes({.dims = {600}, .type = NpyType::Int8, .integers = std::vector<std::int64_t>(600), .reals = {}});
    make_zip(folder.file("many.npz"), {{"a.npy", many}, {"b.npy", many}});
    CHECK_THAT(message(folder.file("many.npz"), {.total_elements = 1000, .entries = 10}),
               Catch::Contains("array 'b'") && Catch::Contains("more elements"));
    CHECK_THAT(message(folder.file("many.npz"), {.total_elements = 5000, .entries = 1}),
               Catch::Contains("has 2 entries"));
}

TEST_CASE("a shape that is not the entry's size is refused before allocating") {
    const TemporaryFolder folder;
    std::string lying = npy_bytes(small());
    const std::size_t at = lying.find("(2, 2)");
    lying.replace(at, 6, "(9, 9)");
    make_zip(folder.file("x.npz"), {{"x.npy", lying}});
    CHECK_THAT(
        message(folder.file("x.npz")),
        Catch::Contains("array 'x'") && Catch::Contains("declares 136 bytes but its shape 9x9 of int16 needs 290"));
}

TEST_CASE("declared sizes that are not the real ones are refused") {
    const TemporaryFolder folder;
    const NpyArray array{
        .dims = {500}, .type = NpyType::Int8, .integers = std::vector<std::int64_t>(500, 7), .reals = {}};
    const std::string whole = npz_bytes({{"a", array}});
    for (const std::uint32_t size :
         {std::uint32_t{0}, std::uint32_t{100}, std::uint32_t{600}, std::uint32_t{0xfffffff0U}}) {
        std::string bytes = whole;
        patch(bytes, kLocal, 22, size);
        patch(bytes, kCentral, 24, size);
        const std::string path = folder.write("x.npz", bytes);
        INFO("declared " << size);
        CHECK_FALSE(message(path).empty());
    }
    std::string crc = whole;
    patch(crc, kLocal, 14, 1);
    patch(crc, kCentral, 16, 1);
    const std::string path = folder.write("x.npz", crc);
    CHECK_THAT(message(path), Catch::Contains("damaged"));
}

TEST_CASE("entries that are no arrays are named") {
    const TemporaryFolder folder;
    make_zip(folder.file("a.npz"), {{"readme.txt", "hello"}});
    CHECK_THAT(message(folder.file("a.npz")), Catch::Contains("entry 'readme.txt' is not an array"));
    make_zip(folder.file("b.npz"), {{"x.npy", "hello"}});
    CHECK_THAT(message(folder.file("b.npz")), Catch::Contains("array 'x'") && Catch::Contains("not a .npy file"));
    make_zip(folder.file("c.npz"), {{"x.npy", npy_bytes(small()), ZIP_CM_DEFLATE, true}});
    CHECK_THAT(message(folder.file("c.npz")), Catch::Contains("encrypted"));
    if (zip_compression_method_supported(ZIP_CM_BZIP2, 1) != 0) {
        make_zip(folder.file("d.npz"), {{"x.npy", npy_bytes(small()), ZIP_CM_BZIP2}});
        CHECK_THAT(message(folder.file("d.npz")), Catch::Contains("compression method 12"));
    }
    CHECK_THAT(message(folder.write("e.npz", "not a zip at all")), Catch::Contains("not an .npz file"));
    CHECK_THAT(message(folder.write("f.npz", "")), Catch::Contains("not an .npz file"));
    make_zip(folder.file("g.npz"), {{"x.npy", npy_bytes(small())}});
    CHECK_THAT(error_of([&] { static_cast<void>(read_npz_array(folder.file("g.npz"), "y")); }),
               Catch::Contains("has no array 'y'; it has 'x'"));
}

TEST_CASE("doubled and empty names are refused when written") {
    CHECK_THAT(error_of([&] {
                   static_cast<void>(npz_bytes({{"a", small()}, {"a", small()}}));
               }),
               Catch::Contains("'a' is empty or doubled"));
    CHECK_FALSE(error_of([&] { static_cast<void>(npz_bytes({{"", small()}})); }).empty());
}

TEST_CASE("an .npz that cannot be written leaves nothing") {
    const TemporaryFolder folder;
    CHECK_THAT(error_of([&] {
                   write_npz(folder.file("absent/x.npz"), {{"a", small()}});
               }),
               Catch::Contains("cannot be written"));
    CHECK(folder.entries() == 0);
}
