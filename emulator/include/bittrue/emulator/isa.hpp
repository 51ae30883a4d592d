// Which vector instructions the emulator may use. Results never depend on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bittrue::emulator {

enum class Isa : std::uint8_t {
    // What the compiler may use anyway. For x86-64 that is plain C++ lane by lane, or SSE2 with newer versions of
    // Highway; with -march=native and on aarch64 it has the vectors of that baseline.
    Scalar,
    Sse4,
    Avx2,
    Avx512,      // F, BW, CD, DQ and VL, never VNNI
    Avx512Vnni,  // and the dot products of VNNI
    Neon,
};

// What this machine and this build have, the slowest first; Scalar is always there.
[[nodiscard]] const std::vector<Isa>& available_isas();
[[nodiscard]] Isa best_isa();

// "scalar", "sse4", "avx2", "avx512", "avx512-vnni", "neon"; parse throws InputError for another word and for an ISA
// that is not available here, and lists those that are.
[[nodiscard]] std::string print_isa(Isa isa);
[[nodiscard]] Isa parse_isa(std::string_view text);

}  // namespace bittrue::emulator
