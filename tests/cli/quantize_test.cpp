// bittrue quantize as its users call it, and init of an ONNX model.
#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "model/onnx_writer.hpp"
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

TEST_CASE("quantize says what accumulators of a width saturate") {
    const Scratch scratch;
    const Outcome made =
        quantize(scratch, {"--accumulator", "12", "-o", "net.toml", "--json", "net.json", "--report", "net.html"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK(made.out.find("sums saturated") != std::string::npos);
    CHECK(slurp(scratch.file("net.html")).find("sums saturated") != std::string::npos);
    const json facts = json::parse(slurp(scratch.file("net.json")));
    CHECK(facts.at("ours").at("good").get<int>() + 1 >= facts.at("float_good").get<int>());
    for (const json& layer : facts.at("layers")) {
        if (layer.at("ours").at("accumulator").is_null()) continue;
        CHECK(layer.at("ours").at("accumulator").at("type").get<std::string>().starts_with("ap_fixed<12,"));
        CHECK(layer.at("ours").at("sums_out_of_range") < 0.01);
    }
    const Outcome run = bittrue_in(scratch.path(), {"run", "net.toml", "--input", "digits:20:7", "--engine", "both"});
    CHECK(run.out.find("golden agrees") != std::string::npos);
}

TEST_CASE("quantize spends no more than a budget of LUTs, and says how much") {
    const Scratch scratch;
    const Outcome made = quantize(scratch, {"--budget", "6500LUT", "-o", "net.toml", "--json", "net.json"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK(made.out.find("Of a budget of 6500 LUT, ") != std::string::npos);
    const json facts = json::parse(slurp(scratch.file("net.json")));
    CHECK(facts.at("ours").at("datapath").at("lut") <= 6500);
}

TEST_CASE("a format for each channel passes run, vectors and diff") {
    for (const std::string how : {"power-of-two", "multiplier"}) {
        const Scratch scratch;
        const Outcome made = quantize(scratch, {"--bits", "4", "--per-channel", how, "-o", "net.toml"});
        INFO(made.err);
        REQUIRE(made.status == 0);
        CHECK(slurp(scratch.file("net.toml")).find("requantize") != std::string::npos);
        const Outcome run =
            bittrue_in(scratch.path(), {"run", "net.toml", "--input", "digits:20:7", "--engine", "both"});
        INFO(run.err);
        CHECK(run.status == 0);
        CHECK(run.out.find("golden agrees") != std::string::npos);
        CHECK(bittrue_in(scratch.path(), {"vectors", "net.toml", "--input", "digits:3", "--out", "v"}).status == 0);
        CHECK(bittrue_in(scratch.path(), {"diff", "v", "v"}).status == 0);
    }
}

TEST_CASE("an ONNX network with a sum and a concatenation passes quantize, run, vectors and diff") {
    const Scratch scratch;
    OnnxWriter w;
    auto numbers = [&, state = 1U](const std::string& name, std::vector<std::int64_t> dims) mutable {
        std::int64_t count = 1;
        for (const std::int64_t d : dims) count *= d;
        std::vector<double> values;
        for (std::int64_t i = 0; i < count; ++i) {
            state = state * 1664525U + 1013904223U;
            values.push_back(static_cast<double>(state >> 16U) / 65536.0 - 0.5);
        }
        w.constant(name, dims, values);
    };
    const OnnxAttribute pads{"pads", std::vector<std::int64_t>{1, 1, 1, 1}};
    w.input("x", {-1, 1, 28, 28}).output("y");
    numbers("k1", {3, 1, 3, 3});
    numbers("k2", {3, 3, 3, 3});
    numbers("k3", {3, 1, 3, 3});
    numbers("k4", {6 * 49, 10});
    w.node({"Conv", {"x", "k1"}, {"a"}, {{"strides", std::vector<std::int64_t>{2, 2}}, pads}})
        .node({"Relu", {"a"}, {"ar"}})
        .node({"Conv", {"ar", "k2"}, {"b"}, {pads}})
        .node({"Add", {"b", "ar"}, {"s"}})
        .node({"Relu", {"s"}, {"sr"}})
        .node({"Conv", {"sr", "k3"}, {"d"}, {{"group", std::int64_t{3}}, pads}})
        .node({"Concat", {"sr", "d"}, {"c"}, {{"axis", std::int64_t{1}}}})
        .node({"MaxPool",
               {"c"},
               {"p"},
               {{"kernel_shape", std::vector<std::int64_t>{2, 2}}, {"strides", std::vector<std::int64_t>{2, 2}}}})
        .node({"Flatten", {"p"}, {"f"}})
        .node({"MatMul", {"f", "k4"}, {"y"}});
    spill(scratch.file("branches.onnx"), w.bytes());
    for (const std::vector<std::string>& how :
         {std::vector<std::string>{}, std::vector<std::string>{"--per-channel", "multiplier"}}) {
        std::vector<std::string> all{"quantize", "branches.onnx", "--data", "digits:30", "--bits",
                                     "6",        "--force",       "-o",     "net.toml"};
        all.insert(all.end(), how.begin(), how.end());
        const Outcome made = bittrue_in(scratch.path(), all);
        INFO(made.err);
        REQUIRE(made.status == 0);
        const Outcome run =
            bittrue_in(scratch.path(), {"run", "net.toml", "--input", "digits:9:7", "--engine", "both"});
        INFO(run.err);
        CHECK(run.status == 0);
        CHECK(run.out.find("golden agrees") != std::string::npos);
        const std::string out = how.empty() ? "v" : "w";
        CHECK(bittrue_in(scratch.path(), {"vectors", "net.toml", "--input", "digits:3", "--out", out}).status == 0);
        CHECK(bittrue_in(scratch.path(), {"diff", out, out}).status == 0);
    }
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
    refused({"-o", "new.toml", "--budget", "1000"}, "words of 1 bit");
    refused({"-o", "new.toml", "--budget", "12ff"}, "weight bits");
    refused({"-o", "new.toml", "--budget", "9000", "--max-loss", "1"}, "--budget");
    refused({"-o", "new.toml", "--per-channel", "half"}, "multiplier");
    refused({"-o", "new.toml", "--bits", "17"}, "16");
    refused({"-o", "new.toml", "--json", "new.toml"}, "--json");
    refused({"-o", "new.toml", "--report", "nowhere/new.html"}, "nowhere");
    CHECK(slurp(scratch.file("net.toml")) == "precious");
}

TEST_CASE("quantize takes every result for a loss of 100 points, and any number of threads without a warning") {
    const Scratch scratch;
    const Outcome made = quantize(scratch, {"--bits", "3", "--max-loss", "100", "-o", "net.toml"});
    INFO(made.err);
    CHECK(made.status == 0);
    const Outcome threads = quantize(scratch, {"--calibration", "max", "--threads", "1024", "-o", "threads.toml"});
    CHECK(threads.status == 0);
    CHECK(threads.err.find("TBB") == std::string::npos);
}

TEST_CASE("one bit is one bit in the words about the naive conversion") {
    const Scratch scratch;
    const Outcome made = quantize(scratch, {"--bits", "1", "--calibration", "max", "-o", "net.toml"});
    INFO(made.err);
    CHECK(made.status == 0);
    CHECK(made.out.find("(1 bit with 0 fraction bits for every number)") != std::string::npos);
}

TEST_CASE("magnitudes that no sum holds together are named with their layer, at once") {
    struct Case {
        double weight = 0, bias = 0;
        std::vector<std::string> says{};
    };
    for (const Case& c : {Case{1, 1e10, {"biases up to 1e+10"}}, Case{1, 1e30, {"biases up to 1e+30", "over 80 bits"}},
                          Case{2e38, 1, {"weights up to 2e+38", "over 80 bits"}},
                          Case{1e-30, 1, {"weights up to 1e-30", "over 80 bits"}}}) {
        const Scratch scratch;
        OnnxWriter w;
        w.input("x", {-1, 1, 28, 28}).output("y");
        w.constant("k", {1, 1, 3, 3}, std::vector<double>(9, c.weight)).constant("b", {1}, {c.bias});
        w.node({"Conv", {"x", "k", "b"}, {"y"}, {}, "conv"});
        spill(scratch.file("net.onnx"), w.bytes());
        const Outcome r = bittrue_in(scratch.path(),
                                     {"quantize", "net.onnx", "--data", "digits:9", "--bits", "16", "-o", "net.toml"});
        CAPTURE(c.weight, c.bias, r.err);
        CHECK(r.status == 2);
        CHECK(r.err.find("bittrue: layer 'conv': inputs up to ") == 0);
        for (const std::string& part : c.says) CHECK(r.err.find(part) != std::string::npos);
        CHECK(r.err.find("scale the data, the weights or the biases") != std::string::npos);
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    }
}

TEST_CASE("variances of 0 and slopes of 1e38 in an ONNX network are numbers like others") {
    const Scratch scratch;
    OnnxWriter w;
    w.input("x", {-1, 1, 28, 28}).output("y");
    w.constant("k", {2, 1, 3, 3}, std::vector<double>(18, 0.25));
    for (const char* name : {"one", "two", "mean"}) w.constant(name, {2}, {0.5, -0.5});
    w.constant("variance", {2}, {0, 0});
    w.node({"Conv", {"x", "k"}, {"c"}, {}, "conv"})
        .node({"BatchNormalization", {"c", "one", "two", "mean", "variance"}, {"n"}, {}, "norm"})
        .node({"LeakyRelu", {"n"}, {"y"}, {{"alpha", 1e38}}, "leaky"});
    spill(scratch.file("net.onnx"), w.bytes());
    const Outcome made = bittrue_in(scratch.path(), {"quantize", "net.onnx", "--data", "digits:9", "-o", "net.toml"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    const Outcome run = bittrue_in(scratch.path(), {"run", "net.toml", "--input", "digits:9:7", "--engine", "both"});
    INFO(run.err);
    CHECK(run.status == 0);
    CHECK(run.out.find("golden agrees") != std::string::npos);
}

TEST_CASE("a damaged HDF5 file on which its library crashes or complains costs one sentence") {
    const std::string whole = slurp(kModel);
    // Where the library reads beyond its memory, and where it fails to close.
    for (const auto& [at, byte] : {std::pair{2135, 218}, std::pair{1771, 39}}) {
        const Scratch scratch;
        std::string damaged = whole;
        damaged.at(static_cast<std::size_t>(at)) = static_cast<char>(byte);
        spill(scratch.file("m.h5"), damaged);
        for (const std::vector<std::string>& arguments :
             {std::vector<std::string>{"init", "m.h5", "-o", "net.toml"},
              std::vector<std::string>{"quantize", "m.h5", "--data", "digits:5", "-o", "net.toml"}}) {
            const Outcome r = bittrue_in(scratch.path(), arguments);
            CAPTURE(at, arguments, r.err);
            CHECK(r.status == 2);
            CHECK(r.err.find("bittrue: m.h5: ") == 0);
            CHECK(r.err.find("damaged") != std::string::npos);
            CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
        }
    }
}

TEST_CASE("bytes of HDF5 files changed at random never end the program by a signal") {
    const std::string whole = slurp(kModel);
    const Scratch scratch;
    unsigned state = 5;
    const auto below = [&](unsigned bound) {
        state = state * 1664525U + 1013904223U;
        return (state >> 8U) % bound;
    };
    for (int i = 0; i < 100; ++i) {
        std::string damaged = whole;
        for (unsigned k = 1 + below(20); k > 0; --k) damaged[below(16384)] = static_cast<char>(below(256));
        spill(scratch.file("m.h5"), damaged);
        const Outcome r = bittrue_in(scratch.path(), {"init", "m.h5", "-o", "net.toml", "--force"});
        CAPTURE(i, r.status, r.err);
        CHECK((r.status == 0 || r.status == 2));
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == (r.status == 2 ? 1 : 0));
    }
}
