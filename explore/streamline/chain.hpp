// Functions of single numbers that wait for a quantiser, and the thresholds of integers that both become together.
#pragma once

#include <functional>
#include <string>

#include "streamline/exact.hpp"

namespace bittrue::explore::streamline {

using PerChannel = std::vector<Rational>;  // one number for all, or one per channel
[[nodiscard]] inline const Rational& of_channel(const PerChannel& numbers, std::size_t channel) {
    return numbers[numbers.size() == 1 ? 0 : channel];
}

// What a layer does to a number: nothing here falls where its number rises, but an affine function of negative scale.
struct Pending {
    enum class Kind : std::uint8_t { Affine, Relu, Clip, Leaky };
    Kind kind = Kind::Affine;
    PerChannel scale{Rational(1)}, offset{Rational(0)};  // Leaky: the slope is scale[0]
    Rational low{}, high{};                              // Clip
    std::string layer{};
};
using Chain = std::vector<Pending>;

// Of one channel.
[[nodiscard]] Rational evaluate(const Chain& chain, Rational x, std::size_t channel);
// -1, 0 or 1: whether the chain falls, is the same everywhere, or rises.
[[nodiscard]] int direction(const Chain& chain, std::size_t channel);
[[nodiscard]] bool same_for_all(const Chain& chain);

// A quantiser's levels: level(number, channel) is 0..count and never falls.
struct Levels {
    std::int64_t count = 0;
    std::function<std::int64_t(const Rational&, std::size_t)> level{};
    bool same_for_all = true;
};

// t[k] is the smallest x of low..high where level(x) > k, or high + 1; level(x) never falls.
[[nodiscard]] std::vector<i128> thresholds_between(i128 low, i128 high, std::int64_t count,
                                                   const std::function<std::int64_t(i128)>& level);

}  // namespace bittrue::explore::streamline
