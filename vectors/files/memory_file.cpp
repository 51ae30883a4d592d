#include "bittrue/vectors/memory_file.hpp"

#include <algorithm>
#include <stdexcept>

#include "readmem.hpp"
#include "word_parts.hpp"

namespace bittrue {

std::string memory_text(std::span<const std::int64_t> words, Format format, const std::vector<std::string>& comments) {
    std::string text;
    for (const std::string& comment : comments) {
        if (comment.find_first_of("\r\n") != std::string::npos) {
            throw std::logic_error("memory_text: a comment with a line break: " + comment);
        }
        text += "// " + comment + "\n";
    }
    const int digits = hex_digits(format.width);
    const std::size_t begin = text.size();
    text.resize(begin + words.size() * static_cast<std::size_t>(digits + 1));
    char* at = text.data() + begin;
    for (const std::int64_t word : words) {
        at = put_hex(at, pattern_from_word(word, format), digits);
        *at++ = '\n';
    }
    return text;
}

MemoryWords parse_memory(std::string_view text, const std::string& where) {
    FileWords words = parse_readmem(text, where, {.unknown = false, .max_bits = 64});
    // Without a word the width is that of one digit.
    const int digits = std::max(1, (words.packed->bits + 3) / 4);
    return {.patterns = std::move(words.packed->limbs), .digits = digits};
}

}  // namespace bittrue
