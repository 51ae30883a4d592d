// A dense or convolution layer in plain integers, written from chapters A, Q and O of docs/numerics.md, with places
// where a fault can sit. Sequential, quantised at every step, the bias first: what the networks of the suite have.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dump.hpp"

namespace bittrue::mutation {

// raw * 2^-frac into `to` (rules Q and O, without N and WRAP_SM).
[[nodiscard]] std::int64_t cast(std::int64_t raw, int frac, const FixedType& to);

// One place of a sum: term t of output channel o at row y and column x of image n.
struct Term {
    std::int64_t image = 0, channel = 0, y = 0, x = 0, t = 0, terms = 0;
};

struct MacPlaces {
    // The product (after its cast) as the adder sees it.
    std::function<std::int64_t(const Term&, std::int64_t product)> product{};
    // False: the term is left out.
    std::function<bool(const Term&)> takes{};
    // What the accumulator starts from; `before` is the last sum that the same adder made, `bias` the right start.
    std::function<std::int64_t(const Term&, std::int64_t bias, std::int64_t before)> start{};
    // The word of the input at flat place `at` of the image, -1 in the padding.
    std::function<std::int64_t(const Term&, std::int64_t at, std::int64_t word)> input{};
    // Weight words in another order or with other contents; storage order [row][column][in][out] or [in][out].
    std::function<void(std::vector<std::int64_t>& weights)> weights{};
    std::function<void(std::vector<std::int64_t>& bias)> bias{};
};

[[nodiscard]] TensorWords integer_layer(const Node& node, const TensorWords& input, const MacPlaces& places);

}  // namespace bittrue::mutation
