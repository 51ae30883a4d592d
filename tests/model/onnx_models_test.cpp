// Models of others and the seed's, where the shared material is there; skipped visibly elsewhere.
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

TEST_CASE("ONNX: models of others import with the right layers") {
    struct Model {
        const char* file;
        const char* shapes;
    };
    const char* mnist =
        "1x28x28 conv2d:8x28x28 relu:8x28x28 max_pool:8x14x14 conv2d:16x14x14 relu:16x14x14 max_pool:16x4x4 "
        "flatten:256 dense:10";
    const Model models[] = {
        {"hls4ml_onnx/three_layer_keras.onnx",
         "16 dense:64 relu:64 dense:32 relu:32 dense:32 relu:32 dense:5 softmax:5"},
        {"hls4ml_onnx/dense_big_keras.onnx",
         "16 dense:100 relu:100 dense:100 relu:100 dense:100 relu:100 dense:100 relu:100 dense:100 relu:100 dense:5 "
         "softmax:5"},
        {"hls4ml_onnx/two_layer_pytorch.onnx", "10 dense:32 relu:32 dense:1 sigmoid:1"},
        {"hls4ml_onnx/conv1d_small_keras.onnx",
         "1x10x4 conv2d:1x10x3 relu:1x10x3 conv2d:1x10x2 relu:1x10x2 conv2d:1x10x1 relu:1x10x1 flatten:10 dense:5 "
         "relu:5 dense:5 softmax:5"},
        {"hls4ml_onnx/conv2d_small_keras.onnx", "8x8x1 conv2d:8x8x2 relu:8x8x2 flatten:128 dense:10 softmax:10"},
        {"onnx_mnist_v1/model.onnx", mnist},
        {"qonnx_mnist_conv/model.onnx", mnist},
        {"qonnx_jettagging/qkeras_jettagging.onnx",
         "16 dense:64 relu:64 quantize:64 dense:32 relu:32 quantize:32 dense:32 relu:32 quantize:32 dense:5 softmax:5"},
        {"qonnx_tfc/TFC_2W2A.onnx",
         "1x28x28 flatten:784 affine:784 quantize:784 dense:64 affine:64 quantize:64 dense:64 affine:64 quantize:64 "
         "dense:64 affine:64 quantize:64 "
         "dense:10 affine:10"}};
    for (const Model& model : models) {
        std::string path;
        if (!shared_file(std::string("thirdparty/") + model.file, path)) continue;
        INFO(path);
        CHECK(shapes(import_model(path)) == model.shapes);
    }
}

TEST_CASE("ONNX: both files of one network hold the same weights") {
    std::string first;
    std::string second;
    if (!shared_file("thirdparty/onnx_mnist_v1/model.onnx", first) ||
        !shared_file("thirdparty/qonnx_mnist_conv/model.onnx", second))
        return;
    const FloatModel a = import_model(first);
    const FloatModel b = import_model(second);
    for (const std::size_t layer : {0U, 3U}) {
        CHECK(op_of<Conv2d>(a, layer).weights.real == op_of<Conv2d>(b, layer).weights.real);
        CHECK(op_of<Conv2d>(a, layer).bias->real == op_of<Conv2d>(b, layer).bias->real);
    }
    CHECK(op_of<Dense>(a, 7).weights.real == op_of<Dense>(b, 7).weights.real);
}

TEST_CASE("ONNX: the seed's CNN and LeNet-5 are those of their Keras files") {
    for (const char* name : {"models/seed_cnn_mnist/seed_cnn_mnist", "models/lenet5_mnist/lenet5_mnist"}) {
        std::string onnx;
        std::string keras;
        if (!shared_file(std::string(name) + ".onnx", onnx) || !shared_file(std::string(name) + ".h5", keras)) continue;
        const FloatModel a = import_model(onnx);
        const FloatModel b = import_model(keras);
        REQUIRE(a.layers.size() == b.layers.size());
        for (std::size_t i = 0; i < a.layers.size(); ++i) {
            INFO(a.layers[i].name);
            REQUIRE(op_name(a.layers[i].op) == op_name(b.layers[i].op));
            CHECK(a.layers[i].shape.channels() == b.layers[i].shape.channels());
            if (const auto* conv = std::get_if<Conv2d>(&a.layers[i].op))
                CHECK(conv->weights.real == op_of<Conv2d>(b, i).weights.real);
        }
        CHECK(a.layers.back().shape == b.layers.back().shape);
        CHECK(op_of<Dense>(a, a.layers.size() - (a.layers.back().class_name == "Softmax" ? 2 : 1)).weights.real ==
              op_of<Dense>(b, a.layers.size() - (a.layers.back().class_name == "Softmax" ? 2 : 1)).weights.real);
    }
}
