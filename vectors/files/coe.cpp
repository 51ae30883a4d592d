// Xilinx .coe: memory contents and filter coefficients.
#include <charconv>

#include "codecs.hpp"
#include "memory_header.hpp"

namespace bittrue {
namespace {

class Parser {
public:
    Parser(std::string_view text, const std::string& where) : in_{.text = text, .where = where}, words_(in_) {}

    FileWords parse() {
        while (next_keyword()) {
            const std::size_t line = in_.line;
            const std::string key = keyword();
            if (key == "memory_initialization_radix" || key == "radix") {
                radix(statement(), line);
            } else if (key == "memory_initialization_vector" || key == "coefdata") {
                vector(line);
            } else {
                ignored_.push_back(key);
                (void)statement();
            }
        }
        if (!done_) in_.fail("there is no memory_initialization_vector= and no coefdata=");
        FileWords words = radix_ == 10 ? decimals() : words_.finish();
        for (const std::string& key : ignored_) words.notes.push_back(in_.where + ": '" + key + "' is ignored");
        return words;
    }

private:
    // Over comments to the next keyword; false at the end.
    bool next_keyword() {
        for (;;) {
            in_.skip_spaces();
            if (in_.at_end()) return false;
            if (in_.peek() != ';') return true;
            in_.skip_line();
        }
    }

    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

    std::string keyword() {
        const std::size_t begin = in_.position;
        while (is_letter(in_.peek()) || (in_.peek() >= '0' && in_.peek() <= '9')) ++in_.position;
        const std::string key = lower_case(in_.text.substr(begin, in_.position - begin));
        if (key.empty() || !is_letter(key[0])) {
            in_.fail("expected a keyword as memory_initialization_radix=, found " +
                     printable(in_.text.substr(begin, in_.text.find_first_of("\r\n", begin) - begin)));
        }
        if (done_) in_.fail("'" + key + "' stands behind the words; the vector must be the last keyword");
        in_.skip_spaces();
        if (in_.peek() != '=') in_.fail("there is no = behind '" + key + "'");
        ++in_.position;
        return key;
    }

    // The text up to the ';' and behind it to the line's end, which is a comment unless another keyword follows.
    std::string_view statement() {
        const std::size_t begin = in_.position, line = in_.line;
        if (!in_.skip_past(";")) in_.fail(line, "this is not ended by ;");
        const std::string_view text = in_.text.substr(begin, in_.position - 1 - begin);
        comment();
        return text;
    }
    void comment() {
        std::size_t at = in_.position;
        while (at < in_.text.size() && (in_.text[at] == ' ' || in_.text[at] == '\t')) ++at;
        std::size_t end = at;
        while (end < in_.text.size() && is_letter(in_.text[end])) ++end;
        const std::string word = lower_case(in_.text.substr(at, end - at));
        const bool key = word == "memory_initialization_vector" || word == "memory_initialization_radix" ||
                         word == "radix" || word == "coefdata";
        if (!key || done_) in_.skip_line();
    }

    void radix(std::string_view text, std::size_t line) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
        radix_ = text == "2" ? 2 : text == "10" ? 10 : text == "16" ? 16 : 0;
        if (radix_ == 0) in_.fail(line, "the radix is " + printable(text) + "; a .coe has 2, 10 or 16");
    }

    void vector(std::size_t line) {
        if (radix_ == 0) in_.fail(line, "the radix must be given in front of the words");
        for (;;) {
            while (is_space(in_.peek()) || in_.peek() == ',') {
                if (in_.peek() == '\n') ++in_.line;
                ++in_.position;
            }
            if (in_.at_end()) in_.fail("the words are not ended by ;");
            if (in_.peek() == ';') break;
            const std::size_t begin = in_.position;
            while (!in_.at_end() && !is_space(in_.peek()) && in_.peek() != ',' && in_.peek() != ';') ++in_.position;
            const std::string_view token = in_.text.substr(begin, in_.position - begin);
            if (radix_ == 10) {
                tokens_.push_back({token, in_.line});
            } else {
                words_.add_digits(token, radix_);
            }
        }
        ++in_.position;
        done_ = true;
        comment();
    }

    struct Token {
        std::string_view text{};
        std::size_t line = 1;
    };

    // Integers; words where one is beyond 64 bits.
    FileWords decimals() {
        FileWords words;
        const Token* wide = nullptr;
        const Token* negative = nullptr;
        for (const Token& token : tokens_) {
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
            if (end != token.text.data() + token.text.size() || error == std::errc::invalid_argument) {
                in_.fail(token.line, printable(token.text) + " is not a decimal word");
            }
            if (token.text.front() == '-') negative = &token;
            if (error == std::errc::result_out_of_range) wide = &token;
            words.integers.push_back(value);
        }
        if (wide == nullptr) return words;
        if (negative != nullptr) {
            in_.fail(wide->line, printable(wide->text) + " has more than 63 bits and a sign, too, among the words");
        }
        for (const Token& token : tokens_) {
            in_.line = token.line;
            words_.add_decimal(token.text);
        }
        return words_.finish();
    }

    TextIn in_;
    WordCollector words_;
    std::vector<Token> tokens_{};
    std::vector<std::string> ignored_{};
    int radix_ = 0;
    bool done_ = false;
};

}  // namespace

void encode_coe(const WordSource& source, TextOut& out) {
    for (const std::string& line : header_lines(source.context())) out.put("; " + line + "\n");
    out.put("memory_initialization_radix=16;\nmemory_initialization_vector=\n");
    const int digits = hex_digits(source.plan().total_bits);
    const std::int64_t last = source.count() - 1;
    source.each([&](ConstLimbs word, std::int64_t number) {
        out.hex(word, digits);
        out.put(number == last ? ";\n" : ",\n");
    });
    if (last < 0) out.put(";\n");
}

FileWords decode_coe(std::string_view bytes, const std::string& where) {
    FileWords words = Parser(bytes, where).parse();
    apply_header(words, bytes, "; ");
    return words;
}

}  // namespace bittrue
