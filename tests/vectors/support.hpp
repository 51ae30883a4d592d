// What the tests of vectors and verify share: a folder of their own, small sets, seeded words.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <stdlib.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/vector_set.hpp"

namespace bittrue::test {

// A new folder under the system's temporary one, removed at the end.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "bittrue-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
    }

private:
    std::filesystem::path path_;
};

inline std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

// The sequence of the splitmix64 generator.
class Words {
public:
    explicit Words(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    std::int64_t next(Format format) { return word_from_pattern(next(), format); }

private:
    std::uint64_t state_;
};

inline FixedType type_of_bits(int width, int integer, bool is_signed = true) {
    return {.format = {.width = width, .integer = integer, .is_signed = is_signed}};
}

inline VectorLayer make_layer(const std::string& name, const FixedType& type, Layout layout, Dims dims,
                              std::vector<std::string> inputs, std::uint64_t seed) {
    VectorLayer layer;
    layer.name = name;
    layer.inputs = std::move(inputs);
    layer.type = type;
    layer.layout = layout;
    layer.dims = std::move(dims);
    layer.stored = type.format;
    Words words(seed);
    for (std::int64_t i = 0; i < element_count(layer.dims); ++i) layer.words.push_back(words.next(type.format));
    return layer;
}

// input 2x4x5x3 -> conv 2x3x4x2 -> flatten 2x24 and side 2x3x4x2 -> dense 2x10
inline VectorSet small_set() {
    VectorSet set;
    set.network = "small";
    set.network_sha256 = std::string(64, 'a');
    set.network_file = "../nets/small.toml";
    set.input = "digits:2";
    set.labels = {3, 7};
    set.layers = {make_layer("input", type_of_bits(8, 0, false), Layout::Hwc, {2, 4, 5, 3}, {}, 1),
                  make_layer("conv", type_of_bits(8, 3), Layout::Hwc, {2, 3, 4, 2}, {"input"}, 2),
                  make_layer("side", type_of_bits(8, 3), Layout::Hwc, {2, 3, 4, 2}, {"input"}, 3),
                  make_layer("flatten", type_of_bits(8, 3), Layout::Vector, {2, 24}, {"conv"}, 4),
                  make_layer("dense", type_of_bits(16, 6), Layout::Vector, {2, 10}, {"flatten", "side"}, 5)};
    Tensor weights{.dims = {24, 10}, .format = {.width = 6, .integer = 1, .is_signed = true}, .words = {}};
    Words words(6);
    for (int i = 0; i < 240; ++i) weights.words.push_back(words.next(weights.format));
    set.parameters.push_back({.layer = "dense", .role = "weights", .tensor = weights});
    return set;
}

inline VectorLayer& layer_of(VectorSet& set, const std::string& name) {
    for (VectorLayer& layer : set.layers) {
        if (layer.name == name) return layer;
    }
    throw std::runtime_error(name);
}

// The message of the InputError that `call` throws; empty when it throws none.
template <class Call>
std::string error_of(Call&& call) {
    try {
        call();
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

}  // namespace bittrue::test
