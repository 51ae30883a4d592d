#include "bittrue/emulator/isa.hpp"

#include <algorithm>
#include <array>

#include "bittrue/model/error.hpp"
#include "lane_fill.hpp"

// The targets are chosen in front of Highway.
// clang-format off
#include "lane_targets.hpp"
#include <hwy/highway.h>
// clang-format on

namespace bittrue::emulator {
namespace {

constexpr std::array kAll{Isa::Scalar, Isa::Sse4, Isa::Avx2, Isa::Avx512, Isa::Avx512Vnni, Isa::Neon};

std::int64_t target_of(Isa isa) {
    switch (isa) {
        case Isa::Scalar: return 0;
        case Isa::Sse4: return HWY_SSE4;
        case Isa::Avx2: return HWY_AVX2;
        case Isa::Avx512:
        case Isa::Avx512Vnni: return HWY_AVX3;
        case Isa::Neon: return HWY_NEON;
    }
    return 0;
}

// What Highway's targets do not tell apart.
bool has_more(Isa isa) {
#if defined(__x86_64__)
    return isa != Isa::Avx512Vnni || __builtin_cpu_supports("avx512vnni") != 0;
#else
    return isa != Isa::Avx512Vnni;
#endif
}

LaneKernels kernels_of(Isa isa) {
    LaneKernels kernels{};
    fill_casts(isa, kernels);
    fill_moves(isa, kernels);
    fill_reals(isa, kernels);
    fill_transposes(isa, kernels);
    return kernels;
}

}  // namespace

const std::vector<Isa>& available_isas() {
    static const std::vector<Isa> isas = [] {
        const std::int64_t here = hwy::SupportedTargets() & HWY_TARGETS;
        std::vector<Isa> found;
        for (const Isa isa : kAll) {
            if (isa == Isa::Scalar || ((here & target_of(isa)) != 0 && has_more(isa))) found.push_back(isa);
        }
        return found;
    }();
    return isas;
}

Isa best_isa() {
    return available_isas().back();
}

std::string print_isa(Isa isa) {
    switch (isa) {
        case Isa::Scalar: return "scalar";
        case Isa::Sse4: return "sse4";
        case Isa::Avx2: return "avx2";
        case Isa::Avx512: return "avx512";
        case Isa::Avx512Vnni: return "avx512-vnni";
        case Isa::Neon: return "neon";
    }
    return {};
}

Isa parse_isa(std::string_view text) {
    std::string names;
    for (const Isa isa : available_isas()) {
        if (text == print_isa(isa)) return isa;
        if (!names.empty()) names += ", ";
        names += print_isa(isa);
    }
    const bool known = std::any_of(kAll.begin(), kAll.end(), [text](Isa isa) { return text == print_isa(isa); });
    throw InputError(std::string("'").append(text) + "' is " + (known ? "not available here" : "no instruction set") +
                     "; this machine has " + names);
}

const LaneKernels& lane_kernels(Isa isa) {
    static const std::array<LaneKernels, kAll.size()> all = [] {
        std::array<LaneKernels, kAll.size()> filled{};
        for (const Isa i : available_isas()) filled[static_cast<std::size_t>(i)] = kernels_of(i);
        return filled;
    }();
    return all[static_cast<std::size_t>(isa)];
}

}  // namespace bittrue::emulator
