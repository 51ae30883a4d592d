// Layers to plant misalignments in: random words, and what a convolution with ReLU leaves of a picture.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "bittrue/verify/report.hpp"
#include "vectors/support.hpp"

namespace bittrue::test {

using WordList = std::vector<std::int64_t>;

inline VectorSet set_of(VectorLayer layer) {
    VectorSet set;
    set.layers.push_back(std::move(layer));
    return set;
}

// Many zeros, smooth shapes that repeat, a share of saturated words: `images` of height x width x channels.
inline VectorLayer cnn_layer(std::int64_t images, std::int64_t height, std::int64_t width, std::int64_t channels,
                             std::uint64_t seed) {
    VectorLayer layer;
    layer.name = "conv";
    layer.type = type_of_bits(8, 3);
    layer.stored = layer.type->format;
    layer.layout = Layout::Hwc;
    layer.dims = {images, height, width, channels};
    Words words(seed);
    const auto below = [&words](std::int64_t n) {
        return static_cast<std::int64_t>(words.next() % static_cast<std::uint64_t>(n));
    };
    for (std::int64_t image = 0; image < images; ++image) {
        // Three strokes; each channel sees them with another weight, and a weak texture of its own.
        std::vector<std::int64_t> ink(static_cast<std::size_t>(height * width));
        for (int stroke = 0; stroke < 3; ++stroke) {
            std::int64_t y = below(height), x = below(width);
            const std::int64_t dy = below(3) - 1, dx = below(3) - 1, strength = 40 + below(200);
            for (int step = 0; step < 12; ++step, y += dy, x += dx) {
                if (y < 0 || y >= height || x < 0 || x >= width) break;
                ink[static_cast<std::size_t>(y * width + x)] += strength + below(9);
            }
        }
        for (std::int64_t y = 0; y < height; ++y) {
            for (std::int64_t x = 0; x < width; ++x) {
                for (std::int64_t c = 0; c < channels; ++c) {
                    std::int64_t sum = -60;
                    for (std::int64_t k = 0; k < 9; ++k) {
                        const std::int64_t yy = y + k / 3 - 1, xx = x + k % 3 - 1;
                        if (yy < 0 || yy >= height || xx < 0 || xx >= width) continue;
                        sum += ink[static_cast<std::size_t>(yy * width + xx)] * ((k * (c + 2) + c) % 5 - 1) / 2;
                    }
                    layer.words.push_back(std::clamp<std::int64_t>(sum, 0, 127));
                }
            }
        }
    }
    return layer;
}

inline VectorLayer random_layer(Dims dims, int width, std::uint64_t seed) {
    const Layout layout = dims.size() == 4 ? Layout::Hwc : Layout::Vector;
    return make_layer("conv", type_of_bits(width, 3), layout, std::move(dims), {}, seed);
}

// What a stream dump states: words, and how many come at once.
inline VectorLayer dump_of(const VectorLayer& layer, WordList words, int lanes = 1) {
    VectorLayer dump;
    dump.name = layer.name;
    dump.dims = {static_cast<std::int64_t>(words.size())};
    dump.words = std::move(words);
    dump.lanes = lanes;
    return dump;
}

inline WordList without(WordList words, std::int64_t at, std::int64_t count) {
    words.erase(words.begin() + at, words.begin() + at + count);
    return words;
}

inline WordList repeated(WordList words, std::int64_t at, std::int64_t count) {
    const WordList again(words.begin() + at, words.begin() + at + count);
    words.insert(words.begin() + at, again.begin(), again.end());
    return words;
}

inline WordList with(WordList words, std::int64_t at, const WordList& more) {
    words.insert(words.begin() + at, more.begin(), more.end());
    return words;
}

inline WordList some(std::int64_t count, std::uint64_t seed, Format format) {
    Words source(seed);
    WordList words;
    for (std::int64_t i = 0; i < count; ++i) words.push_back(source.next(format));
    return words;
}

inline std::string findings_of(const LayerDiff& layer) {
    std::string text;
    for (const Finding& finding : layer.findings) text += finding.text + "; ";
    return text;
}

}  // namespace bittrue::test
