#include "fuzz/mutator.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bittrue::fuzz {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 16;
// Bytes that parsers treat in a special way.
constexpr unsigned char kCorners[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '\n', '\r', '"', '\\',
                                      '-',  '0',  '9',  '<',  ',',  '.',  '@',  '/'};

constexpr const char* kNumbers[] = {
    "0",   "1",   "2",    "3",  "4",   "8",   "16",      "63",         "64",         "65",
    "255", "256", "1000", "-1", "0.5", "1e9", "1048576", "2147483648", "4294967296", "9223372036854775808"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

// The splitmix64 generator.
std::uint64_t Mutator::below(std::uint64_t bound) {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    z ^= z >> 31U;
    return bound == 0 ? 0 : z % bound;
}

std::string Mutator::damaged(std::string input, const std::string& other) {
    // Mostly one damage: parsers stop at the first.
    const std::uint64_t times = below(2) == 0 ? 1 : 1 + below(8);
    for (std::uint64_t i = 0; i < times; ++i) damage(input, other);
    input.resize(std::min(input.size(), kMaxBytes));
    return input;
}

void Mutator::damage(std::string& input, const std::string& other) {
    const std::size_t at = below(input.size());
    const std::size_t length = std::min<std::size_t>(1 + below(1 + below(64)), input.size() - at);
    switch (below(12)) {
        case 0:
            if (!input.empty()) input[at] = static_cast<char>(input[at] ^ static_cast<char>(1U << below(8)));
            return;
        case 1:
            if (!input.empty()) input[at] = static_cast<char>(below(256));
            return;
        case 2:
            if (!input.empty()) input[at] = static_cast<char>(kCorners[below(std::size(kCorners))]);
            return;
        case 3: input.erase(at, length); return;
        case 4: input.insert(below(input.size() + 1), input.substr(at, length)); return;
        case 5: input.resize(at); return;
        case 6:
            if (!dictionary_.empty()) input.insert(below(input.size() + 1), dictionary_[below(dictionary_.size())]);
            return;
        case 7:
            if (!dictionary_.empty()) {
                const std::string& word = dictionary_[below(dictionary_.size())];
                input.replace(at, std::min(word.size(), input.size() - at), word);
            }
            return;
        case 8: replace_number(input); return;
        case 9:
        case 10: replace_line(input, other); return;
        default:
            if (!other.empty()) {
                const std::size_t from = below(other.size());
                input.replace(at, length, other.substr(from, 1 + below(64)));
            }
            return;
    }
}

// Keeps a text's grammar, so that what is behind the grammar is reached.
void Mutator::replace_number(std::string& input) {
    std::size_t begin = below(input.size());
    while (begin < input.size() && !is_digit(input[begin])) ++begin;
    std::size_t end = begin;
    while (end < input.size() && is_digit(input[end])) ++end;
    if (begin < end) input.replace(begin, end - begin, kNumbers[below(std::size(kNumbers))]);
}

// A line of the one becomes, or comes in front of, a line of the other.
void Mutator::replace_line(std::string& input, const std::string& other) {
    const auto line_at = [](const std::string& text, std::size_t at) {
        const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        const std::size_t after = text.find('\n', at);
        return std::pair{begin, (after == std::string::npos ? text.size() : after + 1) - begin};
    };
    const auto [from, length] = line_at(other, below(other.size()));
    const auto [to, old] = line_at(input, below(input.size()));
    input.replace(to, below(2) == 0 ? old : 0, other.substr(from, length));
}

}  // namespace bittrue::fuzz
