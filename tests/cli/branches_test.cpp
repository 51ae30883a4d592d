// A residual ONNX graph with branches that join again is run, traced, written as vectors and compared like a chain.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bad_files.hpp"
#include "bittrue/model/npz.hpp"
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// conv -> relu -> (conv, itself) -> add -> relu -> (pool, conv) -> concat -> dense
std::string residual() {
    return onnx_bytes({-1, 2, 6, 6}, [](OnnxWriter& w) {
        const auto kernel = [&](const std::string& name, const Ints& dims, double step) {
            Reals v;
            for (std::int64_t i = 0; i < dims[0] * dims[1] * dims[2] * dims[3]; ++i)
                v.push_back(step * static_cast<double>(i * 7 % 11 - 5));
            w.constant(name, dims, v);
        };
        kernel("k1", {3, 2, 3, 3}, 0.0625);
        kernel("k2", {3, 3, 3, 3}, 0.03125);
        kernel("k3", {2, 3, 2, 2}, 0.0625);
        const OnnxAttribute pads{"pads", Ints{1, 1, 1, 1}};
        const OnnxAttribute two{"strides", Ints{2, 2}};
        w.node({"Conv", {"x", "k1"}, {"c1"}, {pads}, "conv1"}).node({"Relu", {"c1"}, {"r1"}, {}, "relu1"});
        w.node({"Conv", {"r1", "k2"}, {"c2"}, {pads}, "conv2"}).node({"Add", {"c2", "r1"}, {"s"}, {}, "sum"});
        w.node({"Relu", {"s"}, {"r2"}, {}, "relu2"});
        w.node({"MaxPool", {"r2"}, {"p"}, {{"kernel_shape", Ints{2, 2}}, two}, "pool"});
        w.node({"Conv", {"r2", "k3"}, {"c3"}, {two}, "conv3"});
        w.node({"Concat", {"p", "c3"}, {"cat"}, {{"axis", std::int64_t{1}}}, "join"});
        w.node({"Flatten", {"cat"}, {"f"}, {}, "flat"});
        Reals dense;
        for (int i = 0; i < 45 * 3; ++i) dense.push_back(0.03125 * static_cast<double>(i * 5 % 13 - 6));
        w.constant("d", {45, 3}, dense).node({"MatMul", {"f", "d"}, {"y"}, {}, "scores"});
    });
}

}  // namespace

TEST_CASE("branches: a residual ONNX graph is run by all engines, traced, vectorised and diffed like a chain") {
    const Scratch s;
    spill(s.file("net.onnx"), residual());
    std::string pixels;
    for (int i = 0; i < 4 * 72; ++i) pixels += static_cast<char>(i * 37 % 256);
    spill(s.file("images.npy"), npy("|u1", "(4, 2, 6, 6)", pixels));
    const auto works = [&](const std::vector<std::string>& arguments) {
        const Outcome r = bittrue_in(s.path(), arguments);
        CAPTURE(arguments, r.out, r.err);
        REQUIRE(r.status == 0);
        return r.out;
    };
    const std::vector<std::vector<std::string>> ways{
        {"init", "net.onnx", "--type", "ap_fixed<14,6,AP_RND,AP_SAT>", "-o", "net.toml"},
        {"init", "net.onnx", "--exact", "--type", "ap_ufixed<8,8>", "-o", "net.toml", "--force"},
        {"quantize", "net.onnx", "--data", "images.npy", "--bits", "8", "-o", "net.toml", "--force"}};
    for (const std::vector<std::string>& way : ways) {
        CAPTURE(way);
        works(way);
        const std::string text = slurp(s.file("net.toml"));
        CHECK_THAT(text, Catch::Contains("\"add\"") && Catch::Contains("\"concat\""));
        CHECK_THAT(works({"run", "net.toml", "--input", "images.npy", "--engine", "both", "--trace", "t.npz"}),
                   Catch::Contains("golden agrees"));
        works({"run", "net.toml", "--input", "images.npy", "--engine", "float"});
        works({"vectors", "net.toml", "--input", "images.npy", "--out", "v"});
        works({"diff", "v", "t.npz"});
        // Both inputs of the sum are traced, and so is what joins.
        std::string names;
        for (const NamedArray& a : read_npz(s.file("t.npz"))) names += a.name + " ";
        for (const char* tensor : {"conv2", "relu1", "sum", "pool", "conv3", "join"})
            CHECK_THAT(names, Catch::Contains(tensor));
        // A word of one branch goes wrong: its layer is the first, not what joins behind it.
        auto arrays = read_npz(s.file("t.npz"));
        bool found = false;
        for (NamedArray& a : arrays) {
            if (a.name != "conv3") continue;
            found = true;
            (a.array.integers.empty() ? a.array.reals[3] += 1 : static_cast<double>(a.array.integers[3] ^= 1));
        }
        REQUIRE(found);
        write_npz(s.file("wrong.npz"), arrays);
        const Outcome r = bittrue_in(s.path(), {"diff", "v", "wrong.npz"});
        CAPTURE(r.out);
        CHECK(r.status == 1);
        CHECK_THAT(r.out, Catch::Contains("conv3"));
    }
}
