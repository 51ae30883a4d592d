// run, vectors, diff, show and init on a tiny network: what scripts rely on.
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bad_files.hpp"
#include "bittrue/model/npz.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

struct Project : Scratch {
    Project() { write_project(*this); }
    [[nodiscard]] Outcome go(const std::vector<std::string>& arguments) const { return bittrue_in(path(), arguments); }
};

}  // namespace

TEST_CASE("run --json has images, correct, accuracy, seconds and the layers' figures") {
    const Project p;
    const Outcome r = p.go({"run", "net.toml", "--input", "images.npy", "--labels", "labels.npy", "--json", "r.json"});
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("accuracy") && Catch::Contains("images/s"));
    CHECK(r.err.empty());
    const auto json = nlohmann::json::parse(slurp(p.file("r.json")));
    CHECK(json.at("images") == 4);
    CHECK(json.at("correct").is_number());
    CHECK(json.at("accuracy") == json.at("correct").get<double>() / 4);
    CHECK(json.at("seconds").get<double>() > 0);
    REQUIRE(json.at("layers").size() == 4);
    const std::vector<std::string> names{"input", "conv", "relu", "dense"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& layer = json.at("layers").at(i);
        CHECK(layer.at("name") == names[i]);
        for (const char* key : {"overflows", "saturations", "min", "max"}) CHECK(layer.at(key).is_number());
    }
    CHECK(json.at("layers").at(2).at("min") == 0);
}

TEST_CASE("run without labels has no accuracy, and --json - prints nothing but JSON") {
    const Project p;
    const Outcome r = p.go({"run", "net.toml", "--input", "images.npy", "--json", "-"});
    const auto json = nlohmann::json::parse(r.out);
    CHECK(json.at("accuracy").is_null());
    CHECK(json.at("correct").is_null());
}

TEST_CASE("run --trace holds one integer array per layer, images first") {
    const Project p;
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--first", "3", "--trace", "t.npz"}).status == 0);
    const auto arrays = read_npz(p.file("t.npz"));
    REQUIRE(arrays.size() == 4);
    CHECK(arrays[0].name == "input");
    CHECK(arrays[0].array.dims == Dims{3, 6, 6, 1});
    CHECK(arrays[1].array.dims == Dims{3, 4, 4, 2});
    CHECK(arrays[3].array.dims == Dims{3, 3});
    // Pixel p becomes round(p / 255 * 256), saturated at 255.
    CHECK(arrays[0].array.integers[0] == 0);
    CHECK(arrays[0].array.integers[1] == 37);
    CHECK(arrays[0].array.integers[6] == 223);
    for (const NamedArray& a : arrays) CHECK_FALSE(a.array.is_real());
}

TEST_CASE("results do not depend on threads, engine or batch") {
    const Project p;
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--threads", "1", "--trace", "a.npz"}).status == 0);
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--threads", "7", "--trace", "b.npz"}).status == 0);
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--engine", "golden", "--trace", "c.npz"}).status == 0);
    REQUIRE(p.go({"run", "net.toml", "--input", "images.idx", "--trace", "d.npz"}).status == 0);
    for (const char* other : {"b.npz", "c.npz", "d.npz"}) CHECK(slurp(p.file("a.npz")) == slurp(p.file(other)));
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--first", "2", "--trace", "e.npz"}).status == 0);
    CHECK(p.go({"diff", "a.npz", "e.npz"}).status == 1);
    CHECK(p.go({"diff", "a.npz", "e.npz", "--common"}).status == 0);
}

TEST_CASE("run --channels counts by output channel, the sums being the layers' counts, and golden agrees") {
    const Project p;
    const Outcome r =
        p.go({"run", "net.toml", "--input", "images.npy", "--channels", "--json", "r.json", "--engine", "both"});
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("golden agrees") && Catch::Contains("channels never overflowed"));
    const auto json = nlohmann::json::parse(slurp(p.file("r.json")));
    const auto& layers = json.at("layers");
    CHECK(layers.at(0).at("channels").empty());
    CHECK(layers.at(1).at("channels").size() == 2);
    CHECK(layers.at(2).at("channels").empty());
    CHECK(layers.at(3).at("channels").size() == 3);
    for (const std::size_t layer : {1U, 3U}) {
        for (const char* kind : {"product", "accumulator", "result"}) {
            for (const char* count : {"conversions", "inexact", "above", "below", "saturations"}) {
                std::uint64_t sum = 0;
                for (const auto& channel : layers.at(layer).at("channels"))
                    sum += channel.at("events").at(kind).at(count).get<std::uint64_t>();
                CHECK(sum == layers.at(layer).at("events").at(kind).at(count));
            }
        }
    }
}

TEST_CASE("run --channels lists the channels that overflow and no others, whatever runs them") {
    const Project p;
    spill(p.file("narrow.toml"),
          replaced(network_text(), "ap_fixed<16,4,AP_RND,AP_SAT>", "ap_fixed<10,-1,AP_TRN,AP_SAT>"));
    std::vector<std::string> tables;
    for (const std::vector<std::string>& how :
         std::vector<std::vector<std::string>>{{}, {"--threads", "1"}, {"--isa", "scalar"}, {"--engine", "golden"}}) {
        std::vector<std::string> arguments{"run", "narrow.toml", "--input", "images.npy", "--channels"};
        arguments.insert(arguments.end(), how.begin(), how.end());
        const Outcome r = p.go(arguments);
        REQUIRE(r.status == 0);
        tables.push_back(r.out.substr(r.out.find("layer  channel")));
        CHECK(tables.back() == tables.front());
    }
    CHECK_THAT(tables.front(), Catch::Contains("of 5 channels never overflowed"));
}

TEST_CASE("run --channels calls no channel proven whose bias leaves the type that it is cast to") {
    const Project p;
    spill(p.file("clipped.toml"), replaced(network_text(), "bias = \"conv/bias\"",
                                           "bias = \"conv/bias\"\nbias_cast = \"ap_fixed<4,-6,AP_TRN,AP_SAT>\"\n"
                                           "accumulator = \"ap_fixed<40,20,AP_TRN,AP_SAT>\""));
    const Outcome r = p.go({"run", "clipped.toml", "--input", "images.npy", "--channels", "--json", "-"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    bool clipped = false;
    const auto report = nlohmann::json::parse(r.out);
    for (const auto& channel : report.at("layers").at(1).at("channels")) {
        const bool overflows = channel.at("events").at("accumulator").at("above").get<int>() > 0 ||
                               channel.at("events").at("accumulator").at("below").get<int>() > 0;
        clipped = clipped || overflows;
        CHECK(channel.at("accumulator_proven").get<bool>() == !overflows);
    }
    CHECK(clipped);
}

TEST_CASE("run --no-events gives the same words and says that nothing was counted") {
    const Project p;
    const Outcome counted = p.go({"run", "net.toml", "--input", "images.npy", "--trace", "counted.npz"});
    const Outcome fast = p.go({"run", "net.toml", "--input", "images.npy", "--no-events", "--trace", "fast.npz"});
    REQUIRE(counted.status == 0);
    REQUIRE(fast.status == 0);
    CHECK(slurp(p.file("fast.npz")) == slurp(p.file("counted.npz")));
    CHECK_THAT(fast.out, Catch::Contains("overflows and ranges were not counted"));
    CHECK(p.go({"run", "net.toml", "--input", "images.npy", "--no-events", "--engine", "both"}).status == 2);
    CHECK(p.go({"run", "net.toml", "--input", "images.npy", "--no-events", "--channels"}).status == 2);
    const Outcome json = p.go({"run", "net.toml", "--input", "images.npy", "--no-events", "--json", "-"});
    CHECK_FALSE(nlohmann::json::parse(json.out).at("layers").at(1).contains("overflows"));
}

TEST_CASE("run without --channels says nothing of channels") {
    const Project p;
    const Outcome r = p.go({"run", "net.toml", "--input", "images.npy", "--json", "-"});
    CHECK_FALSE(nlohmann::json::parse(r.out).at("layers").at(1).contains("channels"));
}

TEST_CASE("vectors writes npy, hex and a manifest, and diff finds one flipped bit in a copy") {
    const Project p;
    REQUIRE(p.go({"vectors", "net.toml", "--input", "images.npy", "--first", "2", "--out", "v", "--engine", "both"})
                .status == 0);
    const auto manifest = nlohmann::json::parse(slurp(p.file("v/manifest.json")));
    CHECK(manifest.at("layers").size() == 4);
    CHECK(manifest.dump().find("bit 0") != std::string::npos);
    for (const char* name : {"input", "conv", "relu", "dense"}) {
        CHECK(std::filesystem::exists(p.file(std::string("v/") + name + ".npy")));
        CHECK(std::filesystem::exists(p.file(std::string("v/") + name + ".hex")));
    }
    std::filesystem::copy(p.file("v"), p.file("dump"), std::filesystem::copy_options::recursive);
    CHECK(p.go({"diff", "v", "dump"}).status == 0);
    NpyArray conv = read_npy(p.file("dump/conv.npy"));
    conv.integers[32 + 13] ^= 4;  // image 1, row 1, column 2, channel 1
    write_npy(p.file("dump/conv.npy"), conv);
    const Outcome r = p.go({"diff", "v", "dump", "--json", "d.json"});
    CHECK(r.status == 1);
    CHECK_THAT(r.out,
               Catch::Contains("conv[image 1, row 1, column 2, channel 1] (flat 45)") && Catch::Contains("4 lsb"));
    const auto json = nlohmann::json::parse(slurp(p.file("d.json")));
    CHECK(json.dump().find("conv") != std::string::npos);
}

TEST_CASE("the hash of a network changes with its file and with its weights") {
    const Project p;
    const auto hash = [&] {
        REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--json", "r.json"}).status == 0);
        return nlohmann::json::parse(slurp(p.file("r.json"))).at("network_sha256").get<std::string>();
    };
    const std::string first = hash();
    CHECK(hash() == first);
    auto arrays = read_npz(p.file("weights.npz"));
    arrays[2].array.reals[0] += 0.25;
    write_npz(p.file("weights.npz"), arrays);
    CHECK(hash() != first);
}

TEST_CASE("a layer that one side lacks is said, and is a difference unless --common") {
    const Project p;
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--trace", "a.npz"}).status == 0);
    auto arrays = read_npz(p.file("a.npz"));
    arrays.erase(arrays.begin() + 2);
    write_npz(p.file("b.npz"), arrays);
    const Outcome r = p.go({"diff", "a.npz", "b.npz"});
    CHECK(r.status == 1);
    CHECK_THAT(r.out, Catch::Contains("relu"));
    CHECK(p.go({"diff", "b.npz", "a.npz"}).status == 1);
    CHECK(p.go({"diff", "a.npz", "b.npz", "--common"}).status == 0);
}

TEST_CASE("show lists layers, formats, MACs, parameters and memory") {
    const Project p;
    const Outcome r = p.go({"show", "net.toml", "--json", "s.json"});
    REQUIRE(r.status == 0);
    for (const char* s : {"conv2d", "ap_fixed<16,4,AP_RND,AP_SAT>", "MACs", "4x4x2"})
        CHECK_THAT(r.out, Catch::Contains(s));
    const auto json = nlohmann::json::parse(slurp(p.file("s.json")));
    CHECK(json.at("macs") == 16 * 2 * 9 + 96);
    CHECK(json.at("parameters") == 18 + 2 + 96);
}

TEST_CASE("init writes a network file that runs as it is") {
    const Project p;
    REQUIRE(p.go({"init", "weights.h5", "-o", "fresh.toml"}).status == 0);
    const Outcome r = p.go({"run", "fresh.toml", "--input", "digits:20", "--engine", "both"});
    CAPTURE(r.out, r.err);
    CHECK(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("dense_1_softmax") && Catch::Contains("golden agrees"));
}
