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

TEST_CASE("a package of formats comes with the vectors and goes with them, and a name that is none leaves nothing") {
    const Project project;
    const Outcome bad = project.vectors({"--format", "mem", "--sv-package", "module"});
    CHECK(bad.status == 2);
    CHECK(bad.err.find("'module' is no name of a SystemVerilog package") != std::string::npos);
    CHECK_FALSE(fs::exists(project.file("v")));
    const Outcome made = project.vectors({"--format", "mem", "--sv-package", "formats", "--testbench", "sv"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK(made.out.find("v/formats.sv") != std::string::npos);
    CHECK(slurp(project.file("v/formats.sv")).find("\npackage formats;\n") != std::string::npos);
    CHECK(fs::exists(project.file("v/tb/README.md")));
    REQUIRE(project.vectors({"--format", "mem"}).status == 0);
    CHECK_FALSE(fs::exists(project.file("v/formats.sv")));
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

TEST_CASE("a dump of a design that hung or never began says which layer ends early") {
    const Project p;
    REQUIRE(p.vectors({"--format", "hex"}).status == 0);
    fs::create_directory(p.file("dump"));
    for (const char* layer : {"conv", "relu", "pool", "dense"}) {
        if (fs::exists(p.file(std::string("v/") + layer + ".hex"))) {
            fs::copy_file(p.file(std::string("v/") + layer + ".hex"), p.file(std::string("dump/") + layer + ".hex"));
        }
    }
    spill(p.file("dump/dense.hex"), "");
    const auto never = p.run({"diff", "v", "dump"});
    CAPTURE(never.out, never.err);
    CHECK(never.status == 1);
    CHECK_THAT(never.out, Catch::Contains("first layer that ends early: dense (12 of 12 words missing)"));
    const auto json = p.run({"diff", "v", "dump", "--json", "-"});
    CHECK(nlohmann::json::parse(json.out).at("first_incomplete_layer") == "dense");
    // Without anything that names the words, an empty file cannot be used.
    CHECK(p.run({"diff", "dump/dense.hex", "dump/dense.hex"}).status == 2);
}

TEST_CASE("words that a simulator wrote with unknown digits are compared, a prefix is refused") {
    const Project p;
    REQUIRE(p.vectors({"--format", "hex"}).status == 0);
    spill(p.file("dense.mem"), "07\n0x\nx1\n" + std::string("00\n00\n00\n00\n00\n00\n00\n00\n00\n"));
    const auto unknown = p.run({"diff", "v", "dense.mem", "--common"});
    CAPTURE(unknown.out, unknown.err);
    CHECK(unknown.status == 1);
    CHECK_THAT(unknown.out, Catch::Contains("undefined"));
    spill(p.file("dense.mem"), "0x07\n0x08\n");
    const auto prefix = p.run({"diff", "v", "dense.mem", "--common"});
    CHECK(prefix.status == 2);
    CHECK_THAT(prefix.err, Catch::Contains("prefix"));
}

TEST_CASE("packed files that say nothing of themselves are taken as the lanes that fit") {
    const Project p;
    for (const char* packing : {"lanes=2", "lanes=2,first=high", "lanes=2,axis"}) {
        for (const char* kind : {"csv", "tv", "finn", "mem", "ihex"}) {
            const std::string pack = packing;
            // 24 bits of TLAST, TKEEP and TDATA are no whole bytes.
            const bool axis = pack.find("axis") != std::string::npos;
            if (axis && std::string(kind) == "ihex") continue;
            REQUIRE(p.vectors({"--format", kind, "--pack", "dense:" + pack}).status == 0);
            const auto set = nlohmann::json::parse(slurp(p.file("v/manifest.json")));
            const std::string file = set.at("layers").back().at(kind).at("file");
            const std::string bare = "bare/" + file;
            fs::create_directories(p.file("bare"));
            std::string text = slurp(p.file("v/" + file));
            while (text.starts_with("//")) text.erase(0, text.find('\n') + 1);
            spill(p.file(bare), text);
            REQUIRE(p.run({"vectors", "net.toml", "--input", "images.npy", "--out", "w", "--format", "npy"}).status ==
                    0);
            const auto read = p.run({"diff", "w", bare, "--layer", "dense", "--common"});
            CAPTURE(kind, pack, read.out, read.err);
            CHECK(read.status == 0);
        }
    }
}

TEST_CASE("options that say nothing to the dump, and dumps without a known layer, are unusable") {
    const Project p;
    REQUIRE(p.vectors({"--format", "npy,hex"}).status == 0);
    for (const std::vector<std::string>& idle : std::vector<std::vector<std::string>>{
             {"--as", "mem"}, {"--pack", "lanes=2"}, {"--layer", "dense"}, {"--pattern", "{word:x}"}}) {
        const auto refused = p.run({"diff", "v", "v", idle[0], idle[1]});
        CAPTURE(idle[0], refused.out);
        CHECK(refused.status == 2);
        CHECK_THAT(refused.err, Catch::Contains(idle[0]));
    }
    const auto stranger = p.run({"diff", "v", "v/dense.hex", "--layer", "densex"});
    CHECK(stranger.status == 2);
    CHECK_THAT(stranger.err, Catch::Contains("'dense'") && Catch::Contains("'densex'") && Catch::Contains("--layer"));
}

TEST_CASE("registers dumped sign-extended in unsigned integers are compared by pattern") {
    const Project p;
    REQUIRE(p.vectors({"--format", "npy"}).status == 0);
    const NpyArray words = read_npy(p.file("v/dense.npy"));
    std::string data;
    for (const std::int64_t word : words.integers) {
        data += static_cast<char>(word & 0xff);
        data += static_cast<char>((word >> 8) & 0xff);
    }
    spill(p.file("dense.npy"), npy("<u2", "(4, 3)", data));
    const auto read = p.run({"diff", "v", "dense.npy", "--common"});
    CAPTURE(read.out, read.err);
    CHECK(read.status == 0);
    CHECK_THAT(read.out, Catch::Contains("bit pattern"));
}
