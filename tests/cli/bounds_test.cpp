// bounds as its user calls it: the table, certificates made and checked, witnesses that diff and run accept.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bad_files.hpp"

namespace fs = std::filesystem;
using namespace bittrue::test;
using Json = nlohmann::json;

namespace {

const std::string kExamples = BITTRUE_SOURCE_DIR "/examples/";
const std::string kCnn = kExamples + "mnist-cnn/mnist_cnn_8bit.toml";

// The tiny network with an accumulator that is too narrow for both layers.
struct Narrow : Scratch {
    explicit Narrow(const std::string& accumulator = "ap_fixed<12,1,AP_TRN,AP_WRAP>") {
        write_project(*this);
        spill(file("net.toml"), replaced(network_text(), "ap_fixed<16,4,AP_RND,AP_SAT>", accumulator));
    }
};

Json json_of(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"bounds"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--json", "-"});
    const Outcome r = start(all);
    CAPTURE(r.err);
    REQUIRE(r.status == 0);
    return Json::parse(r.out);
}

}  // namespace

TEST_CASE("bounds prints every layer with an accumulator, five widths and a verdict") {
    const Outcome r = start({"bounds", kCnn, "--input", "digits:5"});
    CHECK(r.status == 0);
    CHECK(r.err.empty());
    CHECK_THAT(r.out, Catch::Contains("observed on 5 images") && Catch::Contains("any order") &&
                          Catch::Contains("conv2d") && Catch::Contains("dense") && Catch::Contains("verdict"));
}

TEST_CASE("the five widths of a layer never grow from formats to data, and a narrower input range needs no more") {
    const Json all = json_of({kCnn, "--input", "digits:5"});
    const Json half = json_of({kCnn, "--input-range", "0:0.5"});
    REQUIRE(all["layers"].size() >= 3);
    CHECK(all["images"] == 5);
    for (std::size_t l = 0; l < all["layers"].size(); ++l) {
        const Json& layer = all["layers"][l];
        CAPTURE(layer["layer"]);
        CHECK(layer["data_type"]["width"] >= layer["l1"]["width"]);
        CHECK(layer["l1"]["width"] >= layer["any_order"]["width"]);
        CHECK(layer["any_order"]["width"] >= layer["exact"]["width"]);
        CHECK(layer["exact"]["width"] >= layer["observed"]["width"]);
        CHECK(layer["channels"].size() > 0);
    }
    CHECK(half["layers"][0]["exact"]["high"] < all["layers"][0]["exact"]["high"]);
}

TEST_CASE("a certificate is accepted, one of a changed number refused with 1, and what is none with 2") {
    const Scratch s;
    const std::string file = s.file("bounds.json");
    REQUIRE(start({"bounds", kCnn, "--certificate", file}).status == 0);
    const Outcome good = start({"bounds", kCnn, "--check", file});
    CHECK(good.status == 0);
    CHECK_THAT(good.out, Catch::Contains("every number is right") &&
                             Catch::Contains("cannot overflow while the raws of 'input' lie within 0..255\n"));

    Json tampered = Json::parse(slurp(file));
    tampered["layers"][1]["channels"][0]["width"] = 3;
    spill(file, tampered.dump());
    const Outcome bad = start({"bounds", kCnn, "--check", file});
    CHECK(bad.status == 1);
    CHECK_THAT(bad.out, Catch::Contains("refused: layers/1/channels/0/width is 3, the network gives"));
    CHECK(std::count(bad.out.begin(), bad.out.end(), '\n') == 1);

    spill(file, "{}");
    const Outcome unusable = start({"bounds", kCnn, "--check", file});
    CHECK(unusable.status == 2);
    CHECK_THAT(unusable.err, Catch::Contains("it is no bounds certificate"));
}

TEST_CASE("a damaged certificate is refused in one sentence with 2") {
    const Scratch s;
    const std::string file = s.file("bounds.json");
    REQUIRE(start({"bounds", kCnn, "--certificate", file}).status == 0);
    const std::string right = slurp(file);
    Json huge = Json::parse(right);
    huge["declared"]["high"] = std::string(2000000, '9');
    Json shapeless = Json::parse(right);
    shapeless["layers"] = Json::object();
    for (const std::string& text : {right.substr(0, right.size() / 2), std::string(100000, '['), right + right,
                                    std::string("\0\xff\xfe", 3), huge.dump(), shapeless.dump()}) {
        spill(file, text);
        const Outcome r = start({"bounds", kCnn, "--check", file});
        CAPTURE(r.out, r.err);
        CHECK(r.status == 2);
        CHECK(r.out.empty());
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
        CHECK_THAT(r.err, Catch::Contains("bounds.json") && Catch::Contains("give a file that"));
    }
}

TEST_CASE("witnesses are vector sets whose images overflow the layer, for every channel and end") {
    const Narrow p;
    const Outcome r = bittrue_in(p.path(), {"bounds", "net.toml", "--witness", "w", "--json", "b.json"});
    CAPTURE(r.out, r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("can overflow") && Catch::Contains("verified by golden"));
    const Json bounds = Json::parse(slurp(p.file("b.json")));
    for (const Json& layer : bounds["layers"]) {
        const std::string folder = p.file("w/" + layer["layer"].get<std::string>());
        const Json list = Json::parse(slurp(folder + "/witnesses.json"))["witnesses"];
        std::size_t ends = 0;
        for (const Json& c : layer["channels"])
            ends += (c["exact"]["low"] < -2048 ? 1U : 0U) + (c["exact"]["high"] > 2047 ? 1U : 0U);
        CHECK(ends > 0);
        CHECK(list.size() == ends);
        for (const Json& w : list) {
            const auto channel = w["channel"].get<std::size_t>();
            const Json& exact = layer["channels"][channel]["exact"];
            CHECK((w["bound"] == exact["low"] || w["bound"] == exact["high"]));
            CHECK(w["of"] == "accumulator");
            CHECK(w["range"] == Json({-2048, 2047}));
        }
        // It is a vector set like any other.
        CHECK(bittrue_in(p.path(), {"diff", folder, folder}).status == 0);
    }
    // For the first layer they are images of the network, for an inner one inputs of the layer.
    const Outcome run = bittrue_in(
        p.path(), {"run", "net.toml", "--input", "w/conv/witnesses/images.npy", "--engine", "golden", "--json", "-"});
    CAPTURE(run.err);
    REQUIRE(run.status == 0);
    const Json accumulator = Json::parse(run.out)["layers"][1]["events"]["accumulator"];
    const Json witnesses = Json::parse(slurp(p.file("w/conv/witnesses.json")))["witnesses"];
    CHECK(accumulator["above"].get<std::size_t>() + accumulator["below"].get<std::size_t>() >= witnesses.size());
    const Outcome again = bittrue_in(p.path(), {"vectors", "net.toml", "--layer", "dense", "--layer-input",
                                                "w/dense/witnesses/images.npy", "--out", "again"});
    CAPTURE(again.err);
    REQUIRE(again.status == 0);
    CHECK(bittrue_in(p.path(), {"diff", "w/dense", "again"}).status == 0);
}

TEST_CASE("with images the witness is the first that overflows, and the accumulator's step is named") {
    const Narrow p("ap_fixed<10,-1,AP_TRN,AP_WRAP>");  // narrow enough for the test's images
    const Outcome r =
        bittrue_in(p.path(), {"bounds", "net.toml", "--input", "images.npy", "--witness", "w", "--json", "b.json"});
    CAPTURE(r.out, r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("overflows first at image") && Catch::Contains("the accumulator is left"));
    const Json bounds = Json::parse(slurp(p.file("b.json")));
    std::size_t overflowing = 0;
    for (const Json& layer : bounds["layers"]) {
        if (layer["overflows"] == 0) continue;
        ++overflowing;
        CHECK(Json::parse(slurp(p.file("w/" + layer["layer"].get<std::string>() + "/witnesses.json")))["witnesses"]
                  .size() == 1);
    }
    CHECK(overflowing > 0);
}

TEST_CASE("a product type of its own that is left is named, because no accumulator mends that") {
    const Scratch s;
    write_project(s);
    spill(s.file("net.toml"), replaced(network_text(), "[[layer]]", "product = \"ap_fixed<6,-2>\"\n\n[[layer]]"));
    const Outcome r = bittrue_in(s.path(), {"bounds", "net.toml", "--per-channel", "--witness", "w"});
    CAPTURE(r.out, r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("(products leave their type, at any width)") &&
                          Catch::Contains("no: products leave their type"));
    const Json witnesses = Json::parse(slurp(s.file("w/conv/witnesses.json")))["witnesses"];
    CHECK(!witnesses.empty());
    for (const Json& w : witnesses) CHECK(w["of"] == "product");
}

TEST_CASE("with --per-channel every channel has its bounds and their widths, and the layer the one of its formats") {
    const Outcome r = start({"bounds", kCnn, "--layer", "conv2d", "--per-channel", "--input", "digits:3"});
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("conv2d: 20 bits by the format (-310144..307721)") &&
                          Catch::Contains("      0     30220   -6250..23970   -6250..23330  16   16     16"));
}

TEST_CASE("a network that cannot overflow is safe by proof, and gives no witness") {
    const Scratch s;
    const Outcome r = start({"bounds", kCnn, "--layer", "conv2d", "--witness", s.file("w")});
    CHECK(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("safe by proof") && Catch::Contains("no witness was written"));
    CHECK_FALSE(fs::exists(s.file("w")));
}

TEST_CASE("I3: bounds takes the range that the network file declares, narrows it, and refuses to widen it") {
    const Scratch s;
    std::string text = slurp(kCnn);
    const std::string type = "[input]\n";
    REQUIRE(text.find(type) != std::string::npos);
    text.insert(text.find(type) + type.size(), "range = [0, 0.5]\n");
    const std::string model = "seed_cnn_mnist.h5";
    REQUIRE(text.find(model) != std::string::npos);
    text.replace(text.find(model), model.size(), fs::path(kCnn).replace_filename(model).string());
    spill(s.file("net.toml"), text);
    const auto json = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "bounds");
        arguments.insert(arguments.end(), {"--json", "-"});
        return start(arguments).out;
    };
    const std::string declared = json({s.file("net.toml")});
    CHECK(declared == json({kCnn, "--input-range", "0:0.5"}));
    CHECK(declared != json({kCnn}));
    CHECK(json({s.file("net.toml"), "--input-range", "0:0.25"}) == json({kCnn, "--input-range", "0:0.25"}));
    const Outcome wider = start({"bounds", s.file("net.toml"), "--input-range", "0:0.75"});
    CHECK(wider.status == 2);
    CHECK_THAT(wider.err, Catch::Contains("reaches beyond 0 to 0.5") && Catch::Contains("'range' in [input]"));
    const Outcome image = start({"bounds", s.file("net.toml"), "--input", "digits:3"});
    CHECK(image.status == 2);
    CHECK_THAT(image.err, Catch::Contains("range"));
}

TEST_CASE("what bounds cannot use it says in one sentence") {
    const Scratch s;
    struct Case {
        std::vector<std::string> arguments;
        std::string says;
    };
    for (const Case& c :
         {Case{{"--layer", "nosuch"}, "no such dense or convolution layer; it has conv2d"},
          Case{{"--input-range", "1"}, "must be LO:HI"}, Case{{"--input-range", "0.5:0.25"}, "is empty"},
          Case{{"--input-range", "-1:0.5"}, "does not fit"},
          Case{{"--input-range", "0:0.5", "--input", "digits:3"}, "outside of its declared range 0 to 0.5"},
          Case{{"--first", "3"}, "give them with --input"}, Case{{"--threads", "-1"}, "--threads"},
          Case{{"--labels", "x.npy"}, "--labels"}, Case{{"--check", "/nonexistent.json"}, "/nonexistent.json"},
          Case{{"--check", "x.json", "--layer", "dense"}, "it stands alone"},
          Case{{"--check", "x.json", "--first", "3"}, "it stands alone"},
          Case{{"--check", "x.json", "--threads", "0"}, "it stands alone"}}) {
        std::vector<std::string> all{"bounds", kCnn};
        all.insert(all.end(), c.arguments.begin(), c.arguments.end());
        const Outcome r = start(all);
        CAPTURE(c.says, r.out, r.err);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, Catch::Contains(c.says));
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    }
}

TEST_CASE("witnesses of an earlier run go when a layer no longer overflows, and nothing else does") {
    const Narrow p;
    REQUIRE(bittrue_in(p.path(), {"bounds", "net.toml", "--witness", "w"}).status == 0);
    REQUIRE(fs::exists(p.file("w/conv/witnesses.json")));
    spill(p.file("w/notes.txt"), "mine");
    spill(p.file("safe.toml"), replaced(network_text(), "ap_fixed<16,4,AP_RND,AP_SAT>", "ap_fixed<40,12>"));
    const Outcome safe = bittrue_in(p.path(), {"bounds", "safe.toml", "--witness", "w", "--layer", "conv"});
    CAPTURE(safe.out, safe.err);
    CHECK(safe.status == 0);
    CHECK_THAT(safe.out, Catch::Contains("no layer overflows: no witness was written"));
    CHECK_FALSE(fs::exists(p.file("w/conv")));
    CHECK(fs::exists(p.file("w/dense/witnesses.json")));
    CHECK(slurp(p.file("w/notes.txt")) == "mine");

    spill(p.file("w/dense/mine.txt"), "mine");
    const Outcome refused = bittrue_in(p.path(), {"bounds", "safe.toml", "--witness", "w"});
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, Catch::Contains("holds 'mine.txt'"));
    CHECK(fs::exists(p.file("w/dense/witnesses.json")));
}

TEST_CASE("images that overflow nothing are no proof, and bounds says of which images it speaks") {
    const Narrow p("ap_fixed<14,3,AP_TRN,AP_WRAP>");
    const Outcome r = bittrue_in(p.path(), {"bounds", "net.toml", "--input", "images.npy", "--witness", "w"});
    CAPTURE(r.out, r.err);
    CHECK(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("channels can overflow") &&
                          Catch::Contains("no layer overflows on these images: no witness was written"));
}

TEST_CASE("a bias that is cast to the accumulator's type is in the bound of the formats, however wide it is") {
    const Scratch s;
    write_project(s);
    std::string text = replaced(network_text(), "ap_fixed<16,4,AP_RND,AP_SAT>", "ap_fixed<6,1,AP_RND,AP_SAT>");
    text = replaced(text, "[[layer]]",
                    "bias_type = \"ap_fixed<24,14>\"\nbias_cast = \"ap_fixed<6,1,AP_RND,AP_SAT>\"\n\n[[layer]]");
    spill(s.file("net.toml"), text);
    REQUIRE(bittrue_in(s.path(), {"bounds", "net.toml", "--json", "b.json", "--certificate", "c.json"}).status == 0);
    const Json conv = Json::parse(slurp(s.file("b.json")))["layers"][0];
    CHECK(conv["data_type"]["width"] >= conv["l1"]["width"]);
    CHECK(conv["data_type"]["high"].get<long>() > (1L << (13 + 5)) - 1);  // 2^13 at an lsb of 2^-5
    CHECK(bittrue_in(s.path(), {"bounds", "net.toml", "--check", "c.json"}).status == 0);
}
