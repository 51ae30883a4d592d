// Random packings, and packing once more, bit by bit, as docs/vector_format.md says it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "bittrue/vectors/packing.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::test {

using testing::Random;

// A shape of few small images: of a feature map, a vector, or (with a 1 in front) of weights.
struct RandomShape {
    PackedShape shape{};
    bool parameter = false;
};

inline std::vector<std::int64_t> random_words(Random& random, const PackedShape& shape) {
    std::vector<std::int64_t> words;
    for (std::int64_t i = 0; i < element_count(shape.dims); ++i) {
        const std::uint64_t bits = random.one_in(8) ? 0 : random.one_in(8) ? ~std::uint64_t{0} : random.bits();
        words.push_back(word_from_pattern(bits, shape.format));
    }
    return words;
}

inline RandomShape random_shape(Random& random, int most_bits = 64) {
    RandomShape result;
    result.parameter = random.one_in(3);
    const int width = random.integer(1, most_bits);
    result.shape.format = {.width = width, .integer = random.integer(-3, width + 3), .is_signed = random.one_in(2)};
    const auto size = [&](int most) { return std::int64_t{random.integer(1, most)}; };
    if (result.parameter) {
        result.shape.dims = random.one_in(2) ? Dims{1, size(6), size(6)} : Dims{1, size(3), size(3), size(4), size(6)};
        if (random.one_in(4)) result.shape.dims = {1, size(9)};
    } else if (random.one_in(3)) {
        result.shape.dims = {size(3), size(20)};
        result.shape.layout = Layout::Vector;
    } else {
        result.shape.dims = {size(3), size(4), size(4), size(4)};
        if (!random.one_in(4)) result.shape.layout = random.one_in(2) ? Layout::Hwc : Layout::Chw;
    }
    return result;
}

// Every field is drawn; the packing goes with the shape.
inline Packing random_packing(Random& random, const RandomShape& shape) {
    Packing packing;
    const Dims& dims = shape.shape.dims;
    packing.lanes = random.integer(1, 9);
    if (shape.parameter && dims.size() > 2 && random.one_in(2)) {
        std::int64_t columns = 1;
        for (std::size_t i = 1; i + 1 < dims.size(); ++i) columns *= dims[i];
        const auto divisor = [&](std::int64_t n) {
            int d = random.integer(1, static_cast<int>(n));
            while (n % d != 0) --d;
            return d;
        };
        packing.pe = divisor(dims.back());
        packing.simd = divisor(columns);
        packing.lanes = packing.pe * packing.simd;
    } else if (shape.shape.layout && random.one_in(2)) {
        packing.order = random.one_in(2) ? ElementOrder::ChannelsFirst : ElementOrder::ChannelsLast;
    }
    if (random.one_in(2)) packing.lane_bits = shape.shape.format.width + random.integer(0, 70);
    packing.sign_extend = random.one_in(2);
    packing.first_high = random.one_in(2);
    packing.reverse_bits = random.one_in(3);
    packing.reverse_bytes = random.one_in(3);
    packing.axis = random.one_in(3);
    const int used = packing.lanes * (packing.lane_bits == 0 ? shape.shape.format.width : packing.lane_bits);
    if (packing.axis || packing.reverse_bytes) {
        packing.word_bits = packing.axis && random.one_in(2) && !packing.reverse_bytes
                                ? 0
                                : (used + 7) / 8 * 8 + 8 * random.integer(0, 3);
    } else if (random.one_in(2)) {
        packing.word_bits = used + random.integer(0, 40);
    }
    return packing;
}

// Storage index of element `position` of an image's stream.
inline std::int64_t storage_index(const Packing& packing, const PackedShape& shape, std::int64_t position) {
    const Dims& d = shape.dims;
    if (packing.pe > 0) {
        const std::int64_t rows = d.back();
        std::int64_t columns = 1;
        for (std::size_t i = 1; i + 1 < d.size(); ++i) columns *= d[i];
        const std::int64_t word = position / packing.lanes, lane = position % packing.lanes;
        const std::int64_t folds = columns / packing.simd;
        const std::int64_t channel = word / folds * packing.pe + lane / packing.simd;
        const std::int64_t input = word % folds * packing.simd + lane % packing.simd;
        return input * rows + channel;
    }
    if (packing.order == ElementOrder::Storage || shape.layout == Layout::Vector) return position;
    const bool last = shape.layout == Layout::Hwc;
    const std::int64_t channels = last ? d[3] : d[1], rows = last ? d[1] : d[2], columns = last ? d[2] : d[3];
    std::int64_t c = 0, y = 0, x = 0;
    if (packing.order == ElementOrder::ChannelsLast) {
        c = position % channels;
        x = position / channels % columns;
        y = position / channels / columns;
    } else {
        x = position % columns;
        y = position / columns % rows;
        c = position / columns / rows;
    }
    return last ? (y * columns + x) * channels + c : (c * rows + y) * columns + x;
}

// The bits of every word, bit 0 first.
inline std::vector<std::vector<bool>> packed_slowly(const std::vector<std::int64_t>& words, const Packing& packing,
                                                    const PackedShape& shape) {
    const int width = shape.format.width, lane_bits = packing.lane_bits == 0 ? width : packing.lane_bits;
    int data = packing.word_bits == 0 ? packing.lanes * lane_bits : packing.word_bits;
    if (packing.axis) data = (data + 7) / 8 * 8;
    const std::int64_t images = shape.dims[0], elements = static_cast<std::int64_t>(words.size()) / images;
    std::vector<std::vector<bool>> result;
    for (std::int64_t image = 0; image < images; ++image) {
        for (std::int64_t first = 0; first < elements; first += packing.lanes) {
            std::vector<bool> bits(static_cast<std::size_t>(data)), present(bits.size());
            for (int lane = 0; lane < packing.lanes && first + lane < elements; ++lane) {
                const std::int64_t word =
                    words[static_cast<std::size_t>(image * elements + storage_index(packing, shape, first + lane))];
                const int low = lane_bits * (packing.first_high ? packing.lanes - 1 - lane : lane);
                for (int bit = 0; bit < lane_bits; ++bit) {
                    const bool sign = packing.sign_extend && shape.format.is_signed && word < 0;
                    bits[static_cast<std::size_t>(low + bit)] =
                        bit < width ? (word >> std::min(bit, 63) & 1) != 0 : sign;
                    present[static_cast<std::size_t>(low + bit)] = true;
                }
            }
            const bool full = first + packing.lanes <= elements;
            if (full) present.assign(present.size(), true);
            if (packing.reverse_bits) {
                std::reverse(bits.begin(), bits.end());
                std::reverse(present.begin(), present.end());
            }
            if (packing.reverse_bytes) {
                for (std::vector<bool>* one : {&bits, &present}) {
                    const std::vector<bool> before = *one;
                    for (std::size_t i = 0; i < before.size(); ++i) {
                        (*one)[before.size() - 8 - i / 8 * 8 + i % 8] = before[i];
                    }
                }
            }
            if (packing.axis) {
                for (std::size_t byte = 0; byte < static_cast<std::size_t>(data) / 8; ++byte) {
                    bool keep = false;
                    for (std::size_t bit = 0; bit < 8; ++bit) keep = keep || present[byte * 8 + bit];
                    bits.push_back(keep);
                }
                bits.push_back(first + packing.lanes >= elements);
            }
            result.push_back(bits);
        }
    }
    return result;
}

}  // namespace bittrue::test
