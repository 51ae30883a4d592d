#include <charconv>

#include "c_header.hpp"

namespace bittrue {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Parser {
public:
    Parser(std::string_view text, const std::string& where) : in_{.text = text, .where = where} {}

    CArray parse() {
        for (std::string_view token = next(); !token.empty(); token = next()) {
            if (token == ";" || token == "}" || token == "{") {
                statement_.clear();
            } else if (token == "=") {
                skip();
                if (in_.peek() == '{') array();
                statement_.clear();
            } else {
                statement_.emplace_back(token);
            }
        }
        if (arrays_.empty()) in_.fail("there is no array with values, as int8_t x[2] = {1, 2};");
        return std::move(arrays_[0]);
    }

private:
    // White space, comments and preprocessor lines.
    void skip() {
        for (;;) {
            const bool at_line_begin = in_.position == 0 || in_.text[in_.position - 1] == '\n';
            in_.skip_spaces();
            const bool fresh = at_line_begin || line_of_text_ != in_.line;
            if (in_.at("//")) {
                in_.skip_line();
            } else if (in_.at("/*")) {
                const std::size_t line = in_.line;
                in_.position += 2;
                if (!in_.skip_past("*/")) in_.fail(line, "the comment that begins here with /* is never closed");
            } else if (in_.peek() == '#' && fresh) {
                preprocessor();
            } else {
                return;
            }
        }
    }
    void preprocessor() {
        for (;;) {
            const std::size_t begin = in_.position;
            in_.skip_line();
            std::string_view line = in_.text.substr(begin, in_.position - begin);
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (!line.ends_with('\\') || in_.at_end()) return;
            ++in_.position;
            ++in_.line;
        }
    }

    // Letters and digits together, a text in quotes, or one other character.
    std::string_view next() {
        skip();
        if (in_.at_end()) return {};
        line_of_text_ = in_.line;
        const std::size_t begin = in_.position;
        const char quote = in_.peek();
        if (quote == '"' || quote == '\'') {
            for (++in_.position; !in_.at_end() && in_.peek() != quote; ++in_.position) {
                if (in_.peek() == '\n') in_.fail("a text in quotes is not closed");
                if (in_.peek() == '\\') ++in_.position;
            }
            if (in_.at_end()) in_.fail("a text in quotes is not closed");
            ++in_.position;
            return in_.text.substr(begin, in_.position - begin);
        }
        while (!in_.at_end() && is_word(in_.peek())) ++in_.position;
        if (in_.position == begin) ++in_.position;
        return in_.text.substr(begin, in_.position - begin);
    }

    void array() {
        CArray array{.line = in_.line};
        // type name [a][b]
        std::size_t end = statement_.size();
        std::size_t name = 0;
        while (name < end && statement_[name] != "[") ++name;
        if (name == end || name == 0) in_.fail("these values are of no array; expected a declaration as int8_t x[2] =");
        bool numbers = true;
        for (std::size_t i = name; i < end; ++i) {
            if (statement_[i] == "[" || statement_[i] == "]") continue;
            std::int64_t dim = 0;
            const std::string& text = statement_[i];
            const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
            numbers = numbers && error == std::errc{} && stop == text.data() + text.size();
            array.dims.push_back(dim);
        }
        if (!numbers) array.dims.clear();
        array.name = statement_[name - 1];
        for (std::size_t i = 0; i + 1 < name; ++i) {
            const bool space = !array.type.empty() && is_word(array.type.back()) && is_word(statement_[i][0]);
            array.type += (space ? " " : "") + statement_[i];
        }
        values(array);
        if (!arrays_.empty()) {
            in_.fail(array.line, "there are several arrays, '" + arrays_[0].name + "' and '" + array.name +
                                     "'; leave one in the file");
        }
        arrays_.push_back(std::move(array));
    }

    void values(CArray& array) {
        int depth = 0;
        do {
            const std::string_view token = next();
            if (token.empty()) in_.fail("the values are not ended by }");
            if (token == "{") {
                ++depth;
            } else if (token == "}") {
                --depth;
            } else if (token != ",") {
                array.numbers.push_back(number(token));
            }
        } while (depth > 0);
    }

    // ap_uint<8>("0x1f", 16)
    CNumber constructed() {
        std::string_view token = next();
        while (!token.empty() && token != "(" && token != "," && token != "}") token = next();
        if (token != "(") in_.fail("expected a value in brackets behind ap_int or ap_uint");
        token = next();
        if (token == "ap_uint" || token == "ap_int") in_.fail("a value in brackets is a number");
        const CNumber value = number(token);
        token = next();
        if (token == ",") {
            if (next() != (value.hex ? "16" : "10")) in_.fail("the radix of this value is not that of its digits");
            token = next();
        }
        if (token != ")") in_.fail("expected ) behind the value");
        return value;
    }

    CNumber number(std::string_view token) {
        if (token == "ap_uint" || token == "ap_int") return constructed();
        CNumber number{.line = in_.line};
        if (token == "-" || token == "+") {
            number.negative = token == "-";
            token = next();
        }
        if (token == "INT64_MIN" && !number.negative) {
            number.negative = true;
            number.text = "9223372036854775808";
            return number;
        }
        if (token.starts_with('"')) token = token.substr(1, token.size() - 2);
        if (token.empty()) in_.fail("there is a value without digits");
        if (token.starts_with("0x") || token.starts_with("0X")) {
            number.hex = true;
            number.text = token.substr(2);
            while (!number.text.empty() && digit_value(number.text.back()) < 0 && is_suffix(number.text.back())) {
                number.text.remove_suffix(1);
            }
            bool digits = !number.text.empty();
            for (const char c : number.text) digits = digits && digit_value(c) >= 0;
            if (!digits) in_.fail(printable(token) + " is not a hexadecimal number");
            return number;
        }
        // A fraction and an exponent's sign end a word of letters and digits.
        const auto begin = static_cast<std::size_t>(token.data() - in_.text.data());
        const auto is_exponent = [&] {
            const char before = in_.text[in_.position - 1];
            return (in_.peek() == '-' || in_.peek() == '+') && (before == 'e' || before == 'E');
        };
        if (token == "." || digit_value(token.front()) >= 0) {
            while (is_word(in_.peek()) || in_.peek() == '.' || is_exponent()) ++in_.position;
        }
        number.text = in_.text.substr(begin, in_.position - begin);
        while (number.text.size() > 1 && is_suffix(number.text.back())) number.text.remove_suffix(1);
        if (!parse_decimal(number.text) && !is_integer(number.text)) {
            in_.fail(printable(number.text) + " is not a number");
        }
        return number;
    }
    static bool is_suffix(char c) { return c == 'u' || c == 'U' || c == 'l' || c == 'L' || c == 'f' || c == 'F'; }
    static bool is_integer(std::string_view text) {
        for (const char c : text) {
            if (c < '0' || c > '9') return false;
        }
        return !text.empty();
    }

    TextIn in_;
    std::size_t line_of_text_ = 0;
    std::vector<std::string> statement_{};
    std::vector<CArray> arrays_{};
};

}  // namespace

CArray parse_c_array(std::string_view text, const std::string& where) {
    return Parser(text, where).parse();
}

}  // namespace bittrue
