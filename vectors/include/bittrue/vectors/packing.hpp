// How the words of a tensor lie in the wider words of a memory or in the beats of a stream. docs/vector_format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bittrue/model/tensor.hpp"

namespace bittrue {

inline constexpr int kMaxPackedBits = 65536;

// Bit strings of one width: the words of a memory or the beats of a stream. Bit 0 is the least significant bit.
struct PackedWords {
    int bits = 1;                        // of every word, 1..kMaxPackedBits
    std::vector<std::uint64_t> limbs{};  // limbs_per_word() per word, bits 0..63 first; bits above `bits` are 0

    [[nodiscard]] std::size_t limbs_per_word() const { return (static_cast<std::size_t>(bits) + 63) / 64; }
    [[nodiscard]] std::size_t size() const { return limbs.size() / limbs_per_word(); }
    [[nodiscard]] std::span<const std::uint64_t> word(std::size_t i) const {
        return std::span(limbs).subspan(i * limbs_per_word(), limbs_per_word());
    }
    friend bool operator==(const PackedWords&, const PackedWords&) = default;
};

// In which order the elements of an image (or of a parameter array) are taken.
enum class ElementOrder : std::uint8_t {
    Storage,        // C order of the stored dims
    ChannelsLast,   // row, column, channel; channel fastest
    ChannelsFirst,  // channel, row, column; column fastest
};

struct Packing {
    int lanes = 1;             // elements per word
    int lane_bits = 0;         // bits of a lane, the element in its low bits; 0: the element's width
    bool sign_extend = false;  // lane bits above the element repeat its sign bit; otherwise they are 0
    int word_bits = 0;  // of a packed word (of TDATA for a stream), 0: lanes * lane bits (a stream: up to whole bytes);
                        // what is above the lanes is 0
    bool first_high = false;     // element 0 in the most significant lane (FINN memories); otherwise in bits 0 and up
    bool reverse_bits = false;   // bit 0 of the word becomes its top bit
    bool reverse_bytes = false;  // byte 0 of the word becomes its top byte; word_bits is a multiple of 8
    ElementOrder order = ElementOrder::Storage;
    // Folded weights of a dense or conv2d layer, both or neither: word (nf * (columns / simd) + sf) holds
    // pe * simd elements, lane (p * simd + s) is the weight of output channel nf * pe + p and input sf * simd + s
    // (of a conv2d: kernel row, kernel column, channel; channel fastest). `lanes` is then pe * simd. A bias or
    // threshold of `pe` alone is folded by lanes = pe.
    int pe = 0;
    int simd = 0;
    bool axis = false;  // AXI4-Stream beats: word = {TLAST, TKEEP, TDATA}, TDATA in the low bits, a TKEEP bit per byte
                        // (0 where a lane of the last beat is absent), TLAST in the last beat of every image

    friend bool operator==(const Packing&, const Packing&) = default;
};

// "lanes=4,lane_bits=8,first=high,word_bits=64,pad=sign,bits=reversed,bytes=reversed,order=chw,pe=4,simd=2,axis": keys
// in any order, each once. "" is the default Packing. InputError names the key and what is legal.
[[nodiscard]] Packing parse_packing(const std::string& text);
// The shortest text that parse_packing reads as `packing`; "" for the default.
[[nodiscard]] std::string print_packing(const Packing& packing);

// What is packed: `images` blocks of the same shape. Every block begins in a new word; the last word of a block may
// have empty lanes, which are 0.
struct PackedShape {
    Format format{};
    Dims dims{};                     // images first; a parameter array has a 1 in front
    std::optional<Layout> layout{};  // of the axes behind the first; needed for another order than Storage
};

// InputError (`where` in front) when packing and shape do not go together, with the reason: lanes narrower than the
// element, words narrower than the lanes, bytes reversed in 12 bits, pe not a divisor, order of unknown layout.
void check_packing(const Packing& packing, const PackedShape& shape, const std::string& where);

// Bits of a packed word, with TKEEP and TLAST for a stream; words of one block.
[[nodiscard]] int packed_bits(const Packing& packing, const PackedShape& shape);
[[nodiscard]] std::int64_t packed_words_per_image(const Packing& packing, const PackedShape& shape);

// `words` in C order of dims, each a word of the format (a word that does not fit is an InputError, never cut).
[[nodiscard]] PackedWords pack(std::span<const std::int64_t> words, const Packing& packing, const PackedShape& shape,
                               const std::string& where);

struct Unpacked {
    std::vector<std::int64_t> words{};  // C order of shape.dims
    std::vector<std::string> notes{};   // padding that is not what `packing` says, TLAST in another beat: where
};
// The inverse. The number of packed words must be that of the shape and their bits packed_bits(); otherwise InputError.
[[nodiscard]] Unpacked unpack(const PackedWords& packed, const Packing& packing, const PackedShape& shape,
                              const std::string& where);
// Without a shape (a dump of unknown length): lanes in order of the words; `axis` drops bytes whose TKEEP is 0. The
// order of elements stays that of the stream. packing.order and pe, simd must be the defaults.
[[nodiscard]] std::vector<std::int64_t> unpack_stream(const PackedWords& packed, const Packing& packing, Format format,
                                                      const std::string& where);

}  // namespace bittrue
