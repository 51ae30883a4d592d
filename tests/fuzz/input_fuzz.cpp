// load_input and load_labels: a file of any kind as images of 2x2 and as labels. The first byte chooses the network's
// input.
#include <cmath>

#include "bittrue/model/input.hpp"
#include "bittrue/model/npz.hpp"
#include "fuzz/arrays.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    const auto idx = std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02", 16) + "abcdefgh";
    return {'0' + npy_bytes(small_array(NpyType::UInt8, {3, 2, 2, 1})),
            '1' + npy_bytes(small_array(NpyType::Float32, {2, 2, 2})),
            '2' + npy_bytes(small_array(NpyType::Int16, {3, 4})),
            '3' + npy_bytes(small_array(NpyType::Int64, {5})),
            '0' + idx,
            '1' + npz_bytes({{"images", small_array(NpyType::UInt8, {1, 2, 2})},
                             {"labels", small_array(NpyType::UInt8, {1})}}),
            '2' + npz_bytes({{"y", small_array(NpyType::Bool, {4, 2})}})};
}

std::vector<std::string> dictionary() {
    return {"'<f8'",
            "'|u1'",
            "'<i8'",
            "'<u8'",
            "(2, 2, 2)",
            "(1, 2, 2, 1)",
            "(4,)",
            "(0, 4)",
            "(3, 1)",
            "\xff\xff\xff\xff",
            std::string("\0\0\xf0\x7f", 4),
            "input",
            "images",
            "labels"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    if (size == 0) return 0;
    static const Scratch scratch;
    const std::string path = scratch.write("input", text_of(data + 1, size - 1));
    const bool is_map = data[0] % 2 == 0;
    const InputSpec spec{
        .name = "in",
        .shape = is_map ? make_map(Layout::Hwc, 1, 2, 2) : Shape{.layout = Layout::Vector, .dims = {4}},
        .type = {},
        .divide = 255,
        .float32 = data[0] % 4 < 2};
    for (const std::size_t first : {std::size_t{0}, std::size_t{2}}) {
        takes([&] {
            const InputBatch batch = load_input(path, spec, first);
            require(batch.images > 0 && (first == 0 || batch.images == first), "as many images as were asked for");
            require(batch.dims == spec.shape.dims && batch.values.size() == 4 * batch.images,
                    "images have the network's shape");
            for (const double value : batch.values) require(std::isfinite(value), "input values are finite");
        });
        takes([&] {
            const std::vector<int> labels = load_labels(path, first);
            require(first == 0 || labels.size() == first, "as many labels as were asked for");
            for (const int label : labels) require(label >= 0, "labels are not negative");
        });
    }
    return 0;
}
