#include "word_reader.hpp"

#include <algorithm>

namespace bittrue {
namespace {

std::string bits(Format format) {
    return std::to_string(format.width) + (format.is_signed ? " signed bits" : " unsigned bits");
}

}  // namespace

WordReader::WordReader(const VectorLayer& layer, const std::optional<Format>& format, const std::string& side,
                       bool strict)
    : layer_(layer), format_(format), side_(side) {
    if (has_decimals()) {
        reading_ = Reading::Decimals;
        if (format) read_decimals();
        return;
    }
    if (layer.patterns) {
        reading_ = Reading::Patterns;
        note_ = format ? side + " is a memory file: its words are read as " + bits(*format)
                       : side + " is a memory file and no format is known: its words are read as unsigned";
        return;
    }
    if (strict || !format || layer.words.empty()) return;
    const auto [low, high] =
        std::minmax_element(layer.words.begin(), layer.words.end(), [&layer](std::int64_t a, std::int64_t b) {
            return layer.stored.is_signed ? a < b : static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
        });
    const i128 smallest = raw_from_word(*low, layer.stored);
    const i128 largest = raw_from_word(*high, layer.stored);
    if (smallest >= raw_min(*format) && largest <= raw_max(*format)) return;
    Format other = *format;
    other.is_signed = !other.is_signed;
    if (smallest < raw_min(other) || largest > raw_max(other)) {
        if (!are_sign_extended(*format)) return;
        reading_ = Reading::Patterns;
        note_ = side + " holds the unsigned reading of words of " + bits(*format) + " extended to " +
                std::to_string(layer.stored.width) + ": compared by bit pattern";
        return;
    }
    reading_ = Reading::OtherSign;
}

// Registers read as unsigned numbers of a wider container: every word is the format's, sign-extended.
bool WordReader::are_sign_extended(const Format& format) const {
    const Format stored = layer_.stored;
    if (stored.is_signed || !format.is_signed || stored.width <= format.width) return false;
    const Format read{.width = stored.width, .integer = stored.width, .is_signed = true};
    return std::all_of(layer_.words.begin(), layer_.words.end(), [&](std::int64_t word) {
        const i128 raw = raw_from_word(word_from_pattern(static_cast<std::uint64_t>(word), read), read);
        return raw >= raw_min(format) && raw <= raw_max(format);
    });
}

std::string WordReader::other_sign_text() const {
    return side_ + " holds the " + (format_->is_signed ? "unsigned" : "signed") + " reading of words of " +
           bits(*format_) + ": compared by bit pattern";
}

// A log has few different numbers: each is looked up once.
void WordReader::read_decimals() {
    const auto less = [](const Decimal& a, const Decimal& b) {
        return a.exponent != b.exponent ? a.exponent < b.exponent : a.digits < b.digits;
    };
    std::vector<Decimal> different = layer_.decimals;
    std::sort(different.begin(), different.end(), less);
    different.erase(std::unique(different.begin(), different.end()), different.end());
    for (const Decimal& value : different) ranges_.push_back(raws_printed_as(value, layer_.precision, *format_));
    range_number_.reserve(layer_.decimals.size());
    for (const Decimal& value : layer_.decimals) {
        const auto at = std::lower_bound(different.begin(), different.end(), value, less);
        range_number_.push_back(static_cast<std::uint32_t>(at - different.begin()));
    }
}

const std::string* WordReader::undefined_bits(std::int64_t flat) const {
    const auto at = std::lower_bound(layer_.undefined.begin(), layer_.undefined.end(), flat);
    if (at == layer_.undefined.end() || *at != flat) return nullptr;
    return &layer_.undefined_bits[static_cast<std::size_t>(at - layer_.undefined.begin())];
}

RawRange WordReader::range(std::int64_t flat) const {
    if (reading_ == Reading::Decimals && format_) return ranges_[range_number_[static_cast<std::size_t>(flat)]];
    const i128 only = raw(flat);
    return {.low = only, .high = only};
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
    const auto i = static_cast<std::size_t>(flat);
    switch (reading_) {
        case Reading::Integers: break;
        case Reading::Patterns: return raw_of_pattern(static_cast<std::uint64_t>(layer_.words[i]));
        case Reading::OtherSign:
            return raw_from_word(word_from_pattern(static_cast<std::uint64_t>(layer_.words[i]), *format_), *format_);
        case Reading::Decimals: {
            if (!format_) return 0;
            const RawRange& all = ranges_[range_number_[i]];
            return all.empty() ? nearest_raw(layer_.decimals[i], *format_) : all.low;
        }
    }
    return stored_raw(flat);
}

}  // namespace bittrue
