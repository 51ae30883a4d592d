#include "bittrue/vectors/memory_file.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "bittrue/model/error.hpp"

namespace bittrue {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string printable(std::string_view token) {
    std::string text;
    for (const char c : token.substr(0, 24)) text += c >= ' ' && c <= '~' ? c : '?';
    return "'" + text + (token.size() > 24 ? "...'" : "'");
}

class Parser {
public:
    Parser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

    MemoryWords parse() {
        for (std::string_view token = next(); !token.empty(); token = next()) {
            if (token[0] == '@') {
                begin_at(number(token.substr(1), token, true));
            } else {
                current_->push_back(number(token, token, false));
            }
        }
        return joined();
    }

private:
    // Words from one address on; the line is that of the address.
    struct Block {
        std::vector<std::uint64_t> words{};
        std::size_t line = 1;
    };

    [[noreturn]] void fail(std::size_t line, const std::string& message) const {
        throw InputError(where_ + ":" + std::to_string(line), message);
    }

    bool at(std::string_view what) const { return text_.substr(position_, what.size()) == what; }

    // The next token, empty at the end.
    std::string_view next() {
        while (position_ < text_.size()) {
            if (at("//")) {
                position_ = std::min(text_.find('\n', position_), text_.size());
            } else if (at("/*")) {
                const std::size_t end = text_.find("*/", position_ + 2);
                if (end == std::string_view::npos) fail(line_, "the comment that begins here with /* is never closed");
                line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(position_),
                                                             text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
                position_ = end + 2;
            } else if (is_space(text_[position_])) {
                line_ += text_[position_] == '\n' ? 1U : 0U;
                ++position_;
            } else {
                const std::size_t begin = position_;
                while (position_ < text_.size() && !is_space(text_[position_]) && !at("//") && !at("/*")) ++position_;
                return text_.substr(begin, position_ - begin);
            }
        }
        return {};
    }

    std::uint64_t number(std::string_view digits, std::string_view token, bool is_address) {
        std::uint64_t value = 0;
        int count = 0;
        if (digits.substr(0, 2) == "0x" || digits.substr(0, 2) == "0X") {
            fail(line_, printable(token) + " has a prefix: $readmemh words are plain hexadecimal digits without 0x");
        }
        for (const char c : digits) {
            if (c == '_' && count > 0) continue;
            const int digit = digit_value(c);
            if (digit < 0) reject(c, token);
            if (value >> 60 != 0) fail(line_, printable(token) + " has more than 64 bits");
            value = value * 16 + static_cast<std::uint64_t>(digit);
            ++count;
        }
        if (count == 0) fail(line_, printable(token) + " has no digits");
        if (!is_address) digits_ = std::max(digits_, std::min(count, 16));
        return value;
    }

    [[noreturn]] void reject(char c, std::string_view token) const {
        if (c == 'x' || c == 'X' || c == 'z' || c == 'Z') {
            fail(line_, printable(token) + " has unknown bits (x or z): the simulation did not drive this word");
        }
        fail(line_, printable(token) + " is not a hexadecimal word as $readmemh reads it");
    }

    void begin_at(std::uint64_t address) {
        const auto [block, is_new] = blocks_.try_emplace(address);
        if (!is_new && !block->second.words.empty()) fail(line_, "the address is given twice");
        block->second.line = line_;
        current_ = &block->second.words;
    }

    MemoryWords joined() {
        MemoryWords memory{.patterns = {}, .digits = digits_};
        for (auto& [address, block] : blocks_) {
            if (block.words.empty()) continue;
            if (address < memory.patterns.size()) {
                fail(block.line, "the words from this address on overwrite earlier ones");
            }
            if (address > memory.patterns.size()) {
                fail(block.line, "the words " + std::to_string(memory.patterns.size()) + " to " +
                                     std::to_string(address - 1) + " in front of this address are not given");
            }
            if (memory.patterns.empty()) {
                memory.patterns = std::move(block.words);
            } else {
                memory.patterns.insert(memory.patterns.end(), block.words.begin(), block.words.end());
            }
        }
        return memory;
    }

    std::string_view text_;
    const std::string& where_;
    std::size_t position_ = 0;
    std::size_t line_ = 1;
    int digits_ = 1;
    std::map<std::uint64_t, Block> blocks_{{0, {}}};
    std::vector<std::uint64_t>* current_ = &blocks_.at(0).words;
};

}  // namespace

std::string memory_text(std::span<const std::int64_t> words, Format format, const std::vector<std::string>& comments) {
    std::string text;
    for (const std::string& comment : comments) {
        if (comment.find_first_of("\r\n") != std::string::npos) {
            throw std::logic_error("memory_text: a comment with a line break: " + comment);
        }
        text += "// " + comment + "\n";
    }
    const auto digits = static_cast<std::size_t>((format.width + 3) / 4);
    const std::size_t begin = text.size();
    text.resize(begin + words.size() * (digits + 1));
    char* at = text.data() + begin;
    for (const std::int64_t word : words) {
        std::uint64_t pattern = pattern_from_word(word, format);
        for (std::size_t i = digits; i > 0; --i) {
            at[i - 1] = "0123456789abcdef"[pattern & 15U];
            pattern >>= 4;
        }
        at[digits] = '\n';
        at += digits + 1;
    }
    return text;
}

MemoryWords parse_memory(std::string_view text, const std::string& where) {
    return Parser(text, where).parse();
}

}  // namespace bittrue
