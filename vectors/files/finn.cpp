// Lines of hexadecimal digits without any prefix or comment, as FINN's memories are filled. Its run-time weights have
// each word cut into 32 bits, the lowest first, a line for each of a power of two of them.
#include <bit>

#include "codecs.hpp"

namespace bittrue {
void encode_finn(const WordSource& source, TextOut& out) {
    const int digits = hex_digits(source.plan().total_bits);
    source.each([&](ConstLimbs word, std::int64_t) {
        out.hex(word, digits);
        out.put('\n');
    });
}

FileWords decode_finn(std::string_view bytes, const std::string& where, std::optional<int> word_bits) {
    TextIn in{.text = bytes, .where = where};
    WordCollector words(in);
    bool all_8_digits = true;
    for (;;) {
        in.skip_spaces();
        if (in.at_end()) break;
        if (in.at("0x") || in.at("0X")) in.position += 2;
        const std::size_t begin = in.position;
        while (!in.at_end() && !is_space(in.peek())) ++in.position;
        const std::string_view digits = bytes.substr(begin, in.position - begin);
        if (digits.find('_') != std::string_view::npos) in.fail(printable(digits) + " is not a hexadecimal word");
        words.add_digits(digits, 16);
        all_8_digits = all_8_digits && digits.size() == 8;
    }
    FileWords result = words.finish();
    // As many as a power of two.
    const std::size_t lines = word_bits ? std::bit_ceil(static_cast<std::size_t>((*word_bits + 31) / 32)) : 1;
    if (lines > 1 && all_8_digits && result.size() % lines == 0 && result.size() > 0) {
        join_words(*result.packed, lines);
        result.notes.push_back(where + ": lines of 32 bits are joined to words of " + std::to_string(*word_bits) +
                               " bits, the low ones first");
    }
    return result;
}

}  // namespace bittrue
