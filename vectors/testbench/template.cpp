#include "template.hpp"

#include <algorithm>
#include <stdexcept>

namespace bittrue::testbench {
namespace {

// The names that can be seen from inside nested lists, innermost last.
struct Scope {
    std::vector<const Fields*> fields{};
    bool last = true;  // item of the innermost list

    template <typename Value>
    const Value* find(const std::map<std::string, Value> Fields::*kind, const std::string& name) const {
        for (auto it = fields.rbegin(); it != fields.rend(); ++it) {
            const auto& table = (*it)->*kind;
            if (const auto found = table.find(name); found != table.end()) return &found->second;
        }
        return nullptr;
    }
    bool is_set(const std::string& name) const {
        if (const bool* flag = find(&Fields::flags, name)) return *flag;
        return !list(name).empty();
    }
    const std::string& text(const std::string& name) const {
        if (const std::string* found = find(&Fields::texts, name)) return *found;
        throw std::logic_error("testbench template: no text is called " + name);
    }
    const std::vector<Fields>& list(const std::string& name) const {
        if (const auto* found = find(&Fields::lists, name)) return *found;
        throw std::logic_error("testbench template: no flag or list is called " + name);
    }
};

// A piece of the template: text in front of a directive, and the directive.
struct Token {
    std::string_view before{};
    std::string word{};      // "if", "unless", "each", "end", "between", "text"; empty at the end of the template
    std::string argument{};  // the name, or the text of "between"
};

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Token next() {
        for (std::size_t at = position_; (at = text_.find('@', at)) != std::string_view::npos; ++at) {
            const std::size_t close = text_.find_first_of("@\n", at + 1);
            if (close == std::string_view::npos || text_[close] != '@') continue;
            Token token = parse(text_.substr(at + 1, close - at - 1));
            if (token.word.empty()) continue;
            std::size_t begin = at;
            std::size_t end = close + 1;
            if (token.word != "text" && token.word != "between") take_line(begin, end);
            token.before = text_.substr(position_, begin - position_);
            position_ = end;
            return token;
        }
        Token rest{.before = text_.substr(position_)};
        position_ = text_.size();
        return rest;
    }

private:
    static Token parse(std::string_view directive) {
        if (directive == "end") return {.before = {}, .word = "end"};
        for (const char* const word : {"if", "unless", "each", "between"}) {
            const std::string start = std::string(word) + " ";
            if (!directive.starts_with(start)) continue;
            const std::string_view argument = directive.substr(start.size());
            if (start != "between " && !is_name(argument)) return {};
            return {.before = {}, .word = word, .argument = std::string(argument)};
        }
        if (is_name(directive)) return {.before = {}, .word = "text", .argument = std::string(directive)};
        return {};
    }

    void take_line(std::size_t& begin, std::size_t& end) const {
        std::size_t first = begin;
        while (first > 0 && text_[first - 1] == ' ') --first;
        if ((first == 0 || text_[first - 1] == '\n') && first >= position_ && end < text_.size() &&
            text_[end] == '\n') {
            begin = first;
            ++end;
        }
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

// Reads up to the @end@ of the section (of the template, outermost) and writes to `out` unless it is null.
void expand(Reader& reader, const Scope& scope, std::string* out, bool outermost) {
    while (true) {
        const Token token = reader.next();
        if (out != nullptr) *out += token.before;
        if (token.word.empty() || token.word == "end") {
            if (outermost != token.word.empty()) throw std::logic_error("testbench template: @end@ is unbalanced");
            return;
        }
        if (token.word == "text") {
            if (out != nullptr) *out += scope.text(token.argument);
        } else if (token.word == "between") {
            if (out != nullptr && !scope.last) *out += token.argument;
        } else if (token.word == "each") {
            const Reader body = reader;
            expand(reader, scope, nullptr, false);
            if (out == nullptr) continue;
            const std::vector<Fields>& items = scope.list(token.argument);
            for (const Fields& item : items) {
                Scope inner = scope;
                inner.fields.push_back(&item);
                inner.last = &item == &items.back();
                Reader again = body;
                expand(again, inner, out, false);
            }
        } else {
            const bool wanted = out != nullptr && scope.is_set(token.argument) == (token.word == "if");
            expand(reader, scope, wanted ? out : nullptr, false);
        }
    }
}

}  // namespace

std::string fill_in(std::string_view text, const Fields& fields) {
    Reader reader(text);
    std::string out;
    expand(reader, Scope{.fields = {&fields}}, &out, true);
    return out;
}

}  // namespace bittrue::testbench
