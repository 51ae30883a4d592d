#include "training/numbers.hpp"

#include "quantizer.hpp"

namespace bittrue::golden {

BatchTensor::BatchTensor(int images_, const MapShape& shape_)
    : images(images_),
      shape(shape_),
      raws(static_cast<std::size_t>(images_) * static_cast<std::size_t>(shape_.channels) *
           static_cast<std::size_t>(shape_.rows) * static_cast<std::size_t>(shape_.columns)) {}

std::size_t BatchTensor::index(int image, int channel, int row, int column) const {
    auto i = static_cast<std::size_t>(image);
    i = i * static_cast<std::size_t>(shape.channels) + static_cast<std::size_t>(channel);
    i = i * static_cast<std::size_t>(shape.rows) + static_cast<std::size_t>(row);
    return i * static_cast<std::size_t>(shape.columns) + static_cast<std::size_t>(column);
}

std::size_t BatchTensor::index(int image, int element) const {
    return index(image, 0, 0, 0) + static_cast<std::size_t>(element);
}

Integer s_of(int bits) {
    return power_of_two(bits - 1);
}

Integer half_even(const Dyadic& value) {
    return round_at(value, 0, Rounding::RndConv).value;
}

Integer clip(const Integer& v, const Integer& limit) {
    if (v > limit) return limit;
    return v < -limit ? Integer(-limit) : v;
}

int sign(const Integer& v) {
    return v < 0 ? -1 : v > 0 ? 1 : 0;
}

int shift(const Dyadic& m) {
    // m = raw * 2^-frac: 2^(2k-1) <= m*m < 2^(2k+1) is 2^(2j-1) <= raw*raw < 2^(2j+1) with j = k + frac.
    const Integer square = m.raw * m.raw;
    int j = 0;  // raw >= 1 stands above 2^-1
    while (square >= power_of_two(2 * j + 1)) ++j;
    return j - m.frac;
}

std::optional<int> shift_of_largest(const std::vector<Integer>& raws, int frac) {
    Integer largest = 0;
    for (const Integer& raw : raws) {
        const Integer magnitude = raw < 0 ? Integer(-raw) : raw;
        if (magnitude > largest) largest = magnitude;
    }
    if (largest == 0) return std::nullopt;
    return shift({.raw = largest, .frac = frac});
}

std::vector<std::int32_t> words32(const std::vector<Integer>& raws) {
    std::vector<std::int32_t> words;
    words.reserve(raws.size());
    for (const Integer& raw : raws) words.push_back(static_cast<std::int32_t>(raw));
    return words;
}

std::vector<std::int64_t> words64(const std::vector<Integer>& raws) {
    std::vector<std::int64_t> words;
    words.reserve(raws.size());
    for (const Integer& raw : raws) words.push_back(static_cast<std::int64_t>(raw));
    return words;
}

}  // namespace bittrue::golden
