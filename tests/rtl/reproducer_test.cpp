// The SystemVerilog of a reproducer in real simulators: its own arithmetic gives bittrue's accumulators in every order
// of additions, and as a bench it passes a right MAC and fails a wrong one.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "emulator/build.hpp"
#include "mac_case.hpp"
#include "simulation.hpp"

using namespace bittrue;
using namespace bittrue::cli;
using bittrue::test::Folder;
using bittrue::test::Outcome;
using bittrue::test::shell;
using bittrue::test::spill;

namespace {

using bittrue::testing::fixed;
using bittrue::testing::Random;

MacCase case_of(const AccumulatorSpec& spec, Random& random, int terms) {
    MacCase c{.word = "dense[image 0, channel 1]"};
    MacOperands& o = c.expected.operands;
    o = {.weight = {5, 2, true}, .input = {5, 1, random.below(2) == 0}, .has_bias = true, .bias = {6, 3, true}};
    o.bias_word = random.word(o.bias);
    for (int t = 0; t < terms; ++t) {
        o.weights.push_back(random.word(o.weight));
        o.inputs.push_back(random.word(o.input));
    }
    c.expected.spec = spec;
    c.expected.accumulator_raw = emulator::mac(o, spec).back().accumulator_raw;
    return c;
}

Outcome icarus(const Folder& folder, const std::string& options = "") {
    return shell(folder.path(), "iverilog -g2012 -Wall -Wno-timescale " + options +
                                    " -s dot_product -o t.vvp dot_product.sv && vvp -n t.vvp");
}

Outcome verilator(const Folder& folder, const std::string& options = "") {
    return shell(folder.path(), "verilator --binary --timing -j 1 -O1 -Wno-fatal --top-module dot_product -Mdir obj " +
                                    options +
                                    " dot_product.sv -MAKEFLAGS 'OBJCACHE=ccache OPT_FAST=-O1' >log 2>&1 || { cat log; "
                                    "exit 1; }; obj/Vdot_product");
}

// A MAC that accumulates in order: the reference one, or with another overflow.
std::string wrapper(const AccumulatorSpec& spec, const MacOperands& o, const std::string& overflow) {
    return fmt::format(
        "module my_mac (input logic clk, enable, first, input logic [{0}:0] weight, input logic [{1}:0] x,\n"
        "               input logic [{2}:0] bias, output logic [{3}:0] acc);\n"
        "    mac #(.W_WIDTH({4}), .W_FRAC({5}), .X_WIDTH({6}), .X_FRAC({7}), .X_SIGNED({8}), .B_WIDTH({9}), "
        ".B_FRAC({10}),\n          .ACC_WIDTH({11}), .ACC_FRAC({12}), .ACC_ROUND(fixed_point::RND), "
        ".ACC_OVERFLOW(fixed_point::{13}))\n        u (.*);\nendmodule\n",
        o.weight.width - 1, o.input.width - 1, o.bias.width - 1, spec.type.format.width - 1, o.weight.width,
        o.weight.frac(), o.input.width, o.input.frac(), o.input.is_signed ? 1 : 0, o.bias.width, o.bias.frac(),
        spec.type.format.width, spec.type.format.frac(), overflow);
}

AccumulatorSpec sequential(Overflow overflow) {
    AccumulatorSpec spec;
    spec.type = fixed(8, 4, Rounding::Rnd, overflow);
    return spec;
}

}  // namespace

TEST_CASE("the arithmetic of a reproducer gives every accumulator of every order, in Icarus") {
    Random random(17);
    int cases = 0;
    for (const char* const schedule : {"sequential", "interleave:3", "fold:3", "cascade:2", "partial:3", "tree"}) {
        for (const QuantizeAt at : {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End}) {
            AccumulatorSpec spec;
            parse_schedule(schedule, spec);
            spec.quantize = at;
            if (!reason_invalid(spec).empty()) continue;
            // All modes in turn.
            const Rounding rounding = kAllRoundings[cases % 8];
            const Overflow overflow = std::array{Overflow::Wrap, Overflow::Sat, Overflow::SatSym,
                                                 Overflow::SatZero}[static_cast<std::size_t>(cases) % 4];
            const Dialect dialect = rounding == Rounding::RndConvOdd ? Dialect::Ac : Dialect::Ap;
            spec.type = fixed(7, 4, rounding, overflow, 0, dialect);
            spec.bias = cases % 3 == 0 ? BiasPosition::Last : BiasPosition::First;
            if (cases % 2 == 0) spec.product = fixed(6, 3, Rounding::RndConv, Overflow::Sat);
            if (cases % 5 == 0) spec.bias_cast = fixed(4, 3, Rounding::RndInf, Overflow::Sat);
            ++cases;
            const Folder folder;
            const MacCase c = case_of(spec, random, 7);
            spill(folder / "dot_product.sv", case_sv(c));
            const Outcome r = icarus(folder);
            CAPTURE(schedule, static_cast<int>(at), r.text);
            CHECK(r.status == 0);
            CHECK_THAT(r.text, Catch::Contains("PASS: the accumulator is "));
            CHECK_THAT(r.text, !Catch::Contains("is not"));

            // Another accumulator in its place is noticed.
            MacCase wrong = c;
            wrong.expected.accumulator_raw += c.expected.accumulator_raw > 0 ? -1 : 1;
            spill(folder / "dot_product.sv", case_sv(wrong));
            CHECK_THAT(icarus(folder).text, Catch::Contains("FAIL: expected "));
        }
    }
    CHECK(cases > 10);
}

TEST_CASE("a reproducer without bias runs in Verilator, and wide operands keep their bits") {
    MacCase c{.word = "dense[image 0, channel 0]"};
    c.expected.operands = {.weight = {60, 30, true}, .input = {50, 20, false}};
    c.expected.operands.weights = {-(std::int64_t{1} << 59), 123456789012345678};
    c.expected.operands.inputs = {(std::int64_t{1} << 50) - 1, 987654321098765};
    c.expected.spec.type = fixed(64, 20, Rounding::RndConv, Overflow::Wrap);
    c.expected.accumulator_raw = emulator::mac(c.expected.operands, c.expected.spec).back().accumulator_raw;
    const Folder folder;
    spill(folder / "dot_product.sv", case_sv(c));
    for (const Outcome& r : {icarus(folder), verilator(folder)}) {
        INFO(r.text);
        CHECK(r.status == 0);
        CHECK_THAT(r.text, Catch::Contains("PASS: the accumulator is "));
    }
}

TEST_CASE("as a bench a reproducer passes a right MAC and fails a wrong one, as the dump where it is that") {
    const std::string sv = bittrue::test::kRtl + "/sv";
    Random random(5);
    MacCase c;
    // Operands on which saturating and wrapping end differently.
    do {
        c = case_of(sequential(Overflow::Sat), random, 6);
        c.found = c.expected;
        c.found->spec = sequential(Overflow::Wrap);
        c.found->accumulator_raw = emulator::mac(c.found->operands, c.found->spec).back().accumulator_raw;
    } while (c.found->accumulator_raw == c.expected.accumulator_raw);
    const Folder folder;
    spill(folder / "dot_product.sv", case_sv(c));
    const std::string files = fmt::format("-DMAC=my_mac -y {0} {0}/fixed_point.sv my_mac.sv", sv);
    const auto run = [&](const char* overflow) {
        spill(folder / "my_mac.sv", wrapper(c.expected.spec, c.expected.operands, overflow));
        return std::array{icarus(folder, files + " -Y .sv"), verilator(folder, files)};
    };
    for (const Outcome& r : run("SAT")) {
        INFO(r.text);
        CHECK_THAT(r.text, Catch::Contains("PASS: the accumulator is "));
    }
    for (const Outcome& r : run("WRAP")) {
        INFO(r.text);
        CHECK_THAT(r.text, Catch::Contains("FAIL: expected ") && Catch::Contains("as in the dump"));
    }
}

TEST_CASE("a bench knows the dump's accumulator in its own width, however the MAC's port is connected") {
    const std::string sv = bittrue::test::kRtl + "/sv";
    const std::string files = fmt::format("-DMAC=my_mac -y {0} -Y .sv {0}/fixed_point.sv my_mac.sv", sv);
    Random random(23);
    // The accumulator of `narrow` bits behind a port of `port` bits, sign-extended.
    const auto narrow = [](const MacCase& c, int width, int port) {
        AccumulatorSpec spec;
        spec.type = fixed(width, width - 4, Rounding::Rnd, Overflow::Sat);
        std::string text = wrapper(spec, c.expected.operands, "SAT");
        if (port == width) return text;
        const auto at = text.find(fmt::format("output logic [{}:0] acc", width - 1));
        text.replace(at, text.find(')', at) - at, fmt::format("output logic [{}:0] acc", port - 1));
        const auto unit = text.find("u (.*);");
        return text.replace(unit, 7,
                            fmt::format("u (.acc(own), .*);\n    wire [{}:0] own;\n    assign acc = "
                                        "{{{{{}{{own[{}]}}}}, own}};",
                                        width - 1, port - width, width - 1));
    };
    for (const auto& [expected, found] : {std::pair{8, 6}, std::pair{6, 8}}) {
        MacCase c;
        do {
            AccumulatorSpec spec;
            spec.type = fixed(expected, expected - 4, Rounding::Rnd, Overflow::Sat);
            c = case_of(spec, random, 6);
            c.found = c.expected;
            c.found->spec.type = fixed(found, found - 4, Rounding::Rnd, Overflow::Sat);
            c.found->accumulator_raw = emulator::mac(c.found->operands, c.found->spec).back().accumulator_raw;
        } while (c.found->accumulator_raw == c.expected.accumulator_raw || c.expected.accumulator_raw > -2);
        const Folder folder;
        spill(folder / "dot_product.sv", case_sv(c));
        CHECK_THAT(icarus(folder).text, Catch::Contains("PASS: the accumulator is "));
        for (const int port : {8, 6}) {
            CAPTURE(expected, found, port);
            if (found <= port) {
                spill(folder / "my_mac.sv", narrow(c, found, port));
                CHECK_THAT(icarus(folder, files).text, Catch::Contains("as in the dump"));
            }
            if (expected <= port) {
                spill(folder / "my_mac.sv", narrow(c, expected, port));
                CHECK_THAT(icarus(folder, files).text, Catch::Contains("PASS: the accumulator is "));
            }
        }
    }
}

TEST_CASE("the MAC of the examples takes its parameters from the reproducer, by the command that it states") {
    const std::string sv = bittrue::test::kRtl + "/sv";
    Random random(29);
    for (const bool cast : {false, true}) {
        AccumulatorSpec spec;
        spec.type = fixed(9, 4, Rounding::RndConv, Overflow::Sat);
        if (cast) spec.product = spec.type;
        const MacCase c = case_of(spec, random, 7);
        const Folder folder;
        const std::string text = case_sv(c);
        spill(folder / "dot_product.sv", text);
        const auto at = text.find("iverilog -g2012 -DMAC=mac ");
        REQUIRE(at != std::string::npos);
        std::string command = text.substr(at, text.find('\n', at) - at);
        for (auto s = command.find(" SV/"); s != std::string::npos; s = command.find(" SV/"))
            command.replace(s, 4, " " + sv + "/");
        const Outcome r = shell(folder.path(), command);
        INFO(r.text);
        CHECK_THAT(r.text, Catch::Contains("PASS: the accumulator is ") && !Catch::Contains("warning"));
    }
    AccumulatorSpec tree;
    tree.schedule = Schedule::Tree;
    tree.type = fixed(9, 4, Rounding::RndConv, Overflow::Sat);
    CHECK_THAT(case_sv(case_of(tree, random, 7)), Catch::Contains("mac.sv is another MAC: it adds term by term"));
}
