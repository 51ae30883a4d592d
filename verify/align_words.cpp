#include "align_words.hpp"

#include <algorithm>
#include <cstdlib>

namespace bittrue {
namespace {

std::uint64_t low_bits(int width) {
    return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

std::uint64_t reverse(std::uint64_t pattern, int width, int piece) {
    const std::uint64_t mask = low_bits(piece);
    std::uint64_t result = 0;
    for (int at = 0; at < width; at += piece) result = (result << piece) | ((pattern >> at) & mask);
    return result;
}

// The word of `format` in a container of `width` bits, whether the bits above it repeat its sign or are 0.
i128 word_in(std::uint64_t pattern, int width, Format format) {
    const std::uint64_t above = low_bits(width) & ~low_bits(format.width);
    const i128 word = raw_from_word(word_from_pattern(pattern, format), format);
    const std::uint64_t rest = pattern & above;
    if (rest == 0 || (rest == above && word < 0)) return word;
    const Format container{.width = width, .integer = width, .is_signed = format.is_signed};
    return raw_from_word(word_from_pattern(pattern, container), container);
}

int bits_of(i128 low, i128 high) {
    int bits = 0;
    for (i128 rest = std::max(high, -(low + 1)); rest > 0; rest >>= 1) ++bits;
    return low < 0 ? bits + 1 : std::max(bits, 1);
}

int container_of(int width) {
    int container = 8;
    while (container < width) container *= 2;
    return container;
}

void add(std::vector<WordMap>& maps, const WordMap& map) {
    if (std::find(maps.begin(), maps.end(), map) == maps.end()) maps.push_back(map);
}

}  // namespace

std::optional<i128> WordMap::apply(i128 dumped) const {
    switch (kind) {
        case Kind::Same: return dumped;
        case Kind::Shifted: {
            if (shift < 0) return dumped * (i128{1} << -shift);
            const i128 unit = i128{1} << shift;
            return dumped % unit == 0 ? std::optional(dumped / unit) : std::nullopt;
        }
        case Kind::Bits:
        case Kind::Bytes: break;
    }
    if (dumped < -(i128{1} << (width - 1)) || dumped >= (i128{1} << width)) return {};
    const std::uint64_t pattern = static_cast<std::uint64_t>(word_from_raw(dumped)) & low_bits(width);
    return word_in(reverse(pattern, width, kind == Kind::Bits ? 1 : 8), width, format);
}

std::string WordMap::text() const {
    const std::string bits = std::to_string(width) + (width == 1 ? " bit" : " bits");
    switch (kind) {
        case Kind::Same: break;
        case Kind::Bits: return "bits of each word reversed (" + bits + ")";
        case Kind::Bytes: return "bytes of each word reversed (" + bits + ")";
        case Kind::Shifted:
            return "every word is the expected one " + std::string(shift > 0 ? "times" : "divided by") + " 2^" +
                   std::to_string(std::abs(shift));
    }
    return {};
}

std::vector<WordMap> word_maps(const WordFacts& facts, int likely_shift) {
    const int expected_bits = bits_of(facts.expected_min, facts.expected_max);
    const int actual_bits = bits_of(facts.actual_min, facts.actual_max);
    // Without a format the meant words tell its sign and the container its width.
    std::vector<int> widths;
    if (facts.format) {
        widths = {facts.format->width, container_of(facts.format->width), container_of(actual_bits)};
    } else {
        widths = {container_of(std::max(expected_bits, actual_bits)), expected_bits, actual_bits};
    }
    std::vector<WordMap> maps;
    const auto magnitude = [](i128 low, i128 high) { return bits_of(0, std::max(high, -low)); };
    const int by_size =
        magnitude(facts.actual_min, facts.actual_max) - magnitude(facts.expected_min, facts.expected_max);
    for (const int shift : {likely_shift, by_size, facts.actual_zeros - facts.expected_zeros}) {
        if (shift != 0 && std::abs(shift) < 60) {
            add(maps, {.kind = WordMap::Kind::Shifted, .width = 0, .shift = shift, .format = {}});
        }
    }
    for (const WordMap::Kind kind : {WordMap::Kind::Bytes, WordMap::Kind::Bits}) {
        std::vector<int> tried = widths;
        if (kind == WordMap::Kind::Bytes) tried.insert(tried.end(), {16, 32, 64});
        for (const int width : tried) {
            const Format format =
                facts.format.value_or(Format{.width = width, .integer = width, .is_signed = facts.expected_min < 0});
            if (width < format.width || width < expected_bits || width > 64 || width < 2) continue;
            if (kind == WordMap::Kind::Bytes && (width % 8 != 0 || width < 16)) continue;
            add(maps, {.kind = kind, .width = width, .shift = 0, .format = format});
        }
    }
    return maps;
}

}  // namespace bittrue
