// parse_raw: the first three bytes choose the format, the others are the text.
#include "bittrue/model/notation.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

namespace {

std::string seed(int width, int integer, bool is_signed, const std::string& text) {
    return std::string{static_cast<char>(width - 1), static_cast<char>(integer), static_cast<char>(is_signed ? 1 : 0)} +
           text;
}

}  // namespace

std::vector<std::string> seeds() {
    return {seed(16, 6, true, "-32768"),
            seed(16, 6, true, "0x8000"),
            seed(1, 1, false, "1"),
            seed(8, 0, false, "0Xff"),
            seed(64, 64, true, "-9223372036854775808"),
            seed(64, 0, false, "18446744073709551615"),
            seed(64, 3, true, "0xffffffffffffffff")};
}

std::vector<std::string> dictionary() {
    return {"0x",           "0X",      "-", "+", "9223372036854775807", "18446744073709551616", "ffffffffffffffff",
            "000000000000", "99999999"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    if (size < 3) return 0;
    const Format format{.width = 1 + data[0] % kMaxStoredWidth,
                        .integer = static_cast<std::int8_t>(data[1]),
                        .is_signed = data[2] % 2 == 1};
    const std::string text = text_of(data + 3, size - 3);
    std::int64_t word = 0;
    if (!takes([&] { word = parse_raw(text, format); })) return 0;
    const i128 raw = raw_from_word(word, format);
    require(raw >= raw_min(format) && raw <= raw_max(format), "a raw is in the range of its format");
    require(word == word_from_pattern(pattern_from_word(word, format), format), "a word is extended from its width");
    must_take("a printed raw can be read",
              [&] { require(parse_raw(print_raw(raw), format) == word, "print_raw and parse_raw agree"); });
    must_take("a printed pattern can be read",
              [&] { require(parse_raw(print_hex(word, format), format) == word, "print_hex and parse_raw agree"); });
    require(!print_value(raw, format.frac()).empty(), "every raw has a printed value");
    return 0;
}
