#include <algorithm>

#include "stage.hpp"

namespace bittrue::corner {
namespace {

// A member of the set, each equally likely.
i128 any_of(const Strided& s, SplitMix64& random) {
    if (s.step == 0) return s.low;
    const u128 count = static_cast<u128>((s.high - s.low) / s.step) + 1;
    return s.low + static_cast<i128>(u128{random.next()} % count) * s.step;
}

i128 nearest_to_zero(const Strided& s) {
    if (const auto found = within(s, 0, s.high)) return found->low;
    return s.high;
}

}  // namespace

void construct_common(const Stage& stage) {
    const std::vector<Strided>& numbers = stage.numbers();
    SplitMix64& random = stage.maker().random();
    const std::size_t size = numbers.size();
    std::vector<Stage::Raws> images;
    const auto image = [&](const auto& pixel) {
        Stage::Raws raws(size);
        for (std::size_t i = 0; i < size; ++i) raws[i] = pixel(i);
        images.push_back(std::move(raws));
    };
    const auto zero = [&](std::size_t i) { return nearest_to_zero(numbers[i]); };
    // Impulses in the corners and in the middle.
    const Shape& shape = stage.shape();
    if (shape.layout != Layout::Vector) {
        const std::int64_t bottom = shape.height() - 1, right = shape.width() - 1;
        const std::pair<std::int64_t, std::int64_t> places[] = {
            {0, 0}, {0, right}, {bottom, 0}, {bottom, right}, {bottom / 2, right / 2}};
        for (const auto& [y, x] : places) {
            image(zero);
            for (std::int64_t c = 0; c < shape.channels(); ++c) {
                const auto i = static_cast<std::size_t>(shape.index(c, y, x));
                images.back()[i] = numbers[i].high;
            }
        }
    }
    image(zero);
    image([&](std::size_t i) { return numbers[i].low; });
    image([&](std::size_t i) { return numbers[i].high; });
    image([&](std::size_t i) { return i % 2 == 0 ? numbers[i].low : numbers[i].high; });
    image([&](std::size_t i) { return i % 2 == 0 ? numbers[i].high : numbers[i].low; });
    for (int k = 0; k < 6; ++k) image([&](std::size_t i) { return any_of(numbers[i], random); });
    for (int k = 0; k < 6; ++k)
        image([&](std::size_t i) { return random.below(2) == 0 ? numbers[i].low : numbers[i].high; });
    for (int k = 0; k < 6; ++k)
        image([&](std::size_t i) { return random.below(8) == 0 ? any_of(numbers[i], random) : zero(i); });
    stage.offer(images);
}

}  // namespace bittrue::corner
