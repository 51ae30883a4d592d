// read_npz: what it takes is written as .npz and read back alike; single arrays and names agree with the whole.
#include "bittrue/model/npz.hpp"
#include "fuzz/arrays.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    return {
        npz_bytes({{"a", small_array(NpyType::Int8, {2, 3})}}),
        npz_bytes({{"conv/kernel:0", small_array(NpyType::Float32, {2, 2})}, {"x", small_array(NpyType::UInt64, {1})}}),
        npz_bytes({{"empty", small_array(NpyType::Float64, {0})}, {"flat", small_array(NpyType::Bool, {64})}})};
}

std::vector<std::string> dictionary() {
    // Signatures of a zip file, the id of its zip64 field, sizes that mean "see there".
    return {"PK\x03\x04",
            "PK\x01\x02",
            "PK\x05\x06",
            "PK\x06\x06",
            "PK\x06\x07",
            "PK\x07\x08",
            std::string("\x01\x00\x10\x00", 4),
            "\xff\xff\xff\xff",
            "\xff\xff",
            ".npy"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    static const Scratch scratch;
    const std::string path = scratch.write("input.npz", text_of(data, size));
    const NpzLimits limits{.total_elements = 1U << 20U, .entries = 64};
    std::vector<NamedArray> arrays;
    if (!takes([&] { arrays = read_npz(path, limits); })) return 0;
    std::uint64_t elements = 0;
    std::vector<std::string> names;
    for (const NamedArray& one : arrays) {
        elements += one.array.count();
        names.push_back(one.name);
        check_array(one.array);
        must_take("an array of a readable file can be read alone", [&] {
            require(npy_bytes(read_npz_array(path, one.name)) == npy_bytes(one.array),
                    "an array read alone is the same");
        });
    }
    require(elements <= limits.total_elements && arrays.size() <= limits.entries, "the limits are kept");
    must_take("the names of a readable file can be listed",
              [&] { require(npz_names(path) == names, "the names are those of the arrays"); });
    must_take("written arrays can be read", [&] {
        const std::string bytes = npz_bytes(arrays);
        const std::vector<NamedArray> again = read_npz(scratch.write("again.npz", bytes), limits);
        require(npz_bytes(again) == bytes, "arrays are written and read back alike");
    });
    return 0;
}
