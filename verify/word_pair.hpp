// A word of each side beside the other: when they are equal, and what a report says of them.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "align_windows.hpp"
#include "align_words.hpp"
#include "bittrue/verify/diff.hpp"
#include "word_reader.hpp"

namespace bittrue {

// Tokens of all words of a side: its own words where those will do.
class Tokens {
public:
    Tokens() = default;
    explicit Tokens(std::span<const Token> words) : view_(words) {}
    explicit Tokens(std::vector<Token> made) : made_(std::move(made)), view_(made_) {}
    Tokens(Tokens&&) = default;
    Tokens& operator=(Tokens&&) = default;

    [[nodiscard]] std::span<const Token> view() const { return view_; }

private:
    std::vector<Token> made_{};
    std::span<const Token> view_{};
};

// Words with undefined bits equal nothing. Of decimals, numbers that some raw both prints as are equal; without a
// format they are equal as numbers.
class WordPair {
public:
    // Both readers must outlive the pair.
    WordPair(const WordReader& expected, const WordReader& actual, const std::optional<Format>& format);

    [[nodiscard]] const WordReader& expected() const { return expected_; }
    [[nodiscard]] const WordReader& actual() const { return actual_; }
    // Words are integers on both sides: they can be read in another way.
    [[nodiscard]] bool are_integers() const { return kind_ == Kind::Integers; }

    // Words from these on that are equal, at most `count`: a lower bound, 0 where it is not known at once.
    [[nodiscard]] std::int64_t equal_run(std::int64_t expected_flat, std::int64_t actual_flat, std::int64_t count,
                                         const WordMap& map) const;
    [[nodiscard]] bool equal(std::int64_t expected_flat, std::int64_t actual_flat, const WordMap& map) const;
    // Raws, bits and decimals of both sides.
    void describe(Mismatch& mismatch, std::int64_t expected_flat, std::int64_t actual_flat, const WordMap& map) const;
    [[nodiscard]] bool is_undefined(std::int64_t expected_flat, std::int64_t actual_flat) const;
    // actual - expected; of decimals between the raws that are nearest to each other. Nothing where bits are undefined
    // or no format is known.
    [[nodiscard]] std::optional<i128> distance(std::int64_t expected_flat, std::int64_t actual_flat,
                                               const WordMap& map) const;

    // The dump's raw; of those that print alike the one nearest to the expected one.
    [[nodiscard]] i128 actual_raw(std::int64_t expected_flat, std::int64_t actual_flat, const WordMap& map) const {
        return raws(expected_flat, actual_flat, map).second;
    }
    [[nodiscard]] bool is_ambiguous(std::int64_t expected_flat, std::int64_t actual_flat) const;

    // Words of which several raws print alike, on either side, and how many at most.
    struct Ambiguity {
        std::int64_t words = 0;
        i128 raws = 1;
    };
    void count_ambiguous(std::int64_t expected_flat, std::int64_t actual_flat, Ambiguity& sum) const;

    // One for each word; equal words have equal tokens, others different ones (but for chance).
    [[nodiscard]] Tokens expected_tokens() const;
    [[nodiscard]] Tokens actual_tokens(const WordMap& map) const;
    [[nodiscard]] Token actual_token(std::int64_t flat, const WordMap& map) const;
    [[nodiscard]] WordFacts facts() const;

private:
    enum class Kind : std::uint8_t { Integers, Ranges, Numbers };
    [[nodiscard]] std::pair<i128, i128> raws(std::int64_t expected_flat, std::int64_t actual_flat,
                                             const WordMap& map) const;
    [[nodiscard]] Token token(const WordReader& side, std::int64_t flat) const;

    const WordReader& expected_;
    const WordReader& actual_;
    std::optional<Format> format_;
    Kind kind_ = Kind::Integers;
    std::vector<RawRange> ranges_{};  // of the decimals with fewer digits, ascending; they do not overlap
};

}  // namespace bittrue
