#include <algorithm>

#include "bittrue/model/error.hpp"
#include "word_parts.hpp"

namespace bittrue {

bool narrow(PackedWords& words, int bits) {
    if (bits == words.bits) return true;
    const std::size_t before = words.limbs_per_word(), count = words.size();
    if (bits < words.bits) {
        for (std::size_t i = 0; i < count; ++i) {
            if (used_bits(words.word(i)) > bits) return false;
        }
    }
    words.bits = bits;
    const std::size_t after = words.limbs_per_word();
    if (after == before) return true;
    std::vector<std::uint64_t> limbs(count * after);
    for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(words.limbs.begin() + static_cast<std::ptrdiff_t>(i * before), std::min(before, after),
                    limbs.begin() + static_cast<std::ptrdiff_t>(i * after));
    }
    words.limbs = std::move(limbs);
    return true;
}

void join_words(PackedWords& words, std::size_t parts) {
    PackedWords joined{.bits = static_cast<int>(32 * parts), .limbs = {}};
    const std::size_t limbs = joined.limbs_per_word();
    joined.limbs.resize(words.size() / parts * limbs);
    for (std::size_t i = 0; i < joined.size() * parts; ++i) {
        const std::size_t part = i % parts;
        joined.limbs[i / parts * limbs + part / 2] |= words.word(i)[0] << (32 * (part % 2));
    }
    words = std::move(joined);
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string printable(std::string_view token) {
    std::string text;
    for (const char c : token.substr(0, 24)) text += c >= ' ' && c <= '~' ? c : '?';
    return "'" + text + (token.size() > 24 ? "...'" : "'");
}

std::string radix_name(int radix) {
    switch (radix) {
        case 2: return "binary";
        case 8: return "octal";
        case 10: return "decimal";
        default: return "hexadecimal";
    }
}

void TextIn::fail(std::size_t at_line, const std::string& message) const {
    throw InputError(where + ":" + std::to_string(at_line), message);
}

void TextIn::skip_spaces() {
    while (position < text.size() && is_space(text[position])) {
        if (text[position] == '\n') ++line;
        ++position;
    }
}

void TextIn::skip_line() {
    position = std::min(text.find('\n', position), text.size());
}

bool TextIn::skip_past(std::string_view end) {
    const std::size_t found = text.find(end, position);
    const std::size_t stop = found == std::string_view::npos ? text.size() : found + end.size();
    const std::string_view skipped = text.substr(position, stop - position);
    line += static_cast<std::size_t>(std::count(skipped.begin(), skipped.end(), '\n'));
    position = stop;
    return found != std::string_view::npos;
}

WordCollector::WordCollector(const TextIn& text, std::size_t expected) : text_(text) {
    words_.limbs.reserve(expected);
}

std::uint64_t* WordCollector::next(int bits) {
    if (bits > words_.bits) {
        if (bits > kMaxPackedBits) {
            text_.fail("a word of " + std::to_string(bits) + " bits is wider than " + std::to_string(kMaxPackedBits));
        }
        words_.bits = bits;
        if (words_.limbs_per_word() > limbs_) widen(words_.limbs_per_word());
    }
    // One long word among very many short ones must not take memory beyond all proportion to the file.
    constexpr std::size_t kFactor = 16, kSmall = std::size_t{1} << 23;
    words_.limbs.resize(words_.limbs.size() + limbs_);
    if (limbs_ > 1 && words_.limbs.size() > std::max(kSmall, kFactor * text_.text.size())) {
        text_.fail("words of up to " + std::to_string(words_.bits) +
                   " bits among very many short ones; write all words with the same number of digits");
    }
    return words_.limbs.data() + (words_.limbs.size() - limbs_);
}

void WordCollector::widen(std::size_t limbs) {
    const std::size_t count = size();
    if (count * limbs > std::max(std::size_t{1} << 23, 16 * text_.text.size())) {
        text_.fail("words of up to " + std::to_string(words_.bits) +
                   " bits among very many short ones; write all words with the same number of digits");
    }
    std::vector<std::uint64_t> wide(count * limbs);
    for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(words_.limbs.begin() + static_cast<std::ptrdiff_t>(i * limbs_), limbs_,
                    wide.begin() + static_cast<std::ptrdiff_t>(i * limbs));
    }
    words_.limbs = std::move(wide);
    limbs_ = limbs;
}

void WordCollector::add_digits(std::string_view digits, int radix, bool unknown) {
    const int step = radix == 16 ? 4 : radix == 8 ? 3 : 1;
    std::size_t count = 0;
    bool plain = true;
    for (const char c : digits) {
        if (c == '_') continue;
        ++count;
        const int value = digit_value(c);
        if (value >= 0 && value < radix) continue;
        if (unknown && (lower_case(std::string_view(&c, 1)).find_first_of("xz?") != std::string::npos)) {
            plain = false;
            continue;
        }
        text_.fail(printable(digits) + " is not a " + radix_name(radix) + " word");
    }
    if (count == 0) text_.fail(printable(digits) + " has no digits");
    // Zeros in front beyond the widest word are no bits.
    while (count * static_cast<std::size_t>(step) > kMaxPackedBits &&
           (digits.front() == '0' || digits.front() == '_')) {
        count -= digits.front() == '0' ? 1U : 0U;
        digits.remove_prefix(1);
    }
    if (count * static_cast<std::size_t>(step) > kMaxPackedBits) {
        text_.fail(printable(digits) + " has more than " + std::to_string(kMaxPackedBits) + " bits");
    }
    const int bits = static_cast<int>(count) * step;
    if (!plain) {
        add_unknown(digits, radix);
        *next(bits) = 0;
        return;
    }
    std::uint64_t* word = next(bits);
    std::size_t place = static_cast<std::size_t>(bits);
    for (const char c : digits) {
        if (c == '_') continue;
        place -= static_cast<std::size_t>(step);
        put_bits({word, limbs_}, place, step, static_cast<std::uint64_t>(digit_value(c)));
    }
}

void WordCollector::add_unknown(std::string_view digits, int radix) {
    const int step = radix == 16 ? 4 : radix == 8 ? 3 : 1;
    std::string bits = "0b";
    for (const char c : digits) {
        if (c == '_') continue;
        const int value = digit_value(c);
        for (int bit = step; bit-- > 0;) {
            if (value >= 0) {
                bits += (value >> bit & 1) != 0 ? '1' : '0';
            } else {
                bits += c == 'x' || c == 'X' ? 'x' : 'z';
            }
        }
    }
    result_.undefined.push_back(size());
    result_.undefined_bits.push_back(std::move(bits));
    result_.undefined_lines.push_back(text_.line);
}

void WordCollector::add_decimal(std::string_view digits) {
    std::vector<std::uint64_t> value(1);
    for (const char c : digits) {
        const int digit = digit_value(c);
        if (digit < 0 || digit > 9) text_.fail(printable(digits) + " is not a decimal word");
        auto carry = static_cast<std::uint64_t>(digit);
        for (std::uint64_t& limb : value) {
            const u128 product = u128{limb} * 10 + carry;
            limb = static_cast<std::uint64_t>(product);
            carry = static_cast<std::uint64_t>(product >> 64);
        }
        if (carry != 0) value.push_back(carry);
        if (value.size() > kMaxPackedBits / 64) {
            text_.fail(printable(digits) + " has more than " + std::to_string(kMaxPackedBits) + " bits");
        }
    }
    std::uint64_t* word = next(std::max(1, used_bits(value)));
    std::copy(value.begin(), value.end(), word);
}

FileWords WordCollector::finish() {
    result_.packed = std::move(words_);
    return std::move(result_);
}

}  // namespace bittrue
