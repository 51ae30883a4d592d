// Generated testbenches around a small network's design, right and with planted bugs, in Icarus and GHDL.
#include <catch2/catch.hpp>

#include "testbench/hdl_bench.hpp"

namespace {

using namespace bittrue;
using namespace bittrue::test;

constexpr PortStyle kStyles[] = {PortStyle::Stream, PortStyle::Memory};

TestbenchOptions options_of(TestbenchLanguage language, PortStyle style, int bug) {
    TestbenchOptions options{.language = language, .style = style};
    options.module = style == PortStyle::Stream ? "pipe" : "pipe_memory";
    if (bug != 0) options.parameters["FAULT"] = std::to_string(bug);
    options.timeout = 400;
    return options;
}

std::string title(TestbenchLanguage language, PortStyle style, int bug = 0) {
    return suffix_of(language) + (style == PortStyle::Stream ? " stream" : " memory") + ", bug " + std::to_string(bug);
}

// What the testbench says of every layer is what diff says of its dump.
void check_words(const HdlBench& bench, const std::string& text) {
    const std::map<std::string, LayerDiff> layers = bench.dumped();
    REQUIRE(layers.size() == 2);
    for (const auto& [name, layer] : layers) check_layer(text, cut_to_width(layer));
}

}  // namespace

TEST_CASE("Testbench: a right design passes with every word of every image checked") {
    for (const TestbenchLanguage language : kHdl) {
        for (const PortStyle style : kStyles) {
            CAPTURE(title(language, style));
            const HdlBench bench(small_vectors(4), options_of(language, style, 0));
            INFO(bench.compiled().text);
            REQUIRE(bench.compiled().status == 0);
            CHECK(bench.compiled().text.empty());
            const Outcome outcome = bench.run();
            INFO(outcome.text);
            CHECK(outcome.status == 0);
            CHECK(has_line(outcome.text, "bittrue: scale: 128 words checked, 0 different"));
            CHECK(has_line(outcome.text, "bittrue: relu: 128 words checked, 0 different"));
            CHECK(has_line(outcome.text, "bittrue: PASS 256 words checked"));
            for (const auto& [name, layer] : bench.dumped()) {
                CHECK(layer.words_compared == 128);
                CHECK(layer.words_different == 0);
            }
        }
    }
}

TEST_CASE("Testbench: a stream is driven with pauses, other ones with another seed, or without") {
    for (const TestbenchLanguage language : kHdl) {
        CAPTURE(title(language, PortStyle::Stream));
        const HdlBench bench(small_vectors(4), options_of(language, PortStyle::Stream, 0));
        const bool vhdl = language == TestbenchLanguage::Vhdl;
        for (const std::string setting : {"seed=2", "seed=77", "stalls=0"}) {
            const std::string name = setting.substr(0, setting.find('='));
            const Outcome outcome =
                bench.run(vhdl ? "-g" + std::string(name == "seed" ? "SEED" : "STALLS") + setting.substr(name.size())
                               : "+" + setting);
            INFO(outcome.text);
            CHECK(outcome.status == 0);
            CHECK(has_line(outcome.text, "bittrue: PASS 256 words checked"));
        }
    }
}

TEST_CASE("Testbench: every planted bug fails, and the first wrong word is the one diff finds in the dump") {
    for (const TestbenchLanguage language : kHdl) {
        for (const PortStyle style : kStyles) {
            for (int bug = 1; bug <= 10; ++bug) {
                CAPTURE(title(language, style, bug));
                const HdlBench bench(small_vectors(4), options_of(language, style, bug));
                INFO(bench.compiled().text);
                REQUIRE(bench.compiled().status == 0);
                const Outcome outcome = bench.run();
                INFO(outcome.text);
                CHECK(outcome.status == 1);
                CHECK(outcome.text.find("bittrue: FAIL ") != std::string::npos);
                CHECK(outcome.text.find("bittrue: PASS") == std::string::npos);
                // Words of bugs 1 to 4, 6 and 7 are wrong; the others are about beats.
                const bool beats = bug == 5 || bug >= 8;
                if (!beats) check_words(bench, outcome.text);
                CHECK((outcome.text.find("bittrue: error: ") != std::string::npos) == beats);
            }
        }
    }
}

TEST_CASE("Testbench: what is wrong with beats and writes is said") {
    const std::map<int, std::vector<std::string>> stream{
        {5,
         {"bittrue: error: nothing moved for 400 clocks",
          "bittrue: error: the design took 50 of 128 words of its input",
          "bittrue: error: scale: 78 of 128 beats are missing", "bittrue: scale: 50 words checked, 0 different",
          "bittrue: FAIL 100 words checked, 0 different, 4 other errors"}},
        {8, {"bittrue: error: scale: 1 of 128 beats are missing", "bittrue: error: relu: 1 of 128 beats are missing"}},
        {9, {"bittrue: error: scale: more beats than the 128 expected"}},
        {10,
         {"bittrue: error: relu: more beats than the 128 expected",
          "bittrue: FAIL 256 words checked, 0 different, 2 other errors"}}};
    const std::map<int, std::vector<std::string>> memory{
        {5, {"bittrue: error: nothing moved for 400 clocks", "bittrue: relu: 32 words checked, 0 different"}},
        {8,
         {"bittrue: error: scale: word 20 of image 3 is never written",
          "bittrue: FAIL 252 words checked, 0 different, 4 other errors"}},
        {9, {"bittrue: error: relu: word 20 of image 0 is never written"}},
        {10, {"bittrue: error: relu: word 31 is written while no image is computed"}}};
    for (const TestbenchLanguage language : kHdl) {
        for (const PortStyle style : kStyles) {
            for (const auto& [bug, lines] : style == PortStyle::Stream ? stream : memory) {
                CAPTURE(title(language, style, bug));
                const Outcome outcome = HdlBench(small_vectors(4), options_of(language, style, bug)).run();
                for (const std::string& line : lines) {
                    INFO(outcome.text);
                    CHECK(has_line(outcome.text, line));
                }
            }
        }
    }
}

TEST_CASE("Testbench: a word with x bits differs and is shown bit by bit") {
    for (const TestbenchLanguage language : kHdl) {
        CAPTURE(title(language, PortStyle::Stream));
        const HdlBench bench(small_vectors(4), options_of(language, PortStyle::Stream, 6));
        const Outcome outcome = bench.run();
        INFO(outcome.text);
        CHECK(outcome.status == 1);
        CHECK(has_line(outcome.text,
                       "scale[image 0, row 0, column 3, channel 1] (flat 7): expected -112 (0x90, -7), got 0b1001xxxx "
                       "(undefined)"));
        CHECK(bench.dumped().at("scale").words_undefined == 1);
    }
}

TEST_CASE("Testbench: absent, short and long vectors fail with the file's name") {
    for (const TestbenchLanguage language : kHdl) {
        for (const PortStyle style : kStyles) {
            CAPTURE(title(language, style));
            const HdlBench bench(small_vectors(4), options_of(language, style, 0));
            for (const std::string file : {"image", "scale"}) {
                const std::string path = bench.vectors() + "/" + file + ".mem";
                const std::string text = slurp(path);
                spill(path, text + "0\n");
                Outcome outcome = bench.run();
                INFO(outcome.text);
                CHECK(outcome.status == 1);
                CHECK(has_line(outcome.text, "bittrue: error: vectors/" + file +
                                                 ".mem: holds 129 words, 128 are needed; write vectors and testbench "
                                                 "together"));
                spill(path, text.substr(0, text.rfind('\n', text.size() - 2) + 1));
                outcome = bench.run();
                CHECK(outcome.status == 1);
                CHECK(outcome.text.find(file + ".mem: holds 127 words") != std::string::npos);
                std::filesystem::remove(path);
                outcome = bench.run();
                CHECK(outcome.status == 1);
                CHECK(outcome.text.find("bittrue: error: vectors/" + file + ".mem: cannot be opened") !=
                      std::string::npos);
                CHECK(outcome.text.find("bittrue: FAIL ") != std::string::npos);
                spill(path, text);
            }
            CHECK(bench.run().status == 0);
        }
    }
}

TEST_CASE("Testbench: without its arguments it reads where it runs and writes nothing") {
    for (const TestbenchLanguage language : kHdl) {
        CAPTURE(title(language, PortStyle::Stream));
        const HdlBench bench(small_vectors(2), options_of(language, PortStyle::Stream, 0));
        REQUIRE(shell(bench.folder(), "cp vectors/*.mem .").status == 0);
        const Outcome outcome = bench.run_as("");
        INFO(outcome.text);
        CHECK(outcome.status == 0);
        CHECK(has_line(outcome.text, "bittrue: PASS 128 words checked"));
        CHECK(std::filesystem::is_empty(bench.folder() + "/dump"));
        const std::string nowhere = language == TestbenchLanguage::Vhdl ? "-gDUMP=no/where" : "+dump=no/where";
        const Outcome refused = bench.run_as(nowhere);
        INFO(refused.text);
        CHECK(refused.status == 1);
        CHECK(refused.text.find("no/where/scale.hex: cannot be written") != std::string::npos);
    }
}

TEST_CASE("Testbench: a design that never says valid fails when the time is over, with nothing checked") {
    for (const TestbenchLanguage language : kHdl) {
        CAPTURE(title(language, PortStyle::Stream));
        TestbenchOptions options = options_of(language, PortStyle::Stream, 0);
        options.reset_low = true;  // it never leaves its reset
        const HdlBench bench(small_vectors(1), options);
        const Outcome outcome = bench.run(language == TestbenchLanguage::Vhdl ? "-gTIMEOUT=50" : "+timeout=50");
        INFO(outcome.text);
        CHECK(outcome.status == 1);
        CHECK(has_line(outcome.text, "bittrue: error: nothing moved for 50 clocks"));
        CHECK(outcome.text.find("bittrue: FAIL 0 words checked, 0 different") != std::string::npos);
    }
}

TEST_CASE("Testbench: Verilator runs the SystemVerilog one with the same lines and counts") {
    const HdlBench bench(small_vectors(4), options_of(TestbenchLanguage::SystemVerilog, PortStyle::Stream, 0));
    REQUIRE(bench.compiled().status == 0);
    // No optimisation, for it is built more often than it runs.
    const Outcome built = shell(
        bench.folder(), fmt::format("verilator --binary -Wall --top-module pipe_tb --Mdir obj -MAKEFLAGS "
                                    "'OBJCACHE=ccache OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0' -I{0} {1} {0}/pipe.v",
                                    kDesigns, bench.files()));
    INFO(built.text);
    REQUIRE(built.status == 0);
    for (const int bug : {0, 1, 2, 3, 4, 5, 7, 8, 9, 10}) {  // 6 is about x bits, which Verilator does not have
        CAPTURE(bug);
        const std::string arguments = " +vectors=vectors +dump=dump +bug=" + std::to_string(bug);
        const Outcome icarus = shell(bench.folder(), "vvp -n tb.vvp" + arguments);
        const Outcome verilator = shell(bench.folder(), "obj/Vpipe_tb" + arguments);
        INFO(verilator.text);
        CHECK((verilator.status == 0) == (bug == 0));
        CHECK((icarus.status == 0) == (bug == 0));
        check_words(bench, verilator.text);
        const std::string end = verilator.text.substr(verilator.text.find("bittrue: scale: "));
        CHECK(icarus.text.find(end.substr(0, end.find(bug == 0 ? " checked\n" : " errors\n"))) != std::string::npos);
    }
    std::filesystem::rename(bench.vectors() + "/scale.mem", bench.vectors() + "/other.mem");
    const Outcome absent = shell(bench.folder(), "obj/Vpipe_tb +vectors=vectors");
    CHECK(absent.status != 0);
    CHECK(absent.text.find("vectors/scale.mem: cannot be opened") != std::string::npos);
}

TEST_CASE("Testbench: signals inside the design are watched by their paths, and layers can be left out") {
    for (const PortStyle style : kStyles) {
        for (const TestbenchLanguage language : {TestbenchLanguage::SystemVerilog, TestbenchLanguage::Verilog}) {
            CAPTURE(title(language, style));
            TestbenchOptions options = options_of(language, style, 7);
            if (style == PortStyle::Stream) {
                options.ports["scale"] = {.data = "dut.scale_data", .valid = "dut.scale_valid"};
            } else {
                options.ports["scale"] = {
                    .data = "dut.scale_data", .address = "dut.scale_addr", .enable = "dut.scale_we"};
            }
            const HdlBench watched(small_vectors(4), options);
            const Outcome outcome = watched.run();
            INFO(outcome.text);
            CHECK(outcome.status == 1);
            CHECK(has_line(outcome.text, "bittrue: scale: 128 words checked, 0 different"));
            check_words(watched, outcome.text);
            options.layers = {"scale"};  // the wrong bit is in the other
            const Outcome one = HdlBench(small_vectors(4), options).run();
            INFO(one.text);
            CHECK(one.status == 0);
            CHECK(has_line(one.text, "bittrue: PASS 128 words checked"));
            options.layers = {};
            options.ports["scale"] = {.data = "-"};
            const Outcome other = HdlBench(small_vectors(4), options).run();
            INFO(other.text);
            CHECK(other.status == 1);
            CHECK(other.text.find("bittrue: FAIL 128 words checked") != std::string::npos);
        }
    }
}
