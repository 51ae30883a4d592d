// Exact sums by dot products: u8 x s8 in quads with VNNI, s16 x s16 in pairs everywhere. Sums are modulo 2^32.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cells.hpp"

namespace bittrue::emulator::linear {

inline constexpr std::size_t kDotChannels = 6;  // of a tile: with four vectors of images they fill the registers

// Up to kDotChannels channels over the cells of one window.
struct DotTile {
    const std::uint32_t* offsets = nullptr;  // of the cells, from the window
    std::size_t cells = 0;
    const std::int32_t* weights = nullptr;  // cells x channels, packed as the cells
    const std::int32_t* starts = nullptr;   // channels: where the sums begin
    std::size_t channels = 0;
    // Windows to run, bytes from one to the next, and sums from those of one to those of the next.
    std::size_t positions = 1, window_step = 0, out_step = 0;
    int unused = 0;  // bits above a signed WRAP's width; the kernels of VNNI wrap at once
};
using DotKernel = void (*)(const DotTile& tile, const std::byte* window, std::int32_t* out);  // channels x kLanes

// sum := (sum << up) + add, then WRAP into `width` bits unless it is 0.
struct DotFinish {
    int up = 0;
    const std::int32_t* adds = nullptr;  // one per channel
    int width = 0;
    bool is_signed = true;
};

struct DotKernels {
    DotKernel pairs = nullptr;  // CellKind::PairS16
    void (*finish)(const DotFinish& finish, std::int32_t* sums, std::size_t channels) = nullptr;
};
[[nodiscard]] DotKernels dot_kernels(Isa isa);

// CellKind::QuadU8 and PairS16 with VNNI; null where has_vnni() is false.
[[nodiscard]] DotKernel vnni_quads(Isa isa);
[[nodiscard]] DotKernel vnni_pairs(Isa isa);

// The fastest of them for these cells.
[[nodiscard]] DotKernel dot_kernel(CellKind kind, Isa isa);

// The pack of a cell's weights, first element in the low bits.
[[nodiscard]] std::int32_t pack_weights(CellKind kind, const std::int64_t* weights);

}  // namespace bittrue::emulator::linear
