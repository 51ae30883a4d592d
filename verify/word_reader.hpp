// The words of one side as integers, whatever the file they came from left open.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

class WordReader {
public:
    // `format` is what the words mean, from either side; empty where neither knows. `side` names the layer's file
    // or "the expected side" in notes. `strict`: integers are what they are, never the other sign's reading. The layer
    // must outlive the reader.
    WordReader(const VectorLayer& layer, const std::optional<Format>& format, const std::string& side, bool strict);

    // Of a decimal: the lowest raw that prints so, or the nearest where none does; 0 without a format.
    [[nodiscard]] i128 raw(std::int64_t flat) const;
    // All raws that the word may be: of an integer just one, of a decimal those that print so.
    [[nodiscard]] RawRange range(std::int64_t flat) const;
    [[nodiscard]] std::int64_t size() const { return layer_.word_count(); }

    // The words themselves where each is its raw; empty otherwise.
    [[nodiscard]] std::span<const std::int64_t> plain_words() const {
        const bool plain = reading_ == Reading::Integers && (layer_.stored.is_signed || layer_.stored.width < 64);
        return plain ? std::span<const std::int64_t>(layer_.words) : std::span<const std::int64_t>();
    }
    [[nodiscard]] bool has_decimals() const { return !layer_.decimals.empty(); }
    [[nodiscard]] const Decimal& decimal(std::int64_t flat) const {
        return layer_.decimals[static_cast<std::size_t>(flat)];
    }
    [[nodiscard]] int precision() const { return layer_.precision; }
    // Of the different decimals; empty without a format.
    [[nodiscard]] const std::vector<RawRange>& ranges() const { return ranges_; }
    [[nodiscard]] bool has_undefined() const { return !layer_.undefined.empty(); }
    // The bits of a word with x or z; nullptr for a whole word.
    [[nodiscard]] const std::string* undefined_bits(std::int64_t flat) const;

    // The integers hold the other sign's reading of the patterns and are read by pattern.
    [[nodiscard]] bool other_sign() const { return reading_ == Reading::OtherSign; }
    [[nodiscard]] std::string other_sign_text() const;
    // The integer as it stands in the file.
    [[nodiscard]] i128 stored_raw(std::int64_t flat) const {
        return raw_from_word(layer_.words[static_cast<std::size_t>(flat)], layer_.stored);
    }

    // What was taken for granted, in a sentence; empty: nothing.
    [[nodiscard]] const std::string& note() const { return note_; }

private:
    enum class Reading : std::uint8_t { Integers, Patterns, OtherSign, Decimals };
    void read_decimals();
    [[nodiscard]] bool are_sign_extended(const Format& format) const;
    [[nodiscard]] i128 raw_of_pattern(std::uint64_t pattern) const;

    const VectorLayer& layer_;
    std::optional<Format> format_;
    std::string side_;
    Reading reading_ = Reading::Integers;
    std::string note_{};
    std::vector<RawRange> ranges_{};             // of the different decimals
    std::vector<std::uint32_t> range_number_{};  // of each word
};

}  // namespace bittrue
