// Bit strings in limbs of 64 bits, bits 0..63 in the first limb.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bittrue {

using Limbs = std::span<std::uint64_t>;
using ConstLimbs = std::span<const std::uint64_t>;

// The lowest `width` bits set, 0..64.
[[nodiscard]] constexpr std::uint64_t low_mask(int width) {
    return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

// `width` bits from bit `offset` up, 1..64.
[[nodiscard]] inline std::uint64_t get_bits(ConstLimbs limbs, std::size_t offset, int width) {
    const std::size_t limb = offset / 64;
    const unsigned shift = offset % 64;
    std::uint64_t value = limbs[limb] >> shift;
    if (shift != 0 && shift + static_cast<unsigned>(width) > 64) value |= limbs[limb + 1] << (64 - shift);
    return value & low_mask(width);
}

// Puts `value`, which has no bits above `width`, over bits that are 0.
inline void put_bits(Limbs limbs, std::size_t offset, int width, std::uint64_t value) {
    const std::size_t limb = offset / 64;
    const unsigned shift = offset % 64;
    limbs[limb] |= value << shift;
    if (shift != 0 && shift + static_cast<unsigned>(width) > 64) limbs[limb + 1] |= value >> (64 - shift);
}

inline void put_ones(Limbs limbs, std::size_t offset, std::size_t count) {
    while (count > 0) {
        const int part = static_cast<int>(std::min<std::size_t>(count, 64 - offset % 64));
        limbs[offset / 64] |= low_mask(part) << (offset % 64);
        offset += static_cast<std::size_t>(part);
        count -= static_cast<std::size_t>(part);
    }
}

// Whether bits begin..end-1 are all `ones` (true) or all 0.
[[nodiscard]] inline bool all_bits_are(ConstLimbs limbs, std::size_t begin, std::size_t end, bool ones) {
    while (begin < end) {
        const int part = static_cast<int>(std::min<std::size_t>(end - begin, 64 - begin % 64));
        const std::uint64_t mask = low_mask(part) << (begin % 64);
        if ((limbs[begin / 64] & mask) != (ones ? mask : 0)) return false;
        begin += static_cast<std::size_t>(part);
    }
    return true;
}

// Position of the highest set bit plus one; 0 when none is set.
[[nodiscard]] int used_bits(ConstLimbs limbs);

// Bit i becomes bit `bits` - 1 - i; byte i becomes byte `bits` / 8 - 1 - i. All above `bits` is 0 before and after.
void reverse_bits(Limbs limbs, int bits);
void reverse_bytes(Limbs limbs, int bits);

}  // namespace bittrue
