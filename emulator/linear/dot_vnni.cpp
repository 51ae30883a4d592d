// Dot products with VNNI, in functions of their own: there all sums of a tile stay in registers.
#include "dot.hpp"
#include "vnni.hpp"

#if defined(__x86_64__)

#include "vnni-inl.hpp"

namespace bittrue::emulator::linear {
namespace {

template <bool kQuads, std::size_t kTile>
BITTRUE_VNNI inline __attribute__((always_inline)) void at_window(const DotTile& tile, const std::byte* window,
                                                                  std::int32_t* out) {
    __m512i sums[kTile][kVectors];
#pragma GCC unroll 6
    for (std::size_t c = 0; c < kTile; ++c) {
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) sums[c][v] = _mm512_set1_epi32(tile.starts[c]);
    }
    const std::int32_t* weights = tile.weights;
    for (std::size_t i = 0; i < tile.cells; ++i, weights += kTile) {
        const std::byte* const cell = window + tile.offsets[i];
        const __m512i x0 = _mm512_load_si512(cell), x1 = _mm512_load_si512(cell + 64);
        const __m512i x2 = _mm512_load_si512(cell + 128), x3 = _mm512_load_si512(cell + 192);
#pragma GCC unroll 6
        for (std::size_t c = 0; c < kTile; ++c) {
            const __m512i w = _mm512_set1_epi32(weights[c]);
            sums[c][0] = dot<kQuads>(sums[c][0], x0, w);
            sums[c][1] = dot<kQuads>(sums[c][1], x1, w);
            sums[c][2] = dot<kQuads>(sums[c][2], x2, w);
            sums[c][3] = dot<kQuads>(sums[c][3], x3, w);
        }
    }
    if (tile.unused != 0) {
        const __m512i unused = _mm512_set1_epi32(tile.unused);
#pragma GCC unroll 6
        for (std::size_t c = 0; c < kTile; ++c) {
#pragma GCC unroll 4
            for (std::size_t v = 0; v < kVectors; ++v) {
                sums[c][v] = _mm512_srav_epi32(_mm512_sllv_epi32(sums[c][v], unused), unused);
            }
        }
    }
#pragma GCC unroll 6
    for (std::size_t c = 0; c < kTile; ++c) {
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) _mm512_storeu_si512(out + c * kLanes + v * 16, sums[c][v]);
    }
}

template <bool kQuads, std::size_t kTile>
BITTRUE_VNNI void tile_of(const DotTile& tile, const std::byte* window, std::int32_t* out) {
    for (std::size_t p = 0; p < tile.positions; ++p, window += tile.window_step, out += tile.out_step)
        at_window<kQuads, kTile>(tile, window, out);
}

template <bool kQuads>
void any_tile(const DotTile& tile, const std::byte* window, std::int32_t* out) {
    switch (tile.channels) {
        case 1: return tile_of<kQuads, 1>(tile, window, out);
        case 2: return tile_of<kQuads, 2>(tile, window, out);
        case 3: return tile_of<kQuads, 3>(tile, window, out);
        case 4: return tile_of<kQuads, 4>(tile, window, out);
        case 5: return tile_of<kQuads, 5>(tile, window, out);
        case 6: return tile_of<kQuads, 6>(tile, window, out);
    }
}

}  // namespace

DotKernel vnni_quads(Isa isa) {
    return has_vnni(isa) ? any_tile<true> : nullptr;
}
DotKernel vnni_pairs(Isa isa) {
    return has_vnni(isa) ? any_tile<false> : nullptr;
}

}  // namespace bittrue::emulator::linear

#else

namespace bittrue::emulator::linear {

DotKernel vnni_quads(Isa /*isa*/) {
    return nullptr;
}
DotKernel vnni_pairs(Isa /*isa*/) {
    return nullptr;
}

}  // namespace bittrue::emulator::linear

#endif
