// Shapes, layouts and the two kinds of arrays: words (what hardware holds) and reals (what training produced).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue {

// How the three axes of a feature map are stored, last axis fastest. A vector has one axis.
enum class Layout : std::uint8_t { Vector, Hwc, Chw };

using Dims = std::vector<std::int64_t>;

// Product of the dimensions (1 for no dimension). Dimensions are validated to multiply below 2^31 per image.
[[nodiscard]] std::int64_t element_count(const Dims& dims);
// "28x28x1"
[[nodiscard]] std::string print_dims(const Dims& dims);

// Shape of one image's tensor: dims in storage order, without the image axis.
struct Shape {
    Layout layout = Layout::Vector;
    Dims dims{};

    [[nodiscard]] std::int64_t count() const { return element_count(dims); }
    // Axes of a feature map whatever the layout; a vector of n is n channels of 1x1.
    [[nodiscard]] std::int64_t channels() const;
    [[nodiscard]] std::int64_t height() const;
    [[nodiscard]] std::int64_t width() const;
    // Of an element in storage order; a vector's elements are channels.
    [[nodiscard]] std::int64_t channel_of(std::int64_t element) const;
    // Flat index of an element in storage order.
    [[nodiscard]] std::int64_t index(std::int64_t c, std::int64_t y, std::int64_t x) const;

    friend bool operator==(const Shape&, const Shape&) = default;
};

[[nodiscard]] Shape make_map(Layout layout, std::int64_t channels, std::int64_t height, std::int64_t width);

// Words of one format, C order, last axis fastest; `words` holds sign- or zero-extended patterns (see format.hpp).
struct Tensor {
    Dims dims{};
    Format format{};
    std::vector<std::int64_t> words{};
};

// Real numbers in double, C order: imported weights (float32 is exact in double) and input values.
struct RealTensor {
    Dims dims{};
    std::vector<double> values{};
};

// Images as real numbers, images first; dims without the image axis equal the network's input shape.
struct InputBatch {
    std::size_t images = 0;
    Dims dims{};  // of one image
    std::vector<double> values{};
};

}  // namespace bittrue
