#include "word_reader.hpp"

#include <algorithm>

namespace bittrue {
namespace {

std::string bits(Format format) {
    return std::to_string(format.width) + (format.is_signed ? " signed bits" : " unsigned bits");
}

}  // namespace

WordReader::WordReader(const VectorLayer& layer, const std::optional<Format>& format, const std::string& side)
    : layer_(layer), format_(format) {
    if (layer.patterns) {
        reading_ = Reading::Patterns;
        note_ = format ? side + " is a memory file: its words are read as " + bits(*format)
                       : side + " is a memory file and no format is known: its words are read as unsigned";
        return;
    }
    if (!format || layer.words.empty()) return;
    i128 smallest = raw_from_word(layer.words[0], layer.stored);
    i128 largest = smallest;
    for (const std::int64_t word : layer.words) {
        const i128 value = raw_from_word(word, layer.stored);
        smallest = std::min(smallest, value);
        largest = std::max(largest, value);
    }
    if (smallest >= raw_min(*format) && largest <= raw_max(*format)) return;
    Format other = *format;
    other.is_signed = !other.is_signed;
    if (smallest < raw_min(other) || largest > raw_max(other)) return;
    reading_ = Reading::OtherSign;
    note_ = side + " holds the " + (format->is_signed ? "unsigned" : "signed") + " reading of words of " +
            bits(*format) + ": compared by bit pattern";
}

i128 WordReader::raw_of_pattern(std::uint64_t pattern) const {
    if (!format_) return i128{pattern};
    const auto word = static_cast<std::int64_t>(pattern);
    if (pattern == pattern_from_word(word, *format_))
        return raw_from_word(word_from_pattern(pattern, *format_), *format_);
    // More digits than the format has bits: a sign-extended word still says what it is, any other is simply wrong.
    const Format written{.width = layer_.stored.width, .integer = layer_.stored.width, .is_signed = true};
    const i128 extended = raw_from_word(word_from_pattern(pattern, written), written);
    return format_->is_signed && extended >= raw_min(*format_) ? extended : i128{pattern};
}

i128 WordReader::raw(std::int64_t flat) const {
    const std::int64_t word = layer_.words[static_cast<std::size_t>(flat)];
    switch (reading_) {
        case Reading::Integers: break;
        case Reading::Patterns: return raw_of_pattern(static_cast<std::uint64_t>(word));
        case Reading::OtherSign:
            return raw_from_word(word_from_pattern(static_cast<std::uint64_t>(word), *format_), *format_);
    }
    return raw_from_word(word, layer_.stored);
}

}  // namespace bittrue
