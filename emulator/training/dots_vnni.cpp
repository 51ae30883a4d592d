// The sums of products by the dot products of VNNI, in functions of their own: there all sums of a tile stay in
// registers.
#include "linear/vnni.hpp"
#include "training/kernels.hpp"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "linear/vnni-inl.hpp"

// g++ multiplies the index of an array of vectors by an unsigned size and warns of that.
#pragma GCC diagnostic ignored "-Wsign-conversion"

namespace bittrue::emulator::training {
namespace {

using linear::dot_bytes;

BITTRUE_VNNI inline __attribute__((always_inline)) __m512i spread(const void* four_bytes) {
    std::int32_t bytes = 0;
    std::memcpy(&bytes, four_bytes, sizeof bytes);
    return _mm512_set1_epi32(bytes);
}

template <int kChannels, int kVectors>
BITTRUE_VNNI void dot(const Dot& t) {
    __m512i sums[kChannels][kVectors];
#pragma GCC unroll 8
    for (int c = 0; c < kChannels; ++c) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v)
            sums[c][v] = t.starts == nullptr ? _mm512_setzero_si512() : _mm512_set1_epi32(t.starts[c]);
    }
    for (int i = 0; i < t.quads; ++i) {
        const std::uint8_t* const cell = t.cells + t.cell_offsets[i];
        const std::int8_t* w = t.weights + t.weight_offsets[i];
        __m512i x[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) x[v] = _mm512_load_si512(cell + 64 * v);
#pragma GCC unroll 8
        for (int c = 0; c < kChannels; ++c, w += t.channel_stride) {
            const __m512i weight = spread(w);
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) sums[c][v] = dot_bytes(sums[c][v], x[v], weight);
        }
    }
#pragma GCC unroll 8
    for (int c = 0; c < kChannels; ++c) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) _mm512_store_si512(t.out + kImages * c + 16 * v, sums[c][v]);
    }
}

template <int... kIndex>
constexpr auto dots(std::integer_sequence<int, kIndex...> /*all*/) {
    return std::array{&dot<kIndex / 4 + 1, kIndex % 4 + 1>...};
}
constexpr auto kDots = dots(std::make_integer_sequence<int, 4 * kTile>());

void any_dot(const Dot& t) {
    // Eight channels of four vectors would not fit the registers.
    if (t.vectors < 4 || t.channels <= 6) return kDots[static_cast<std::size_t>(4 * t.channels + t.vectors - 5)](t);
    Dot half = t;
    half.channels = 4;
    any_dot(half);
    half.channels = t.channels - 4;
    half.weights += 4 * t.channel_stride;
    half.out += 4 * kImages;
    if (t.starts != nullptr) half.starts += 4;
    any_dot(half);
}

template <int kRows, int kVectors>
BITTRUE_VNNI void dense_tile(const DenseGradient& t, const std::uint8_t* a, std::int32_t* g, int first) {
    __m512i sums[kRows][kVectors];
#pragma GCC unroll 6
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_si512();
    }
    const std::int32_t* delta = t.deltas + first;
    for (int q = 0; q < t.quads; ++q, delta += t.delta_stride) {
        __m512i d[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) d[v] = _mm512_load_si512(delta + 16 * v);
        const std::uint8_t* four = a + t.quad_places[q];
#pragma GCC unroll 6
        for (int r = 0; r < kRows; ++r, four += kImages) {
            const __m512i x = spread(four);
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) sums[r][v] = dot_bytes(sums[r][v], x, d[v]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
            const int left = std::min(16, t.outs - first - 16 * v);
            const auto lanes = static_cast<__mmask16>((1U << static_cast<unsigned>(left)) - 1U);
            std::int32_t* const to = g + r * t.outs + first + 16 * v;
            const __m512i before = t.add ? _mm512_maskz_loadu_epi32(lanes, to) : _mm512_setzero_si512();
            _mm512_mask_storeu_epi32(to, lanes, _mm512_add_epi32(sums[r][v], before));
        }
    }
}

template <int kRows>
void dense_rows(const DenseGradient& t, const std::uint8_t* a, std::int32_t* g) {
    const int vectors = (t.outs + 15) / 16;
    for (int v = 0; v < vectors; v += 4) {
        switch (std::min(4, vectors - v)) {
            case 1: dense_tile<kRows, 1>(t, a, g, 16 * v); break;
            case 2: dense_tile<kRows, 2>(t, a, g, 16 * v); break;
            case 3: dense_tile<kRows, 3>(t, a, g, 16 * v); break;
            default: dense_tile<kRows, 4>(t, a, g, 16 * v); break;
        }
    }
}

void dense_gradient(const DenseGradient& t) {
    constexpr int kRows = 6;
    int row = 0;
    for (; row + kRows <= t.rows; row += kRows) dense_rows<kRows>(t, t.a + row * kImages, t.g + row * t.outs);
    for (; row < t.rows; ++row) dense_rows<1>(t, t.a + row * kImages, t.g + row * t.outs);
}

template <int kTaps, int kOuts>
BITTRUE_VNNI void conv_tile(const ConvGradient& t) {
    __m512i sums[kTaps][kOuts];
#pragma GCC unroll 5
    for (int i = 0; i < kTaps; ++i) {
#pragma GCC unroll 4
        for (int o = 0; o < kOuts; ++o) sums[i][o] = _mm512_setzero_si512();
    }
    for (int y = 0; y < t.rows; ++y) {
        const std::uint8_t* a = t.a + y * t.a_row;
        const std::int8_t* d = t.deltas + y * t.delta_row;
        for (int x = 0; x < t.columns; ++x, a += kImages, d += kImages) {
            __m512i delta[kOuts];
#pragma GCC unroll 4
            for (int o = 0; o < kOuts; ++o) delta[o] = _mm512_load_si512(d + o * t.out_stride);
#pragma GCC unroll 5
            for (int i = 0; i < kTaps; ++i) {
                const __m512i tap = _mm512_load_si512(a + i * kImages);
#pragma GCC unroll 4
                for (int o = 0; o < kOuts; ++o) sums[i][o] = dot_bytes(sums[i][o], tap, delta[o]);
            }
        }
    }
#pragma GCC unroll 5
    for (int i = 0; i < kTaps; ++i) {
#pragma GCC unroll 4
        for (int o = 0; o < kOuts; ++o) t.out[ConvGradient::kOuts * i + o] = _mm512_reduce_add_epi32(sums[i][o]);
    }
}

template <int... kIndex>
constexpr auto conv_tiles(std::integer_sequence<int, kIndex...> /*all*/) {
    return std::array{&conv_tile<kIndex / ConvGradient::kOuts + 1, kIndex % ConvGradient::kOuts + 1>...};
}
constexpr auto kConvTiles = conv_tiles(std::make_integer_sequence<int, ConvGradient::kTaps * ConvGradient::kOuts>());

void conv_gradient(const ConvGradient& t) {
    kConvTiles[static_cast<std::size_t>(ConvGradient::kOuts * (t.taps - 1) + t.outs - 1)](t);
}

}  // namespace

void fill_vnni_dots(Isa isa, Kernels& k) {
    if (!linear::has_vnni(isa)) return;
    k.dot = &any_dot;
    k.dense_gradient = &dense_gradient;
    k.conv_gradient = &conv_gradient;
}

}  // namespace bittrue::emulator::training

#else

namespace bittrue::emulator::training {
void fill_vnni_dots(Isa /*isa*/, Kernels& /*k*/) {}
}  // namespace bittrue::emulator::training

#endif
