#include "dump/pattern.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "dump/digits.hpp"
#include "dump/names.hpp"

namespace bittrue::dump {
namespace {

constexpr int kSteps = 20000;  // of backtracking in one line; a line that needs more does not match

bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}

}  // namespace

LinePattern::LinePattern(const std::string& text, const std::string& where) {
    const std::string_view all = trimmed(text);
    for (std::size_t i = 0; i < all.size();) {
        if (is_blank(all[i])) {
            if (parts_.empty() || parts_.back().what != What::Blank) parts_.push_back({What::Blank, {}});
            ++i;
        } else if (all[i] == '{') {
            const std::size_t stop = all.find('}', i);
            if (stop == std::string_view::npos) throw InputError(where, "the pattern has a { without its }");
            add_placeholder(std::string(all.substr(i + 1, stop - i - 1)), where);
            i = stop + 1;
        } else {
            if (parts_.empty() || parts_.back().what != What::Literal) parts_.push_back({What::Literal, {}});
            parts_.back().text += all[i++];
        }
    }
    if (!has_word_) {
        throw InputError(where, "the pattern says nowhere where the word is; write {word:x}, {word:d} or {value}");
    }
    const auto words = std::count_if(parts_.begin(), parts_.end(), [](const Part& p) { return p.what == What::Word; });
    if (has_index_ && words > 1) {
        throw InputError(where, "the pattern has an {index:d} and several words; an index places one word");
    }
}

void LinePattern::add_placeholder(const std::string& name, const std::string& where) {
    const bool adjacent = !parts_.empty() && parts_.back().what != What::Literal && parts_.back().what != What::Blank &&
                          parts_.back().what != What::Any;
    if (adjacent && name != "*") {
        throw InputError(where, fmt::format("{{{}}} follows another placeholder at once; put a character or a blank "
                                            "in between",
                                            name));
    }
    if (name == "*") {
        parts_.push_back({What::Any, {}});
        return;
    }
    if (name == "index:d" || name == "layer") {
        bool& once = name == "layer" ? has_layer_ : has_index_;
        if (once) throw InputError(where, fmt::format("the pattern has {{{}}} twice", name));
        once = true;
        parts_.push_back({name == "layer" ? What::Layer : What::Index, {}});
        return;
    }
    TextKind kind{};
    if (name == "word:d") {
        kind = TextKind::Signed;
    } else if (name == "word:u") {
        kind = TextKind::Unsigned;
    } else if (name == "word:x") {
        kind = TextKind::Hex;
    } else if (name == "word:b") {
        kind = TextKind::Binary;
    } else if (name == "value") {
        kind = TextKind::Value;
    } else {
        throw InputError(where, fmt::format("the pattern has {{{}}}; known are {{word:d}}, {{word:u}}, {{word:x}}, "
                                            "{{word:b}}, {{value}}, {{index:d}}, {{layer}} and {{*}}",
                                            name));
    }
    if (has_word_ && kind != kind_) throw InputError(where, "the pattern has words of two kinds");
    has_word_ = true;
    kind_ = kind;
    parts_.push_back({What::Word, {}});
}

bool LinePattern::is_digit(char c) const {
    const bool decimal = c >= '0' && c <= '9';
    const bool undefined = c == 'x' || c == 'X' || c == 'z' || c == 'Z';
    switch (kind_) {
        case TextKind::Hex: return std::isxdigit(static_cast<unsigned char>(c)) != 0 || undefined || c == '_';
        case TextKind::Binary: return is_bit_digit(c) || c == '_';
        case TextKind::Signed:
        case TextKind::Unsigned: return decimal || undefined || c == '-' || c == '+';
        case TextKind::Value: return decimal || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    }
    return false;
}

bool LinePattern::match(std::string_view line, PatternMatch& found) const {
    found.words.clear();
    found.index.reset();
    found.layer = {};
    int budget = kSteps;
    return match_from(0, trimmed(line), found, budget);
}

bool LinePattern::match_from(std::size_t part, std::string_view rest, PatternMatch& found, int& budget) const {
    for (; part < parts_.size(); ++part) {
        if (--budget < 0) return false;
        const Part& now = parts_[part];
        switch (now.what) {
            case What::Literal:
                if (!rest.starts_with(now.text)) return false;
                rest.remove_prefix(now.text.size());
                break;
            case What::Blank: {
                const bool number = part + 1 < parts_.size() &&
                                    (parts_[part + 1].what == What::Word || parts_[part + 1].what == What::Index);
                if (!number && (rest.empty() || !is_blank(rest.front()))) return false;
                while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
                break;
            }
            case What::Word:
            case What::Index: {
                while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
                std::size_t stop = 0;
                while (stop < rest.size() &&
                       (now.what == What::Index ? rest[stop] >= '0' && rest[stop] <= '9' : is_digit(rest[stop]))) {
                    ++stop;
                }
                if (stop == 0) return false;
                const std::string_view text = rest.substr(0, stop);
                if (now.what == What::Word) {
                    found.words.push_back(text);
                } else {
                    std::int64_t index = 0;
                    if (std::from_chars(text.data(), text.data() + stop, index).ec != std::errc()) return false;
                    found.index = index;
                }
                rest.remove_prefix(stop);
                break;
            }
            case What::Layer:
            case What::Any: {
                const std::size_t words = found.words.size();
                for (std::size_t size = now.what == What::Layer ? 1 : 0; size <= rest.size(); ++size) {
                    if (now.what == What::Layer) {
                        if (is_blank(rest[size - 1])) return false;
                        found.layer = rest.substr(0, size);
                    }
                    if (match_from(part + 1, rest.substr(size), found, budget)) return true;
                    if (budget < 0) return false;
                    found.words.resize(words);
                }
                return false;
            }
        }
    }
    return rest.empty();
}

}  // namespace bittrue::dump
