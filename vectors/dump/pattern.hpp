// One line of a text dump, as the user describes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/text_words.hpp"

namespace bittrue::dump {

// What a line held.
struct PatternMatch {
    std::vector<std::string_view> words{};
    std::optional<std::int64_t> index{};
    std::string_view layer{};
};

// Literal text, and in braces {word:d}, {word:u}, {word:x}, {word:b}, {value}, {index:d}, {layer}, {*}. Blanks stand
// for any number of blanks, also of none in front of a number; blanks at the ends of a line do not count.
class LinePattern {
public:
    // InputError (`where` in front) that says what is wrong with it.
    LinePattern(const std::string& text, const std::string& where);

    [[nodiscard]] TextKind kind() const { return kind_; }
    [[nodiscard]] bool has_index() const { return has_index_; }
    [[nodiscard]] bool has_layer() const { return has_layer_; }
    // The whole line; false: it does not match. Views into the line.
    [[nodiscard]] bool match(std::string_view line, PatternMatch& found) const;

private:
    enum class What : std::uint8_t { Literal, Blank, Word, Index, Layer, Any };
    struct Part {
        What what{};
        std::string text{};
    };
    [[nodiscard]] bool match_from(std::size_t part, std::string_view rest, PatternMatch& found, int& budget) const;
    void add_placeholder(const std::string& name, const std::string& where);
    [[nodiscard]] bool is_digit(char c) const;

    std::vector<Part> parts_{};
    TextKind kind_ = TextKind::Hex;
    bool has_word_ = false;
    bool has_index_ = false;
    bool has_layer_ = false;
};

}  // namespace bittrue::dump
