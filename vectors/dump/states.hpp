// The values of the mapped signals of a simulation: four-state words, before and after the time step that is being
// read.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace bittrue::dump {

enum class Bit : std::uint8_t { Zero, One, X, Z };

// Some bits of a slot. A signal is a list of pieces, its lowest bits first.
struct Piece {
    std::uint32_t slot = 0;
    int low = 0;
    int count = 1;
};

// What a dump calls a bit, by IEEE 1364 or the nine values of IEEE 1164 that GHDL writes: H is 1, L is 0; U, W and -
// are x. False for any other character.
[[nodiscard]] bool is_bit_digit(char digit);

class SignalStates {
public:
    // A slot of `width` bits, all x. Returns its number, counted from 0.
    std::uint32_t add(int width);
    [[nodiscard]] std::size_t size() const { return slots_.size(); }
    [[nodiscard]] int width(std::uint32_t slot) const { return slots_[slot].width; }

    // A new value, most significant digit first; a shorter one is extended to the left with 0, x or z as IEEE 1364
    // says. False when a digit is none or a value that is too long has more than zeros (or more of its x or z) to the
    // left.
    [[nodiscard]] bool assign(std::uint32_t slot, std::string_view digits);
    // The low bits of a value of known bits; false when it does not fit.
    [[nodiscard]] bool assign_known(std::uint32_t slot, std::span<const std::uint64_t> limbs);

    [[nodiscard]] bool touched() const { return !touched_.empty(); }
    // The end of a time step: what is now becomes what was before.
    void settle();

    [[nodiscard]] Bit before(const Piece& bit) const { return bit_of(before_value_, before_unknown_, bit); }
    [[nodiscard]] Bit now(const Piece& bit) const { return bit_of(value_, unknown_, bit); }
    // Appends the bits before the step to zeroed limbs: where `unknown` is 1, `value` says x (0) or z (1). True when
    // any is unknown.
    bool before(std::span<const Piece> signal, std::span<std::uint64_t> value, std::span<std::uint64_t> unknown) const;

private:
    struct Slot {
        int width = 1;
        std::size_t first = 0;  // limb
        std::size_t limbs = 1;
        bool touched = false;
    };
    [[nodiscard]] Bit bit_of(const std::vector<std::uint64_t>& value, const std::vector<std::uint64_t>& unknown,
                             const Piece& bit) const;
    [[nodiscard]] bool assign_slow(const Slot& slot, std::string_view digits);
    void touch(std::uint32_t slot);

    std::vector<Slot> slots_{};
    std::vector<std::uint64_t> value_{}, unknown_{}, before_value_{}, before_unknown_{};
    std::vector<std::uint32_t> touched_{};
};

}  // namespace bittrue::dump
