#include "bittrue/vectors/memory_file.hpp"

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::vector<std::uint64_t> patterns(const std::string& text) {
    return parse_memory(text, "dump.hex").patterns;
}
std::string refusal(const std::string& text) {
    return error_of([&] { (void)parse_memory(text, "dump.hex"); });
}
using P = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("F4: words of every width 1 to 64, signed and unsigned, come back from $readmemh text") {
    Words random(42);
    for (int width = 1; width <= 64; ++width) {
        for (const bool is_signed : {true, false}) {
            const Format format{.width = width, .integer = width / 2, .is_signed = is_signed};
            std::vector<std::int64_t> words{word_from_raw(raw_min(format)), word_from_raw(raw_max(format)), 0};
            for (int i = 0; i < 50; ++i) words.push_back(random.next(format));
            const std::string text = memory_text(words, format, {"layer \"x\"", ""});
            const MemoryWords memory = parse_memory(text, "x.hex");
            CAPTURE(width, is_signed);
            CHECK(memory.digits == (width + 3) / 4);
            REQUIRE(memory.patterns.size() == words.size());
            for (std::size_t i = 0; i < words.size(); ++i) {
                REQUIRE(memory.patterns[i] == pattern_from_word(words[i], format));
                REQUIRE(word_from_pattern(memory.patterns[i], format) == words[i]);
            }
        }
    }
}

TEST_CASE("F4: a word is written in ceil(width/4) lower-case digits, the first word first") {
    CHECK(memory_text(std::vector<std::int64_t>{-1, 1, -128, 127}, {.width = 8, .integer = 8, .is_signed = true}, {}) ==
          "ff\n01\n80\n7f\n");
    CHECK(memory_text(std::vector<std::int64_t>{-1, 5}, {.width = 9, .integer = 9, .is_signed = true}, {"a", "b"}) ==
          "// a\n// b\n1ff\n005\n");
    CHECK_THROWS_AS(memory_text({}, {}, {"a\nb"}), std::logic_error);
}

TEST_CASE("Memory files: what a simulator reads is read") {
    CHECK(patterns("1 2\t3\r\n4\n\n5") == P{1, 2, 3, 4, 5});
    CHECK(patterns("// 7 8\n1 // 2\n/* 3\n4 */ 5/*6*/7") == P{1, 5, 7});
    CHECK(patterns("dE_aD BE_e_f") == P{0xdead, 0xbeef});
    CHECK(patterns("@0 1 2\n@2 3") == P{1, 2, 3});
    CHECK(patterns("@2 3 4\n@0\n1 2") == P{1, 2, 3, 4});
    CHECK(patterns("1 @1 2 @a") == P{1, 2});
    CHECK(patterns("ffffffffffffffff 00000000000000000001") == P{0xffffffffffffffffU, 1});
    CHECK(patterns("").empty());
    CHECK(patterns("// nothing").empty());
    CHECK(parse_memory("0001 ff", "x").digits == 4);
}

TEST_CASE("Memory files: unknown bits and other text are refused with their line") {
    CHECK_THAT(refusal("1\n2\nxx\n"), Catch::Contains("dump.hex:3") && Catch::Contains("unknown bits"));
    CHECK_THAT(refusal("1\n/* a\nb */\n3Z"), Catch::Contains("dump.hex:4") && Catch::Contains("'3Z'"));
    CHECK_THAT(refusal("0x11"), Catch::Contains(":1") && Catch::Contains("without 0x"));
    CHECK_THAT(refusal("1\n-1"), Catch::Contains(":2") && Catch::Contains("'-1'"));
    CHECK_THAT(refusal("1,2"), Catch::Contains("'1,2'"));
    CHECK_THAT(refusal("1\n10000000000000000"), Catch::Contains(":2") && Catch::Contains("64 bits"));
    CHECK_THAT(refusal("1\n\n/* open\n"), Catch::Contains(":3") && Catch::Contains("never closed"));
    CHECK_THAT(refusal("@"), Catch::Contains("no digits"));
    CHECK_THAT(refusal("@xyz 1"), Catch::Contains(":1"));
    CHECK_THAT(refusal("@4 1"), Catch::Contains("0 to 3") && Catch::Contains("not given"));
    CHECK_THAT(refusal("1 2\n@5 1"), Catch::Contains("2 to 4") && Catch::Contains(":2"));
    CHECK_THAT(refusal("1 2 3\n@1 9"), Catch::Contains("overwrite"));
    CHECK_THAT(refusal("@0 1\n@0 2"), Catch::Contains("twice"));
    CHECK_THAT(refusal("1\n@ffffffffffffffff 1"), Catch::Contains("not given"));
    CHECK_THAT(refusal(std::string("\0\x01", 2)), Catch::Contains("is not a hexadecimal word"));
    CHECK_THAT(refusal(std::string(1000, 'g')), Catch::Contains("..."));
}

TEST_CASE("Memory files: every prefix gives the words in front or a sentence with a line") {
    const std::string text = "// header\n@0\n1_f\n/* x */ 2_0 // end\n@2 7 z1 ffffffffffffffffff\n";
    for (std::size_t length = 0; length <= text.size(); ++length) {
        CAPTURE(text.substr(0, length));
        try {
            const MemoryWords memory = parse_memory(text.substr(0, length), "p.hex");
            CHECK(memory.patterns.size() <= 3);
            for (const std::uint64_t word : memory.patterns) CHECK((word <= 0x20 || word == 0));
        } catch (const InputError& error) {
            CHECK_THAT(error.what(), Catch::StartsWith("p.hex:"));
        }
    }
}

TEST_CASE("Memory files: random bytes never do more than give words or a sentence") {
    Words random(9);
    const std::string alphabet = "0123456789abcdefxzXZ_@/* \n\r\t-,g";
    int accepted = 0, refused = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        const std::size_t length = random.next() % 24;
        for (std::size_t i = 0; i < length; ++i) text += alphabet[random.next() % alphabet.size()];
        try {
            (void)parse_memory(text, "r");
            ++accepted;
        } catch (const InputError&) {
            ++refused;
        }
    }
    CHECK(accepted > 500);
    CHECK(refused > 500);
}
