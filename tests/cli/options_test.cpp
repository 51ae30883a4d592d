// What holds for the options of every command: no output destroys a file, no empty value counts as "not given".
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "bad_files.hpp"

namespace fs = std::filesystem;
using namespace bittrue::test;

namespace {

using Arguments = std::vector<std::string>;

// The tiny network whose accumulators are too narrow for both layers.
struct Project : Scratch {
    Project() {
        write_project(*this);
        spill(file("net.toml"), replaced(network_text(), "ap_fixed<16,4,AP_RND,AP_SAT>", kNarrow));
        spill(file("wide.toml"), replaced(network_text(), "ap_fixed<16,4,AP_RND,AP_SAT>", "ap_fixed<32,12>"));
    }
    [[nodiscard]] Outcome go(const Arguments& arguments) const { return bittrue_in(path(), arguments); }

    // Status 2, one sentence with all of these in it, and every file as it was.
    void refuses(const Arguments& arguments, const Arguments& says) const {
        const auto before = contents();
        const Outcome r = go(arguments);
        CAPTURE(arguments, r.out, r.err);
        CHECK(r.status == 2);
        CHECK(r.out.empty());
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
        for (const std::string& part : says) CHECK_THAT(r.err, Catch::Contains(part));
        CHECK((contents() == before));
    }

    static constexpr const char* kNarrow = "ap_fixed<10,-1,AP_TRN,AP_WRAP>";

private:
    [[nodiscard]] Arguments contents() const {
        Arguments all = listing();
        for (const auto& entry : fs::recursive_directory_iterator(path())) {
            if (entry.is_regular_file()) all.push_back(entry.path().string() + "\n" + slurp(entry.path().string()));
        }
        std::sort(all.begin(), all.end());
        return all;
    }
};

Arguments joined(Arguments a, const Arguments& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const Arguments kSweep{"sweep", "net.toml", "--input", "images.npy", "--accumulator-width", "8:9"};
const Arguments kRun{"run", "net.toml", "--input", "images.npy"};

}  // namespace

TEST_CASE("an output that is the network, its weights, the images or the labels is refused by both names") {
    const Project p;
    p.refuses({"bounds", "net.toml", "--json", "net.toml"}, {"--json", "same file as NET"});
    p.refuses({"bounds", "net.toml", "--certificate", "./weights.npz"}, {"--certificate", "the weights of NET"});
    p.refuses({"plan", "net.toml", "--json", p.file("net.toml")}, {"--json", "NET"});
    p.refuses(joined(kRun, {"--json", "images.npy"}), {"--json", "same file as --input"});
    p.refuses(joined(kRun, {"--labels", "labels.npy", "--json", "labels.npy"}), {"--json", "same file as --labels"});
    p.refuses({"run", "net.toml", "--input", "weights.npz:conv/bias", "--trace", "weights.npz"},
              {"--trace", "--input"});
    p.refuses(joined(kSweep, {"--csv", "net.toml"}), {"--csv", "NET"});
    p.refuses(joined(kSweep, {"--csv", "images.npy"}), {"--csv", "--input"});
    p.refuses(joined(kSweep, {"-o", "net.toml"}), {"--output", "NET"});
    p.refuses(joined(kSweep, {"--html", "weights.npz"}), {"--html", "the weights of NET"});
    p.refuses({"coverage", "net.toml", "--input", "images.npy", "--json", "images.npy"}, {"--json", "--input"});
    p.refuses({"stimulus", "net.toml", "-o", "net.toml"}, {"--output", "NET"});
    p.refuses({"init", "weights.h5", "-o", "weights.h5", "--force"}, {"--output", "MODEL"});
    fs::create_symlink("images.npy", p.file("link"));
    p.refuses(joined(kRun, {"--json", "link"}), {"--json", "--input"});
}

TEST_CASE("two outputs in one file are refused, however its name is written") {
    const Project p;
    p.refuses(joined(kRun, {"--trace", "t.npz", "--json", "./t.npz"}), {"--trace", "--json"});
    p.refuses(joined(kSweep, {"-o", "a.jsonl", "--json", "a.jsonl"}), {"--output", "--json", "two outputs"});
    p.refuses(joined(kSweep, {"--csv", "x.csv", "--json", "./x.csv"}), {"--csv", "--json"});
    p.refuses({"bounds", "net.toml", "--certificate", "b.json", "--json", p.file("b.json")},
              {"--certificate", "--json"});
    p.refuses({"bounds", "net.toml", "--witness", "w", "--json", "w"}, {"--witness", "--json"});
    p.refuses({"bounds", "net.toml", "--witness", "w", "--json", "w/conv/b.json"}, {"--witness", "--json"});
    p.refuses({"stimulus", "net.toml", "-o", "s.npy", "--json", "s.npy"}, {"--output", "--json"});
    fs::create_symlink("new.json", p.file("link"));
    p.refuses({"bounds", "net.toml", "--certificate", "link", "--json", "new.json"}, {"--certificate", "--json"});
    // A device keeps nothing that could be lost.
    CHECK(p.go({"bounds", "net.toml", "--certificate", "/dev/null", "--json", "/dev/null"}).status == 0);
}

TEST_CASE("a folder of vectors that is replaced is not one that the images lie in") {
    const Project p;
    REQUIRE(p.go({"bounds", "net.toml", "--witness", "w"}).status == 0);
    p.refuses({"vectors", "net.toml", "--input", "w/conv/witnesses/images.npy", "--out", "w/conv"},
              {"--out", "within lies --input"});
    p.refuses({"vectors", "net.toml", "--layer", "dense", "--layer-input", "w/dense/witnesses/images.npy", "--out",
               "w/dense/"},
              {"--out", "within lies --layer-input"});
    p.refuses({"bounds", "net.toml", "--input", "w/conv/witnesses/images.npy", "--witness", "w"},
              {"--witness", "within lies --input"});
    CHECK(p.go({"vectors", "net.toml", "--input", "images.npy", "--out", "w/conv"}).status == 0);
}

TEST_CASE("sweep-merge does not write over a shard, and says what to do about shards that do not fit") {
    const Project p;
    for (const char* shard : {"1", "2"})
        REQUIRE(p.go(joined(kSweep, {"--shard", std::string(shard) + "/2", "-o", std::string("p") + shard})).status ==
                0);
    p.refuses({"sweep-merge", "p1", "p2", "-o", "p1"}, {"--output", "same file as FILES (p1)"});
    p.refuses({"sweep-merge", "p1", "p2", "--csv", "./p2"}, {"--csv", "FILES (p2)"});
    p.refuses({"sweep-merge", "p1", "p2", "p2"}, {"same shard as", "give each shard once"});
    REQUIRE(p.go({"sweep", "net.toml", "--input", "images.npy", "--accumulator-width", "9:10", "--shard", "2/2", "-o",
                  "q2"})
                .status == 0);
    p.refuses({"sweep-merge", "p1", "q2"}, {"another sweep", "give the shards of one sweep"});
    CHECK(p.go({"sweep-merge", "p1", "p2", "-o", "all"}).status == 0);
}

TEST_CASE("an empty value of any option is refused, for it is a script's variable that was not set") {
    const Project p;
    const Arguments bounds{"bounds", "net.toml"};
    for (const char* option :
         {"--check", "--certificate", "--witness", "--layer", "--input-range", "--input", "--json"}) {
        p.refuses(joined(bounds, {option, ""}), {option, "empty"});
    }
    for (const char* option : {"--shard", "--output", "--csv", "--labels", "--layer", "--order", "--html"})
        p.refuses(joined(kSweep, {option, ""}), {option, "empty"});
    p.refuses(joined(kSweep, {"-o", ""}), {"--output", "empty"});
    for (const char* option : {"--trace", "--json", "--labels", "--isa"})
        p.refuses(joined(kRun, {option, ""}), {option, "empty"});
    p.refuses({"plan", "net.toml", "--isa", ""}, {"--isa", "empty"});
    p.refuses({"plan", ""}, {"NET", "empty"});
    p.refuses({"vectors", "net.toml", "--input", "images.npy", "--out", "v", "--ports", ""}, {"--ports", "empty"});
    p.refuses({"diff", "v", "", "--map", ""}, {"empty"});
    p.refuses({"cast", "--to", "s8.4", "--from", "", "--value", "1"}, {"--from", "empty"});
    p.refuses({"sweep-merge", "p1", ""}, {"FILES", "empty"});
}

TEST_CASE("an input range with an end left out is no range") {
    const Project p;
    for (const char* range : {":", ":0.5", "0:", "0:0.5:", " "})
        p.refuses({"bounds", "net.toml", "--input-range", range}, {"--input-range", "'"});
}

TEST_CASE("'-' is standard output for one report, and nothing where a name is needed") {
    const Project p;
    const Outcome csv = p.go(joined(kSweep, {"--csv", "-", "--json", "s.json"}));
    CHECK(csv.status == 0);
    CHECK_THAT(csv.out, Catch::StartsWith("configuration,") && !Catch::Contains("images of"));
    CHECK_THAT(p.go(joined(kSweep, {"--html", "-"})).out, Catch::StartsWith("<!"));
    REQUIRE(p.go({"bounds", "net.toml", "--certificate", "b.json"}).status == 0);
    const Outcome certificate = p.go({"bounds", "net.toml", "--certificate", "-"});
    CHECK(certificate.status == 0);
    CHECK(certificate.out == slurp(p.file("b.json")));
    CHECK_FALSE(fs::exists(p.file("-")));
    p.refuses(joined(kSweep, {"--csv", "-", "--html", "-"}), {"--html", "taken by --csv"});
    p.refuses({"bounds", "net.toml", "--certificate", "-", "--json", "-"}, {"--json", "taken by --certificate"});
    p.refuses({"bounds", "net.toml", "--witness", "-"}, {"--witness", "name of a folder"});
    p.refuses(joined(kSweep, {"-o", "-"}), {"--output", "name of a file"});
    p.refuses({"vectors", "net.toml", "--input", "images.npy", "--out", "-"}, {"--out", "name of a folder"});
}

TEST_CASE("commands that have no --engine do not advise it") {
    const Project p;
    std::string text = replaced(network_text(), "ap_ufixed<8,0,AP_RND,AP_SAT>", "ap_ufixed<64,0,AP_RND,AP_SAT>");
    text = replaced(text, "ap_fixed<8,1,AP_RND,AP_SAT>", "ap_fixed<64,1,AP_RND,AP_SAT>");
    spill(p.file("net.toml"), text);
    CHECK_THAT(p.go(kRun).err, Catch::Contains("; use --engine golden\n"));
    for (const Arguments& command : {Arguments{"plan", "net.toml"}, Arguments{"bounds", "net.toml"}, kSweep}) {
        const Outcome r = p.go(command);
        CAPTURE(command, r.out, r.err);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, !Catch::Contains("use --engine golden"));
        CHECK_THAT(r.err, Catch::Contains("bits"));
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    }
}

TEST_CASE("a number that is nan, infinite or beyond its range is refused in a sentence that can be read") {
    const Project p;
    const Arguments quantize{"quantize", "weights.h5", "--data", "digits:5", "-o", "q.toml"};
    for (const char* nan : {"nan", "-nan", "inf", "-inf", "101", "1x"}) {
        p.refuses(joined(quantize, {"--max-loss", nan}), {"--max-loss", nan, "from 0 to 100"});
        p.refuses(joined(quantize, {"--percentile", nan, "--calibration", "percentile"}),
                  {"--percentile", nan, "from 50 to 100"});
        p.refuses(joined(kSweep, {"--per-layer", "--floor", nan}), {"--floor", nan, "from 0 to 100"});
        p.refuses(joined(kSweep, {"--per-layer", "--max-loss", nan}), {"--max-loss", nan, "from 0 to 100"});
    }
    for (const char* divisor : {"nan", "inf", "0", "-255", "1e300"}) {
        p.refuses(joined(quantize, {"--divide", divisor}), {"--divide", divisor, "from 1e-30 to 1e+30;"});
        p.refuses({"init", "weights.h5", "-o", "q.toml", "--divide", divisor}, {"--divide", divisor, "from 1e-30"});
    }
}

TEST_CASE("the .npz that goes beside a new network file is an output, too") {
    const Project p;
    const Arguments quantize{"quantize", "weights.h5", "--data", "digits:5", "-o", "q.toml"};
    p.refuses(joined(quantize, {"--json", "q.npz"}), {"--json", "'q.npz'", "the .npz beside --output"});
    p.refuses(joined(quantize, {"--report", "./q.npz"}), {"--report", "the .npz beside --output"});
    p.refuses({"quantize", "weights.h5", "--data", "q.npz:x", "-o", "q.toml"}, {"the .npz beside --output", "--data"});
    p.refuses({"quantize", "weights.h5", "--data", "digits:5", "--labels", "q.npz", "-o", "q.toml"},
              {"the .npz beside --output", "--labels"});
    p.refuses({"init", "weights.npz", "-o", "weights.toml"}, {"the .npz beside --output", "MODEL"});
}
