// The words of one layer as they come out of a text, one by one, until all is known of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/vectors/dump.hpp"
#include "dump/beats.hpp"
#include "dump/stream_layer.hpp"

namespace bittrue::dump {

enum class TextKind : std::uint8_t {
    Hex,       // bit patterns, x and z digits allowed
    Binary,    // the same
    Signed,    // raw integers; a whole x or z, as $display prints undefined words
    Unsigned,  // the same, never negative
    Value,     // decimal values
};

class TextWords {
public:
    explicit TextWords(TextKind kind) : kind_(kind) {}

    // False when the text is no such word.
    [[nodiscard]] bool add(std::string_view text);
    // Of the word added last: its place, and the line for messages. All words have one, or none.
    void place(std::int64_t index, std::uint64_t line);

    [[nodiscard]] std::int64_t count() const;
    // Keeps `count` words from `first` on.
    void keep(std::int64_t first, std::int64_t count);
    // Whether the words [first, first + count) equal those at `other`. Of values only.
    [[nodiscard]] bool equal_values(std::int64_t first, std::int64_t other, std::int64_t count) const;

    // The layer that `source` names, with its skip and count applied; `path` is the file, for messages.
    [[nodiscard]] VectorLayer layer(const DumpSource& source, const VectorSet* schema, const std::string& path,
                                    std::vector<std::string>& notes);

private:
    [[nodiscard]] bool add_bits(std::string_view digits);
    [[nodiscard]] bool add_integer(std::string_view text);
    void widen(std::size_t limbs);
    void order(const LayerFacts& facts, const std::string& path, const std::string& where,
               std::vector<std::string>& notes);
    [[nodiscard]] bool equal(std::size_t a, std::size_t b) const;
    void rearrange(const std::vector<std::int64_t>& entries);
    void integers_to_bits(int width, const std::string& where);
    [[nodiscard]] VectorLayer bits_layer(const DumpSource& source, const LayerFacts& facts, const std::string& where,
                                         std::vector<std::string>& notes);
    [[nodiscard]] VectorLayer integer_layer(const DumpSource& source, const LayerFacts& facts) const;
    [[nodiscard]] VectorLayer value_layer(const DumpSource& source, const LayerFacts& facts) const;

    TextKind kind_;
    // Hex, Binary: `limbs_` limbs per word; unknown bits as in Beats, but with a mask for every word once there is one.
    std::size_t limbs_ = 1;
    int bits_ = 1;
    std::vector<std::uint64_t> values_{}, unknown_{};
    std::vector<std::int64_t> integers_{};
    std::vector<char> undefined_{};  // of integers: 'x', 'z' or 0; empty: none
    bool beyond_int64_ = false;      // an integer is stored as the pattern of 64 unsigned bits
    bool negative_ = false;
    std::vector<Decimal> decimals_{};
    int digits_ = 0;
    std::vector<std::int64_t> indices_{};
    std::vector<std::uint64_t> lines_{};
};

}  // namespace bittrue::dump
