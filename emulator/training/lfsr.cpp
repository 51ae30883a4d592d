#include "training/lfsr.hpp"

#include <algorithm>

namespace bittrue::emulator::training {

namespace {

using Matrix = std::array<std::uint64_t, 64>;  // over GF(2): what each bit of the state becomes

std::uint64_t times(const Matrix& m, std::uint64_t state) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < m.size(); ++i) {
        if ((state >> i & 1U) != 0) sum ^= m[i];
    }
    return sum;
}

Matrix product(const Matrix& second, const Matrix& first) {
    Matrix both{};
    for (std::size_t i = 0; i < both.size(); ++i) both[i] = times(second, first[i]);
    return both;
}

Matrix shifts(std::uint64_t taps, std::uint64_t count) {
    Matrix all{}, power{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = std::uint64_t{1} << i;
        power[i] = i == 0 ? taps : all[i] >> 1U;
    }
    for (; count != 0; count >>= 1U) {
        if ((count & 1U) != 0) all = product(power, all);
        power = product(power, power);
    }
    return all;
}

}  // namespace

Leap::Leap(std::uint64_t taps, int count) : shifts(count) {
    for (std::uint64_t low = 0; low < std::uint64_t{1} << static_cast<unsigned>(count); ++low) {
        std::uint64_t z = low;
        unsigned draw = 0;
        for (int i = 0; i < count; ++i) {
            const auto bit = static_cast<unsigned>(z & 1U);
            draw |= bit << static_cast<unsigned>(i);
            z = (z >> 1U) ^ (bit != 0 ? taps : 0U);
        }
        flips.push_back(z);
        draws.push_back(static_cast<std::uint8_t>(draw));
    }
}

Draws::Draws(const Randomizer& randomizer, int bits, std::size_t count)
    : count_(count), piece_((count + kChains - 1) / kChains), low_(randomizer.taps, std::min(bits, 8)) {
    if (bits > 8) high_.emplace_back(randomizer.taps, bits - 8);
    jump_ = shifts(randomizer.taps, std::uint64_t{piece_} * static_cast<unsigned>(bits));
}

std::uint64_t Draws::jump(std::uint64_t state) const {
    return times(jump_, state);
}

template <bool kTwo>
std::uint64_t Draws::run(std::uint64_t state, std::uint16_t* out) const {
    std::array<std::uint64_t, kChains> z{};
    for (std::uint64_t& chain : z) {
        chain = state;
        state = jump(state);
    }
    const std::uint64_t* const flips = low_.flips.data();
    const std::uint8_t* const draws = low_.draws.data();
    const std::uint64_t mask = low_.flips.size() - 1;
    const int by = low_.shifts;
    const Leap& high = kTwo ? high_.front() : low_;
    const auto next = [&](std::uint64_t& s) {
        const std::uint64_t at = s & mask;
        unsigned k = draws[at];
        s = (s >> by) ^ flips[at];
        if constexpr (kTwo) {
            const std::uint64_t more = s & (high.flips.size() - 1);
            k |= static_cast<unsigned>(high.draws[more]) << 8U;
            s = (s >> high.shifts) ^ high.flips[more];
        }
        return static_cast<std::uint16_t>(k);
    };
    // All pieces are full but the last ones, which end at count_.
    const std::size_t whole = piece_ == 0 ? 0 : count_ / piece_;
    if (whole == kChains) {
        for (std::size_t i = 0; i < piece_; ++i) {
            for (std::size_t c = 0; c < kChains; ++c) out[c * piece_ + i] = next(z[c]);
        }
        return z[kChains - 1];
    }
    std::size_t common = count_ - std::min(count_, (kChains - 1) * piece_);
    for (std::size_t i = 0; i < common; ++i) {
        for (std::size_t c = 0; c < kChains; ++c) out[c * piece_ + i] = next(z[c]);
    }
    std::uint64_t last = z[0];
    for (std::size_t c = 0; c < kChains && c * piece_ < count_; ++c) {
        const std::size_t end = std::min(count_, (c + 1) * piece_);
        for (std::size_t i = c * piece_ + common; i < end; ++i) out[i] = next(z[c]);
        last = z[c];
    }
    return last;
}

std::uint64_t Draws::draw(std::uint64_t state, std::span<std::uint16_t> out) const {
    return high_.empty() ? run<false>(state, out.data()) : run<true>(state, out.data());
}

}  // namespace bittrue::emulator::training
