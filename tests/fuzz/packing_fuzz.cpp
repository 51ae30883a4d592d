// parse_packing, pack and unpack: the first line is a packing, then come a byte each for width, layout and four sizes,
// then words. What is packed is unpacked alike; any packed words are unpacked to words of the format.
#include <algorithm>

#include "bittrue/vectors/packing.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    const std::string tail =
        std::string("\n\x06\x01\x02\x03\x02\x03", 7) + "some words of the layer that is packed here";
    const std::string weights =
        std::string("\n\x07\x03\x01\x04\x06\x01", 7) + "weights of a dense layer that is folded";
    return {tail,
            "lanes=4,lane_bits=9,word_bits=64,first=high,pad=sign,bits=reversed,bytes=reversed,order=chw,axis" + tail,
            "lanes=2,order=hwc" + tail,
            "pe=2,simd=2" + weights,
            "lanes=3,axis" + tail,
            "lanes=9,word_bits=200,pad=zero" + tail};
}

std::vector<std::string> dictionary() {
    return {"lanes=",   "lane_bits=",    "word_bits=",     "first=high", "first=low", "pad=sign",
            "pad=zero", "bits=reversed", "bytes=reversed", "order=hwc",  "order=chw", "order=storage",
            "pe=",      "simd=",         "axis",           ",",          "\n",        "65536"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = text_of(data, size);
    const std::size_t line = text.find('\n');
    if (line == std::string::npos || text.size() < line + 7) return 0;
    Packing packing;
    if (!takes([&] { packing = parse_packing(text.substr(0, line)); })) return 0;
    must_take("a printed packing is read",
              [&] { require(parse_packing(print_packing(packing)) == packing, "a packing is printed and read back"); });
    const auto byte = [&](std::size_t i) { return static_cast<int>(static_cast<unsigned char>(text[line + 1 + i])); };
    PackedShape shape;
    shape.format.width = byte(0) % 64 + 1;
    shape.format.integer = shape.format.width;
    shape.format.is_signed = byte(0) >= 64;
    const auto size_of = [&](std::size_t i) { return std::int64_t{byte(i) % 7}; };
    switch (byte(1) % 4) {
        case 0: shape.layout = Layout::Vector; break;
        case 1: shape.layout = Layout::Hwc; break;
        case 2: shape.layout = Layout::Chw; break;
        default: break;
    }
    shape.dims = {size_of(2)};
    if (shape.layout == Layout::Vector) {
        shape.dims.push_back(size_of(3) * 8 + size_of(4));
    } else {
        for (std::size_t i = 3; i < 6; ++i) shape.dims.push_back(size_of(i));
        if (!shape.layout) shape.dims.pop_back();
    }
    const std::string words_text = text.substr(line + 7);
    std::vector<std::int64_t> words;
    for (std::int64_t i = 0; i < element_count(shape.dims); ++i) {
        std::uint64_t bits = 0;
        for (std::size_t j = 0; j < 8 && !words_text.empty(); ++j) {
            bits = bits << 8 |
                   static_cast<unsigned char>(words_text[(static_cast<std::size_t>(i) * 8 + j) % words_text.size()]);
        }
        words.push_back(word_from_pattern(bits, shape.format));
    }
    if (!takes([&] { check_packing(packing, shape, "x"); })) return 0;
    must_take("what was checked can be packed", [&] {
        PackedWords packed = pack(words, packing, shape, "x");
        require(packed.bits == packed_bits(packing, shape), "packed words are as wide as said");
        const Unpacked unpacked = unpack(packed, packing, shape, "x");
        require(unpacked.words == words && unpacked.notes.empty(), "what is packed is unpacked alike");
        // Any bits: words come out, and those fit.
        for (std::size_t i = 0; i < packed.limbs.size(); ++i) {
            const std::uint64_t mix = (i + 1) * 0x9e3779b97f4a7c15U ^ static_cast<std::uint64_t>(words_text.size());
            packed.limbs[i] ^= mix;
            const std::size_t limbs = packed.limbs_per_word();
            if (packed.bits % 64 != 0 && i % limbs == limbs - 1) {
                packed.limbs[i] &= (std::uint64_t{1} << (packed.bits % 64)) - 1;
            }
        }
        for (const std::int64_t word : unpack(packed, packing, shape, "x").words) {
            require(word == word_from_pattern(pattern_from_word(word, shape.format), shape.format),
                    "an unpacked word fits its format");
        }
        if (packing.order != ElementOrder::Storage || packing.pe != 0) return;
        require(unpack_stream(packed, packing, shape.format, "x").size() <=
                    packed.size() * static_cast<std::size_t>(packing.lanes),
                "a stream has at most a word per lane");
    });
    return 0;
}
