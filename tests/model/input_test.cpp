#include "bittrue/model/input.hpp"

#include <limits>

#include "bittrue/model/npz.hpp"
#include "model/files.hpp"

using namespace bittrue;
using bittrue::test::error_of;
using bittrue::test::TemporaryFolder;

namespace {

InputSpec spec(Shape shape, double divide = 1, bool float32 = true) {
    return {.name = "in", .shape = std::move(shape), .type = {}, .divide = divide, .float32 = float32};
}
const Shape kMap{.layout = Layout::Hwc, .dims = {2, 3, 1}};

NpyArray pixels(Dims dims) {
    NpyArray a{.dims = std::move(dims), .type = NpyType::UInt8, .integers = {}, .reals = {}};
    for (std::int64_t i = 0; i < element_count(a.dims); ++i) a.integers.push_back(i);
    return a;
}

std::string npy(const TemporaryFolder& folder, const NpyArray& array) {
    write_npy(folder.file("in.npy"), array);
    return folder.file("in.npy");
}

}  // namespace

TEST_CASE("I1: a pixel is divided in single or in double precision") {
    CHECK(pixel_value(77, spec(kMap, 255)) == static_cast<double>(77.0F / 255.0F));
    CHECK(pixel_value(77, spec(kMap, 255, false)) == 77.0 / 255.0);
    CHECK(pixel_value(77, spec(kMap, 255)) != pixel_value(77, spec(kMap, 255, false)));
    CHECK(pixel_value(16777217, spec(kMap, 0.1)) == static_cast<double>(16777216.0F / 0.1F));
    CHECK(pixel_value(-3, spec(kMap, 2)) == -1.5);
}

TEST_CASE("images come with axes of one missing or extra, one by one or many") {
    const TemporaryFolder folder;
    const auto images = [&](const Dims& dims, const Shape& shape) {
        return load_input(npy(folder, pixels(dims)), spec(shape)).images;
    };
    CHECK(images({4, 2, 3, 1}, kMap) == 4);
    CHECK(images({4, 2, 3}, kMap) == 4);
    CHECK(images({4, 1, 2, 3}, kMap) == 4);
    CHECK(images({2, 3}, kMap) == 1);
    CHECK(images({2, 3, 1}, kMap) == 1);
    CHECK(images({1, 2, 3, 1}, kMap) == 1);
    CHECK(images({4, 6}, kMap) == 4);
    const Shape vector{.layout = Layout::Vector, .dims = {6}};
    CHECK(images({4, 2, 3}, vector) == 4);
    CHECK(images({4, 6}, vector) == 4);
    CHECK(images({6}, vector) == 1);
    CHECK(images({5}, {.layout = Layout::Vector, .dims = {1}}) == 5);
    const InputBatch batch = load_input(npy(folder, pixels({4, 2, 3})), spec(kMap), 2);
    CHECK(batch.images == 2);
    CHECK(batch.dims == kMap.dims);
    CHECK(batch.values == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST_CASE("images of another shape, too few images and empty arrays are refused") {
    const TemporaryFolder folder;
    const auto refusal = [&](const Dims& dims, const Shape& shape, std::size_t first = 0) {
        return error_of([&] { static_cast<void>(load_input(npy(folder, pixels(dims)), spec(shape), first)); });
    };
    CHECK_THAT(refusal({4, 3, 2}, kMap),
               Catch::Contains("has the shape 4x3x2; the network's input 'in' needs images of 2x3x1"));
    CHECK_THAT(refusal({4, 12}, {.layout = Layout::Hwc, .dims = {2, 3, 2}}), Catch::Contains("4x12"));
    CHECK_THAT(refusal({2, 2, 3, 2}, {.layout = Layout::Chw, .dims = {2, 2, 3}}), Catch::Contains("2x2x3x2"));
    CHECK_THAT(refusal({4, 2, 3}, kMap, 5), Catch::Contains("has 4 images, fewer than the first 5"));
    CHECK_THAT(refusal({0, 2, 3}, kMap), Catch::Contains("holds no images"));
}

TEST_CASE("floats are values, and must be finite") {
    const TemporaryFolder folder;
    NpyArray a{.dims = {2, 2, 3}, .type = NpyType::Float32, .integers = {}, .reals = std::vector<double>(12, 0.5)};
    CHECK(load_input(npy(folder, a), spec(kMap, 255)).values == std::vector<double>(12, 0.5));
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
        a.reals[7] = bad;
        CHECK_THAT(error_of([&] { static_cast<void>(load_input(npy(folder, a), spec(kMap))); }),
                   Catch::Contains("index [1,0,1]"));
        CHECK(load_input(npy(folder, a), spec(kMap), 1).images == 1);
    }
}

TEST_CASE("an .npz is read by its key, a usual name, or its only array") {
    const TemporaryFolder folder;
    const std::string path = folder.file("in.npz");
    write_npz(path, {{"a", pixels({3, 2, 3})}});
    CHECK(load_input(path, spec(kMap)).images == 3);
    write_npz(path, {{"a", pixels({3, 2, 3})}, {"b", pixels({5, 2, 3})}});
    CHECK(load_input(path + ":b", spec(kMap)).images == 5);
    CHECK_THAT(error_of([&] { static_cast<void>(load_input(path, spec(kMap))); }),
               Catch::Contains("in.npz:NAME with one of a, b"));
    CHECK_THAT(error_of([&] { static_cast<void>(load_input(path + ":c", spec(kMap))); }),
               Catch::Contains("no array 'c'"));
    write_npz(path, {{"a", pixels({3, 2, 3})}, {"x", pixels({7, 2, 3})}});
    CHECK(load_input(path, spec(kMap)).images == 7);
    CHECK_THAT(error_of([&] {
                   static_cast<void>(load_input(npy(folder, pixels({2, 3})) + ":a", spec(kMap)));
               }),
               Catch::Contains("selects nothing"));
    CHECK_THAT(error_of([&] { static_cast<void>(load_input(folder.write("t.txt", "text"), spec(kMap))); }),
               Catch::Contains("neither .npy nor .npz nor an idx file"));
    CHECK_THAT(error_of([&] { static_cast<void>(load_input(folder.file("absent.npy"), spec(kMap))); }),
               Catch::Contains("absent.npy: cannot be read"));
    CHECK_THAT(error_of([&] { static_cast<void>(load_input(folder.file("absent.npz:x"), spec(kMap))); }),
               Catch::Contains("absent.npz: cannot be read"));
}

TEST_CASE("idx files are images and labels") {
    const TemporaryFolder folder;
    const std::string header("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03", 16);
    CHECK(load_input(folder.write("i.idx", header + "abcdefghijkl"), spec(kMap)).values[11] == 'l');
    const std::string labels("\0\0\x08\x01\0\0\0\x03\x07\x02\x01", 11);
    CHECK(load_labels(folder.write("l.idx", labels)) == std::vector<int>{7, 2, 1});
    CHECK(load_labels(folder.file("l.idx"), 2) == std::vector<int>{7, 2});
}

TEST_CASE("labels are numbers or one-hot rows") {
    const TemporaryFolder folder;
    const auto labels = [&](const NpyArray& a) { return load_labels(npy(folder, a)); };
    const auto refusal = [&](const NpyArray& a) { return error_of([&] { static_cast<void>(labels(a)); }); };
    CHECK(labels({.dims = {2, 1}, .type = NpyType::Int64, .integers = {3, 4}, .reals = {}}) == std::vector<int>{3, 4});
    CHECK(labels({.dims = {2}, .type = NpyType::Float32, .integers = {}, .reals = {3, 4}}) == std::vector<int>{3, 4});
    CHECK(labels({.dims = {2, 3}, .type = NpyType::Float32, .integers = {}, .reals = {0, 0, 1, 1, 0, 0}}) ==
          std::vector<int>{2, 0});
    CHECK_THAT(refusal({.dims = {2, 3}, .type = NpyType::Int8, .integers = {0, 1, 1, 1, 0, 0}, .reals = {}}),
               Catch::Contains("row 0 is not one-hot"));
    CHECK_THAT(refusal({.dims = {1, 2}, .type = NpyType::Int8, .integers = {0, 0}, .reals = {}}),
               Catch::Contains("row 0 is not one-hot"));
    CHECK_THAT(refusal({.dims = {2}, .type = NpyType::Int8, .integers = {0, -1}, .reals = {}}),
               Catch::Contains("-1 at index 1"));
    CHECK_THAT(refusal({.dims = {1}, .type = NpyType::Float32, .integers = {}, .reals = {1.5}}),
               Catch::Contains("whole numbers"));
    CHECK_THAT(refusal({.dims = {1},
                        .type = NpyType::Float32,
                        .integers = {},
                        .reals = {std::numeric_limits<double>::quiet_NaN()}}),
               Catch::Contains("whole numbers"));
    CHECK_FALSE(refusal({.dims = {1, 1, 2}, .type = NpyType::Int8, .integers = {0, 1}, .reals = {}}).empty());
}
