#include "readmem.hpp"

#include <algorithm>
#include <array>

#include "codecs.hpp"
#include "memory_header.hpp"

namespace bittrue {
namespace {

// The value of every digit, 255 for what is none.
using Digits = std::array<unsigned char, 256>;

Digits digits_of(int radix) {
    Digits digits{};
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const int value = digit_value(static_cast<char>(static_cast<unsigned char>(i)));
        digits[i] = static_cast<unsigned char>(value >= 0 && value < radix ? value : 255);
    }
    return digits;
}

class Parser {
public:
    Parser(std::string_view text, const std::string& where, const MemorySyntax& syntax)
        : in_{.text = text, .where = where},
          syntax_(syntax),
          step_(syntax.radix == 16 ? 4 : 1),
          digits_(digits_of(syntax.radix)),
          words_(in_) {}

    FileWords parse() {
        for (;;) {
            short_words();
            if (in_.at_end()) break;
            if (in_.at("//")) {
                in_.skip_line();
            } else if (in_.at("/*")) {
                const std::size_t line = in_.line;
                in_.position += 2;
                if (!in_.skip_past("*/")) in_.fail(line, "the comment that begins here with /* is never closed");
            } else {
                token();
            }
        }
        return in_order();
    }

private:
    // Words from one address on; the line is that of the address.
    struct Segment {
        std::uint64_t address = 0;
        std::size_t first = 0;  // word in the order of the file
        std::size_t line = 1;
        std::size_t count = 0;
    };

    // The common case, fast: plain digits of at most 64 bits between white space, as many as follow each other.
    void short_words() {
        const char* const begin = in_.text.data();
        const char* const end = begin + in_.text.size();
        const char* at = begin + in_.position;
        const auto most = static_cast<std::ptrdiff_t>(64 / step_);
        while (at < end) {
            const char* const first = at;
            const char* const stop = end - at < most ? end : at + most;
            std::uint64_t value = 0;
            for (; at < stop; ++at) {
                const unsigned char digit = digits_[static_cast<unsigned char>(*at)];
                if (digit == 255) break;
                value = value << step_ | digit;
            }
            if (at == first) {
                if (!is_space(*at)) break;
                in_.line += *at == '\n' ? 1U : 0U;
                ++at;
                continue;
            }
            if (at < end && !is_space(*at)) {
                at = first;
                break;
            }
            if (words_.size() == 0) words_.expect(static_cast<std::size_t>((end - first) / (at - first + 1)) + 1);
            words_.add(value, static_cast<int>(at - first) * step_);
            if (at < end && *at == '\n') at = equal_rows(at + 1, end, at - first);
        }
        in_.position = static_cast<std::size_t>(at - begin);
    }

    // Behind a line that is one word of `count` digits: the lines that are so, too. Returns the first other one.
    const char* equal_rows(const char* at, const char* end, std::ptrdiff_t count) {
        ++in_.line;
        switch (count) {
            case 2: return rows_of<2>(at, end, count);
            case 4: return rows_of<4>(at, end, count);
            case 8: return rows_of<8>(at, end, count);
            default: return rows_of<0>(at, end, count);
        }
    }

    // kCount: the number of digits where the compiler may know it, otherwise 0.
    template <std::ptrdiff_t kCount>
    const char* rows_of(const char* at, const char* end, std::ptrdiff_t given) {
        const std::ptrdiff_t count = kCount == 0 ? given : kCount;
        std::array<std::uint64_t, 512> buffer;
        for (bool more = true; more;) {
            std::size_t rows = 0;
            for (; rows < buffer.size(); ++rows, at += count + 1) {
                more = end - at > count && at[count] == '\n';
                if (!more) break;
                std::uint64_t value = 0;
                unsigned all = 0;
                for (std::ptrdiff_t i = 0; i < count; ++i) {
                    const unsigned digit = digits_[static_cast<unsigned char>(at[i])];
                    all |= digit;
                    value = value << step_ | digit;
                }
                more = all <= 15;
                if (!more) break;
                buffer[rows] = value;
            }
            words_.add_all({buffer.data(), rows}, static_cast<int>(count) * step_);
            in_.line += rows;
        }
        return at;
    }

    void token() {
        const std::size_t begin = in_.position;
        while (!in_.at_end() && !is_space(in_.peek()) && !in_.at("//") && !in_.at("/*")) ++in_.position;
        const std::string_view token = in_.text.substr(begin, in_.position - begin);
        if (token[0] == '@') {
            begin_at(address(token));
            return;
        }
        if ((token.substr(0, 2) == "0x" || token.substr(0, 2) == "0X") && !has_unknown_digits(token)) {
            in_.fail(printable(token) + " has a prefix: $readmemh words are plain hexadecimal digits without 0x");
        }
        check(token, token, syntax_.radix, true);
        std::string_view digits = token;
        while (static_cast<int>(std::min<std::size_t>(digits.size(), kMaxPackedBits + 1)) * step_ > syntax_.max_bits &&
               (digits.front() == '0' || digits.front() == '_')) {
            digits.remove_prefix(1);
        }
        const auto count = digits.size() - static_cast<std::size_t>(std::count(digits.begin(), digits.end(), '_'));
        if (count * static_cast<std::size_t>(step_) > static_cast<std::size_t>(syntax_.max_bits)) {
            in_.fail(printable(token) + " has more than " + std::to_string(syntax_.max_bits) + " bits");
        }
        words_.add_digits(count == 0 ? std::string_view("0") : digits, syntax_.radix, syntax_.unknown);
    }

    // 0x and 0x14 are unknown digits in a dump whose other words have as many, elsewhere the habit of another language.
    [[nodiscard]] bool has_unknown_digits(std::string_view token) const {
        if (!syntax_.unknown) return false;
        if (token.find_first_of("xXzZ", 2) != std::string_view::npos) return true;
        std::size_t at = 0;
        while (at < in_.text.size()) {
            const std::size_t begin = in_.text.find_first_not_of(" \t\r\n", at);
            if (begin == std::string_view::npos) return false;
            at = std::min(in_.text.find_first_of(" \t\r\n", begin), in_.text.size());
            const std::string_view other = in_.text.substr(begin, at - begin);
            if (other.size() != token.size() || other.substr(0, 2) == token.substr(0, 2)) continue;
            if (std::all_of(other.begin(), other.end(),
                            [](char c) { return digit_value(c) >= 0 || c == 'x' || c == 'z'; }))
                return true;
        }
        return false;
    }

    // Every character is a digit or, behind one, '_'.
    void check(std::string_view digits, std::string_view token, int radix, bool word) const {
        bool any = false;
        for (const char c : digits) {
            if (c == '_' && any) continue;
            const int digit = digit_value(c);
            const bool unknown = word && (c == 'x' || c == 'X' || c == 'z' || c == 'Z');
            if (unknown && !syntax_.unknown) {
                in_.fail(printable(token) + " has unknown bits (x or z): the simulation did not drive this word");
            }
            if (!unknown && (digit < 0 || digit >= radix)) {
                in_.fail(printable(token) + " is not a " + radix_name(radix) + " word as $readmem" +
                         (syntax_.radix == 16 ? "h" : "b") + " reads it");
            }
            any = true;
        }
        if (!any) in_.fail(printable(token) + " has no digits");
    }

    // Hexadecimal in both kinds of files.
    [[nodiscard]] std::uint64_t address(std::string_view token) const {
        check(token.substr(1), token, 16, false);
        std::uint64_t value = 0;
        for (const char c : token.substr(1)) {
            if (c == '_') continue;
            if (value >> 60 != 0) in_.fail(printable(token) + " has more than 64 bits");
            value = value * 16 + static_cast<std::uint64_t>(digit_value(c));
        }
        return value;
    }

    void begin_at(std::uint64_t address) {
        close();
        segments_.push_back({.address = address, .first = words_.size(), .line = in_.line});
    }
    void close() {
        segments_.back().count = words_.size() - segments_.back().first;
        if (segments_.back().count == 0) segments_.pop_back();
    }

    FileWords in_order() {
        close();
        const bool sorted = std::is_sorted(segments_.begin(), segments_.end(),
                                           [](const Segment& a, const Segment& b) { return a.address < b.address; });
        std::stable_sort(segments_.begin(), segments_.end(),
                         [](const Segment& a, const Segment& b) { return a.address < b.address; });
        std::uint64_t next = 0;
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            const Segment& segment = segments_[i];
            if (i > 0 && segment.address == segments_[i - 1].address)
                in_.fail(segment.line, "the address is given twice");
            if (segment.address < next) {
                in_.fail(segment.line, "the words from this address on overwrite earlier ones");
            }
            if (segment.address > next) {
                in_.fail(segment.line, "the words " + std::to_string(next) + " to " +
                                           std::to_string(segment.address - 1) +
                                           " in front of this address are not given");
            }
            next += segment.count;
        }
        FileWords words = words_.finish();
        if (!sorted) reorder(words);
        return words;
    }

    void reorder(FileWords& words) const {
        const PackedWords before = *words.packed;
        const std::size_t limbs = before.limbs_per_word();
        FileWords moved;
        moved.packed = PackedWords{.bits = before.bits, .limbs = {}};
        moved.packed->limbs.reserve(before.limbs.size());
        for (const Segment& segment : segments_) {
            const auto begin = before.limbs.begin() + static_cast<std::ptrdiff_t>(segment.first * limbs);
            const std::size_t now = moved.packed->limbs.size() / limbs;
            moved.packed->limbs.insert(moved.packed->limbs.end(), begin,
                                       begin + static_cast<std::ptrdiff_t>(segment.count * limbs));
            auto at = std::lower_bound(words.undefined.begin(), words.undefined.end(), segment.first);
            for (; at != words.undefined.end() && *at < segment.first + segment.count; ++at) {
                const auto i = static_cast<std::size_t>(at - words.undefined.begin());
                moved.undefined.push_back(*at - segment.first + now);
                moved.undefined_bits.push_back(words.undefined_bits[i]);
                moved.undefined_lines.push_back(words.undefined_lines[i]);
            }
        }
        words = std::move(moved);
    }

    TextIn in_;
    MemorySyntax syntax_;
    int step_;
    Digits digits_;
    WordCollector words_;
    std::vector<Segment> segments_{Segment{}};
};

}  // namespace

FileWords parse_readmem(std::string_view text, const std::string& where, const MemorySyntax& syntax) {
    return Parser(text, where, syntax).parse();
}

FileWords decode_readmem(std::string_view bytes, const std::string& where, int radix) {
    FileWords words = parse_readmem(bytes, where, {.radix = radix});
    apply_header(words, bytes);
    return words;
}

void encode_readmem(const WordSource& source, int radix, TextOut& out) {
    for (const std::string& line : header_lines(source.context())) out.put("// " + line + "\n");
    const int bits = source.plan().total_bits;
    const int digits = radix == 2 ? bits : hex_digits(bits);
    if (radix == 2 || bits > 64) {
        source.each([&](ConstLimbs word, std::int64_t) {
            if (radix == 2) {
                out.binary(word, digits);
            } else {
                out.hex(word, digits);
            }
            out.put('\n');
        });
        return;
    }
    constexpr std::size_t kLines = 1024;
    source.pieces([&](const PackedWords& words, std::int64_t) {
        ConstLimbs rest(words.limbs);
        while (!rest.empty()) {
            const ConstLimbs part = rest.first(std::min(kLines, rest.size()));
            char* at = out.room(part.size() * static_cast<std::size_t>(digits + 1));
            for (const std::uint64_t word : part) {
                at = put_hex(at, word, digits);
                *at++ = '\n';
            }
            out.used(at);
            rest = rest.subspan(part.size());
        }
    });
}

}  // namespace bittrue
