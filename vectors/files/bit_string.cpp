#include "bit_string.hpp"

#include <bit>

namespace bittrue {
namespace {

std::uint64_t reversed_bytes(std::uint64_t x) {
    x = (x & 0x00ff00ff00ff00ffU) << 8 | (x >> 8 & 0x00ff00ff00ff00ffU);
    x = (x & 0x0000ffff0000ffffU) << 16 | (x >> 16 & 0x0000ffff0000ffffU);
    return x << 32 | x >> 32;
}

std::uint64_t reversed_bits(std::uint64_t x) {
    x = (x & 0x5555555555555555U) << 1 | (x >> 1 & 0x5555555555555555U);
    x = (x & 0x3333333333333333U) << 2 | (x >> 2 & 0x3333333333333333U);
    x = (x & 0x0f0f0f0f0f0f0f0fU) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0fU);
    return reversed_bytes(x);
}

// Turns the whole limbs round, then brings what was bit `bits` - 1 down to bit 0.
template <class ReverseLimb>
void reverse(Limbs limbs, int bits, ReverseLimb&& reverse_limb) {
    std::reverse(limbs.begin(), limbs.end());
    for (std::uint64_t& limb : limbs) limb = reverse_limb(limb);
    const auto shift = static_cast<unsigned>(limbs.size() * 64 - static_cast<std::size_t>(bits));
    if (shift == 0) return;
    for (std::size_t i = 0; i < limbs.size(); ++i) {
        limbs[i] = limbs[i] >> shift | (i + 1 < limbs.size() ? limbs[i + 1] << (64 - shift) : 0);
    }
}

}  // namespace

int used_bits(ConstLimbs limbs) {
    for (std::size_t i = limbs.size(); i-- > 0;) {
        if (limbs[i] != 0) return static_cast<int>(64 * i) + static_cast<int>(std::bit_width(limbs[i]));
    }
    return 0;
}

void reverse_bits(Limbs limbs, int bits) {
    reverse(limbs, bits, reversed_bits);
}
void reverse_bytes(Limbs limbs, int bits) {
    reverse(limbs, bits, reversed_bytes);
}

}  // namespace bittrue
