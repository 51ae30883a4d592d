// Testbenches in C++ around designs that Verilator compiled: correct ones and ones with planted bugs.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "testbench/cpp_bench.hpp"

namespace {

using namespace bittrue;
using namespace bittrue::test;

const std::string kDesigns = BITTRUE_SOURCE_DIR "/tests/testbench/hdl";

// "__" in a name is special to Verilator.
VectorSet vectors() {
    VectorSet set = small_vectors(4);
    set.layers[1].name = "scale__1";
    set.layers[2].inputs = {"scale__1"};
    return set;
}

TestbenchOptions stream_options() {
    TestbenchOptions options{.language = TestbenchLanguage::Verilator, .module = "wide"};
    options.clock = "aclk";
    options.reset = "aresetn";
    options.reset_low = true;
    options.parameters = {{"BEATS", "3"}};
    options.timeout = 500;
    options.ports["image"] = {
        .data = "s_data", .valid = "s_valid", .ready = "s_ready", .packing = "lanes=12,order=chw"};
    options.ports["scale__1"] = {.data = "mid_data", .valid = "mid_valid", .packing = "lanes=12,order=chw,first=high"};
    options.ports["relu"] = {.data = "m_data",
                             .valid = "m_valid",
                             .ready = "m_ready",
                             .last = "m_last",
                             .keep = "m_keep",
                             .packing = "lanes=12,lane_bits=8,order=chw,axis"};
    return options;
}

// What is no port of the design is reached by a path.
TestbenchOptions memory_options() {
    TestbenchOptions options{
        .language = TestbenchLanguage::Verilator, .style = PortStyle::Memory, .module = "wide_memory"};
    options.timeout = 500;
    options.ports["image"] = {.enable = "in_en", .packing = "lanes=12"};
    options.ports["scale__1"] = {
        .data = "dut.mid_data", .address = "dut.mid_addr", .enable = "dut.mid_we", .packing = "lanes=12"};
    options.ports["relu"] = {.packing = "lanes=12,lane_bits=8,bytes=reversed"};
    return options;
}

// A verilated testbench, built once for all cases of this program that ask for it.
class Bench {
public:
    explicit Bench(const TestbenchOptions& options) : folder_(), set_(folder_ / "vectors") {
        write_bench(set_, vectors(), options);
        // The README's command; no optimisation, for it is built more often than it runs.
        built_ = shell(folder_.path(),
                       fmt::format("V=$(realpath vectors) && verilator --cc --exe --build --top-module bittrue_top "
                                   "-CFLAGS '-Wall -Wextra -Werror' -MAKEFLAGS 'OBJCACHE=ccache OPT_FAST=-O0 "
                                   "OPT_SLOW=-O0 OPT_GLOBAL=-O0' -I{0} $V/tb/bittrue_top.sv {0}/{1}.v $V/tb/{1}_tb.cpp",
                                   kDesigns, options.module));
    }
    [[nodiscard]] const Outcome& built() const { return built_; }
    [[nodiscard]] Outcome run(const std::string& arguments) const {
        std::filesystem::remove_all(dump());
        return shell(folder_.path(), "obj_dir/Vbittrue_top +vectors=vectors " + arguments);
    }
    [[nodiscard]] std::string dump() const { return folder_ / "dump"; }
    [[nodiscard]] std::string file(const std::string& name) const { return set_ + "/" + name; }

private:
    Folder folder_;
    std::string set_;
    Outcome built_;
};

// Without a warning of Verilator or of the compiler, too.
void check_built(const Bench& bench) {
    CAPTURE(bench.built().text);
    REQUIRE(bench.built().status == 0);
    REQUIRE(bench.built().text.find("arning") == std::string::npos);
}

void check_dump(const Bench& bench, const Outcome& outcome) {
    const VectorSet set = vectors();
    const std::map<std::string, LayerDiff> layers = compare_dump(set, bench.dump());
    REQUIRE(layers.size() == 2);
    for (const auto& [name, layer] : layers) check_layer(outcome.text, layer);
}

}  // namespace

// One case per build: every test of the list starts the program anew.
TEST_CASE("a verilated stream design is right, or its bugs are found") {
    const Bench bench(stream_options());
    check_built(bench);

    for (const char* arguments : {"", "+stalls=0", "+seed=77", "+seed=12345 +verilator+seed+3"}) {
        CAPTURE(arguments);
        const Outcome good = bench.run(arguments);
        CAPTURE(good.text);
        CHECK(good.status == 0);
        CHECK(has_line(good.text, "bittrue: PASS 256 words checked"));
        check_dump(bench, good);
        for (const auto& [name, layer] : compare_dump(vectors(), bench.dump())) {
            CHECK(layer.equal());
            CHECK(layer.words_compared == 128);
        }
    }
    // Without pauses it is over sooner, which no line shows: the words are the same.
    struct Case {
        int bug;
        const char* line;  // beside those of wrong words; "" if there is none
    };
    for (const Case& c :
         {Case{1, ""}, Case{2, ""}, Case{3, ""}, Case{4, ""}, Case{5, "bittrue: error: nothing moved for 500 clocks"},
          Case{6, "bittrue: error: the design gives words without end"},
          Case{7, "bittrue: error: scale__1: more beats than the 12 expected"},
          Case{8, "bittrue: error: scale__1: 1 of 12 beats are missing"},
          Case{9, "bittrue: error: relu: more beats than the 12 expected"},
          Case{10, "bittrue: error: scale__1: more beats than the 12 expected"},
          Case{11,
               "bittrue: error: relu: beat 1 of image 1: TLAST and TKEEP expected 0b0111111111111, "
               "got 0b1111111111111"},
          Case{12,
               "bittrue: error: relu: beat 2 of image 0: TLAST and TKEEP expected 0b1000011111111, "
               "got 0b1111111111111"},
          Case{13, ""}, Case{14, "bittrue: error: the design ended the simulation"}, Case{15, ""}}) {
        CAPTURE(c.bug);
        const Outcome bad = bench.run(fmt::format("+BUG={}", c.bug));
        CAPTURE(bad.text);
        CHECK(bad.status == 1);
        CHECK(count_lines(bad.text, "bittrue: FAIL ") == 1);
        CHECK(bad.text.find("PASS") == std::string::npos);
        if (*c.line != '\0') {
            CHECK(has_line(bad.text, c.line));
        } else {
            CHECK(count_lines(bad.text, ", 0 other errors\n") == 1);
            check_dump(bench, bad);
        }
    }
    // A word that no image ends with still has a place in the dump.
    const Outcome stopped = bench.run("+BUG=5 +stalls=0");
    CHECK(has_line(stopped.text, "bittrue: error: the design took 7 of 12 words of its input"));
    CHECK(has_line(stopped.text, "bittrue: scale__1: 76 words checked, 0 different"));
    CHECK(has_line(stopped.text, "bittrue: FAIL 152 words checked, 0 different, 4 other errors"));

    // Vectors and dump may be elsewhere.
    {
        const Folder elsewhere;
        const Outcome outcome =
            shell(elsewhere.path(), fmt::format("{} +vectors={} +dump={}", bench.file("../obj_dir/Vbittrue_top"),
                                                bench.file(""), elsewhere / "actual"));
        CAPTURE(outcome.text);
        CHECK(outcome.status == 0);
        CHECK(std::filesystem::exists(elsewhere / "actual/relu.hex"));
        CHECK_FALSE(std::filesystem::exists(elsewhere / "dump"));
    }
    // A file of vectors that is absent is an error.
    {
        std::filesystem::remove(bench.file("image.mem"));
        const Outcome outcome = bench.run("");
        CHECK(outcome.status == 1);
        CHECK(has_line(outcome.text,
                       "bittrue: error: vectors/image.mem: cannot be opened; give the folder of the vectors as "
                       "+vectors=DIR"));
        CHECK(count_lines(outcome.text, "bittrue: FAIL ") == 1);
    }
    // An argument that nobody knows is an error.
    {
        const Outcome outcome = bench.run("dump");
        CHECK(outcome.status == 1);
        CHECK(count_lines(outcome.text, "bittrue: error: 'dump' is not known") == 1);
    }
}

TEST_CASE("a verilated memory design is right, or its bugs are found") {
    const Bench bench(memory_options());
    check_built(bench);

    const Outcome good = bench.run("");
    CAPTURE(good.text);
    CHECK(good.status == 0);
    CHECK(has_line(good.text, "bittrue: PASS 256 words checked"));
    check_dump(bench, good);

    struct Case {
        int bug;
        const char* line;
    };
    for (const Case& c :
         {Case{1, ""}, Case{2, ""}, Case{3, ""}, Case{4, ""}, Case{5, "bittrue: error: nothing moved for 500 clocks"},
          Case{6, "bittrue: error: relu: word 2 of image 3 is never written"},
          Case{7, "bittrue: error: relu: word 2 of image 0 is never written"},
          Case{8, "bittrue: error: scale__1: word 1 of image 1 is never written"},
          Case{9, "bittrue: error: scale__1: word 3 of image 2 is out of range"}}) {
        CAPTURE(c.bug);
        const Outcome bad = bench.run(fmt::format("+BUG={}", c.bug));
        CAPTURE(bad.text);
        CHECK(bad.status == 1);
        CHECK(count_lines(bad.text, "bittrue: FAIL ") == 1);
        if (*c.line != '\0') {
            CHECK(has_line(bad.text, c.line));
        } else {
            check_dump(bench, bad);
        }
    }
    // What was never written is no number in the dump.
    CHECK(count_lines(bench.run("+BUG=8").text, "FAIL 244 words checked, 0 different, 1 other errors") == 1);
    CHECK(count_lines(slurp(bench.dump() + "/scale__1.hex"), "xx\n") == 12);
}
