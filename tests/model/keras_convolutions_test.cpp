// Keras' other convolutions: depthwise, separable, of one axis, and a Dense on the points of a map.
#include "model/keras_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

KerasWeights arrays(const std::string& layer, const std::vector<KerasArray>& list) {
    KerasWeights weights{layer, {}};
    for (const KerasArray& a : list) weights.arrays.push_back({layer + "/" + a.name, a.dims, a.values});
    return weights;
}

FloatModel one(const std::string& shape, const std::string& l, const KerasWeights& weights) {
    return import_with(sequential({input(shape), l}), {weights});
}

std::string refused(const std::string& shape, const std::string& l, const KerasWeights& weights) {
    return refusal(sequential({input(shape), l}), {weights});
}

}  // namespace

TEST_CASE("a depthwise convolution is one of as many groups as channels, its multiplier fastest") {
    // Keras 2 and 3 name the kernel differently.
    for (const char* kernel : {"depthwise_kernel:0", "kernel"}) {
        const FloatModel m =
            one("[null, 5, 5, 3]",
                layer("DepthwiseConv2D", "d", R"("kernel_size": [2, 2], "depth_multiplier": 2, "activation": "relu")"),
                arrays("d", {{kernel, {2, 2, 3, 2}, ramp(24)}, {"bias:0", {6}, ramp(6)}}));
        const auto& op = std::get<Conv2d>(find(m, "d").op);
        CHECK(op.groups == 3);
        CHECK(op.weights.dims == Dims{2, 2, 1, 6});
        CHECK(op.weights.real == ramp(24));
        CHECK(op.bias->real == ramp(6));
        CHECK(find(m, "d").shape == make_map(Layout::Hwc, 6, 4, 4));
        CHECK(m.output == "d_relu");
    }
    const KerasWeights weights = arrays("d", {{"kernel", {2, 2, 3, 2}, ramp(24)}, {"bias:0", {6}, ramp(6)}});
    CHECK_THAT(refused("[null, 5, 5, 2]", layer("DepthwiseConv2D", "d"), weights),
               Catch::Contains("for 3 channels, the input has 2"));
    CHECK_THAT(refused("[null, 5, 5, 3]", layer("DepthwiseConv2D", "d", R"("depth_multiplier": 1)"), weights),
               Catch::Contains("depth_multiplier = 1 but its kernel has 2"));
}

TEST_CASE("a separable convolution is a depthwise one and one of single points") {
    const FloatModel m = one(
        "[null, 6, 6, 2]",
        layer("SeparableConv2D", "s", R"("filters": 5, "strides": [2, 2], "padding": "same", "activation": "relu")"),
        arrays("s", {{"depthwise_kernel:0", {3, 3, 2, 2}, ramp(36)},
                     {"pointwise_kernel:0", {1, 1, 4, 5}, ramp(20)},
                     {"bias:0", {5}, ramp(5)}}));
    REQUIRE(m.layers.size() == 3);
    const auto& depthwise = std::get<Conv2d>(m.layers[0].op);
    CHECK(m.layers[0].name == "s_depthwise");
    CHECK(depthwise.groups == 2);
    CHECK(depthwise.stride == std::array<int, 2>{2, 2});
    CHECK(depthwise.padding == Padding{.top = 0, .bottom = 1, .left = 0, .right = 1});
    CHECK_FALSE(depthwise.bias.has_value());
    CHECK(m.layers[0].shape == make_map(Layout::Hwc, 4, 3, 3));
    const auto& pointwise = std::get<Conv2d>(m.layers[1].op);
    CHECK(m.layers[1].name == "s");
    CHECK(pointwise.weights.dims == Dims{1, 1, 4, 5});
    CHECK(pointwise.stride == std::array<int, 2>{1, 1});
    CHECK(pointwise.padding == Padding{});
    CHECK(pointwise.bias->real == ramp(5));
    CHECK(m.layers[1].weights_source == "s/s/pointwise_kernel:0");
    CHECK(m.output == "s_relu");
}

TEST_CASE("layers of one axis work on maps of one row") {
    const std::vector<std::string> layers{
        input("[null, 10, 4]"),
        layer("Conv1D", "c",
              R"("filters": 3, "kernel_size": [4], "strides": [1], "padding": "same", "dilation_rate": [1])"),
        layer("MaxPooling1D", "p", R"("pool_size": 2)"),
        layer("ZeroPadding1D", "z", R"("padding": [2, 1])"),
        layer("AveragePooling1D", "a", R"("pool_size": [3], "strides": [1])"),
        layer("GlobalMaxPooling1D", "g")};
    const FloatModel m =
        import_with(sequential(layers), {arrays("c", {{"kernel:0", {4, 4, 3}, ramp(48)}, {"bias:0", {3}, ramp(3)}})});
    CHECK(m.input_shape == Shape{.layout = Layout::Hwc, .dims = {1, 10, 4}});
    const auto& conv = std::get<Conv2d>(find(m, "c").op);
    CHECK(conv.weights.dims == Dims{1, 4, 4, 3});
    CHECK(conv.padding == Padding{.top = 0, .bottom = 0, .left = 1, .right = 2});
    CHECK(find(m, "c").shape == make_map(Layout::Hwc, 3, 1, 10));
    CHECK(std::get<MaxPool>(find(m, "p").op).pool == std::array<int, 2>{1, 2});
    CHECK(find(m, "p").shape == make_map(Layout::Hwc, 3, 1, 5));
    CHECK(std::get<Pad>(find(m, "z").op).padding == Padding{.top = 0, .bottom = 0, .left = 2, .right = 1});
    CHECK(find(m, "a").shape == make_map(Layout::Hwc, 3, 1, 6));
    CHECK(std::get<MaxPool>(find(m, "g_pool").op).pool == std::array<int, 2>{1, 6});
    CHECK(find(m, "g").shape == Shape{.layout = Layout::Vector, .dims = {3}});
}

TEST_CASE("a causal convolution is padded in front only, and a padding of one axis is merged") {
    const KerasWeights weights = arrays("c", {{"kernel:0", {3, 2, 2}, ramp(12)}, {"bias:0", {2}, ramp(2)}});
    const FloatModel m =
        one("[null, 8, 2]", layer("Conv1D", "c", R"("padding": "causal", "dilation_rate": 2)"), weights);
    CHECK(std::get<Conv2d>(m.layers[0].op).padding == Padding{.top = 0, .bottom = 0, .left = 4, .right = 0});
    CHECK(m.layers[0].shape == make_map(Layout::Hwc, 2, 1, 8));
    const FloatModel padded = import_with(
        sequential({input("[null, 8, 2]"), layer("ZeroPadding1D", "z", R"("padding": 1)"), layer("Conv1D", "c")}),
        {weights});
    REQUIRE(padded.layers.size() == 1);
    CHECK(std::get<Conv2d>(padded.layers[0].op).padding == Padding{.top = 0, .bottom = 0, .left = 1, .right = 1});
}

TEST_CASE("depthwise and separable convolutions of one axis") {
    const FloatModel d = one("[null, 8, 2]", layer("DepthwiseConv1D", "d", R"("strides": 2)"),
                             arrays("d", {{"depthwise_kernel:0", {3, 2, 2}, ramp(12)}, {"bias:0", {4}, ramp(4)}}));
    CHECK(std::get<Conv2d>(d.layers[0].op).weights.dims == Dims{1, 3, 1, 4});
    CHECK(d.layers[0].shape == make_map(Layout::Hwc, 4, 1, 3));
    const FloatModel s =
        one("[null, 8, 2]", layer("SeparableConv1D", "s", R"("use_bias": false)"),
            arrays("s", {{"depthwise_kernel:0", {3, 2, 1}, ramp(6)}, {"pointwise_kernel:0", {1, 2, 5}, ramp(10)}}));
    CHECK(std::get<Conv2d>(s.layers[1].op).weights.dims == Dims{1, 1, 2, 5});
    CHECK(s.layers[1].shape == make_map(Layout::Hwc, 5, 1, 6));
}

TEST_CASE("a channels_first convolution of one axis keeps its layout") {
    const std::string first = R"("data_format": "channels_first")";
    const FloatModel m =
        import_with(sequential({input("[null, 2, 8]"), layer("Conv1D", "c", first), layer("Flatten", "f", first)}),
                    {arrays("c", {{"kernel:0", {3, 2, 4}, ramp(24)}, {"bias:0", {4}, ramp(4)}})});
    CHECK(m.input_shape == Shape{.layout = Layout::Chw, .dims = {2, 1, 8}});
    CHECK(find(m, "c").shape == Shape{.layout = Layout::Chw, .dims = {4, 1, 6}});
    CHECK(std::get<Flatten>(find(m, "f").op).order == Layout::Hwc);
}

TEST_CASE("a Dense on a map works on its channels, and on steps makes them a map of one row") {
    const FloatModel m =
        one("[null, 4, 5, 3]", layer("Dense", "d", R"("activation": "relu")"), dense_weights("d", 3, 2));
    const auto& op = std::get<Conv2d>(m.layers[0].op);
    CHECK(op.weights.dims == Dims{1, 1, 3, 2});
    CHECK(op.weights.real == ramp(6));
    CHECK(m.layers[1].shape == make_map(Layout::Hwc, 2, 4, 5));
    const FloatModel steps = import_with(
        sequential({input("[null, 7, 3]"), layer("Dense", "d"), layer("Flatten", "f")}), {dense_weights("d", 3, 2)});
    CHECK(steps.input_shape == Shape{.layout = Layout::Hwc, .dims = {1, 7, 3}});
    CHECK(steps.layers[0].shape == make_map(Layout::Hwc, 2, 1, 7));
    CHECK(steps.layers[1].shape.count() == 14);
}

TEST_CASE("kernels of another number of axes are refused") {
    CHECK_THAT(refused("[null, 8, 2]", layer("Conv1D", "c"), conv_weights("c", 3, 2, 2)),
               Catch::Contains("a Conv1D needs three axes"));
    CHECK_THAT(refused("[null, 8, 8, 2]", layer("DepthwiseConv2D", "c"), dense_weights("c", 2, 2)),
               Catch::Contains("a DepthwiseConv2D needs four axes"));
    CHECK_THAT(refused("[null, 8, 2]", layer("Conv1D", "c", R"("strides": [1, 1])"), conv_weights("c", 3, 2, 2)),
               Catch::Contains("four axes") || Catch::Contains("three axes"));
    CHECK_THAT(refused("[null, 8, 2]", layer("MaxPooling1D", "p", R"("pool_size": [2, 2])"), {"p", {}}),
               Catch::Contains("must have one number"));
    CHECK_THAT(refused("[null, 4, 8, 2]", layer("SeparableConv2D", "s"),
                       arrays("s", {{"depthwise_kernel:0", {3, 3, 2, 1}, ramp(18)}, {"bias:0", {2}, ramp(2)}})),
               Catch::Contains("no array 'pointwise_kernel'"));
}
