#include <cmath>

#include "model/keras_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kMap = "[null, 6, 5, 1]";

FloatModel with_conv(const std::string& fields, const std::vector<std::string>& behind = {},
                     const std::vector<KerasWeights>& more = {}) {
    std::vector<std::string> layers{input(kMap),
                                    layer("Conv2D", "c", R"("filters": 2, "kernel_size": [3, 3], )" + fields)};
    layers.insert(layers.end(), behind.begin(), behind.end());
    std::vector<KerasWeights> weights{conv_weights("c", 3, 1, 2)};
    weights.insert(weights.end(), more.begin(), more.end());
    return import_with(sequential(layers), weights);
}

std::string refused(const std::vector<std::string>& behind, const std::string& shape = "[null, 4]",
                    const std::vector<KerasWeights>& weights = {}) {
    std::vector<std::string> layers{input(shape)};
    layers.insert(layers.end(), behind.begin(), behind.end());
    return refusal(sequential(layers), weights);
}

KerasWeights norm_weights(const std::string& name) {
    return {name,
            {{name + "/gamma:0", {2}, {2, 0.5}},
             {name + "/beta:0", {2}, {0.25, -1}},
             {name + "/moving_mean:0", {2}, {0.5, 1}},
             {name + "/moving_variance:0", {2}, {3.75, 0.5}}}};
}

const std::string kNorm = layer("BatchNormalization", "bn", R"("axis": [3], "epsilon": 0.25)");

}  // namespace

TEST_CASE("convolutions take stride, dilation, and padding valid or same") {
    const FloatModel m =
        with_conv(R"("strides": [2, 1], "padding": "same", "dilation_rate": [1, 1], "activation": "linear")");
    const auto& op = std::get<Conv2d>(m.layers.at(0).op);
    CHECK(m.layers.size() == 1);
    CHECK(op.stride == std::array<int, 2>{2, 1});
    CHECK(op.padding == Padding{.top = 0, .bottom = 1, .left = 1, .right = 1});
    CHECK(m.layers[0].shape == make_map(Layout::Hwc, 2, 3, 5));
    CHECK(op.weights.dims == Dims{3, 3, 1, 2});
    const FloatModel d = with_conv(R"("dilation_rate": 2, "use_bias": false)");
    CHECK(std::get<Conv2d>(d.layers[0].op).dilation == std::array<int, 2>{2, 2});
    CHECK_FALSE(std::get<Conv2d>(d.layers[0].op).bias.has_value());
    CHECK(d.layers[0].shape == make_map(Layout::Hwc, 2, 2, 1));
    CHECK_THAT(refused({layer("Conv2D", "c", R"("padding": "causal")")}, kMap, {conv_weights("c", 3, 1, 2)}),
               Catch::Contains("'causal'"));
    CHECK_THAT(refused({layer("Conv2D", "c", R"("strides": [0, 1])")}, kMap, {conv_weights("c", 3, 1, 2)}),
               Catch::Contains("at least 1"));
}

TEST_CASE("groups divide the input channels") {
    const std::vector<std::string> layers{input("[null, 4, 4, 4]"), layer("Conv2D", "c", R"("groups": 2)")};
    const FloatModel m = import_with(sequential(layers), {conv_weights("c", 3, 2, 6)});
    CHECK(std::get<Conv2d>(m.layers[0].op).groups == 2);
    CHECK(m.layers[0].shape.channels() == 6);
}

TEST_CASE("channels_first maps keep their layout and Keras' flatten order") {
    const std::string first = R"("data_format": "channels_first")";
    const std::vector<std::string> layers{input("[null, 1, 6, 5]"), layer("Conv2D", "c", first),
                                          layer("MaxPooling2D", "p", first), layer("Flatten", "f", first)};
    const FloatModel m = import_with(sequential(layers), {conv_weights("c", 3, 1, 2)});
    CHECK(m.input_shape == Shape{.layout = Layout::Chw, .dims = {1, 6, 5}});
    CHECK(find(m, "c").shape == Shape{.layout = Layout::Chw, .dims = {2, 4, 3}});
    CHECK(find(m, "p").shape == Shape{.layout = Layout::Chw, .dims = {2, 2, 1}});
    CHECK(std::get<Flatten>(find(m, "f").op).order == Layout::Hwc);
    CHECK_THAT(refused({layer("Conv2D", "c", first), layer("MaxPooling2D", "p")}, "[null, 1, 6, 5]",
                       {conv_weights("c", 3, 1, 2)}),
               Catch::Contains("another data_format"));
}

TEST_CASE("pools take their own size as stride by default") {
    const FloatModel m =
        with_conv("\"activation\": null",
                  {layer("MaxPooling2D", "p", R"("pool_size": [2, 2], "strides": null, "padding": "same")")});
    const auto& pool = std::get<MaxPool>(find(m, "p").op);
    CHECK(pool.stride == std::array<int, 2>{2, 2});
    CHECK(pool.padding == Padding{.top = 0, .bottom = 0, .left = 0, .right = 1});
    CHECK(find(m, "p").shape == make_map(Layout::Hwc, 2, 2, 2));
    const FloatModel a =
        with_conv("\"activation\": null", {layer("AveragePooling2D", "p", R"("pool_size": 2, "strides": 1)")});
    CHECK(std::get<AveragePool>(find(a, "p").op).stride == std::array<int, 2>{1, 1});
    CHECK_FALSE(std::get<AveragePool>(find(a, "p").op).count_padding);
}

TEST_CASE("activations of a layer with weights become layers named as hls4ml does") {
    const auto op = [](const std::string& activation) {
        const FloatModel m =
            import_with(sequential({input("[null, 3]"), layer("Dense", "d", R"("activation": )" + activation)}),
                        {dense_weights("d", 3, 2)});
        CHECK(m.layers.size() == 2);
        return m.layers[1].name + " " + op_name(m.layers[1].op);
    };
    CHECK(op("\"relu\"") == "d_relu relu");
    CHECK(op("\"softmax\"") == "d_softmax softmax");
    CHECK(op("\"sigmoid\"") == "d_sigmoid sigmoid");
    CHECK(op("\"tanh\"") == "d_tanh tanh");
    CHECK(op("\"relu6\"") == "d_relu6 clipped_relu");
    CHECK(op(R"({"class_name": "ReLU", "config": {"max_value": 4.0}})") == "d_relu clipped_relu");
    CHECK_THAT(refused({layer("Dense", "d", R"("activation": "swish")")}, "[null, 3]", {dense_weights("d", 3, 2)}),
               Catch::Contains("'swish'") && Catch::Contains("layer 'd' (Dense)"));
}

TEST_CASE("a name that an activation needs must be free") {
    const std::vector<std::string> layers{input("[null, 3]"), layer("Dense", "d", R"("activation": "relu")"),
                                          layer("ReLU", "d_relu")};
    CHECK_THAT(refusal(sequential(layers), {dense_weights("d", 3, 2)}), Catch::Contains("'d_relu'"));
}

TEST_CASE("the variants of ReLU") {
    const auto op = [](const std::string& kind, const std::string& fields) {
        return import_with(sequential({input("[null, 4]"), layer(kind, "r", fields)}), {}).layers.at(0).op;
    };
    CHECK(std::holds_alternative<Relu>(op("ReLU", R"("max_value": null, "negative_slope": 0.0, "threshold": 0.0)")));
    CHECK(std::get<ClippedRelu>(op("ReLU", R"("max_value": 6.0)")).max == 6);
    CHECK(std::get<LeakyRelu>(op("ReLU", R"("negative_slope": 0.25)")).alpha.real == std::vector<double>{0.25});
    CHECK(std::get<LeakyRelu>(op("LeakyReLU", R"("alpha": {"type": "ndarray", "value": 0.5})")).alpha.real ==
          std::vector<double>{0.5});
    CHECK(std::get<LeakyRelu>(op("LeakyReLU", "")).alpha.real == std::vector<double>{0.3});
    CHECK_THAT(refused({layer("ReLU", "r", R"("threshold": 1.0)")}), Catch::Contains("threshold"));
    CHECK_THAT(refused({layer("ReLU", "r", R"("max_value": 6.0, "negative_slope": 0.1)")}), Catch::Contains("both"));
    CHECK_THAT(refused({layer("ReLU", "r", R"("max_value": "six")")}), Catch::Contains("must be a number"));
}

TEST_CASE("layers without effect at inference are left out") {
    const FloatModel m = import_with(sequential({input("[null, 3]"), layer("Dropout", "drop"), layer("Dense", "d"),
                                                 layer("Activation", "lin", R"("activation": "linear")")}),
                                     {dense_weights("d", 3, 2)});
    CHECK(m.layers.size() == 1);
    CHECK(m.layers[0].inputs == std::vector<std::string>{"x"});
    CHECK(m.output == "d");
    CHECK(m.notes.size() == 2);
}

TEST_CASE("reshape, with one axis open") {
    const FloatModel m =
        import_with(sequential({input("[null, 12]"), layer("Reshape", "r", R"("target_shape": [2, -1, 3])")}), {});
    CHECK(m.layers[0].shape == Shape{.layout = Layout::Hwc, .dims = {2, 2, 3}});
    const FloatModel image =
        import_with(sequential({input("[null, 4, 3]"), layer("Reshape", "r", R"("target_shape": [4, 3, 1])"),
                                layer("Flatten", "f")}),
                    {});
    CHECK(image.input_shape == Shape{.layout = Layout::Hwc, .dims = {4, 3, 1}});
    CHECK(image.layers[1].shape.count() == 12);
    CHECK_THAT(refused({layer("Reshape", "r", R"("target_shape": [5])")}, "[null, 12]"),
               Catch::Contains("12 elements"));
    CHECK_THAT(refused({layer("Reshape", "r", R"("target_shape": [-1, 5])")}, "[null, 12]"),
               Catch::Contains("12 elements"));
    CHECK_FALSE(refused({layer("Reshape", "r", R"("target_shape": [0])")}, "[null, 12]").empty());
}

TEST_CASE("zero padding is merged into the valid convolution behind it") {
    const std::string pad = layer("ZeroPadding2D", "z", R"("padding": [[1, 0], [2, 1]])");
    const FloatModel m = import_with(sequential({input(kMap), pad, layer("Conv2D", "c", R"("padding": "valid")")}),
                                     {conv_weights("c", 3, 1, 2)});
    CHECK(m.layers.size() == 1);
    CHECK(std::get<Conv2d>(m.layers[0].op).padding == Padding{.top = 1, .bottom = 0, .left = 2, .right = 1});
    CHECK(m.layers[0].shape == make_map(Layout::Hwc, 2, 5, 6));
    const auto layers_of = [](const std::vector<std::string>& layers, const std::vector<KerasWeights>& weights) {
        std::string names;
        for (const FloatLayer& l : import_with(sequential(layers), weights).layers)
            names += (names.empty() ? "" : " ") + l.name + ":" + op_name(l.op) + ":" + print_dims(l.shape.dims);
        return names;
    };
    // Whoever cannot take it over reads a map with a frame.
    CHECK(layers_of({input(kMap), pad, layer("Conv2D", "c", R"("padding": "same")")}, {conv_weights("c", 3, 1, 2)}) ==
          "z:pad:7x8x1 c:conv2d:7x8x2");
    CHECK(layers_of({input(kMap), pad, layer("MaxPooling2D", "p")}, {}) == "z:pad:7x8x1 p:max_pool:3x4x1");
    CHECK(layers_of({input(kMap), pad}, {}) == "z:pad:7x8x1");
    CHECK(layers_of({input(kMap), pad, layer("ZeroPadding2D", "y"), layer("Conv2D", "c")},
                    {conv_weights("c", 3, 1, 2)}) == "z:pad:7x8x1 c:conv2d:7x8x2");
    CHECK_THAT(refused({layer("ZeroPadding2D", "z", R"("padding": [-1, 1])"), layer("Conv2D", "c")}, kMap,
                       {conv_weights("c", 3, 1, 2)}),
               Catch::Contains("padding"));
}

TEST_CASE("batch normalisation is folded into the convolution in front, in double precision") {
    const FloatModel m =
        with_conv("\"activation\": \"linear\"", {kNorm, layer("Activation", "act", R"("activation": "relu")")},
                  {norm_weights("bn")});
    REQUIRE(m.layers.size() == 2);
    CHECK(m.layers[1].inputs == std::vector<std::string>{"c"});
    const auto& op = std::get<Conv2d>(m.layers[0].op);
    const double k0 = 2 / std::sqrt(3.75 + 0.25);
    const double k1 = 0.5 / std::sqrt(0.5 + 0.25);
    const std::vector<double> w = ramp(18);
    for (std::size_t i = 0; i < 18; ++i) CHECK(op.weights.real[i] == w[i] * (i % 2 == 0 ? k0 : k1));
    CHECK(op.bias->real == std::vector<double>{(0.25 - 0.5) * k0 + 0.25, (0.5 - 1) * k1 - 1});
    REQUIRE(m.layers[0].batch_norm);
    CHECK(m.layers[0].batch_norm->gamma == "bn/bn/gamma:0");
    CHECK(m.layers[0].batch_norm->epsilon == 0.25);
}

TEST_CASE("batch normalisation without bias, scale or centre") {
    KerasWeights norm = norm_weights("bn");
    norm.arrays.erase(norm.arrays.begin(), norm.arrays.begin() + 2);
    const std::string bn =
        layer("BatchNormalization", "bn", R"("axis": -1, "epsilon": 0.25, "scale": false, "center": false)");
    const FloatModel m = with_conv("\"use_bias\": false", {bn}, {norm});
    CHECK(std::get<Conv2d>(m.layers[0].op).bias->real[0] == -0.5 / std::sqrt(4.0));
}

TEST_CASE("batch normalisation that cannot be folded becomes an affine layer, in double precision") {
    const double k0 = 2 / std::sqrt(3.75 + 0.25);
    const double k1 = 0.5 / std::sqrt(0.5 + 0.25);
    const auto check = [&](const FloatModel& m, const std::string& reads) {
        const FloatLayer& norm = find(m, "bn");
        CHECK(norm.inputs == std::vector<std::string>{reads});
        const auto& op = std::get<Affine>(norm.op);
        CHECK(op.scale.real == std::vector<double>{k0, k1});
        CHECK(op.bias->real == std::vector<double>{(0 - 0.5) * k0 + 0.25, (0 - 1.0) * k1 - 1});
    };
    const std::vector<KerasWeights> weights{conv_weights("c", 3, 1, 2), norm_weights("bn")};
    check(with_conv(R"("activation": "relu")", {kNorm}, {norm_weights("bn")}), "c_relu");
    check(import_with(sequential({input("[null, 4, 4, 2]"), kNorm}), {norm_weights("bn")}), "x");
    const std::vector<std::string> shared{
        node("InputLayer", "x", {}, R"("batch_input_shape": [null, 4])"), node("Dense", "d", {"x"}),
        node("BatchNormalization", "bn", {"d"}, R"("epsilon": 0.25)"), node("Add", "sum", {"d", "bn"})};
    check(import_with(functional(shared, "x", "sum"), {dense_weights("d", 4, 2), norm_weights("bn")}), "d");
    const FloatModel twice =
        with_conv("\"activation\": \"linear\"", {kNorm, layer("BatchNormalization", "bn2", R"("axis": [3])")},
                  {norm_weights("bn"), norm_weights("bn2")});
    CHECK(op_name(find(twice, "bn2").op) == "affine");
    CHECK_THAT(refused({layer("Conv2D", "c"), layer("BatchNormalization", "bn", R"("axis": 1)")}, kMap, weights),
               Catch::Contains("axis 1"));
    KerasWeights negative = norm_weights("bn");
    negative.arrays[3].values = {-1, 1};
    CHECK_THAT(refused({layer("Conv2D", "c"), kNorm}, kMap, {weights[0], negative}),
               Catch::Contains("must be positive"));
    CHECK_THAT(refused({kNorm}, "[null, 4, 4, 3]", weights), Catch::Contains("2 numbers"));
}

TEST_CASE("unsupported classes are refused with layer, class and what is supported") {
    for (const char* kind : {"PReLU", "UpSampling2D", "Cropping2D", "LSTM", "Conv2DTranspose", "Subtract", "ELU",
                             "QConv2DBatchnorm", "QAveragePooling2D", "Lambda"}) {
        CHECK_THAT(refused({layer(kind, "layer_7")}), Catch::Contains("layer 'layer_7' (" + std::string(kind) + ")") &&
                                                          Catch::Contains("supported are InputLayer, Dense, Conv1D"));
    }
}

TEST_CASE("layers whose input has the wrong shape are refused") {
    CHECK_THAT(refused({layer("Conv2D", "c", R"("data_format": "channels_first")"), layer("Dense", "d")},
                       "[null, 1, 6, 5]", {conv_weights("c", 3, 1, 2), dense_weights("d", 3, 2)}),
               Catch::Contains("put a Flatten in front"));
    CHECK_THAT(refused({layer("Conv2D", "c")}, "[null, 4]", {conv_weights("c", 3, 1, 2)}),
               Catch::Contains("put a Reshape in front"));
    CHECK_THAT(refused({layer("Softmax", "s")}, kMap), Catch::Contains("softmax to a map"));
    CHECK_THAT(refused({layer("Softmax", "s", R"("axis": 2)")}), Catch::Contains("axis 2"));
    CHECK_THAT(refused({layer("MaxPooling2D", "p", R"("pool_size": 9)")}, kMap),
               Catch::Contains("layer 'p' (MaxPooling2D)"));
}
