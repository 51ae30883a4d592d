// Testbenches in C++ around functions for high-level synthesis: correct ones and ones with planted bugs.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "testbench/cpp_bench.hpp"

namespace {

using namespace bittrue;
using namespace bittrue::test;

const std::string kDesigns = BITTRUE_SOURCE_DIR "/tests/testbench/hls";
const std::string kSystemC = "-DSC_CPLUSPLUS=201703L -Wno-unused-parameter";
const char* const kPlain = "-std=c++17";

TestbenchOptions options_for(const std::string& function) {
    return {.language = TestbenchLanguage::Hls, .module = function};
}

// A compiled testbench, linked with the function of the same name.
class Bench {
public:
    Bench(const VectorSet& set, const TestbenchOptions& options, const std::string& flags)
        : folder_(), set_(folder_ / "vectors") {
        write_bench(set_, set, options);
        const bool systemc = flags.find("SC_CPLUSPLUS") != std::string::npos;
        built_ =
            shell(set_, fmt::format("c++ -O0 -Wall -Wextra -Werror {0} -I {1} tb/{2}_tb.cpp {1}/{2}.cpp -o csim {3}",
                                    flags, kDesigns, options.module, systemc ? "-lsystemc" : ""));
    }
    [[nodiscard]] const Outcome& built() const { return built_; }
    [[nodiscard]] Outcome run(int bug = 0, const std::string& arguments = "") const {
        std::filesystem::remove_all(dump());
        return shell(set_, fmt::format("BUG={} SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1 ./csim {}", bug, arguments));
    }
    [[nodiscard]] std::string dump() const { return set_ + "/dump"; }
    [[nodiscard]] std::string file(const std::string& name) const { return set_ + "/" + name; }

private:
    Folder folder_;
    std::string set_;
    Outcome built_;
};

LayerDiff check_dump(const Bench& bench, const Outcome& outcome, const VectorSet& set) {
    const std::map<std::string, LayerDiff> layers = compare_dump(set, bench.dump());
    REQUIRE(layers.size() == 1);
    check_layer(outcome.text, layers.begin()->second);
    return layers.begin()->second;
}

// Right without a bug; each of `bugs` makes some words wrong and nothing else.
void check_function(const Bench& bench, const VectorSet& set, const std::vector<int>& bugs) {
    CAPTURE(bench.built().text);
    REQUIRE(bench.built().status == 0);
    const Outcome good = bench.run();
    CAPTURE(good.text);
    CHECK(good.status == 0);
    CHECK(has_line(good.text, "bittrue: the result only: layers inside a function cannot be seen"));
    CHECK(has_line(good.text, "bittrue: PASS 128 words checked"));
    CHECK(check_dump(bench, good, set).equal());
    for (const int bug : bugs) {
        CAPTURE(bug);
        const Outcome bad = bench.run(bug);
        CAPTURE(bad.text);
        CHECK(bad.status == 1);
        const LayerDiff layer = check_dump(bench, bad, set);
        CHECK(layer.words_different > 0);
        CHECK(has_line(bad.text, fmt::format("bittrue: FAIL 128 words checked, {} different, 0 other errors",
                                             layer.words_different)));
    }
}

VectorSet two_layers(Format format, const Dims& dims, std::optional<Layout> layout,
                     const std::vector<std::uint64_t>& bits) {
    VectorSet set;
    set.network = "echo";
    for (const char* name : {"x", "y \"1\"?\?/"}) {
        VectorLayer layer{.name = name, .type = FixedType{.format = format}, .layout = layout, .dims = dims};
        layer.stored = format;
        for (const std::uint64_t word : bits) layer.words.push_back(word_from_pattern(word, format));
        set.layers.push_back(layer);
    }
    set.layers[1].inputs = {"x"};
    return set;
}

}  // namespace

TEST_CASE("a function on integers of C++ is right, or its bugs are found") {
    const VectorSet set = small_vectors(4);
    const Bench bench(set, options_for("pipe_native"), kPlain);
    check_function(bench, set, {1, 2, 3});

    // A word that the function does not write is wrong, whatever is expected.
    {
        const Outcome outcome = bench.run(4);
        CAPTURE(outcome.text);
        CHECK(outcome.status == 1);
        CHECK(has_line(outcome.text, "bittrue: FAIL 128 words checked, 4 different, 0 other errors"));
        (void)check_dump(bench, outcome, set);
    }
    // A result with bits above its word is an error though the word is right.
    {
        const Outcome outcome = bench.run(5);
        CAPTURE(outcome.text);
        CHECK(outcome.status == 1);
        CHECK(has_line(outcome.text, "bittrue: error: relu: word 9 of image 0 has bits above its 5"));
        CHECK(has_line(outcome.text, "bittrue: FAIL 128 words checked, 0 different, 4 other errors"));
    }
    // A word behind the end of the result is an error.
    {
        const Outcome outcome = bench.run(6);
        CAPTURE(outcome.text);
        CHECK(outcome.status == 1);
        CHECK(
            has_line(outcome.text, "bittrue: error: relu: word 32 of image 3 is written behind the end of the result"));
    }
    // Vectors and dump may be elsewhere, and there may be no dump.
    {
        const Folder elsewhere;
        const Outcome outcome = shell(elsewhere.path(), fmt::format("{} +vectors={} +dump={}", bench.file("csim"),
                                                                    bench.file(""), elsewhere / "actual"));
        CHECK(outcome.status == 0);
        CHECK(slurp(elsewhere / "actual/relu.hex").size() == 128 * 3);
        CHECK(bench.run(0, "+dump=").status == 0);
        CHECK_FALSE(std::filesystem::exists(bench.dump()));
    }
    // A file of vectors that is absent, short, long or malformed is named.
    {
        const std::string path = bench.file("relu.mem");
        const std::string text = slurp(path);
        const auto lines = std::count(text.begin(), text.end(), '\n');
        const std::string head = text.substr(0, text.size() - 3);
        const std::string last = fmt::format("./relu.mem:{}: ", lines);
        struct Case {
            std::string text;
            std::string message;
        };
        const std::string count = " words, 128 are needed; write vectors and testbench together";
        for (const Case& c :
             {Case{head, "./relu.mem: holds 127" + count}, Case{text + "00\n", "./relu.mem: holds 129" + count},
              Case{"", "./relu.mem: holds 0" + count},
              Case{head + "zz\n", last + "'zz' is no hexadecimal word of 5 bits"},
              Case{head + "20\n", last + "'20' is no hexadecimal word of 5 bits"},
              Case{head + "_1\n", last + "'_1' is no hexadecimal word of 5 bits"},
              Case{head + "@7 00\n", last + "'@7' is no hexadecimal word of 5 bits"},
              Case{head + "/*\n", fmt::format("./relu.mem:{}: a comment is never closed", lines + 1)},
              Case{head + "/x\n", last + "a '/' begins no comment"}}) {
            CAPTURE(c.message);
            spill(path, c.text);
            const Outcome outcome = bench.run();
            CHECK(outcome.status == 1);
            CHECK(outcome.text ==
                  "bittrue: error: " + c.message + "\nbittrue: FAIL 0 words checked, 0 different, 1 other errors\n");
        }
        // Other spellings of the same words are read.
        spill(path, "/* all */" + head + "// the last one:\n0_0" + text.substr(text.size() - 3, 2) +
                        "// without a line's end");
        CHECK(bench.run().status == 0);
        std::filesystem::remove(path);
        const Outcome outcome = bench.run();
        CHECK(outcome.status == 1);
        CHECK(has_line(outcome.text,
                       "bittrue: error: ./relu.mem: cannot be opened; give the folder of the vectors as "
                       "+vectors=DIR"));
    }
    // An argument that nobody knows is an error.
    {
        CHECK(count_lines(bench.run(0, "+vector=.").text, "bittrue: error: '+vector=.' is not known") == 1);
        CHECK(count_lines(bench.run(0, "vectors").text, "bittrue: error: 'vectors' is not known") == 1);
    }
}

TEST_CASE("a function on fixed-point types of SystemC is right, or its bugs are found") {
    const VectorSet set = small_vectors(4);
    check_function(Bench(set, options_for("pipe_fixed"), kPlain + (" " + kSystemC)), set, {1, 3});
}

TEST_CASE("a function whose words hold more than 64 bits is right, or its bugs are found") {
    const VectorSet set = small_vectors(4);
    TestbenchOptions options = options_for("pipe_wide");
    options.ports["image"].packing = "lanes=12,order=chw";
    options.ports["relu"].packing = "lanes=12,lane_bits=8,first=high,order=chw";
    check_function(Bench(set, options, kPlain + (" " + kSystemC)), set, {1, 2, 3, 4});
}

TEST_CASE("a function on types with a constant width, in the C++ of 2011, is right, or its bugs are found") {
    const VectorSet set = small_vectors(4);
    check_function(Bench(set, options_for("pipe_library"), "-std=c++11"), set, {1, 2, 3});
}

TEST_CASE("a type of another width than the words is an error before anything is computed") {
    const Bench bench(small_vectors(4), options_for("pipe_library"), "-std=c++11 -DRESULT_BITS=6");
    REQUIRE(bench.built().status == 0);
    const Outcome outcome = bench.run();
    CHECK(outcome.status == 1);
    CHECK(outcome.text ==
          "bittrue: error: elements of the function's array `out` have 6 bits, words of relu.mem 5; write the vectors "
          "with "
          "lane_bits or lanes that fit, or change the type\n"
          "bittrue: FAIL 0 words checked, 0 different, 1 other errors\n");
}

TEST_CASE("wrong words of every format are printed as bittrue diff prints them") {
    struct Case {
        Format format;
        const char* word;  // type of the function
        Dims dims;
        std::optional<Layout> layout;
    };
    const std::vector<std::uint64_t> bits{
        0, 1, 0x8000000000000000U, 0x7fffffffffffffffU, 0xffffffffffffffffU, 0x123456789abcdef1U};
    for (const Case& c :
         {Case{{.width = 64, .integer = -6, .is_signed = true}, "std::int64_t", {1, 6}, Layout::Vector},
          Case{{.width = 64, .integer = 67, .is_signed = false}, "std::uint64_t", {1, 3, 2}, std::nullopt},
          Case{{.width = 33, .integer = 33, .is_signed = true}, "std::int64_t", {1, 2, 3, 1}, Layout::Chw},
          Case{{.width = 1, .integer = 0, .is_signed = false}, "bool", {1, 6}, std::nullopt}}) {
        CAPTURE(c.word, c.format.width);
        const VectorSet set = two_layers(c.format, c.dims, c.layout, bits);
        const Bench bench(set, options_for("echo"), fmt::format("-std=c++14 -DWORD={}", c.word));
        CAPTURE(bench.built().text);
        REQUIRE(bench.built().status == 0);
        CHECK(has_line(bench.run().text, "bittrue: PASS 6 words checked"));
        for (int bug = 1; bug <= 6; ++bug) {
            const Outcome outcome = bench.run(bug);
            CAPTURE(outcome.text);
            CHECK(outcome.status == 1);
            CHECK(check_dump(bench, outcome, set).words_different == 1);
        }
    }
}

TEST_CASE("what a function cannot show is refused when the testbench is made") {
    TestbenchOptions options = options_for("pipe");
    options.layers = {"scale", "relu"};
    CHECK_THROWS_WITH(make_testbench(small_vectors(1), options), Catch::Contains("a function shows only its result"));
    options.layers = {"relu"};
    CHECK_NOTHROW(make_testbench(small_vectors(1), options));
    options.ports["relu"].packing = "axis";
    CHECK_THROWS_WITH(make_testbench(small_vectors(1), options), Catch::Contains("an array has no TKEEP and TLAST"));
}
