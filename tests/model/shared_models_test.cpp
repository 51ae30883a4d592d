// Models of others and the seed's, where the shared material is there; skipped visibly elsewhere.
#include <cmath>

#include "bittrue/model/input.hpp"
#include "bittrue/model/keras.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npz.hpp"
#include "model/files.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::string shapes(const FloatModel& model) {
    std::string text = print_dims(model.input_shape.dims);
    for (const FloatLayer& l : model.layers) text += " " + op_name(l.op) + ":" + print_dims(l.shape.dims);
    return text;
}

std::int64_t parameters(const FloatModel& model) {
    std::int64_t n = 0;
    for (const NamedReals& a : model.arrays) n += element_count(a.tensor.dims);
    return n;
}

// W1 for these files' types, written down independently: floor (TRN) or floor(x + 1/2) (RND), then clamped.
std::vector<std::int64_t> cast(const Parameter& p) {
    std::vector<std::int64_t> words;
    const Format f = p.type.format;
    for (const double x : p.real) {
        const double scaled = std::ldexp(x, f.frac()) + (p.type.rounding == Rounding::Rnd ? 0.5 : 0.0);
        words.push_back(static_cast<std::int64_t>(
            std::min(std::max(std::floor(scaled), static_cast<double>(raw_min(f))), static_cast<double>(raw_max(f)))));
    }
    return words;
}

}  // namespace

TEST_CASE("the seed's CNN imports from the whole file and from weights with configuration") {
    for (const char* name :
         {"models/seed_cnn_mnist/seed_cnn_mnist.h5", "models/seed_cnn_mnist/seed_cnn_mnist_weights.h5"}) {
        std::string path;
        if (!shared_file(name, path)) continue;
        const FloatModel m = import_model(path);
        CHECK(
            shapes(m) ==
            "28x28x1 conv2d:26x26x2 relu:26x26x2 max_pool:13x13x2 flatten:338 dense:128 relu:128 dense:10 softmax:10");
        CHECK(parameters(m) == 44702);
        CHECK(m.layers.back().name == "dense_1_softmax");
        CHECK(parse_network(print_network(m, {}), "net.toml").nodes.size() == 8);
    }
}

TEST_CASE("the example's weights are those of the seed's CNN") {
    std::string path;
    if (!shared_file("models/seed_cnn_mnist/seed_cnn_mnist.h5", path)) return;
    CHECK(read_file(path) == read_file(BITTRUE_SOURCE_DIR "/examples/mnist-cnn/seed_cnn_mnist.h5"));
}

TEST_CASE("LeNet-5 imports, and in Keras order its npz holds the same numbers") {
    std::string path;
    std::string npz;
    if (!shared_file("models/lenet5_mnist/lenet5_mnist.h5", path) ||
        !shared_file("models/lenet5_mnist/lenet5_mnist_keras_order.npz", npz))
        return;
    const FloatModel m = import_model(path);
    CHECK(shapes(m) ==
          "28x28x1 conv2d:24x24x6 max_pool:12x12x6 relu:12x12x6 conv2d:8x8x8 max_pool:4x4x8 relu:4x4x8 flatten:128 "
          "dense:120 relu:120 dense:84 relu:84 dense:10");
    CHECK(parameters(m) == 27630);
    for (const NamedReals& a : read_real_arrays(npz)) {
        const auto it = std::find_if(m.arrays.begin(), m.arrays.end(),
                                     [&](const NamedReals& b) { return same_array_name(a.name, b.name); });
        INFO(a.name);
        REQUIRE(it != m.arrays.end());
        CHECK(it->tensor.values == a.tensor.values);
    }
}

TEST_CASE("supported models of others import with the right shapes") {
    struct Model {
        const char* weights;
        const char* config;
        const char* shapes;
        std::int64_t parameters;
    };
    const Model models[] = {
        {"hls4ml_keras_3layer/KERAS_3layer_weights.h5", "",
         "16 dense:64 relu:64 dense:32 relu:32 dense:32 relu:32 dense:5 softmax:5", 4389},
        {"hls4ml_keras_3layer/KERAS_3layer_70pruned_retrained_weights.h5", "hls4ml_keras_3layer/KERAS_3layer.json",
         "16 dense:64 relu:64 dense:32 relu:32 dense:32 relu:32 dense:5 softmax:5", 4389},
        {"hls4ml_keras_3layer/KERAS_3layer_95pruned_retrained_weights.h5", "hls4ml_keras_3layer/KERAS_3layer.json",
         "16 dense:64 relu:64 dense:32 relu:32 dense:32 relu:32 dense:5 softmax:5", 4389},
        {"hls4ml_keras_conv2d/KERAS_conv2d_model_weights.h5", "",
         "8x8x1 conv2d:8x8x2 relu:8x8x2 flatten:128 dense:10 softmax:10", 1310},
        {"hls4ml_jettagger_conv2d/jetTagger_Conv2D_Small_NoBatchNorm_weights.h5", "",
         "25x25x1 conv2d:9x9x5 relu:9x9x5 conv2d:5x5x2 relu:5x5x2 flatten:50 dense:10 relu:10 dense:5 softmax:5", 867},
        {"hls4ml_keras_conv1d/KERAS_conv1d_small_weights.h5", "",
         "1x10x4 conv2d:1x10x3 relu:1x10x3 conv2d:1x10x2 relu:1x10x2 conv2d:1x10x1 relu:1x10x1 flatten:10 dense:5 "
         "relu:5 dense:5 softmax:5",
         171},
        {"pinpacho_mnist/teacherModelMnistMLP.h5", "",
         "784 dense:5 relu:5 dense:128 relu:128 dense:32 relu:32 dense:10 softmax:10", 9151}};
    for (const Model& model : models) {
        std::string path;
        if (!shared_file(std::string("thirdparty/") + model.weights, path)) continue;
        const FloatModel m =
            import_model(path, *model.config == '\0' ? "" : shared_folder() + "/thirdparty/" + model.config);
        INFO(path);
        CHECK(shapes(m) == model.shapes);
        CHECK(parameters(m) == model.parameters);
        CHECK(parse_network(print_network(m, {}), "net.toml").nodes.size() == m.layers.size());
    }
}

TEST_CASE("QKeras' models import with the formats they were trained for") {
    const std::pair<const char*, const char*> models[] = {
        {"hls4ml_qkeras_3layer/qkeras_3layer_weights.h5",
         "16 dense:64 quantize:64 dense:32 quantize:32 dense:32 quantize:32 dense:5 softmax:5"},
        {"pinpacho_mnist/teacherModelQATMnistMLP.h5",
         "784 dense:5 quantize:5 dense:128 quantize:128 dense:32 quantize:32 dense:10 softmax:10"}};
    const FixedType weights = parse_type("ap_fixed<6,1,AP_RND_CONV,AP_SAT>");
    const FixedType results = parse_type("ap_ufixed<6,0,AP_RND_CONV,AP_SAT>");
    for (const auto& [name, expected] : models) {
        std::string path;
        if (!shared_file(std::string("thirdparty/") + name, path)) continue;
        const FloatModel m = import_model(path);
        CHECK(shapes(m) == expected);
        for (const FloatLayer& l : m.layers) {
            INFO(path << " " << l.name);
            if (std::holds_alternative<Dense>(l.op)) CHECK((l.weight_type == weights && l.bias_type == weights));
            if (std::holds_alternative<Quantize>(l.op)) CHECK(l.result_type == results);
        }
    }
}

TEST_CASE("plain npz weights of any naming are arrays") {
    std::string path;
    if (!shared_file("thirdparty/eggnet_mnist/float.npz", path)) return;
    const FloatModel m = import_model(path);
    CHECK(m.layers.empty());
    CHECK(parameters(m) == 41634);
    CHECK(m.arrays.at(0).name == "cn1.b");
}

TEST_CASE("W1: the weights of both hls4ml networks, cast, are the words that hls4ml's own types hold") {
    for (const char* name : {"ap8", "ap16"}) {
        const Graph g = load_network(BITTRUE_SOURCE_DIR "/tests/data/hls4ml_" + std::string(name) + ".toml");
        CHECK(g.nodes.size() == 7);
        std::string path;
        if (!shared_file(std::string("hls4ml-csim/") + name + "/weights_raw.npz", path)) continue;
        const auto check = [&](const std::string& layer, const Parameter& weights, const Parameter& bias) {
            INFO(name << " " << layer);
            CHECK(cast(weights) == read_npz_array(path, layer + ".kernel").integers);
            CHECK(cast(bias) == read_npz_array(path, layer + ".bias").integers);
        };
        for (const Node& n : g.nodes) {
            if (const auto* conv = std::get_if<Conv2d>(&n.op)) check(n.name, conv->weights, *conv->bias);
            if (const auto* dense = std::get_if<Dense>(&n.op)) check(n.name, dense->weights, *dense->bias);
        }
    }
}

TEST_CASE("the MNIST files read as images and labels") {
    std::string images;
    std::string labels;
    if (!shared_file("data/mnist/t10k-images-idx3-ubyte.gz", images) ||
        !shared_file("data/mnist/t10k-labels-idx1-ubyte.gz", labels))
        return;
    const InputSpec spec{.name = "in",
                         .shape = {.layout = Layout::Hwc, .dims = {28, 28, 1}},
                         .type = {},
                         .divide = 255,
                         .float32 = true};
    CHECK(load_input(images, spec).images == 10000);
    const std::vector<int> l = load_labels(labels);
    CHECK(l.size() == 10000);
    CHECK(std::vector<int>(l.begin(), l.begin() + 10) == std::vector<int>{7, 2, 1, 0, 4, 1, 4, 9, 5, 9});
}
