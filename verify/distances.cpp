#include "distances.hpp"

#include <algorithm>
#include <bit>

namespace bittrue {
namespace {

constexpr int kExactDistances = 4;

u128 magnitude(i128 distance) {
    return distance < 0 ? -static_cast<u128>(distance) : static_cast<u128>(distance);
}

std::size_t bucket_number(u128 size) {
    if (size <= kExactDistances) return static_cast<std::size_t>(size) - 1;
    const u128 rest = size - 1;
    const auto high = static_cast<std::uint64_t>(rest >> 64);
    const auto bits = high != 0 ? 64 + static_cast<std::size_t>(std::bit_width(high))
                                : static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(rest)));
    return bits + 1;
}

DistanceBucket bounds(std::size_t number, bool negative) {
    i128 low = static_cast<i128>(number) + 1;
    i128 high = low;
    if (number >= kExactDistances) {
        high = i128{1} << (number - 1);
        low = high / 2 + 1;
    }
    return negative ? DistanceBucket{.low = -high, .high = -low, .count = 0}
                    : DistanceBucket{.low = low, .high = high, .count = 0};
}

}  // namespace

DistanceBucket bucket_of(i128 distance) {
    return bounds(bucket_number(magnitude(distance)), distance < 0);
}

void Distances::add(i128 distance) {
    ++counts_[distance < 0 ? 0 : 1][bucket_number(magnitude(distance))];
    smallest_ = empty_ ? distance : std::min(smallest_, distance);
    largest_ = empty_ ? distance : std::max(largest_, distance);
    empty_ = false;
}

std::vector<DistanceBucket> Distances::buckets() const {
    std::vector<DistanceBucket> list;
    const auto append = [&](std::size_t number, bool negative) {
        const std::int64_t count = counts_[negative ? 0 : 1][number];
        if (count == 0) return;
        list.push_back(bounds(number, negative));
        list.back().count = count;
    };
    for (std::size_t i = kBuckets; i-- > 0;) append(i, true);
    for (std::size_t i = 0; i < kBuckets; ++i) append(i, false);
    return list;
}

}  // namespace bittrue
