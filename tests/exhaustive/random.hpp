// The seeded generator of the random tests: splitmix64, the same numbers on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bittrue::testing {

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t bits() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    // low <= result <= high.
    [[nodiscard]] int integer(int low, int high) {
        const auto count = static_cast<std::uint64_t>(static_cast<std::int64_t>(high) - low + 1);
        return static_cast<int>(static_cast<std::int64_t>(low) + static_cast<std::int64_t>(bits() % count));
    }

    // True once in `n` draws on average.
    [[nodiscard]] bool one_in(int n) { return integer(1, n) == 1; }

    template <typename T, std::size_t N>
    [[nodiscard]] T pick(const T (&items)[N]) {
        return items[bits() % N];
    }

private:
    std::uint64_t state_;
};

}  // namespace bittrue::testing
