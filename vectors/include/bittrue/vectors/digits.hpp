// Handwritten-like digits made by arithmetic: the stimulus on a machine without MNIST.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"
#include "bittrue/model/tensor.hpp"

namespace bittrue {

// Pixels are stored as MNIST stores them: images first, 28 rows of 28 columns, 0 = paper, 255 = ink.
struct Digits {
    static constexpr std::size_t kRows = 28;
    static constexpr std::size_t kColumns = 28;

    std::size_t count = 0;
    std::vector<std::uint8_t> pixels{};  // count * 28 * 28
    std::vector<std::uint8_t> labels{};  // count, each 0..9
};

inline constexpr std::size_t kMaxDigits = 1'000'000;

// `count` digits (0..kMaxDigits, otherwise InputError) of handwriting `seed`. Integer arithmetic only, so every machine
// makes the same bytes. Image i depends on the seed and on i alone: a longer set begins with the shorter one. Every ten
// consecutive images from a multiple of ten hold each digit once, in random order.
//
// As in MNIST the strokes fill a box of 20x20 pixels, are anti-aliased, and the centre of mass is near the centre of
// the 28x28 image.
[[nodiscard]] Digits make_digits(std::size_t count, std::uint64_t seed);

// The digits as a network's input values (rule I1). InputError unless the input has 28 * 28 elements.
[[nodiscard]] InputBatch input_from_digits(const Digits& digits, const InputSpec& spec);

// "digits:100" (seed 1) or "digits:100:7". Other text that begins with "digits:" is an InputError.
struct DigitsRequest {
    std::size_t count = 0;
    std::uint64_t seed = 1;
};
[[nodiscard]] bool is_digits_request(const std::string& text);
[[nodiscard]] DigitsRequest parse_digits_request(const std::string& text);

}  // namespace bittrue
