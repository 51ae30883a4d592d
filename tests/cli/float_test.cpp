// run --engine float and precision: a network in real numbers, and what its words cost.
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
    void refuses(const std::vector<std::string>& arguments, const std::string& says) const {
        const Outcome r = go(arguments);
        CHECK(r.status == 2);
        CHECK(r.out.empty());
        CHECK_THAT(r.err, Catch::Contains(says));
    }
};

const std::string kExample = std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml";

bool absent(const std::string& path) {
    if (path.empty()) WARN("SKIPPED: MNIST is absent");
    return path.empty();
}

}  // namespace

TEST_CASE("run --engine float writes real numbers of every layer, pixels divided and nothing rounded") {
    const Project p;
    const Outcome r = p.go({"run", "net.toml", "--input", "images.npy", "--labels", "labels.npy", "--engine", "float",
                            "--trace", "t.npz", "--json", "r.json"});
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("accuracy") && Catch::Contains("images/s (float)"));
    const auto arrays = read_npz(p.file("t.npz"));
    REQUIRE(arrays.size() == 4);
    CHECK(arrays[0].array.type == NpyType::Float64);
    CHECK(arrays[0].array.dims == Dims{4, 6, 6, 1});
    CHECK(arrays[0].array.reals[1] == static_cast<double>(37.0F / 255.0F));
    CHECK(arrays[3].array.dims == Dims{4, 3});
    const auto json = nlohmann::json::parse(slurp(p.file("r.json")));
    CHECK(json.at("engine") == "float");
    CHECK(json.at("images") == 4);
    CHECK(json.at("accuracy") == json.at("correct").get<double>() / 4);
    CHECK(json.at("layers").at(1).at("shape") == nlohmann::json{4, 4, 2});
    CHECK(json.at("layers").at(2).at("min") == 0);
    // The same network whichever engine runs it.
    const Outcome words = p.go({"run", "net.toml", "--input", "images.npy", "--json", "-"});
    CHECK(nlohmann::json::parse(words.out).at("network_sha256") == json.at("network_sha256"));
}

TEST_CASE("what counts words is refused with --engine float, and other commands do not offer it") {
    const Project p;
    const std::vector<std::string> run{"run", "net.toml", "--input", "images.npy", "--engine", "float"};
    for (const auto& [option, says] : {std::pair("--channels", "no events"), std::pair("--no-events", "no events"),
                                       std::pair("--isa=scalar", "--isa")}) {
        auto arguments = run;
        arguments.emplace_back(option);
        p.refuses(arguments, says);
    }
    p.refuses({"cast", "--from", "s8.5", "--to", "s4.2", "--value", "1", "--engine", "float"}, "--engine");
}

TEST_CASE("precision prints and writes a row per layer, and what the answers do") {
    const Project p;
    const Outcome r =
        p.go({"precision", "net.toml", "--input", "images.npy", "--labels", "labels.npy", "--json", "p.json"});
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("SQNR dB") && Catch::Contains("accuracy in float") &&
                          Catch::Contains("another answer than in float on"));
    const auto json = nlohmann::json::parse(slurp(p.file("p.json")));
    CHECK(json.at("images") == 4);
    CHECK(json.at("layers").size() == 4);
    CHECK(json.at("layers").at(1).at("op") == "conv2d");
    CHECK(json.at("layers").at(1).at("elements") == 4 * 4 * 4 * 2);
    const Outcome only = p.go({"precision", "net.toml", "--input", "images.npy", "--json", "-"});
    CHECK(nlohmann::json::parse(only.out).at("float_correct").is_null());
    p.refuses({"precision", "net.toml", "--input", "images.npy", "--json", "net.toml"}, "same file");
}

TEST_CASE("the seed's CNN answers 9812 of MNIST's 10000 test images in float") {
    const std::string images = shared_file("data/mnist/t10k-images-idx3-ubyte.gz");
    const std::string labels = shared_file("data/mnist/t10k-labels-idx1-ubyte.gz");
    if (absent(images) || absent(labels)) return;
    const Outcome r =
        start({"run", kExample, "--input", images, "--labels", labels, "--engine", "float", "--json", "-"});
    REQUIRE(r.status == 0);
    CHECK(nlohmann::json::parse(r.out).at("correct") == 9812);
    const Outcome q = start({"precision", kExample, "--input", images, "--labels", labels, "--json", "-"});
    REQUIRE(q.status == 0);
    const auto json = nlohmann::json::parse(q.out);
    CHECK(json.at("float_correct") == 9812);
    const Outcome w = start({"run", kExample, "--input", images, "--labels", labels, "--json", "-"});
    CHECK(json.at("fixed_correct") == nlohmann::json::parse(w.out).at("correct"));
}
