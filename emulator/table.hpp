// Tables as data: how a number becomes an index (rules T3, T4, L15) and entries that are cast once.
#pragma once

#include <algorithm>
#include <vector>

#include "layer.hpp"

namespace bittrue::emulator {

// Largest magnitude that truncated_scale returns instead of a larger one; beyond every table's size.
inline constexpr i128 kBeyondTables = i128{1} << 40;

// T3: raw * 2^-frac * entries / span, truncated at lsb 2^-frac and then to an integer, cut off at +-kBeyondTables;
// |raw| < 2^70, entries and span below 2^31.
[[nodiscard]] inline i128 truncated_scale(i128 raw, int frac, std::int64_t entries, std::int64_t span) {
    i128 scaled = (raw < 0 ? -raw : raw) * entries / span;
    if (frac >= 0) {
        scaled = frac < 127 ? scaled >> frac : i128{0};
    } else if (scaled != 0) {
        const int up = -frac;
        scaled = up > 40 || scaled >= kBeyondTables >> up ? kBeyondTables : scaled << up;
    }
    scaled = std::min(scaled, kBeyondTables);
    return raw < 0 ? -scaled : scaled;
}

[[nodiscard]] inline std::size_t clamped_index(i128 index, std::int64_t entries) {
    return static_cast<std::size_t>(std::clamp<i128>(index, 0, entries - 1));
}

// T3: an index into a table whose domain is centred on zero.
[[nodiscard]] inline std::size_t centred_index(i128 raw, int frac, std::int64_t entries, std::int64_t span) {
    return clamped_index(truncated_scale(raw, frac, entries, span) + entries / 2, entries);
}

// T4: the top log2(entries) bits of a word of `format`; entries is a power of two, at most 2^width.
class BitIndex {
public:
    BitIndex() = default;
    BitIndex(Format format, std::int64_t entries) : format_(format), down_(format.width - ceil_log2(entries)) {}
    [[nodiscard]] std::size_t operator()(std::int64_t word) const {
        return down_ < 64 ? static_cast<std::size_t>(pattern_from_word(word, format_) >> down_) : 0;
    }

private:
    Format format_{};
    int down_ = 64;
};

// Every entry converted into `to` beforehand; who uses one counts one conversion.
[[nodiscard]] inline std::vector<Converted> cast_entries(const Tensor& entries, const FixedType& to) {
    const Caster cast(entries.format, to);
    std::vector<Converted> converted;
    for (const std::int64_t word : entries.words) converted.push_back(cast.word(word));
    return converted;
}

}  // namespace bittrue::emulator
