// Weights of a WAGE LeNet-5 that nobody has trained yet: what training starts from, made by arithmetic.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/npz.hpp"

namespace bittrue::example {

// Uniform multiples of 1/128 from -1 to 127/128 (the range of a stored WAGE weight), from splitmix64 with the given
// seed. The arrays are named as the layers and laid out as bittrue multiplies: convolutions [row, column, in, out],
// dense layers [in, out].
inline std::vector<NamedArray> wage_weights(std::uint64_t seed) {
    const std::vector<std::pair<std::string, Dims>> layers = {{"qconv2d", {5, 5, 1, 6}},
                                                              {"qconv2d_1", {5, 5, 6, 8}},
                                                              {"qfc", {128, 120}},
                                                              {"qfc_1", {120, 84}},
                                                              {"qfc_2", {84, 10}}};
    std::vector<NamedArray> arrays;
    for (const auto& [name, dims] : layers) {
        NpyArray array{.dims = dims, .type = NpyType::Float32};
        array.reals.resize(static_cast<std::size_t>(element_count(dims)));
        for (double& weight : array.reals) {
            std::uint64_t z = (seed += 0x9e3779b97f4a7c15U);
            z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
            z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
            z ^= z >> 31U;
            weight = (static_cast<double>(z >> 56U) - 128.0) / 128.0;
        }
        arrays.push_back({name, std::move(array)});
    }
    return arrays;
}

inline constexpr std::uint64_t kWageSeed = 1;

}  // namespace bittrue::example
