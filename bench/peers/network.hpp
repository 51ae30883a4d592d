// The networks that bittrue and its peers are timed on: for the engines a graph, for the peers the same as a list of
// steps on small integers, and what an accumulator does as one choice for the whole network.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bittrue/model/graph.hpp"

namespace bench::peers {

// Every accumulator begins with the bias and takes term after term. Its lsb is the product's, or with rounded products
// 2^kDropped of it.
struct AccumulatorClass {
    enum class Kind : std::uint8_t {
        Wide,      // 32 bits: no sum leaves them
        Wrap,      // `width` bits
        Saturate,  // `width` bits, at every step
        Round,     // each product loses kDropped bits, to nearest with ties up (RND), then saturating steps
        Truncate,  // likewise, toward minus infinity (TRN)
        Converge,  // likewise, to nearest with ties to even (RND_CONV)
    };
    std::string name{};
    Kind kind = Kind::Wide;
    int width = 32;
};
inline constexpr int kDropped = 4;
[[nodiscard]] constexpr bool rounds_products(AccumulatorClass::Kind kind) {
    return kind >= AccumulatorClass::Kind::Round;
}
// "wide", "wrap16", "sat16", "sat8", "sat12", "sat17", "sat20", "sat24", "sat31", "rnd16", "trn16", "rndconv16"
[[nodiscard]] const std::vector<AccumulatorClass>& accumulator_classes();

// Feature maps of the steps are rows, columns, channels, the channel fastest; a vector is a map of one place.
struct Linear {  // convolution of stride 1; a dense layer is one whose kernel covers the map
    int height = 1, width = 1, channels = 1;
    int kernel_rows = 1, kernel_columns = 1;
    int pad = 0;  // zeros on each side
    int out_height = 1, out_width = 1, outputs = 1;
    std::vector<std::int8_t> weights{};  // [kernel row][kernel column][channel][output]
    std::vector<std::int32_t> start{};   // the accumulator once it holds the bias, as raws of its own format
    std::vector<std::int32_t> bias{};    // the bias before that, as raws of the accumulator's lsb
};
struct Cast {  // x < 0 ? 0 (with relu), then x * 2^-drop to nearest even, then clamped
    bool relu = false;
    int drop = 0;  // negative: shifted left
    std::int32_t low = 0, high = 0;
};
struct Pool {  // the largest of each 2x2
    int height = 2, width = 2, channels = 1;
};
using Step = std::variant<Linear, Cast, Pool>;

struct Network {
    std::string name{};
    AccumulatorClass accumulator{};
    bittrue::Graph graph{};  // validated; the input is 8 unsigned bits, rows, columns, channels
    std::vector<Step> steps{};
    std::int64_t inputs = 0, outputs = 0;  // words of one image
    std::int64_t macs = 0;                 // per image
};

// "N1": the shape of LeNet-5 (189,480 MACs) with generated 8-bit weights, which pools before it quantises. "N2": the
// 8-bit MNIST CNN of examples/mnist-cnn without its softmax. "VGG": six convolutions of 3x3 and a dense layer on
// CIFAR's shape (153 million MACs), generated weights.
[[nodiscard]] Network make_network(const std::string& name, const AccumulatorClass& accumulator);

// What `graph` computes, as steps. std::logic_error if it has something that a step cannot say.
[[nodiscard]] std::vector<Step> steps_of(const bittrue::Graph& graph, const AccumulatorClass& accumulator);

// image_count() images of the network's input, one byte a word: generated digits, all different, or for VGG
// random bytes. Made once.
[[nodiscard]] std::size_t image_count(const std::string& network);
[[nodiscard]] std::span<const std::uint8_t> images_of(const Network& network);

}  // namespace bench::peers
