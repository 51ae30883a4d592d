// The randomiser of H13, R shifts at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bittrue/model/training.hpp"

namespace bittrue::emulator::training {

// What up to eight shifts do: they take the state to (z >> shifts) ^ flips[z mod 2^shifts] and push out
// draws[z mod 2^shifts], the bit of the first shift as bit 0.
struct Leap {
    Leap(std::uint64_t taps, int count);
    int shifts;
    std::vector<std::uint64_t> flips;
    std::vector<std::uint8_t> draws;
};

// Draws for one weight tensor. A tensor is cut into kChains pieces that are drawn side by side, because each
// step of an LFSR waits for the one in front.
class Draws {
public:
    static constexpr std::size_t kChains = 8;

    Draws(const Randomizer& randomizer, int bits, std::size_t count);

    [[nodiscard]] std::size_t count() const { return count_; }
    // The draws of all pieces into `out` (count() of them); returns the state behind the last.
    std::uint64_t draw(std::uint64_t state, std::span<std::uint16_t> out) const;

private:
    template <bool kTwo>
    std::uint64_t run(std::uint64_t state, std::uint16_t* out) const;
    [[nodiscard]] std::uint64_t jump(std::uint64_t state) const;  // over one piece

    std::size_t count_;
    std::size_t piece_;  // draws of all pieces but the last
    Leap low_;
    std::vector<Leap> high_;  // none for R <= 8
    std::array<std::uint64_t, 64> jump_{};
};

}  // namespace bittrue::emulator::training
