#include "vnni.hpp"

namespace bittrue::emulator::linear {

bool has_vnni([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
    return isa == Isa::Avx512 && best_isa() == Isa::Avx512 && __builtin_cpu_supports("avx512vnni") != 0;
#else
    return false;
#endif
}

}  // namespace bittrue::emulator::linear
