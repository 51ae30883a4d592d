// Which vector instructions the emulator may use. Results never depend on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bittrue::emulator {

enum class Isa : std::uint8_t {
    Scalar,  // plain C++ for the compiler's baseline
    Sse4,
    Avx2,
    Avx512,  // with VNNI where the machine has it
    Neon,
};

// What this machine and this build have, the slowest first; Scalar is always there.
[[nodiscard]] const std::vector<Isa>& available_isas();
[[nodiscard]] Isa best_isa();

// "scalar", "sse4", "avx2", "avx512", "neon"; parse throws InputError for another word and for an ISA that is not
// available here, and lists those that are.
[[nodiscard]] std::string print_isa(Isa isa);
[[nodiscard]] Isa parse_isa(std::string_view text);

}  // namespace bittrue::emulator
