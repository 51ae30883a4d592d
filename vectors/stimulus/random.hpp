// The generator behind every generated stimulus: splitmix64, the same numbers on every machine.
#pragma once

#include <cstdint>

namespace bittrue {

class SplitMix64 {
public:
    explicit SplitMix64(std::uint64_t state) : state_(state) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    // 0 .. count-1, count 1..2^32.
    std::int64_t below(std::int64_t count) {
        return static_cast<std::int64_t>(((next() >> 32) * static_cast<std::uint64_t>(count)) >> 32);
    }

    // low .. high, each equally likely; both within +-2^30.
    std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }

    // -reach .. reach, the middle likelier: mean of three draws.
    std::int64_t around_zero(std::int64_t reach) {
        return (between(-reach, reach) + between(-reach, reach) + between(-reach, reach)) / 3;
    }

private:
    std::uint64_t state_;
};

}  // namespace bittrue
