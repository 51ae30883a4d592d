// bittrue quantize as its users call it, and init of an ONNX model.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "process.hpp"

using namespace bittrue::test;
using nlohmann::json;

namespace {

const std::string kModel = std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/seed_cnn_mnist.h5";

Outcome quantize(const Scratch& scratch, std::vector<std::string> more) {
    std::vector<std::string> all{"quantize", kModel, "--data", "digits:60"};
    all.insert(all.end(), more.begin(), more.end());
    return bittrue_in(scratch.path(), all);
}

}  // namespace

TEST_CASE("quantize writes a network that runs alike in both engines, and says what it cost") {
    const Scratch scratch;
    const Outcome made =
        quantize(scratch, {"--bits", "6", "-o", "net.toml", "--report", "net.html", "--json", "net.json"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK(made.out.find("quantized") != std::string::npos);
    CHECK(scratch.listing().size() == 4);
    const Outcome run = bittrue_in(scratch.path(), {"run", "net.toml", "--input", "digits:20:7", "--engine", "both"});
    INFO(run.err);
    CHECK(run.status == 0);
    CHECK(run.out.find("golden agrees") != std::string::npos);
    const json facts = json::parse(slurp(scratch.file("net.json")));
    CHECK(facts.at("images") == 60);
    CHECK(facts.at("layers").size() == 7);
    CHECK(slurp(scratch.file("net.html")).find("dense_1_softmax") != std::string::npos);
    CHECK(bittrue_in(scratch.path(), {"vectors", "net.toml", "--input", "digits:3", "--out", "v"}).status == 0);
    CHECK(bittrue_in(scratch.path(), {"diff", "v", "v"}).status == 0);
}

TEST_CASE("quantize gives the same bytes for any number of threads") {
    const Scratch scratch;
    REQUIRE(quantize(scratch, {"--bits", "4", "-o", "one.toml", "--threads", "1"}).status == 0);
    REQUIRE(quantize(scratch, {"--bits", "4", "-o", "two.toml", "--threads", "2"}).status == 0);
    std::string one = slurp(scratch.file("one.toml")), two = slurp(scratch.file("two.toml"));
    one.replace(one.find("one.npz"), 7, "two.npz");
    CHECK(one == two);
    CHECK(slurp(scratch.file("one.npz")) == slurp(scratch.file("two.npz")));
}

TEST_CASE("quantize replaces nothing unless told to, and says what it cannot use in one sentence") {
    const Scratch scratch;
    spill(scratch.file("net.toml"), "precious");
    const auto refused = [&](const std::vector<std::string>& more, const std::string& words) {
        const Outcome o = quantize(scratch, more);
        INFO(o.err);
        CHECK(o.status == 2);
        CHECK(o.err.find(words) != std::string::npos);
        CHECK(scratch.listing().size() == 1);
    };
    refused({"-o", "nowhere/net2.toml"}, "nowhere/net2.toml: cannot be written");
    refused({"-o", "net.toml"}, "--force");
    refused({"-o", "net.txt"}, ".toml");
    refused({"-o", "new.toml", "--accumulator", "narrow"}, "auto or a width");
    refused({"-o", "new.toml", "--budget", "1000"}, "1-bit weights");
    refused({"-o", "new.toml", "--bits", "17"}, "16");
    refused({"-o", "new.toml", "--json", "new.toml"}, "--json");
    refused({"-o", "new.toml", "--report", "nowhere/new.html"}, "nowhere");
    CHECK(slurp(scratch.file("net.toml")) == "precious");
}
