// What happens to every number between the sums of products.
#include <algorithm>
#include <array>

#include "block/lane_targets.hpp"
#include "training/kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/planes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::training {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::int32_t, 16>;
using Bytes = hn::Repartition<std::uint8_t, Words>;
using Halves = hn::Repartition<std::uint16_t, Words>;
using V = hn::Vec<Words>;
using B = hn::Vec<Bytes>;

HWY_INLINE int bytes_of_vector() {
    return static_cast<int>(hn::Lanes(Bytes()));
}

// The planes' bytes side by side: the first number of vector j stands behind 16 j others.
HWY_INLINE void interleave(B a, B b, B c, B e, V* out) {
    const Words d;
    const Halves h;
    const auto ab_low = hn::BitCast(h, hn::InterleaveLower(Bytes(), a, b));
    const auto ab_high = hn::BitCast(h, hn::InterleaveUpper(Bytes(), a, b));
    const auto ce_low = hn::BitCast(h, hn::InterleaveLower(Bytes(), c, e));
    const auto ce_high = hn::BitCast(h, hn::InterleaveUpper(Bytes(), c, e));
    out[0] = hn::BitCast(d, hn::InterleaveLower(h, ab_low, ce_low));
    out[1] = hn::BitCast(d, hn::InterleaveUpper(h, ab_low, ce_low));
    out[2] = hn::BitCast(d, hn::InterleaveLower(h, ab_high, ce_high));
    out[3] = hn::BitCast(d, hn::InterleaveUpper(h, ab_high, ce_high));
}

// The other way: the low bytes of four vectors into one of planes.
HWY_INLINE B low_bytes(const V* in) {
    HWY_ALIGN static constexpr std::uint8_t kOrder[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
    const V low = hn::Set(Words(), 0xFF);
    const V ab = hn::Or(hn::And(in[0], low), hn::ShiftLeft<8>(hn::And(in[1], low)));
    const V ce = hn::Or(hn::ShiftLeft<16>(hn::And(in[2], low)), hn::ShiftLeft<24>(in[3]));
    return hn::TableLookupBytes(hn::BitCast(Bytes(), hn::Or(ab, ce)), hn::LoadDup128(Bytes(), kOrder));
}

void cells(const Cells& t) {
    const B flip = hn::Set(Bytes(), t.flip);
    for (int i = 0; i < t.cells; ++i) {
        const std::int32_t* const places = t.places + 4 * i;
        std::uint8_t* const out = t.out + t.out_places[i];
        for (int at = 0; at < kImages; at += bytes_of_vector()) {
            B in[4];
            for (int p = 0; p < 4; ++p) in[p] = hn::Xor(hn::Load(Bytes(), t.planes + places[p] + at), flip);
            V cell[4];
            interleave(in[0], in[1], in[2], in[3], cell);
            for (int j = 0; j < t.vectors; ++j) hn::Store(hn::BitCast(Bytes(), cell[j]), Bytes(), out + 64 * j + at);
        }
    }
}

HWY_INLINE V half_even(V v, int shift) {
    const Words d;
    if (shift <= 0) return hn::ShiftLeftSame(v, -shift);
    const V odd = hn::And(hn::ShiftRightSame(v, shift), hn::Set(d, 1));
    const V half = hn::Set(d, (1 << (shift - 1)) - 1);
    return hn::ShiftRightSame(hn::Add(v, hn::Add(half, odd)), shift);
}

void activate(const Activation& t) {
    const Words d;
    const V zero = hn::Zero(d), clip = hn::Set(d, t.clip), most = hn::Set(d, t.most);
    const V positive_flag = hn::Set(d, Activation::kPositive), clipped_flag = hn::Set(d, Activation::kClipped);
    for (int at = 0; at < kImages; at += bytes_of_vector()) {
        V word[4] = {zero, zero, zero, zero}, index[4] = {zero, zero, zero, zero}, flags[4] = {zero, zero, zero, zero};
        for (int j = 0; j < t.vectors; ++j) {
            const std::int32_t* sums = t.sums + 16 * j + at / 4;
            V best = hn::Load(d, sums);
            for (int p = 1; p < t.places; ++p) {
                const V v = hn::Load(d, sums + p * t.place_stride);
                const auto more = hn::Gt(v, best);
                index[j] = hn::IfThenElse(more, hn::Set(d, p), index[j]);
                best = hn::Max(best, v);
            }
            const auto positive = hn::Gt(best, zero);
            word[j] =
                t.binary ? hn::IfThenElseZero(positive, most) : hn::Min(half_even(hn::Max(best, zero), t.shift), most);
            flags[j] = hn::Or(hn::IfThenElseZero(positive, positive_flag),
                              hn::IfThenElseZero(hn::Gt(best, clip), clipped_flag));
        }
        hn::Store(low_bytes(word), Bytes(), t.words + at);
        hn::Store(low_bytes(index), Bytes(), t.index + at);
        hn::Store(low_bytes(flags), Bytes(), t.flags + at);
    }
}

// A flag of each image as a mask of words.
template <std::uint8_t kFlag>
HWY_INLINE hn::Mask<Words> has(V flags) {
    return hn::Ne(hn::And(flags, hn::Set(Words(), kFlag)), hn::Zero(Words()));
}

std::uint32_t mask(const std::int32_t* d, const std::uint8_t* flags, int vectors, std::int32_t* out) {
    const Words w;
    V most = hn::Zero(w);
    for (int at = 0; at < kImages; at += bytes_of_vector()) {
        const B f = hn::Load(Bytes(), flags + at);
        V own[4];
        interleave(f, f, f, f, own);
        for (int j = 0; j < vectors; ++j) {
            const std::ptrdiff_t lane = 16 * j + at / 4;
            const V v = hn::IfThenZeroElse(has<Activation::kClipped>(own[j]), hn::Load(w, d + lane));
            hn::Store(v, w, out + lane);
            most = hn::Max(most, hn::Abs(v));
        }
    }
    return static_cast<std::uint32_t>(hn::GetLane(hn::MaxOfLanes(w, most)));
}

void quantise(const Quantise& t) {
    const Words d;
    const V zero = hn::Zero(d), most = hn::Set(d, t.most), least = hn::Set(d, -t.most);
    for (int at = 0; at < kImages; at += bytes_of_vector()) {
        const B f = hn::Load(Bytes(), t.flags + at);
        V own[4];
        interleave(f, f, f, f, own);
        V delta[4] = {zero, zero, zero, zero};
        for (int j = 0; j < t.vectors; ++j) {
            const std::ptrdiff_t lane = 16 * j + at / 4;
            const V e = hn::Max(hn::Min(half_even(hn::Load(d, t.d + lane), t.shift), most), least);
            if (t.errors != nullptr) hn::Store(e, d, t.errors + lane);
            delta[j] = hn::IfThenElseZero(has<Activation::kPositive>(own[j]), e);
        }
        const Bytes bytes;
        for (int digit = 0; digit < t.digits; ++digit) {
            hn::Store(low_bytes(delta), bytes, reinterpret_cast<std::uint8_t*>(t.digit[digit]) + at);
            for (V& v : delta) v = hn::ShiftRight<8>(hn::Sub(v, hn::ShiftRight<24>(hn::ShiftLeft<24>(v))));
        }
    }
}

void unpool(const Unpool& t) {
    const hn::Repartition<std::int8_t, Words> d;
    for (int at = 0; at < kImages; at += bytes_of_vector()) {
        const auto delta = hn::Load(d, t.delta + at);
        const auto index = hn::BitCast(d, hn::Load(Bytes(), t.index + at));
        for (int p = 0; p < t.places; ++p)
            hn::Store(hn::IfThenElseZero(hn::Eq(index, hn::Set(d, static_cast<std::int8_t>(p))), delta), d,
                      t.out + t.out_places[p] + at);
    }
}

using Block = hn::FixedTag<std::uint8_t, 16>;

HWY_INLINE hn::Vec<Block> input_words(hn::Vec<Block> pixels, int bits) {
    const Block d;
    if (bits == 1) return hn::Min(pixels, hn::Set(d, 1));
    const int shift = 9 - bits;
    const auto low = hn::Set(d, static_cast<std::uint8_t>(0xFF >> shift));
    const auto down = [&](hn::Vec<Block> v) {  // there is no shift of bytes by a variable count everywhere
        const hn::Repartition<std::uint16_t, Block> h;
        return hn::And(hn::BitCast(d, hn::ShiftRightSame(hn::BitCast(h, v), shift)), low);
    };
    // What saturates would have been clipped: H3's largest word is what 255 becomes.
    const auto half = hn::Set(d, static_cast<std::uint8_t>((1 << (shift - 1)) - 1));
    return down(hn::SaturatedAdd(pixels, hn::Add(half, hn::And(down(pixels), hn::Set(d, 1)))));
}

void input_block(const InputPlanes& t, int pixel, int block) {
    const Block d;
    hn::Vec<Block> rows[16], next[16];
    for (int i = 0; i < 16; ++i) {
        const std::uint8_t* const image = t.images[16 * block + i];
        rows[i] = image == nullptr ? hn::Zero(d) : hn::LoadU(d, image + pixel);
    }
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 8; ++i) {
            next[2 * i] = hn::InterleaveLower(d, rows[i], rows[i + 8]);
            next[2 * i + 1] = hn::InterleaveUpper(d, rows[i], rows[i + 8]);
        }
        std::copy(next, next + 16, rows);
    }
    for (int i = 0; i < 16; ++i)
        hn::Store(input_words(rows[i], t.bits), d, t.planes + (pixel + i) * kImages + 16 * block);
}

void input(const InputPlanes& t) {
    const Block d;
    int pixel = t.begin;
    for (; pixel + 16 <= t.end; pixel += 16) {
        for (int block = 0; block < 4; ++block) input_block(t, pixel, block);
    }
    for (; pixel < t.end; ++pixel) {
        for (int block = 0; block < 4; ++block) {
            HWY_ALIGN std::uint8_t row[16];
            for (int i = 0; i < 16; ++i) {
                const std::uint8_t* const image = t.images[16 * block + i];
                row[i] = image == nullptr ? std::uint8_t{0} : image[pixel];
            }
            hn::Store(input_words(hn::Load(d, row), t.bits), d, t.planes + pixel * kImages + 16 * block);
        }
    }
}

}  // namespace

void fill_planes(Kernels& k) {
    k.cells = &cells;
    k.activate = &activate;
    k.mask = &mask;
    k.quantise = &quantise;
    k.unpool = &unpool;
    k.input = &input;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::training
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "block/lane_dispatch.hpp"

namespace bittrue::emulator::training {

void fill_planes(Isa isa, Kernels& k){BITTRUE_DISPATCH(isa, fill_planes(k))}

Kernels kernels(Isa isa) {
    Kernels k;
    fill_dots(isa, k);
    fill_vnni_dots(isa, k);
    fill_planes(isa, k);
    fill_weights(isa, k);
    return k;
}

}  // namespace bittrue::emulator::training
#endif
