// The examples are what users copy: they must load, both engines must agree on them, and what their READMEs say must
// hold.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npz.hpp"
#include "bittrue/vectors/digits.hpp"

using namespace bittrue;
namespace fs = std::filesystem;

namespace {

const std::string kExamples = BITTRUE_SOURCE_DIR "/examples/";
const std::string kCnn = kExamples + "mnist-cnn/mnist_cnn_8bit.toml";
const std::string kWage = kExamples + "lenet5-wage/lenet5_wage.toml";

InputBatch digits(const Graph& graph, std::size_t count) {
    InputBatch batch{.images = count, .dims = graph.input.shape.dims};
    for (const std::uint8_t pixel : make_digits(count, 1).pixels)
        batch.values.push_back(pixel_value(pixel, graph.input));
    return batch;
}

std::size_t count_correct(const LayerResult& output, const std::vector<int>& labels) {
    const auto classes = static_cast<std::size_t>(output.shape.count());
    std::size_t correct = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto begin = output.words.begin() + static_cast<std::ptrdiff_t>(i * classes);
        const auto best = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(classes));
        correct += best - begin == labels[i] ? 1U : 0U;
    }
    return correct;
}

}  // namespace

TEST_CASE("both engines give the same words and events for every layer of both examples") {
    for (const std::string& file : {kCnn, kWage}) {
        CAPTURE(file);
        const Graph graph = load_network(file);
        const InputBatch batch = digits(graph, 10);
        const RunResult fast = emulator::make_engine(graph)->run(batch, {.keep_layers = true});
        const RunResult exact = golden::make_engine(graph)->run(batch, {.keep_layers = true});
        REQUIRE(fast.layers.size() == graph.nodes.size() + 1);
        REQUIRE(fast.layers.size() == exact.layers.size());
        for (std::size_t i = 0; i < fast.layers.size(); ++i) {
            CAPTURE(fast.layers[i].name);
            CHECK(fast.layers[i].words == exact.layers[i].words);
            CHECK(fast.layers[i].events == exact.layers[i].events);
        }
    }
}

TEST_CASE("every stored word of the 8-bit example has 8 bits") {
    const Graph graph = load_network(kCnn);
    CHECK(graph.input.type.format.width == 8);
    for (const Node& node : graph.nodes) {
        CAPTURE(node.name);
        CHECK(node.result.format.width == 8);
    }
}

TEST_CASE("the examples get 9,806 and 9,640 of the 10,000 MNIST test images right, as their READMEs say") {
    const std::string data = BITTRUE_SOURCE_DIR "/../shared/data/mnist/";
    if (!fs::exists(data)) {
        WARN("SKIPPED: the MNIST test images absent");
        return;
    }
    const std::vector<int> labels = load_labels(data + "t10k-labels-idx1-ubyte.gz");
    for (const auto& [file, right] : {std::pair{kCnn, 9806U}, std::pair{kWage, 9640U}}) {
        CAPTURE(file);
        const Graph graph = load_network(file);
        const InputBatch batch = load_input(data + "t10k-images-idx3-ubyte.gz", graph.input);
        REQUIRE(batch.images == 10000);
        const RunResult result = emulator::make_engine(graph)->run(batch, {});
        CHECK(count_correct(result.layers.back(), labels) == right);
    }
}

TEST_CASE("the WAGE example has the seed's layers and 27,630 weights, each +1, 0 or -1") {
    const Graph graph = load_network(kWage);
    std::vector<std::string> names{graph.input.name};
    for (const Node& node : graph.nodes) names.push_back(node.name);
    CHECK(names == std::vector<std::string>{"qa", "qconv2d", "maxpool", "qactivation", "qconv2d_1", "maxpool_1",
                                            "qactivation_1", "reshape", "qfc", "qactivation_2", "qfc_1",
                                            "qactivation_3", "qfc_2", "qsoftmax"});
    std::size_t weights = 0;
    for (const ParameterWords& p : golden::make_engine(graph)->parameters()) {
        CAPTURE(p.layer);
        weights += p.tensor.words.size();
        CHECK(std::all_of(p.tensor.words.begin(), p.tensor.words.end(),
                          [](std::int64_t w) { return w >= -1 && w <= 1; }));
    }
    CHECK(weights == 27630);
}
