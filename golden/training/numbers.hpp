// The numbers of chapter H: roundings, clips, powers of two, and tensors over a batch.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bittrue/model/training.hpp"
#include "exact.hpp"

namespace bittrue::golden {

// [image][channel][row][column]
struct BatchTensor {
    BatchTensor(int images_, const MapShape& shape_);

    [[nodiscard]] std::size_t index(int image, int channel, int row, int column) const;
    [[nodiscard]] Integer& at(int image, int channel, int row, int column) {
        return raws[index(image, channel, row, column)];
    }
    [[nodiscard]] const Integer& at(int image, int channel, int row, int column) const {
        return raws[index(image, channel, row, column)];
    }
    // Element i of an image in the order channel, row, column (H4).
    [[nodiscard]] std::size_t index(int image, int element) const;

    int images;
    MapShape shape;
    std::vector<Integer> raws;
};

// A tensor that accumulators made, and how many of its words overflowed (H15).
template <typename Words>
struct Summed {
    Words words;
    std::uint64_t overflows = 0;
};

[[nodiscard]] Integer s_of(int bits);                                // S(b)
[[nodiscard]] Integer half_even(const Dyadic& value);                // to an integer
[[nodiscard]] Integer clip(const Integer& v, const Integer& limit);  // into -limit .. limit
[[nodiscard]] int sign(const Integer& v);                            // -1, 0, 1

// H1 for m > 0.
[[nodiscard]] int shift(const Dyadic& m);
// Shift of the largest magnitude of a tensor; none for zeros (H11).
[[nodiscard]] std::optional<int> shift_of_largest(const std::vector<Integer>& raws, int frac);

// As a trace holds them; every number must fit.
[[nodiscard]] std::vector<std::int32_t> words32(const std::vector<Integer>& raws);
[[nodiscard]] std::vector<std::int64_t> words64(const std::vector<Integer>& raws);

}  // namespace bittrue::golden
