// Keras models of others in float, against results that were computed independently in float64.
#include <cmath>

#include <catch2/catch.hpp>

#include "bittrue/explore/float_engine.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/network_save.hpp"
#include "bittrue/model/npz.hpp"
#include "model/files.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// `pixels`: the references were computed from integers / 255 in double, which the file holds as singles.
InputBatch batch_of(const std::string& references, const Shape& shape, bool pixels) {
    const NpyArray input = read_npz_array(references, "input");
    InputBatch batch{.images = static_cast<std::size_t>(input.dims.at(0)), .dims = shape.dims, .values = {}};
    REQUIRE(input.count() == batch.images * static_cast<std::size_t>(shape.count()));
    for (std::size_t i = 0; i < input.count(); ++i)
        batch.values.push_back(pixels ? std::round(input.number(i) * 255) / 255 : input.number(i));
    return batch;
}

// Of the outputs of all images; infinity where there are not as many as expected.
double largest_error(const FloatModel& model, const std::string& references, bool pixels) {
    const explore::FloatRun run = explore::run_float(model, batch_of(references, model.input_shape, pixels));
    const NpyArray expected = read_npz_array(references, "output");
    for (const explore::FloatLayerValues& l : run.layers) {
        if (l.name != model.output) continue;
        REQUIRE(l.values.size() == expected.count());
        double largest = 0;
        for (std::size_t i = 0; i < expected.count(); ++i)
            largest = std::max(largest, std::fabs(l.values[i] - expected.number(i)));
        return largest;
    }
    FAIL("the run has no output");
    return 0;
}

FixedType type(int width, int integer) {
    return {.format = {.width = width, .integer = integer, .is_signed = true},
            .rounding = Rounding::Rnd,
            .overflow = Overflow::Sat};
}

}  // namespace

TEST_CASE("Keras models of others give the results of their twins and references") {
    struct Model {
        const char* weights;
        const char* references;
        bool pixels = false;
    };
    // Sums of doubles in other orders: the largest error of all is 7.8e-16. Quantised models differ by their softmax
    // alone, whatever is in front of it is exact.
    const Model models[] = {
        {"hls4ml_keras_3layer/KERAS_3layer_weights.h5", "hls4ml_onnx/three_layer_keras.ref.npz"},
        {"hls4ml_keras_conv1d/KERAS_conv1d_small_weights.h5", "hls4ml_onnx/conv1d_small_keras.ref.npz"},
        {"hls4ml_keras_conv2d/KERAS_conv2d_model_weights.h5", "hls4ml_onnx/conv2d_small_keras.ref.npz"},
        {"pinpacho_mnist/teacherModelMnistMLP.h5", "pinpacho_mnist/teacherModelMnistMLP.ref.npz", true},
        {"pinpacho_mnist/teacherModelQATMnistMLP.h5", "pinpacho_mnist/teacherModelQATMnistMLP.ref.npz", true},
        {"hls4ml_qkeras_3layer/qkeras_3layer_weights.h5", "qonnx_jettagging/qkeras_jettagging.ref.npz"}};
    for (const Model& m : models) {
        std::string weights;
        std::string references;
        if (!shared_file(std::string("thirdparty/") + m.weights, weights) ||
            !shared_file(std::string("thirdparty/") + m.references, references))
            continue;
        const double error = largest_error(import_model(weights), references, m.pixels);
        INFO(m.weights << ": largest error " << error);
        CHECK(error <= 1e-14);
    }
}

TEST_CASE("a QKeras model becomes a graph with the types it was trained for, and its network file is the same graph") {
    for (const char* name :
         {"hls4ml_qkeras_3layer/qkeras_3layer_weights.h5", "pinpacho_mnist/teacherModelQATMnistMLP.h5"}) {
        std::string path;
        if (!shared_file(std::string("thirdparty/") + name, path)) continue;
        const FloatModel model = import_model(path);
        const Graph graph = make_graph(model, {.input = type(16, 6),
                                               .weight = type(16, 6),
                                               .bias = type(16, 6),
                                               .accumulator = type(32, 12),
                                               .result = type(16, 6)});
        const Graph printed = parse_network(print_network(model, {}), "net.toml");
        REQUIRE(printed.nodes.size() == graph.nodes.size());
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            INFO(path << " " << graph.nodes[i].name);
            if (const auto* dense = std::get_if<Dense>(&graph.nodes[i].op)) {
                CHECK(dense->weights.type == *model.layers[i].weight_type);
                CHECK(std::get<Dense>(printed.nodes[i].op).weights.type == dense->weights.type);
            }
            if (model.layers[i].result_type) CHECK(graph.nodes[i].result == *model.layers[i].result_type);
        }
    }
}
