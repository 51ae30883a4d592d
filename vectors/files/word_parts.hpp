// What the files of words have in common: packed words on their way out, tokens and digits on their way in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bit_string.hpp"
#include "bittrue/vectors/word_file.hpp"
#include "packer.hpp"

namespace bittrue {

// ---- out

using ByteSink = std::function<void(std::string_view)>;

// Text in a buffer that is emptied into a sink.
class TextOut {
public:
    explicit TextOut(const ByteSink& sink) : sink_(sink), buffer_(kBuffer, '\0') {}
    TextOut(const TextOut&) = delete;
    TextOut& operator=(const TextOut&) = delete;

    // Room for `count` bytes, at most kMaxRoom, of which the caller then says how many it has used.
    [[nodiscard]] char* room(std::size_t count) {
        if (used_ + count > buffer_.size()) flush();
        return buffer_.data() + used_;
    }
    void used(const char* end) { used_ = static_cast<std::size_t>(end - buffer_.data()); }

    void put(std::string_view text);
    void put(char c) { put(std::string_view(&c, 1)); }
    void decimal(std::int64_t value) { put(std::to_string(value)); }
    // The low 4 * digits bits in lower case, the most significant digit first.
    void hex(ConstLimbs word, int digits);
    void hex_upper(ConstLimbs word, int digits);
    // The low `digits` bits.
    void binary(ConstLimbs word, int digits);
    void flush();  // at the end, too

    static constexpr std::size_t kMaxRoom = 1U << 17;

private:
    static constexpr std::size_t kBuffer = 1U << 18;
    const ByteSink& sink_;
    std::string buffer_;
    std::size_t used_ = 0;
};

// Writes `digits` digits at `at` and returns what is behind.
[[nodiscard]] char* put_hex(char* at, std::uint64_t value, int digits);

[[nodiscard]] constexpr int hex_digits(int bits) {
    return (bits + 3) / 4;
}

// The words of a context, packed piece by piece.
class WordSource {
public:
    WordSource(std::span<const std::int64_t> words, const WordFileContext& context);

    [[nodiscard]] const PackingPlan& plan() const { return packer_.plan(); }
    [[nodiscard]] const WordFileContext& context() const { return context_; }
    [[nodiscard]] std::span<const std::int64_t> words() const { return words_; }
    [[nodiscard]] std::int64_t count() const { return plan().images * plan().words; }
    [[nodiscard]] bool unpacked() const { return context_.packing == Packing{}; }
    // Name of the array and reason.
    [[noreturn]] void refuse(const std::string& reason) const;

    // Pieces of whole images in their order, with the number of the first word.
    void pieces(const std::function<void(const PackedWords& words, std::int64_t first)>& take) const;
    // Each word with its number.
    template <class Take>
    void each(Take&& take) const {
        pieces([&](const PackedWords& words, std::int64_t first) {
            const std::size_t limbs = words.limbs_per_word();
            ConstLimbs rest(words.limbs);
            for (; !rest.empty(); rest = rest.subspan(limbs)) take(rest.first(limbs), first++);
        });
    }

private:
    std::span<const std::int64_t> words_;
    const WordFileContext& context_;
    Packer packer_;
};

// ---- in

// True when every word has its bits within `bits`, which is then the width; false, and nothing changed, otherwise.
[[nodiscard]] bool narrow(PackedWords& words, int bits);

// Each `parts` words of at most 32 bits become one, the first in its low bits.
void join_words(PackedWords& words, std::size_t parts);

[[nodiscard]] int digit_value(char c);  // 0..15, -1 for others
[[nodiscard]] constexpr bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
[[nodiscard]] std::string lower_case(std::string_view text);
// In quotes, shortened, without control characters.
[[nodiscard]] std::string printable(std::string_view token);

// A text with the number of the line that is being read.
struct TextIn {
    std::string_view text{};
    const std::string& where;
    std::size_t position = 0;
    std::size_t line = 1;

    [[noreturn]] void fail(const std::string& message) const { fail(line, message); }
    [[noreturn]] void fail(std::size_t at_line, const std::string& message) const;
    [[nodiscard]] bool at_end() const { return position >= text.size(); }
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text[position]; }
    [[nodiscard]] bool at(std::string_view what) const { return text.substr(position, what.size()) == what; }
    void skip_spaces();
    void skip_line();  // up to the line's end, which stays
    // Behind the next `end`, lines counted; false and at the end of the text where there is none.
    [[nodiscard]] bool skip_past(std::string_view end);
};

// Words read one by one, all as wide as the widest.
class WordCollector {
public:
    explicit WordCollector(const TextIn& text, std::size_t expected = 0);

    // Makes room; what comes may be more or less.
    void expect(std::size_t words) { words_.limbs.reserve(words * limbs_); }

    void add(std::uint64_t value, int bits) {
        if (bits <= words_.bits && limbs_ == 1) {
            words_.limbs.push_back(value);
        } else {
            *next(bits) = value;
        }
    }
    // The same for several words of as many bits.
    void add_all(ConstLimbs values, int bits) {
        if (bits <= words_.bits && limbs_ == 1) {
            words_.limbs.insert(words_.limbs.end(), values.begin(), values.end());
        } else {
            for (const std::uint64_t value : values) *next(bits) = value;
        }
    }
    // Digits of radix 2, 8 or 16, '_' skipped; x and z make the word undefined if `unknown` is allowed, and '?' as z.
    void add_digits(std::string_view digits, int radix, bool unknown = false);
    // Decimal digits of a word that may be wider than 64 bits.
    void add_decimal(std::string_view digits);

    [[nodiscard]] std::size_t size() const { return words_.limbs.size() / limbs_; }
    [[nodiscard]] int bits() const { return words_.bits; }
    [[nodiscard]] FileWords finish();

private:
    std::uint64_t* next(int bits);
    void widen(std::size_t limbs);
    void add_unknown(std::string_view digits, int radix);
    [[noreturn]] void too_wide(std::string_view digits) const;

    const TextIn& text_;
    PackedWords words_{};
    std::size_t limbs_ = 1;
    FileWords result_{};
};

// Words that are longer than a hardware word can be, or digits of no such radix, are refused with this name.
[[nodiscard]] std::string radix_name(int radix);  // "hexadecimal"

}  // namespace bittrue
