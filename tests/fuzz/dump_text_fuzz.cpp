// Logs of hls4ml, bare numbers and pattern texts. The first byte chooses the kind, what follows up to the first line
// end is the pattern of a pattern text.
#include "bittrue/vectors/dump.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

namespace {

const Scratch& folder() {
    static const Scratch one;
    return one;
}

VectorLayer expected(const std::string& name, Format format, Dims dims) {
    VectorLayer layer;
    layer.name = name;
    layer.type = FixedType{.format = format};
    layer.stored = format;
    layer.words.resize(static_cast<std::size_t>(element_count(dims)));
    layer.dims = std::move(dims);
    return layer;
}

const VectorSet& schema() {
    static const VectorSet set = [] {
        VectorSet result;
        result.layers = {expected("conv", {.width = 8, .integer = 3, .is_signed = true}, {2, 2, 2}),
                         expected("dense", {.width = 16, .integer = 6, .is_signed = true}, {2, 3})};
        return result;
    }();
    return set;
}

void check(const VectorSet& set) {
    for (const VectorLayer& layer : set.layers) {
        require(layer.words.empty() || layer.decimals.empty(), "a layer has words or decimals");
        require(element_count(layer.dims) == layer.word_count(), "a layer has as many words as its shape");
        require(layer.undefined.size() == layer.undefined_bits.size(), "every undefined word has its bits");
        require(layer.precision >= 6 && layer.precision <= 17, "the precision is one of a printer");
        for (const std::int64_t word : layer.words) {
            require(word == word_from_pattern(pattern_from_word(word, layer.stored), layer.stored),
                    "a word fits its format");
        }
        for (const std::int64_t place : layer.undefined) {
            require(layer.words.at(static_cast<std::size_t>(place)) == 0, "an undefined word is 0");
        }
    }
}

constexpr const char* kKinds[] = {"hls4ml-log", "decimals", "integers", "hexwords", "text", ""};

}  // namespace

std::vector<std::string> seeds() {
    return {"0\n1.25 -0.333333 3e-05 1000 7 8 \n1 2 3 4 5 6 7 8 \n",
            "0\n32 32 32 48 48 72 \n32 32 32 48 48 72 \n",
            "1\n1.5, -2, 3.25\n4 5 6\n",
            "2\n[1, -2, 3]\n# comment\n{65535; 5 6}\n",
            "2\n1 18446744073709551615\n",
            "3\n0x01 ff 7f 80\n1x zz 0000000a ffffff80\n",
            "4{layer} out[{index:d}] = {word:x}\nconv out[  1] = 0a\nconv out[0] = xZ\nhello\ndense out[0] = ffff\n",
            "4w={word:b};\nw=1010;\nw=1x0z;\n",
            "4{*}: {index:d} {value}\n# 12 ns: 0 1.5\n# 13 ns: 1 -2e-3\n",
            "4{word:d} {word:d}\n1 -2\n   x  4\n",
            "5\n00 01 fe\n"};
}

std::vector<std::string> dictionary() {
    return {"{word:x}",
            "{word:d}",
            "{word:u}",
            "{word:b}",
            "{value}",
            "{index:d}",
            "{layer}",
            "{*}",
            "0x",
            "ffffffffffffffff",
            "-9223372036854775808",
            "18446744073709551615",
            "1e400",
            "1e-400",
            "0.10000000000000001",
            "nan",
            "x",
            "Z",
            "#",
            "//",
            "\r\n",
            "[",
            "]",
            ",",
            "conv",
            "dense",
            "9223372036854775807"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    if (size == 0) return 0;
    const std::string_view text = view_of(data + 1, size - 1);
    const std::size_t line = std::min(text.find('\n'), text.size());
    DumpOptions options;
    options.as = kKinds[static_cast<std::size_t>(data[0] - '0') % std::size(kKinds)];
    if (options.as == "text") options.pattern = text.substr(0, line);
    const std::string path = folder().write("some.txt", text.substr(std::min(line + 1, text.size())));
    takes([&] { check(read_dump(path, options)); });
    options.schema = &schema();
    takes([&] { check(read_dump(path, options)); });
    options.packing.lanes = 2;
    options.layer = "conv";
    takes([&] { check(read_dump(path, options)); });
    return 0;
}
