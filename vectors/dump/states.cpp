#include "dump/states.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bittrue::dump {
namespace {

enum : std::uint8_t { kZero, kOne, kX, kZ, kNone };

constexpr std::uint8_t digit_of(char c) {
    switch (c) {
        case '0':
        case 'L':
        case 'l': return kZero;
        case '1':
        case 'H':
        case 'h': return kOne;
        case 'x':
        case 'X':
        case 'u':
        case 'U':
        case 'w':
        case 'W':
        case '-': return kX;
        case 'z':
        case 'Z': return kZ;
        default: return kNone;
    }
}

constexpr std::uint64_t low_bits(int count) {
    return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

std::uint64_t load(const char* text) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text, sizeof bytes);
    if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
    return bytes;
}

constexpr std::uint64_t kAsciiZeros = 0x3030303030303030U;

// Eight digits 0 or 1, the first in the lowest byte, as a number whose highest bit is the first.
constexpr std::uint64_t gather(std::uint64_t bytes) {
    return ((bytes & 0x0101010101010101U) * 0x8040201008040201U) >> 56;
}

// Up to 64 digits, if all are 0 or 1.
bool known_limb(std::string_view digits, std::uint64_t& limb) {
    std::uint64_t result = 0;
    std::size_t at = 0;
    for (; at + 8 <= digits.size(); at += 8) {
        const std::uint64_t bytes = load(digits.data() + at);
        if ((bytes & ~std::uint64_t{0x0101010101010101U}) != kAsciiZeros) return false;
        result = result << 8 | gather(bytes);
    }
    for (; at < digits.size(); ++at) {
        const auto bit = static_cast<unsigned char>(digits[at] - '0');
        if (bit > 1) return false;
        result = result << 1 | bit;
    }
    limb = result;
    return true;
}

void append(std::span<std::uint64_t> limbs, std::size_t at, std::uint64_t bits) {
    limbs[at / 64] |= bits << (at % 64);
    if (at % 64 != 0 && at / 64 + 1 < limbs.size()) limbs[at / 64 + 1] |= bits >> (64 - at % 64);
}

// `count` (1..64) bits of limbs from bit `low` on.
std::uint64_t extract(const std::uint64_t* limbs, int low, int count) {
    const int shift = low % 64;
    std::uint64_t bits = limbs[low / 64] >> shift;
    if (shift + count > 64) bits |= limbs[low / 64 + 1] << (64 - shift);
    return bits & low_bits(count);
}

}  // namespace

bool is_bit_digit(char digit) {
    return digit_of(digit) != kNone;
}

std::uint32_t SignalStates::add(int width) {
    Slot slot{.width = width, .first = value_.size(), .limbs = (static_cast<std::size_t>(width) + 63) / 64};
    for (std::size_t i = 0; i < slot.limbs; ++i) {
        const std::uint64_t mask = low_bits(std::min(64, width - static_cast<int>(64 * i)));
        value_.push_back(0);
        before_value_.push_back(0);
        unknown_.push_back(mask);
        before_unknown_.push_back(mask);
    }
    slots_.push_back(slot);
    return static_cast<std::uint32_t>(slots_.size() - 1);
}

void SignalStates::touch(std::uint32_t slot) {
    if (slots_[slot].touched) return;
    slots_[slot].touched = true;
    touched_.push_back(slot);
}

bool SignalStates::assign(std::uint32_t slot, std::string_view digits) {
    touch(slot);
    const Slot& target = slots_[slot];
    if (digits.empty() || digits.size() > static_cast<std::size_t>(target.width)) return assign_slow(target, digits);
    const std::string_view all = digits;
    for (std::size_t i = 0; i < target.limbs; ++i) {
        const std::size_t taken = std::min<std::size_t>(64, digits.size());
        std::uint64_t limb = 0;
        if (!known_limb(digits.substr(digits.size() - taken), limb)) return assign_slow(target, all);
        digits.remove_suffix(taken);
        value_[target.first + i] = limb;
        unknown_[target.first + i] = 0;
    }
    return true;
}

bool SignalStates::assign_slow(const Slot& slot, std::string_view digits) {
    if (digits.empty() || digit_of(digits.front()) == kNone) return false;
    const auto width = static_cast<std::size_t>(slot.width);
    // Extension: a leading 1 is a known bit and means zeros to its left.
    const std::uint8_t fill = digit_of(digits.front()) == kOne ? std::uint8_t{kZero} : digit_of(digits.front());
    while (digits.size() > width) {
        if (digit_of(digits.front()) != fill) return false;
        digits.remove_prefix(1);
    }
    for (std::size_t i = 0; i < slot.limbs; ++i) value_[slot.first + i] = unknown_[slot.first + i] = 0;
    for (std::size_t bit = 0; bit < width; ++bit) {
        const std::uint8_t digit = bit < digits.size() ? digit_of(digits[digits.size() - 1 - bit]) : fill;
        if (digit == kNone) return false;
        const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
        if (digit == kOne || digit == kZ) value_[slot.first + bit / 64] |= mask;
        if (digit == kX || digit == kZ) unknown_[slot.first + bit / 64] |= mask;
    }
    return true;
}

bool SignalStates::assign_known(std::uint32_t slot, std::span<const std::uint64_t> limbs) {
    touch(slot);
    const Slot& target = slots_[slot];
    for (std::size_t i = 0; i < std::max(limbs.size(), target.limbs); ++i) {
        const std::uint64_t limb = i < limbs.size() ? limbs[i] : 0;
        const int room = i < target.limbs ? std::min(64, target.width - static_cast<int>(64 * i)) : 0;
        if (room == 0 ? limb != 0 : (limb & ~low_bits(room)) != 0) return false;
        if (i >= target.limbs) continue;
        value_[target.first + i] = limb;
        unknown_[target.first + i] = 0;
    }
    return true;
}

void SignalStates::settle() {
    for (const std::uint32_t number : touched_) {
        Slot& slot = slots_[number];
        slot.touched = false;
        for (std::size_t i = slot.first; i < slot.first + slot.limbs; ++i) {
            before_value_[i] = value_[i];
            before_unknown_[i] = unknown_[i];
        }
    }
    touched_.clear();
}

Bit SignalStates::bit_of(const std::vector<std::uint64_t>& value, const std::vector<std::uint64_t>& unknown,
                         const Piece& bit) const {
    const std::size_t limb = slots_[bit.slot].first + static_cast<std::size_t>(bit.low) / 64;
    const int shift = bit.low % 64;
    const bool one = (value[limb] >> shift & 1U) != 0;
    if ((unknown[limb] >> shift & 1U) != 0) return one ? Bit::Z : Bit::X;
    return one ? Bit::One : Bit::Zero;
}

bool SignalStates::before(std::span<const Piece> signal, std::span<std::uint64_t> value,
                          std::span<std::uint64_t> unknown) const {
    std::size_t at = 0;
    std::uint64_t any = 0;
    for (const Piece& piece : signal) {
        const std::size_t first = slots_[piece.slot].first;
        for (int done = 0; done < piece.count; done += 64) {
            const int count = std::min(64, piece.count - done);
            const std::uint64_t bits = extract(before_unknown_.data() + first, piece.low + done, count);
            append(value, at, extract(before_value_.data() + first, piece.low + done, count));
            append(unknown, at, bits);
            any |= bits;
            at += static_cast<std::size_t>(count);
        }
    }
    return any != 0;
}

}  // namespace bittrue::dump
