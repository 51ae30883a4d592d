// The main promises on real files, through the program: hls4ml's own simulation bit for bit, and MNIST.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bittrue/model/npz.hpp"
#include "process.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kData = std::string(BITTRUE_SOURCE_DIR) + "/tests/data/";

bool absent(const std::string& path, const char* what) {
    if (!path.empty()) return false;
    WARN("SKIPPED: " << what << " is absent");
    return true;
}

// A copy of the npz with one word of one layer changed.
void write_changed(const std::string& from, const std::string& to, const std::string& layer, std::size_t index) {
    auto arrays = read_npz(from);
    for (NamedArray& a : arrays) {
        if (a.name == layer) a.array.integers[index] += 1;
    }
    write_npz(to, arrays);
}

}  // namespace

TEST_CASE("hls4ml: every layer of 40 images equals its C simulation, from the float weights and the pixels") {
    const std::string images = shared_file("data/mnist/t10k-images-idx3-ubyte.gz");
    const std::string config = GENERATE(as<std::string>{}, "ap8", "ap16");
    const std::string expected = shared_file("hls4ml-csim/" + config + "/layers_raw.npz");
    if (absent(images, "MNIST") || absent(expected, "the hls4ml simulation")) return;
    const Scratch scratch;
    const auto run = test::start({"run", kData + "hls4ml_" + config + ".toml", "--input", images, "--first", "40",
                                  "--engine", "both", "--trace", scratch.file("trace.npz")});
    CAPTURE(run.out, run.err);
    REQUIRE(run.status == 0);

    const auto diff = test::start({"diff", expected, scratch.file("trace.npz"), "--json", scratch.file("diff.json")});
    CAPTURE(diff.out, diff.err);
    REQUIRE(diff.status == 0);
    // Not by chance: the same arrays, and one changed word is found where it is.
    const auto ours = read_npz(scratch.file("trace.npz"));
    const auto theirs = read_npz(expected);
    REQUIRE(ours.size() == theirs.size());
    std::size_t words = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        CHECK(ours[i].name == theirs[i].name);
        CHECK(ours[i].array.dims == theirs[i].array.dims);
        CHECK(ours[i].array.integers == theirs[i].array.integers);
        words += ours[i].array.count();
    }
    CHECK(words == 40U * (784 + 2 * 1352 + 338 + 2 * 128 + 2 * 10));
    for (const std::string layer : {"conv2d", "dense_1_softmax"}) {
        write_changed(scratch.file("trace.npz"), scratch.file("changed.npz"), layer, 37);
        const auto found = test::start({"diff", expected, scratch.file("changed.npz")});
        CHECK(found.status == 1);
        const std::string index = layer == "conv2d" ? "[0, 0, 18, 1]" : "[3, 7]";
        CHECK_THAT(found.out, Catch::Contains(layer + index + " (flat 37)") && Catch::Contains("+1 lsb"));
    }
}

TEST_CASE("hls4ml: the weights cast by us are those of its types") {
    const std::string config = GENERATE(as<std::string>{}, "ap8", "ap16");
    const std::string expected = shared_file("hls4ml-csim/" + config + "/weights_raw.npz");
    if (absent(expected, "the hls4ml simulation")) return;
    const Scratch scratch;
    const auto run = test::start({"vectors", kData + "hls4ml_" + config + ".toml", "--input", "digits:1", "--first",
                                  "1", "--out", scratch.file("v"), "--format", "npy", "--engine", "both"});
    CAPTURE(run.err);
    REQUIRE(run.status == 0);
    const auto manifest = nlohmann::json::parse(slurp(scratch.file("v/manifest.json")));
    int compared = 0;
    for (const NamedArray& theirs : read_npz(expected)) {
        const std::string layer = theirs.name.substr(0, theirs.name.find('.'));
        const std::string role = theirs.name.ends_with("kernel") ? "weights" : "bias";
        for (const auto& p : manifest.at("parameters")) {
            if (p.at("layer") != layer || p.at("role") != role) continue;
            const NpyArray ours = read_npy(scratch.file("v/" + p.at("npy").at("file").get<std::string>()));
            CHECK(ours.dims == theirs.array.dims);
            CHECK(ours.integers == theirs.array.integers);
            ++compared;
        }
    }
    CHECK(compared == 6);
}

TEST_CASE("MNIST: the imported float network in wide formats has the accuracy its authors state") {
    const std::string images = shared_file("data/mnist/t10k-images-idx3-ubyte.gz");
    const std::string labels = shared_file("data/mnist/t10k-labels-idx1-ubyte.gz");
    if (absent(images, "MNIST") || absent(labels, "MNIST")) return;
    const Scratch scratch;
    const auto run = test::start({"run", kData + "seed_cnn_wide.toml", "--input", images, "--labels", labels, "--json",
                                  scratch.file("run.json")});
    CAPTURE(run.err);
    REQUIRE(run.status == 0);
    CHECK_THAT(run.out, Catch::Contains("9812 of 10000") && Catch::Contains("images/s"));
    const auto json = nlohmann::json::parse(slurp(scratch.file("run.json")));
    CHECK(json.at("images") == 10000);
    CHECK(json.at("correct") == 9812);
    for (const auto& layer : json.at("layers")) CHECK(layer.at("overflows") == 0);
    WARN("10,000 images in " << json.at("seconds") << " s");
}

TEST_CASE("MNIST: wide formats follow the float reference of the first 1000 images class by class") {
    const std::string images = shared_file("data/mnist/t10k-images-idx3-ubyte.gz");
    const std::string reference = shared_file("models/seed_cnn_mnist/seed_cnn_mnist_ref1000.npz");
    if (absent(images, "MNIST") || absent(reference, "the float reference")) return;
    const Scratch scratch;
    const auto run = test::start({"run", kData + "seed_cnn_wide.toml", "--input", images, "--first", "1000", "--trace",
                                  scratch.file("trace.npz")});
    CAPTURE(run.err);
    REQUIRE(run.status == 0);
    const NpyArray ours = read_npz_array(scratch.file("trace.npz"), "dense_1");
    const NpyArray theirs = read_npz_array(reference, "logits_float64");
    REQUIRE(ours.dims == theirs.dims);
    const auto best = [](const NpyArray& a, std::size_t image) {
        std::size_t b = 0;
        for (std::size_t c = 1; c < 10; ++c) b = a.number(image * 10 + c) > a.number(image * 10 + b) ? c : b;
        return b;
    };
    int equal = 0;
    for (std::size_t image = 0; image < 1000; ++image) equal += best(ours, image) == best(theirs, image) ? 1 : 0;
    CHECK(equal == 1000);
}
