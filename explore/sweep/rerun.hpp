// A chunk of images: what a family gives, and one configuration on top of it.
#pragma once

#include "bittrue/explore/sweep_judge.hpp"
#include "sweep/family.hpp"

namespace bittrue::explore {

// Words of the images with unlimited accumulators: tensor 0 and those that segments end with; others are empty.
struct ChunkBase {
    std::size_t first = 0, images = 0;
    std::vector<WordBatch> tensors{};
    std::vector<std::int64_t> best{};  // argmax of the output
};
[[nodiscard]] ChunkBase base_of(const Segments& segments, const Family& family, const WordBatch& input,
                                std::size_t first, std::size_t images);

// How far the sums of a chunk go, by number of the layer and image.
struct ChunkExtents {
    std::vector<SumExtent> widest{};              // of all images, of layers whose range is known
    std::vector<std::vector<SumExtent>> exact{};  // of layers whose range is known
    std::vector<std::vector<SumExtent>>
        enough{};                        // ends in which the image was seen not to overflow; at first the widest
    std::optional<Outcome> untouched{};  // what the chunk counts where no image changes; known after the first time
};
[[nodiscard]] ChunkExtents extents_of(const Segments& segments, const Family& family, const ChunkBase& base);

// By number of the layer: images of the chunk that overflow even with unlimited accumulators, in a product cast of a
// type of its own or in the bias cast; behind them those of any layer.
[[nodiscard]] std::vector<std::uint64_t> always_touched(const Segments& segments, const Family& family,
                                                        const ChunkBase& base);

// The wide network's words of the error tensor, image by image as raws, and its answers.
struct WideWords {
    std::size_t elements = 0;
    std::vector<i128> raws{};
    std::vector<std::int64_t> best{};
};

[[nodiscard]] Outcome rerun(const Segments& segments, const Family& family, const std::vector<Limit>& limits,
                            const ChunkBase& base, ChunkExtents& extents, const WideWords& wide,
                            std::span<const int> labels);

// The words of one image as raws.
void read_raws(const WordBatch& words, std::size_t elements, Format format, std::size_t image, i128* raws);

}  // namespace bittrue::explore
