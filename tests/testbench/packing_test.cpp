// Testbenches for every kind of packing and format, around a design that hands its words on: the printed line is
// mismatch_line's for all of them.
#include <catch2/catch.hpp>

#include "testbench/hdl_bench.hpp"

namespace {

using namespace bittrue;
using namespace bittrue::test;

struct Case {
    std::string what{};
    Format format{};
    std::optional<Layout> layout{};
    Dims dims{};  // of an image
    std::string packing{};
    std::string name = "y";
};

std::vector<Case> all_cases() {
    const auto format = [](int width, int frac, bool is_signed) {
        return Format{.width = width, .integer = width - frac, .is_signed = is_signed};
    };
    return {
        {"plain", format(8, 3, true), Layout::Hwc, {3, 4, 2}, ""},
        {"bits in a byte", format(1, 1, false), Layout::Vector, {20}, "lanes=8"},
        {"64 signed bits", format(64, 60, true), Layout::Vector, {7}, ""},
        {"64 unsigned bits", format(64, 0, false), Layout::Vector, {7}, "lanes=2"},
        {"a coarse lsb", format(7, -40, true), Layout::Chw, {2, 3, 3}, "lanes=3,lane_bits=8,pad=sign,first=high"},
        {"no integer bits",
         format(12, 20, true),
         Layout::Hwc,
         {3, 2, 4},
         "lanes=4,lane_bits=16,bytes=reversed,order=chw"},
        {"a very fine lsb", format(5, 90, false), Layout::Vector, {9}, "lanes=2"},
        {"bits reversed", format(8, 3, true), Layout::Chw, {4, 3, 2}, "lanes=2,word_bits=20,bits=reversed,order=hwc"},
        {"AXI4-Stream", format(8, 3, true), Layout::Hwc, {3, 3, 1}, "lanes=4,axis"},
        {"AXI4-Stream, reversed",
         format(6, 2, true),
         Layout::Hwc,
         {3, 3, 1},
         "lanes=4,axis,bits=reversed,bytes=reversed"},
        {"wide words without axes", format(12, 6, true), std::nullopt, {5, 6}, "lanes=40"},
        {"one image of one word", format(3, 0, true), Layout::Vector, {1}, ""},
        {"an odd name",
         format(9, 4, true),
         Layout::Vector,
         {4},
         "",
         "1st \"conv\" \\ 100% gr\xc3\xb6\xc3\x9f"
         "e?"},
    };
}

VectorSet vectors_of(const Case& one) {
    VectorSet set;
    set.network = "pass";
    std::uint64_t state = 5;
    for (const std::string& name : {std::string("x"), one.name}) {
        VectorLayer layer;
        layer.name = name;
        if (name != "x") layer.inputs = {"x"};
        layer.type = FixedType{.format = one.format};
        layer.stored = one.format;
        layer.layout = one.layout;
        layer.dims = one.dims;
        layer.dims.insert(layer.dims.begin(), 3);
        if (set.layers.empty()) {
            for (std::int64_t i = 0; i < element_count(layer.dims); ++i) {
                state = state * 6364136223846793005U + 1442695040888963407U;
                layer.words.push_back(word_from_pattern(state ^ (state >> 29), one.format));
            }
        } else {
            layer.words = set.layers[0].words;
        }
        set.layers.push_back(std::move(layer));
    }
    return set;
}

TestbenchOptions options_of(const Case& one, TestbenchLanguage language, const VectorSet& set) {
    TestbenchOptions options{.language = language};
    options.clock = "clock";
    options.reset = "reset_n";
    options.reset_low = true;
    const Packing packing = parse_packing(one.packing);
    options.module = packing.axis ? "pass_axis" : "pass";
    const int bits = packed_bits(packing, {.format = one.format, .dims = set.layers[0].dims, .layout = one.layout});
    const int data = packing.axis ? (bits - 1) / 9 * 8 : bits;
    options.parameters = {{"BITS", std::to_string(data)}};
    for (const VectorLayer& layer : set.layers) options.ports[layer.name].packing = one.packing;
    options.timeout = 300;
    return options;
}

// Whether a testbench in this language around a design with this fault says what diff says.
void check_fault(const Case& one, TestbenchLanguage language, const std::map<std::string, std::string>& fault) {
    const VectorSet set = vectors_of(one);
    TestbenchOptions options = options_of(one, language, set);
    options.parameters.insert(fault.begin(), fault.end());
    const HdlBench bench(set, options);
    INFO(bench.compiled().text);
    REQUIRE(bench.compiled().status == 0);
    const Outcome outcome = bench.run();
    INFO(outcome.text);
    REQUIRE(bench.dumped().size() == 1);
    const LayerDiff layer = bench.dumped().at(one.name);
    CHECK(layer.words_compared == element_count(set.layers[0].dims));
    CHECK((layer.words_different == 0) == fault.empty());
    CHECK(outcome.status == (fault.empty() ? 0 : 1));
    check_layer(outcome.text, cut_to_width(layer));
}

}  // namespace

TEST_CASE("Testbench: right words pass in every packing and format") {
    for (const Case& one : all_cases()) {
        for (const TestbenchLanguage language : kHdl) {
            CAPTURE(one.what, suffix_of(language));
            check_fault(one, language, {});
        }
    }
}

TEST_CASE("Testbench: wrong words are shown as diff shows them in every packing and format") {
    for (const Case& one : all_cases()) {
        for (const TestbenchLanguage language : kHdl) {
            CAPTURE(one.what, suffix_of(language));
            check_fault(one, language, {{"WRONG", "1"}});
        }
    }
}

TEST_CASE("Testbench: undefined words are shown as diff shows them in every packing and format") {
    for (const Case& one : all_cases()) {
        for (const TestbenchLanguage language : kHdl) {
            CAPTURE(one.what, suffix_of(language));
            check_fault(one, language, {{"WRONG", "1"}, {"UNKNOWN", "1"}});
        }
    }
}

TEST_CASE("Testbench: Verilator finds nothing to warn of, whatever the packing") {
    for (const Case& one : all_cases()) {
        for (const TestbenchLanguage language : {TestbenchLanguage::SystemVerilog, TestbenchLanguage::Verilog}) {
            CAPTURE(one.what, suffix_of(language));
            const VectorSet set = vectors_of(one);
            const Outcome lint = HdlBench(set, options_of(one, language, set)).lint();
            INFO(lint.text);
            CHECK(lint.status == 0);
            CHECK(lint.text.empty());
        }
    }
}

TEST_CASE("Testbench: TLAST in the wrong beat fails, and is no matter where the design has none") {
    Case one = all_cases()[8];
    REQUIRE(one.what == "AXI4-Stream");
    for (const TestbenchLanguage language : kHdl) {
        CAPTURE(suffix_of(language));
        const VectorSet set = vectors_of(one);
        TestbenchOptions options = options_of(one, language, set);
        options.parameters["LATE"] = "4";
        const HdlBench bench(set, options);
        const Outcome outcome = bench.run();
        INFO(outcome.text);
        CHECK(outcome.status == 1);
        CHECK(has_line(outcome.text,
                       "bittrue: error: y: beat 1 of image 1: TLAST and TKEEP expected 0b01111, got 0b11111"));
        CHECK(has_line(outcome.text, "bittrue: FAIL 27 words checked, 0 different, 1 other errors"));
        options.ports["y"].last = "-";
        const Outcome without = HdlBench(set, options).run();
        INFO(without.text);
        CHECK(without.status == 0);
        CHECK(has_line(without.text, "bittrue: PASS 27 words checked"));
    }
}
