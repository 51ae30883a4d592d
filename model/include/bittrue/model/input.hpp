// Images and labels from files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue {

// `source` is a .npy, a .npz (FILE.npz:KEY, else the key "input", "x" or "images", else its only array) or an idx file,
// also gzipped; read once, so a pipe will do. Integers are pixels and become values by rule I1, floats are values.
// Axes: images first, then those of the network's input; axes of 1 may be missing or extra; one image may come without
// the image axis; a network whose input is a vector also takes maps with as many elements, one with a single channel
// also flat images. first = 0 takes all images, otherwise that many (fewer is an InputError). InputError: unreadable,
// another shape, no images, NaN or infinity (with its index).
[[nodiscard]] InputBatch load_input(const std::string& source, const InputSpec& spec, std::size_t first = 0);

// The same images as bytes, for what works on pixels: every number must be a whole one from 0 to 255, whatever its
// type.
struct PixelBatch {
    std::size_t images = 0;
    std::vector<std::uint8_t> pixels{};  // images first, in the order of the input's axes
};
[[nodiscard]] PixelBatch load_pixels(const std::string& source, const InputSpec& spec, std::size_t first = 0);

// The same sources (keys "labels", "y", "label"); integers [N], or one-hot [N, classes] with exactly one 1 per row.
[[nodiscard]] std::vector<int> load_labels(const std::string& source, std::size_t first = 0);

// One stored pixel as a value (rule I1).
[[nodiscard]] double pixel_value(std::int64_t pixel, const InputSpec& spec);

}  // namespace bittrue
