// One dense or convolution layer run twice: image by image, and by make_linear on a block.
#pragma once

#include <string>
#include <vector>

#include "../../emulator/linear/linear.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::testing {

// What the words of an input are drawn from.
enum class Draw { Uniform, Extremes, Small };

struct BlockCase {
    Graph graph{};  // input -> "layer", whose result type is the accumulator's: the words are its raws
    emulator::LinearOptions options{};
    int images = emulator::kLanes;
    std::vector<std::int64_t> words{};  // of all images
};

// A validated graph of one layer.
[[nodiscard]] Graph layer_graph(const Shape& shape, const FixedType& input, Operation op);

[[nodiscard]] std::int64_t draw_word(Random& random, Format format, Draw draw);
void draw_words(Random& random, BlockCase& c, Draw draw);
[[nodiscard]] Parameter draw_parameter(Random& random, const Dims& dims, Format format, Draw draw);

// The kernels that ran, or nothing where make_linear declined.
struct BlockRun {
    std::string difference{};  // empty: every word and every count are equal
    std::vector<emulator::ChannelGroup> groups{};
    bool declined = false;
};
[[nodiscard]] BlockRun run_block(const BlockCase& c);

// The same words by the golden oracle; empty when equal to those of the block's layer image by image.
[[nodiscard]] std::string golden_difference(const BlockCase& c);

}  // namespace bittrue::testing
