// The inner loops of the fast engine, once per instruction set. Images are lanes: a *plane* is one element of 64 images
// in 64 bytes, where image 16 j + 4 b + i (i, b, j below 4) stands in byte 16 b + 4 j + i. Four planes interleaved byte
// by byte are a *cell*, in which the images stand in order, four bytes each: what a dot product of bytes wants. Rows of
// int32 have the images in order, too. Only the first `vectors` times 16 images are computed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::emulator::training {

inline constexpr int kImages = 64;  // of a plane
inline constexpr int kTile = 8;     // channels that are summed side by side
inline constexpr int kDigits = 3;   // of an error: signed bytes, the low one first

[[nodiscard]] constexpr int slot_of(int image) {
    return 16 * (image % 16 / 4) + 4 * (image / 16) + image % 4;
}

// out[64 c + image] = starts[c] + sum of the unsigned bytes of the cells times the signed bytes of the weights.
struct Dot {
    const std::uint8_t* cells = nullptr;
    const std::int32_t* cell_offsets = nullptr;    // in bytes, of each quad
    const std::int32_t* weight_offsets = nullptr;  // likewise
    int quads = 0;
    const std::int8_t* weights = nullptr;
    std::ptrdiff_t channel_stride = 0;  // in bytes, between the weights of neighbouring channels
    int channels = 1;                   // at most kTile
    int vectors = 4;
    const std::int32_t* starts = nullptr;
    std::int32_t* out = nullptr;
};

// g[row * outs + o] = sum over images of a[row] * delta[o], added to what is there if `add`.
struct DenseGradient {
    const std::uint8_t* a = nullptr;            // planes, one per row
    const std::int32_t* quad_places = nullptr;  // where in a plane the four images of a quad stand
    const std::int32_t* deltas = nullptr;       // [quad][out]: the signed bytes of the quad's images
    std::ptrdiff_t delta_stride = 0;            // of int32; a multiple of 16, at least outs
    int quads = 0;
    int rows = 0;
    int outs = 0;
    std::int32_t* g = nullptr;
    bool add = false;
};

// out[4 t + o] = sum over positions and images of a plane of the tap and one of the output.
struct ConvGradient {
    static constexpr int kTaps = 5, kOuts = 4;
    const std::uint8_t* a = nullptr;  // the first tap's plane at the first position; taps are neighbours
    int taps = 1;
    const std::int8_t* deltas = nullptr;
    std::ptrdiff_t out_stride = 0;  // in bytes, between outputs
    int outs = 1;
    int rows = 1, columns = 1;
    std::ptrdiff_t a_row = 0, delta_row = 0;  // in bytes
    std::int32_t* out = nullptr;
};

// Cell i: the four planes whose places (in bytes) are given, every byte xor `flip`.
struct Cells {
    const std::uint8_t* planes = nullptr;
    const std::int32_t* places = nullptr;  // four for each cell
    int cells = 0;
    int vectors = 4;
    std::uint8_t flip = 0;
    std::uint8_t* out = nullptr;
    const std::int32_t* out_places = nullptr;  // in bytes
};

// What the sums of one channel's pool window (or of one position) become.
struct Activation {
    static constexpr std::uint8_t kPositive = 1;  // the delta passes
    static constexpr std::uint8_t kClipped = 2;   // no error passes (H8)
    int vectors = 4;
    int places = 1;
    std::ptrdiff_t place_stride = 0;  // of int32
    int shift = 0;                    // fw
    std::int32_t clip = 0, most = 1;  // H8's limit, the largest word
    bool binary = false;              // A = 1
    const std::int32_t* sums = nullptr;
    std::uint8_t* words = nullptr;  // planes
    std::uint8_t* index = nullptr;  // of the first maximum
    std::uint8_t* flags = nullptr;
};

struct Quantise {
    int vectors = 4;
    int shift = 0;
    std::int32_t most = 127;
    int digits = 1;
    const std::int32_t* d = nullptr;
    const std::uint8_t* flags = nullptr;
    std::int32_t* errors = nullptr;  // may be none; words before the relu mask
    std::int8_t* digit[kDigits] = {};
};

struct Unpool {
    const std::int8_t* delta = nullptr;
    const std::uint8_t* index = nullptr;
    int places = 1;
    const std::int32_t* out_places = nullptr;  // in bytes
    std::int8_t* out = nullptr;
};

struct InputPlanes {
    const std::uint8_t* const* images = nullptr;  // 64 in the order of the bytes of a plane; none: zeros
    int begin = 0, end = 0;                       // pixels
    int bits = 2;                                 // A
    std::uint8_t* planes = nullptr;
};

struct WeightRows {
    const std::int32_t* weights = nullptr;
    int rows = 0, outs = 0;
    int weight_bits = 1, gradient_bits = 8;
    std::int8_t* words = nullptr;  // [row][word_stride], zeros behind the last output
    int word_stride = 0;
    std::int32_t* row_sums = nullptr;
};

struct Update {
    const std::int32_t* g = nullptr;
    const std::uint16_t* draws = nullptr;
    std::int32_t* weights = nullptr;
    int count = 0;
    std::int32_t rate = 128;
    int shift = 0;
    int gradient_bits = 8, weight_bits = 1, random_bits = 8;
    WeightStore store = WeightStore::Saturate;
    std::uint64_t saturated = 0, changed = 0;
};

struct Kernels {
    void (*dot)(const Dot&) = nullptr;
    void (*dense_gradient)(const DenseGradient&) = nullptr;
    void (*conv_gradient)(const ConvGradient&) = nullptr;
    void (*cells)(const Cells&) = nullptr;
    void (*activate)(const Activation&) = nullptr;
    // Zero where the flags say clipped; returns the largest magnitude. May work in place.
    std::uint32_t (*mask)(const std::int32_t* d, const std::uint8_t* flags, int vectors, std::int32_t* out) = nullptr;
    void (*quantise)(const Quantise&) = nullptr;
    void (*unpool)(const Unpool&) = nullptr;
    void (*input)(const InputPlanes&) = nullptr;
    void (*weight_rows)(const WeightRows&) = nullptr;
    // out[o] = the bytes of o in four rows
    void (*interleave_rows)(const std::int8_t* const* rows, int outs, std::int32_t* out) = nullptr;
    void (*update)(Update&) = nullptr;
    // H15: the low `width` (below 32) bits of each; returns how many changed.
    std::uint64_t (*wrap)(std::int32_t* numbers, std::int64_t count, int width) = nullptr;
    std::uint32_t (*largest)(const std::int32_t* numbers, std::int64_t count) = nullptr;
};

[[nodiscard]] Kernels kernels(Isa isa);

void fill_dots(Isa isa, Kernels& k);       // dots.cpp
void fill_vnni_dots(Isa isa, Kernels& k);  // dots_vnni.cpp; nothing where the processor has none
void fill_planes(Isa isa, Kernels& k);     // planes.cpp
void fill_weights(Isa isa, Kernels& k);    // weights.cpp

}  // namespace bittrue::emulator::training
