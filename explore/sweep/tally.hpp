// From words to the counts of an Outcome, image by image.
#pragma once

#include "bittrue/explore/sweep_judge.hpp"

namespace bittrue::explore {

// Index of the largest of `count` numbers, the first of equals; number(i) gives the i-th.
template <class Number>
[[nodiscard]] std::int64_t argmax(std::int64_t count, const Number& number) {
    std::int64_t best = 0;
    auto largest = number(0);
    for (std::int64_t i = 1; i < count; ++i) {
        if (const auto x = number(i); x > largest) largest = x, best = i;
    }
    return best;
}

inline Outcome empty_outcome(std::size_t accumulating_layers) {
    Outcome o;
    o.layers_touched.resize(accumulating_layers);
    return o;
}

inline void add_error(Outcome& o, i128 distance) {
    const i128 magnitude = distance < 0 ? -distance : distance;
    o.max_error = std::max(o.max_error, static_cast<std::uint64_t>(magnitude));
    o.error_sum += magnitude;
}

inline void merge(Outcome& into, const Outcome& part) {
    into.correct += part.correct;
    into.flips += part.flips;
    into.touched += part.touched;
    for (std::size_t k = 0; k < into.layers_touched.size(); ++k) into.layers_touched[k] += part.layers_touched[k];
    into.max_error = std::max(into.max_error, part.max_error);
    into.error_sum += part.error_sum;
}

}  // namespace bittrue::explore
