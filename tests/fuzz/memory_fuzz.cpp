// parse_memory: what it takes is written for $readmemh and read back alike.
#include "bittrue/vectors/memory_file.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    return {"00\n01\nfe\nff\n", "// layer \"dense\"\n// s16.10\n0123\nABCD\n",
            "@0 1 2 3\r\n@3 4 /* four\n lines */ 5_6\r\n", "@2 3 4\n@0 1 2\n",
            "ffffffffffffffff 0000000000000000ffff 1_2_3_4 // end"};
}

std::vector<std::string> dictionary() {
    return {"@",  "//",   "/*",    "*/", "_", "x", "Z", "0x", "ffffffffffffffff", "@ffffffffffffffff",
            "@0", "\r\n", "\n@1 ", "\t"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string_view text = view_of(data, size);
    MemoryWords memory;
    if (!takes([&] { memory = parse_memory(text, "input.hex"); })) return 0;
    require(memory.digits >= 1 && memory.digits <= 16, "a word has 1 to 16 digits");
    const Format format{.width = 4 * memory.digits, .integer = 4 * memory.digits, .is_signed = false};
    std::vector<std::int64_t> words;
    for (const std::uint64_t pattern : memory.patterns) {
        words.push_back(word_from_pattern(pattern, format));
        require(pattern_from_word(words.back(), format) == pattern, "no word has more bits than digits allow");
    }
    must_take("written words can be read", [&] {
        const MemoryWords again = parse_memory(memory_text(words, format, {"a comment"}), "again.hex");
        require(again.patterns == memory.patterns, "words are written and read back alike");
        require(words.empty() || again.digits == memory.digits, "words are as long as they were");
    });
    return 0;
}
