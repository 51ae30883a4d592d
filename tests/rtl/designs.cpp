#include "designs.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/digits.hpp"
#include "bittrue/vectors/sv_package.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::test {

namespace {

using bittrue::testing::Random;

const std::string kExamples = BITTRUE_SOURCE_DIR "/examples/";

VectorSet vectors_of(const Graph& graph, const InputBatch& batch) {
    const auto engine = emulator::make_engine(graph);
    VectorSet set = from_run(graph, engine->run(batch, {.keep_layers = true}));
    set.parameters = engine->parameters();
    return set;
}

// `raw(image, random)` draws one word of the input's format.
VectorSet random_vectors(const std::string& network, std::size_t images,
                         const std::function<int(std::size_t, Random&)>& raw) {
    const Graph graph = load_network(kExamples + "rtl/" + network + ".toml");
    const Format format = graph.input.type.format;
    InputBatch batch{.images = images, .dims = graph.input.shape.dims};
    Random random(3);
    for (std::size_t image = 0; image < images; ++image)
        for (std::int64_t i = 0; i < graph.input.shape.count(); ++i)
            batch.values.push_back(value_of(raw(image, random), format.frac()));
    return vectors_of(graph, batch);
}

}  // namespace

Design dense_design(int parallel) {
    const std::string lanes = fmt::format("lanes={}", parallel);
    return {.module = "dense",
            .packings = {{"dense", lanes}, {"dense.weights", lanes}, {"dense.bias", lanes}},
            .parameters = {{"PARALLEL", fmt::format("{}", parallel)}}};
}

Design dense_vhdl_design() {
    return {.module = "dense"};
}

Design seed_dense_vhdl_design() {
    return {.module = "dense",
            .parameters = {{"INPUTS", "338"},
                           {"OUTPUTS", "128"},
                           {"IN_WIDTH", "8"},
                           {"IN_FRAC", "6"},
                           {"IN_SIGNED", "false"},
                           {"W_WIDTH", "8"},
                           {"W_FRAC", "7"},
                           {"B_WIDTH", "8"},
                           {"B_FRAC", "7"},
                           {"ACC_WIDTH", "20"},
                           {"ACC_FRAC", "13"},
                           {"ACC_NEAREST", "false"},
                           {"OUT_WIDTH", "8"},
                           {"OUT_FRAC", "3"},
                           {"PRODUCT_CAST", "false"}}};
}

Design conv_relu_pool_design() {
    return {.module = "conv_relu_pool",
            .packings = {{"input", "lanes=2"},
                         {"conv2d", "lanes=3"},
                         {"conv2d_relu", "lanes=3"},
                         {"max_pooling2d", "lanes=3"},
                         {"conv2d.weights", "lanes=3"},
                         {"conv2d.bias", "lanes=3"}}};
}

Design softmax_design() {
    return {.module = "softmax"};
}

Design mnist_cnn_design(int parallel) {
    const std::string lanes = fmt::format("lanes={}", parallel);
    Design design{.module = "mnist_cnn",
                  .parameters = {{"PARALLEL", fmt::format("{}", parallel)}},
                  .package = mnist_cnn_package()};
    for (const char* name : {"conv2d", "conv2d_relu", "max_pooling2d", "conv2d.weights", "conv2d.bias"})
        design.packings[name] = "lanes=2";
    for (const char* name : {"dense", "dense_relu", "dense.weights", "dense.bias"}) design.packings[name] = lanes;
    return design;
}

Design mnist_cnn_memory_design() {
    Design design = mnist_cnn_design();
    design.module = "mnist_cnn_memory";
    design.style = PortStyle::Memory;
    return design;
}

SetFile mnist_cnn_package() {
    return make_sv_package(load_network(kExamples + "mnist-cnn/mnist_cnn_8bit.toml"), kPackage);
}

VectorSet dense_vectors(std::size_t images) {
    return random_vectors("dense", images, [](std::size_t, Random& random) { return random.integer(-32, 31); });
}

VectorSet seed_dense_vectors(std::size_t images) {
    const VectorSet whole = mnist_cnn_vectors(images);
    const Graph network = load_network(kExamples + "mnist-cnn/mnist_cnn_8bit.toml");
    const Node& node = network.nodes[static_cast<std::size_t>(node_index(network, "dense"))];
    const std::string& input = node.inputs.front();
    const VectorLayer& given = *whole.find(input);
    Graph alone;
    alone.name = "dense";
    alone.input.name = input;
    alone.input.shape = shape_of(network, input);
    alone.input.type = type_of(network, input);
    alone.nodes.push_back(node);
    validate(alone);
    InputBatch batch{.images = images, .dims = alone.input.shape.dims};
    for (const std::int64_t word : given.words) batch.values.push_back(value_of(word, given.type->format.frac()));
    return vectors_of(alone, batch);
}

VectorSet conv_relu_pool_vectors(std::size_t images) {
    return random_vectors("conv_relu_pool", images,
                          [](std::size_t, Random& random) { return random.integer(-32, 31); });
}

VectorSet softmax_vectors(std::size_t images) {
    // Logits within a spread that grows from image to image: equal ones, then some beside the largest that still count,
    // then any. Their centre moves down, so that the largest of one image is often above all of the next.
    return random_vectors("softmax", images, [](std::size_t image, Random& random) {
        const int spread = static_cast<int>(std::min<std::size_t>(image * 2, 127));
        const int centre = static_cast<int>(60 - static_cast<int>(image % 8) * 15);
        return std::clamp(centre + random.integer(-spread, spread), -128, 127);
    });
}

VectorSet mnist_cnn_vectors(std::size_t images) {
    const Graph graph = load_network(kExamples + "mnist-cnn/mnist_cnn_8bit.toml");
    return vectors_of(graph, input_from_digits(make_digits(images, 1), graph.input));
}

}  // namespace bittrue::test
