// vectors, stimulus, coverage, map and diff as the engineer with a simulator uses them.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bad_files.hpp"
#include "bittrue/model/npy.hpp"

namespace fs = std::filesystem;
using namespace bittrue;
using namespace bittrue::test;

namespace {

struct Project : Scratch {
    Project() { write_project(*this); }
    [[nodiscard]] Outcome run(const std::vector<std::string>& arguments) const { return bittrue_in(path(), arguments); }
    // The network's vectors in folder `v`.
    [[nodiscard]] Outcome vectors(std::vector<std::string> more) const {
        more.insert(more.begin(), {"vectors", "net.toml", "--input", "images.npy", "--out", "v"});
        return run(more);
    }
};

const std::string kAllKinds = "npy,npz,hex,mem,memb,coe,mif,ihex,bin-le,bin-be,csv,dat,tv,header,finn";

// Eight words of 8 bits on a clock, with valid, as a simulator dumps them; `late` cycles of idle in front.
std::string vcd_of(const std::vector<int>& words, int late) {
    std::string text =
        "$timescale 1ns $end $scope module tb $end $var wire 1 c clk $end $var wire 1 v dense_valid $end\n"
        "$var wire 8 d dense_data [7:0] $end $upscope $end $enddefinitions $end\n#0\n0c\n0v\nbx d\n";
    int time = 10;
    const auto clock = [&] {
        text += "#" + std::to_string(time + 5) + "\n1c\n";
        time += 10;
        text += "#" + std::to_string(time) + "\n0c\n";
    };
    for (int i = 0; i < late; ++i) clock();
    text += "1v\n";
    for (const int word : words) {
        std::string bits;
        for (int b = 7; b >= 0; --b) bits += ((word >> b) & 1) != 0 ? '1' : '0';
        text += "b" + bits + " d\n";
        clock();
    }
    return text + "0v\n#" + std::to_string(time + 5) + "\n1c\n";
}

std::vector<int> bytes_of(const std::string& npy_file) {
    std::vector<int> words;
    for (const std::int64_t word : read_npy(npy_file).integers) words.push_back(static_cast<int>(word & 0xff));
    return words;
}

}  // namespace

TEST_CASE("vectors writes every kind of file at once, and each of them alone is equal to the set") {
    const Project p;
    const auto written = p.vectors({"--format", kAllKinds});
    CAPTURE(written.err);
    REQUIRE(written.status == 0);
    REQUIRE(p.run({"diff", "v", "v"}).status == 0);
    const auto manifest = nlohmann::json::parse(slurp(p.file("v/manifest.json")));
    CHECK(manifest.at("layers").size() == 4);
    for (const char* file :
         {"dense.npy", "dense.hex", "dense.mem", "dense.memb", "dense.coe", "dense.mif", "dense.ihex", "dense.le.bin",
          "dense.be.bin", "dense.csv", "dense.dat", "dense.tv.dat", "dense.h", "dense.finn.dat"}) {
        CAPTURE(file);
        REQUIRE(fs::exists(p.file(std::string("v/") + file)));
        const auto alone = p.run({"diff", "v", std::string("v/") + file, "--common", "--layer", "dense"});
        CAPTURE(alone.out, alone.err);
        CHECK(alone.status == 0);
        CHECK_THAT(alone.out, Catch::Contains("dense"));
    }
    CHECK(fs::exists(p.file("v/parameters/dense_weights.coe")));
}

TEST_CASE("vectors packs layers and parameters as told, and reads itself back") {
    const Project p;
    const auto written =
        p.vectors({"--format", "mem", "--pack", "lanes=4", "--pack", "conv:lanes=2,first=high,order=chw", "--pack",
                   "dense.weights:lanes=12,pe=3,simd=4"});
    CAPTURE(written.err);
    REQUIRE(written.status == 0);
    CHECK(p.run({"diff", "v", "v"}).status == 0);
    REQUIRE(p.run({"run", "net.toml", "--input", "images.npy", "--trace", "t.npz"}).status == 0);
    CHECK(p.run({"diff", "t.npz", "v"}).status == 0);
    // The first 4 words of the dense layer's input, element 0 in the low bits.
    CHECK_THAT(slurp(p.file("v/manifest.json")), Catch::Contains("lanes=2,first=high,order=chw"));

    for (const char* bad : {"lanes=0", "lanes=2,lanes=3", "lane_bits=4", "conv:word_bits=9,bytes=reversed", "what=3",
                            "nothing:lanes=2"}) {
        const auto refused = p.vectors({"--format", "mem", "--pack", bad});
        CAPTURE(bad, refused.err);
        CHECK(refused.status == 2);
        CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
    }
}

TEST_CASE("a layer alone gets what it reads in the network, and its corners") {
    const Project p;
    REQUIRE(p.vectors({"--layer", "dense", "--format", "npy"}).status == 0);
    const auto whole = nlohmann::json::parse(slurp(p.file("v/manifest.json")));
    REQUIRE(whole.at("layers").size() == 2);
    CHECK(whole.at("layers").at(0).at("name") == "relu");
    REQUIRE(p.run({"run", "net.toml", "--input", "images.npy", "--trace", "t.npz"}).status == 0);
    const auto same = p.run({"diff", "t.npz", "v", "--common"});
    CAPTURE(same.out, same.err);
    CHECK(same.status == 0);

    REQUIRE(p.vectors({"--layer", "dense", "--format", "npy", "--corners"}).status == 0);
    const auto more = nlohmann::json::parse(slurp(p.file("v/manifest.json")));
    CHECK(more.at("images").get<int>() > 4);
    CHECK_THAT(more.at("input").get<std::string>(), Catch::Contains("corner images"));

    const auto stimulus = p.run({"stimulus", "net.toml", "--layer", "dense", "-o", "corners.npy"});
    CAPTURE(stimulus.err);
    REQUIRE(stimulus.status == 0);
    const NpyArray corners = read_npy(p.file("corners.npy"));
    CHECK(corners.dims.front() == more.at("images").get<int>() - 4);
    const auto direct =
        p.run({"vectors", "net.toml", "--layer", "dense", "--layer-input", "corners.npy", "--out", "w"});
    CAPTURE(direct.err);
    CHECK(direct.status == 0);
    CHECK(p.run({"vectors", "net.toml", "--layer", "nothing", "--corners", "--out", "x"}).status == 2);
    CHECK(p.run({"vectors", "net.toml", "--layer-input", "corners.npy", "--out", "x"}).status == 2);
    CHECK(p.run({"vectors", "net.toml", "--out", "x"}).status == 2);
}

TEST_CASE("corner images raise the coverage of the arithmetic") {
    const Project p;
    const auto covered = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"coverage", "net.toml", "--json", "-"});
        const auto r = p.run(arguments);
        CAPTURE(r.err);
        REQUIRE(r.status == 0);
        const auto json = nlohmann::json::parse(r.out);
        return std::pair{json.at("covered").get<int>(), json.at("reachable").get<int>()};
    };
    const auto images = covered({"--input", "images.npy"});
    const auto both = covered({"--input", "images.npy", "--corners"});
    CHECK(images.second == both.second);
    CHECK(images.first < both.first);
    CHECK(both.first <= both.second);
    const auto text = p.run({"coverage", "net.toml", "--input", "images.npy"});
    CHECK_THAT(text.out, Catch::Contains("conv") && Catch::Contains("tie"));
}

TEST_CASE("map proposes the signals of a VCD, and diff reads it by that map") {
    const Project p;
    REQUIRE(p.vectors({"--format", "npy"}).status == 0);
    std::vector<int> words = bytes_of(p.file("v/dense.npy"));
    REQUIRE(words.size() == 12);
    spill(p.file("dump.vcd"), vcd_of(words, 2));
    const auto map = p.run({"map", "--vcd", "dump.vcd", "--expected", "v", "-o", "map.toml"});
    CAPTURE(map.out, map.err);
    REQUIRE(map.status == 0);
    CHECK_THAT(map.out, Catch::Contains("tb.dense_data") && Catch::Contains("8"));
    CHECK_THAT(slurp(p.file("map.toml")), Catch::Contains("dense_valid") && Catch::Contains("tb.clk"));
    CHECK(p.run({"map", "--vcd", "dump.vcd", "-o", "map.toml"}).status == 2);

    const auto equal = p.run({"diff", "v", "dump.vcd", "--map", "map.toml", "--common"});
    CAPTURE(equal.out, equal.err);
    CHECK(equal.status == 0);

    words[7] ^= 0x10;
    spill(p.file("wrong.vcd"), vcd_of(words, 0));
    const auto wrong = p.run({"diff", "v", "wrong.vcd", "--map", "map.toml", "--common"});
    CHECK(wrong.status == 1);
    CHECK_THAT(wrong.out, Catch::Contains("dense[image 2, channel 1] (flat 7)"));
}

TEST_CASE("a testbench comes with the vectors, and a broken ports file is refused") {
    const Project p;
    for (const char* language : {"sv", "verilog", "vhdl", "verilator", "hls"}) {
        const auto written = p.vectors({"--testbench", language});
        CAPTURE(language, written.err);
        REQUIRE(written.status == 0);
        CHECK(fs::exists(p.file("v/tb/README.md")));
        CHECK(fs::exists(p.file("v/dense.mem")));
        // The set is still one: it can be replaced and compared.
        CHECK(p.run({"diff", "v", "v"}).status == 0);
    }
    spill(p.file("ports.toml"), "module = \"top\"\nclok = \"clk\"\n");
    const auto refused = p.vectors({"--testbench", "sv", "--ports", "ports.toml"});
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, Catch::Contains("ports.toml:2") && Catch::Contains("clock"));
    CHECK(p.vectors({"--style", "memory"}).status == 2);
}

TEST_CASE("logs with six digits are compared modulo what they still hold, and diff says so") {
    const Project p;
    REQUIRE(p.vectors({"--format", "npy,dat"}).status == 0);
    fs::copy_file(p.file("v/dense.dat"), p.file("csim_results.log"));
    const auto equal = p.run({"diff", "v", "csim_results.log", "--layer", "dense", "--common"});
    CAPTURE(equal.out, equal.err);
    CHECK(equal.status == 0);
    CHECK_THAT(equal.out, Catch::Contains("significant digits"));
}
