// QKeras: formats and quantised numbers from the configurations of its quantisers. Expected numbers of alpha "auto_po2"
// come from an independent program in singles.
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "model/keras_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::string quantizer(const std::string& name, const std::string& fields) {
    return R"({"class_name": ")" + name + R"(", "config": {)" + fields + "}}";
}

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

std::string bits(const std::string& fields) {
    return quantizer("quantized_bits", fields + R"(, "alpha": 1, "qnoise_factor": 1.0)");
}

// A QDense of 6x2 with these kernel and bias quantisers.
const std::vector<double> kKernel{0.9, 0.011, -0.3, -0.02, 0.05, 0.0375, -0.62, 0.004, 0.33, -0.031, 0.0, 0.029};

FloatModel dense(const std::string& kernel, const std::string& bias = "null",
                 const std::vector<double>& numbers = kKernel) {
    const std::string fields =
        R"("units": 2, "activation": "linear", "kernel_quantizer": )" + kernel + R"(, "bias_quantizer": )" + bias;
    return import_with(sequential({input("[null, 6]"), layer("QDense", "d", fields)}),
                       {{"d", {{"d/kernel:0", {6, 2}, numbers}, {"d/bias:0", {2}, {0.3, -1.7}}}}});
}

std::string refused(const std::string& kernel) {
    const std::string fields = R"("kernel_quantizer": )" + kernel;
    return refusal(sequential({input("[null, 6]"), layer("QDense", "d", fields)}), {dense_weights("d", 6, 2)});
}

FloatLayer activation(const std::string& value) {
    const FloatModel m =
        import_with(sequential({input("[null, 4]"), layer("QActivation", "a", R"("activation": )" + value)}), {});
    REQUIRE(m.layers.size() == 1);
    return m.layers[0];
}

std::string activation_refused(const std::string& value) {
    return refusal(sequential({input("[null, 4]"), layer("QActivation", "a", R"("activation": )" + value)}));
}

std::string type(const std::optional<FixedType>& t) {
    return t ? print_type(*t) : "none";
}

const std::vector<double>& kernel(const FloatModel& m) {
    return std::get<Dense>(m.layers.at(0).op).weights.real;
}

}  // namespace

TEST_CASE("C5: quantized_bits rounds half to even, clips, and is a type that rounds and saturates like it") {
    const FloatModel m = dense(bits(R"("bits": 4, "integer": 0, "symmetric": 0, "keep_negative": true)"),
                               bits(R"("bits": 6, "integer": 1, "symmetric": 1)"),
                               {0.0625, 0.1875, -0.0625, -0.1875, 0.99, 5, -0.97, -5, 0.3125, 0.4375, 0, 0.07});
    CHECK(kernel(m) == std::vector<double>{0, 0.25, 0, -0.25, 0.875, 0.875, -1, -1, 0.25, 0.5, 0, 0.125});
    CHECK(type(m.layers[0].weight_type) == "ap_fixed<4,1,AP_RND_CONV,AP_SAT>");
    CHECK(type(m.layers[0].bias_type) == "ap_fixed<6,2,AP_RND_CONV,AP_SAT_SYM>");
    CHECK(std::get<Dense>(m.layers[0].op).bias->real == std::vector<double>{0.3125, -1.6875});
    CHECK(m.layers[0].weights_source == "d/d/kernel:0");
    CHECK(m.layers[0].bias_source == "d/d/bias:0");
    CHECK(type(m.layers[0].result_type) == "none");
}

TEST_CASE("C5: symmetric and unsigned quantized_bits clip at their own lowest word") {
    const std::vector<double> wide{-5, 5, -5, 5, -5, 5, -5, 5, -5, 5, -5, 5};
    CHECK(kernel(dense(bits(R"("bits": 3, "symmetric": 1)"), "null", wide))[0] == -0.75);
    CHECK(kernel(dense(bits(R"("bits": 3, "symmetric": 0)"), "null", wide))[0] == -1);
    const FloatModel m = dense(bits(R"("bits": 3, "integer": 1, "keep_negative": false)"), "null", wide);
    CHECK(kernel(m)[0] == 0);
    CHECK(kernel(m)[1] == 1.75);
    CHECK(type(m.layers[0].weight_type) == "ap_ufixed<3,1,AP_RND_CONV,AP_SAT>");
}

TEST_CASE("texts are quantisers, too") {
    const FloatModel m = dense(quoted("quantized_bits(4, 0, 1, alpha=1.0)"), quoted("quantized_bits(6,1)"));
    CHECK(type(m.layers[0].weight_type) == "ap_fixed<4,1,AP_RND_CONV,AP_SAT_SYM>");
    CHECK(type(m.layers[0].bias_type) == "ap_fixed<6,2,AP_RND_CONV,AP_SAT>");
    CHECK(type(dense(quoted("quantized_bits(bits=5,integer=2,keep_negative=True,alpha=1)")).layers[0].weight_type) ==
          "ap_fixed<5,3,AP_RND_CONV,AP_SAT>");
    for (const std::string& bad : {quoted("quantized_bits(4"), quoted("quantized_bits(4,,1)"),
                                   quoted("quantized_bits(four)"), quoted("quantized_bits(4)x"), quoted("nothing(4)"),
                                   quoted(""), std::string("3"), std::string("[]"), std::string("{}")}) {
        INFO(bad);
        CHECK_THAT(refused(bad), Catch::Contains("layer 'd' (QDense)"));
    }
}

TEST_CASE("C5: alpha auto_po2 scales every channel by the power of two that QKeras finds") {
    for (const int integer : {0, 1}) {
        const FloatModel m = dense(
            quantizer("quantized_bits", R"("bits": 4, "alpha": "auto_po2", "integer": )" + std::to_string(integer)));
        CHECK(kernel(m) == std::vector<double>{0.875, 0.01171875, -0.25, -0.01953125, 0, 0.02734375, -0.625, 0.00390625,
                                               0.375, -0.02734375, 0, 0.02734375});
        // No type makes them of the stored numbers.
        CHECK(m.layers[0].weights_source.empty());
        CHECK(type(m.layers[0].weight_type) == "ap_fixed<9,1,AP_RND_CONV,AP_SAT>");
    }
    // A kernel's quantiser without alpha is one with "auto_po2", and a bias' is not.
    const FloatModel m = dense(quoted("quantized_bits(4)"), quoted("quantized_bits(4)"));
    CHECK(kernel(m)[1] == 0.01171875);
    CHECK(type(m.layers[0].bias_type) == "ap_fixed<4,1,AP_RND_CONV,AP_SAT>");
    CHECK_THAT(refused(quantizer("quantized_bits", R"("bits": 4, "alpha": "auto")")),
               Catch::Contains("alpha 'auto'") && Catch::Contains("auto_po2"));
}

TEST_CASE("a numeric alpha multiplies what was quantised") {
    const FloatModel half = dense(quantizer("quantized_bits", R"("bits": 4, "alpha": 0.5)"));
    CHECK(kernel(half)[0] == 0.4375);
    CHECK(type(half.layers[0].weight_type) == "ap_fixed<4,0,AP_RND_CONV,AP_SAT>");
    CHECK(half.layers[0].weights_source.empty());
    const FloatModel odd = dense(quantizer("quantized_bits", R"("bits": 4, "alpha": 0.75)"));
    CHECK(kernel(odd)[0] == 0.65625);
    CHECK(type(odd.layers[0].weight_type) == "none");
    CHECK_THAT(refused(quantizer("quantized_bits", R"("bits": 4, "alpha": -1)")), Catch::Contains("must be positive"));
}

TEST_CASE("binary and ternary weights") {
    const FloatModel b = dense(quantizer("binary", R"("alpha": 1.0)"));
    CHECK(kernel(b) == std::vector<double>{1, 1, -1, -1, 1, 1, -1, 1, 1, -1, 1, 1});
    CHECK(std::get<Dense>(b.layers[0].op).weights.quantizer == WeightQuantizer::Bipolar);
    CHECK(type(b.layers[0].weight_type) == "ap_fixed<2,2,AP_RND_CONV,AP_SAT>");
    CHECK(b.layers[0].weights_source == "d/d/kernel:0");
    // One bit of quantized_bits is the same.
    CHECK(kernel(dense(bits(R"("bits": 1)"))) == kernel(b));
    CHECK(kernel(dense(quoted("binary(1,alpha=1)"))) == std::vector<double>{1, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1});
    const FloatModel t = dense(quoted("ternary(alpha=1,threshold=0.3)"));
    CHECK(kernel(t) == std::vector<double>{1, 0, -1, 0, 0, 0, -1, 0, 1, 0, 0, 0});
    CHECK(type(t.layers[0].weight_type) == "ap_fixed<2,2,AP_RND_CONV,AP_SAT>");
    CHECK(t.layers[0].weights_source.empty());
    constexpr double s = 0.015625;
    CHECK(kernel(dense(quoted("binary"))) == std::vector<double>{0.5, s, -0.5, -s, 0.5, s, -0.5, s, 0.5, -s, 0.5, s});
    CHECK(kernel(dense(quoted("ternary()"))) ==
          std::vector<double>{0.5, 0, -0.5, -2 * s, 0, 2 * s, -0.5, 0, 0.5, -2 * s, 0, 2 * s});
}

TEST_CASE("C5: quantized_relu and quantized_bits as activations quantise at inference") {
    const FloatLayer relu =
        activation(quantizer("quantized_relu", R"("bits": 6, "integer": 2, "negative_slope": 0.0)"));
    CHECK(std::holds_alternative<Quantize>(relu.op));
    CHECK(type(relu.result_type) == "ap_ufixed<6,2,AP_RND_CONV,AP_SAT>");
    REQUIRE(relu.quantizer);
    CHECK(relu.quantizer->scale == std::vector<double>{0.0625});
    CHECK((relu.quantizer->low == 0 && relu.quantizer->high == 63));
    CHECK(relu.quantizer->rounding == QuantizerRounding::HalfEven);
    CHECK(type(activation(quoted("quantized_relu(6)")).result_type) == "ap_ufixed<6,0,AP_RND_CONV,AP_SAT>");
    const FloatLayer b = activation(quoted("quantized_bits(5,1,1)"));
    CHECK(type(b.result_type) == "ap_fixed<5,2,AP_RND_CONV,AP_SAT_SYM>");
    CHECK((b.quantizer->low == -15 && b.quantizer->high == 15));
    CHECK(b.quantizer->scale == std::vector<double>{0.125});
    CHECK_THAT(activation_refused(quoted("quantized_relu(6,0,1)")), Catch::Contains("sigmoid"));
    CHECK_THAT(activation_refused(quoted("quantized_relu(6,0,0,0.25)")), Catch::Contains("negative slope"));
    CHECK_THAT(activation_refused(quoted("quantized_bits(6,0,alpha='auto_po2')")), Catch::Contains("use alpha 1"));
    CHECK_THAT(activation_refused(quoted("quantized_bits(6,0,alpha=0.5)")), Catch::Contains("alpha 0.5"));
}

TEST_CASE("binary and ternary activations are thresholds") {
    const FloatLayer b = activation(quoted("binary(alpha=1)"));
    const auto& sign = std::get<Threshold>(b.op);
    CHECK(sign.thresholds.real == std::vector<double>{0});
    CHECK((sign.scale == 2 && sign.bias == -1 && !sign.strict));
    const FloatLayer t = activation(quoted("ternary()"));
    const auto& steps = std::get<Threshold>(t.op);
    CHECK(steps.thresholds.dims == Dims{1, 2});
    // QKeras' 0.33 is a single; its negative counterpart is exclusive.
    CHECK(steps.thresholds.real == std::vector<double>{std::nextafter(-0.33F, 0.0F), 0.33F});
    CHECK((steps.scale == 1 && steps.bias == -1));
    CHECK(type(t.result_type) == "ap_fixed<2,2,AP_RND_CONV,AP_SAT>");
}

TEST_CASE("QKeras' layers and the activations inside them") {
    const std::string fields = R"("strides": [1, 1], "kernel_quantizer": )" + bits(R"("bits": 4)") +
                               R"(, "bias_quantizer": null, "activation": )" + quoted("quantized_relu(4,1)");
    const FloatModel conv = import_with(sequential({input("[null, 6, 5, 1]"), layer("QConv2D", "c", fields)}),
                                        {conv_weights("c", 3, 1, 2)});
    REQUIRE(conv.layers.size() == 2);
    CHECK(type(conv.layers[0].weight_type) == "ap_fixed<4,1,AP_RND_CONV,AP_SAT>");
    CHECK(conv.layers[1].name == "c_quantized_relu");
    CHECK(type(conv.layers[1].result_type) == "ap_ufixed<4,1,AP_RND_CONV,AP_SAT>");
    const FloatModel depthwise =
        import_with(sequential({input("[null, 6, 5, 2]"),
                                layer("QDepthwiseConv2D", "c", R"("depthwise_quantizer": )" + bits(R"("bits": 5)"))}),
                    {{"c", {{"c/depthwise_kernel:0", {3, 3, 2, 1}, ramp(18)}, {"c/bias:0", {2}, ramp(2)}}}});
    CHECK(type(depthwise.layers[0].weight_type) == "ap_fixed<5,1,AP_RND_CONV,AP_SAT>");
    CHECK(std::get<Conv2d>(depthwise.layers[0].op).groups == 2);
    const FloatModel steps = import_with(
        sequential({input("[null, 6, 2]"), layer("QConv1D", "c", R"("kernel_quantizer": )" + bits(R"("bits": 3)"))}),
        {{"c", {{"c/kernel:0", {3, 2, 1}, ramp(6)}, {"c/bias:0", {1}, ramp(1)}}}});
    CHECK(type(steps.layers[0].weight_type) == "ap_fixed<3,1,AP_RND_CONV,AP_SAT>");
    CHECK(std::get<Conv2d>(steps.layers[0].op).weights.dims == Dims{1, 3, 2, 1});
    // QKeras' own hard_sigmoid and hard_tanh.
    CHECK(std::get<Clip>(activation(quoted("hard_tanh")).op).min == -1);
    const FloatModel sigmoid =
        import_with(sequential({input("[null, 4]"), layer("QActivation", "a", R"("activation": "hard_sigmoid")")}), {});
    CHECK(std::get<Affine>(sigmoid.layers[0].op).scale.real == std::vector<double>{0.5});
}

TEST_CASE("a normalisation behind quantised weights stays a layer, and its numbers are quantised as it says") {
    const std::vector<KerasWeights> weights{dense_weights("d", 6, 2),
                                            {"n",
                                             {{"n/gamma:0", {2}, {0.9, 0.3}},
                                              {"n/beta:0", {2}, {0.3, 0.1}},
                                              {"n/moving_mean:0", {2}, {0, 0}},
                                              {"n/moving_variance:0", {2}, {0.75, 0.75}}}}};
    const auto affine = [&](const std::string& kind, const std::string& fields) {
        const FloatModel m = import_with(
            sequential({input("[null, 6]"), layer("QDense", "d", R"("kernel_quantizer": )" + bits(R"("bits": 4)")),
                        layer(kind, "n", R"("epsilon": 0.25)" + fields)}),
            weights);
        CHECK_FALSE(m.layers.at(0).batch_norm.has_value());
        return std::get<Affine>(m.layers.at(1).op);
    };
    CHECK(affine("BatchNormalization", "").scale.real == std::vector<double>{0.9F, 0.3F});
    const Affine q = affine("QBatchNormalization", R"(, "gamma_quantizer": )" + bits(R"("bits": 4)") +
                                                       R"(, "beta_quantizer": )" + bits(R"("bits": 3)") +
                                                       R"(, "mean_quantizer": null, "variance_quantizer": null)");
    CHECK(q.scale.real == std::vector<double>{0.875, 0.25});
    CHECK(q.bias->real == std::vector<double>{0.25, 0});
}

TEST_CASE("quantisers that are no fixed point are refused by name") {
    for (const char* name : {"quantized_po2", "quantized_linear", "stochastic_binary", "bernoulli", "quantized_tanh"}) {
        CHECK_THAT(refused(quantizer(name, R"("bits": 4)")),
                   Catch::Contains("'" + std::string(name) + "'") && Catch::Contains("quantized_bits, quantized_relu"));
    }
    CHECK_THAT(activation_refused(quoted("quantized_tanh(4)")), Catch::Contains("'quantized_tanh'"));
    for (const char* fields : {R"("bits": 0)", R"("bits": 33)", R"("bits": 4.5)", R"("bits": "4")",
                               R"("integer": 1000)", R"("bits": 4, "qnoise_factor": 0.5)"}) {
        INFO(fields);
        CHECK_THAT(refused(quantizer("quantized_bits", fields)), Catch::Contains("quantized_bits"));
    }
    CHECK_THAT(refused(quantizer("quantized_bits", R"("bits": 1)")), Catch::Contains("use binary instead"));
}

TEST_CASE("the network file of a model gives the same numbers, however the weights file stores them") {
    const TemporaryFolder folder;
    const std::string path = folder.file("m.h5");
    const auto check = [&](const std::vector<std::string>& layers, const std::vector<KerasWeights>& weights) {
        write_keras(path, sequential(layers), weights);
        const FloatModel m = import_keras(path);
        const Graph g = parse_network(print_network(m, {}), folder.file("net.toml"));
        REQUIRE(g.nodes.size() == m.layers.size());
        for (std::size_t i = 0; i < m.layers.size(); ++i) {
            INFO(m.layers[i].name);
            CHECK(g.nodes[i].shape == m.layers[i].shape);
            if (const auto* ours = std::get_if<Conv2d>(&m.layers[i].op)) {
                const auto& theirs = std::get<Conv2d>(g.nodes[i].op);
                CHECK(theirs.weights.dims == ours->weights.dims);
                CHECK(theirs.weights.real == ours->weights.real);
                CHECK(theirs.bias.has_value() == ours->bias.has_value());
                if (ours->bias) CHECK(theirs.bias->real == ours->bias->real);
            }
        }
    };
    const KerasWeights depthwise{"d", {{"d/depthwise_kernel:0", {2, 2, 2, 1}, ramp(8)}, {"d/bias:0", {2}, ramp(2)}}};
    KerasWeights norm{"n", {}};
    for (const char* role : {"gamma", "beta", "moving_mean", "moving_variance"})
        norm.arrays.push_back({"n/" + std::string(role) + ":0", {2}, ramp(2)});
    check({input("[null, 4, 4, 2]"), layer("DepthwiseConv2D", "d"), layer("BatchNormalization", "n")},
          {depthwise, norm});
    check({input("[null, 4, 4, 2]"), layer("DepthwiseConv2D", "d", R"("use_bias": false)"),
           layer("BatchNormalization", "n")},
          {depthwise, norm});
    check({input("[null, 4, 4, 2]"), layer("QDepthwiseConv2D", "d",
                                           R"("depthwise_quantizer": )" + quoted("quantized_bits(4)") +
                                               R"(, "bias_quantizer": )" + quoted("quantized_bits(4,1,alpha=0.5)"))},
          {depthwise});
    check({input("[null, 6, 2]"), layer("Conv1D", "c"), layer("Dense", "d")},
          {{"c", {{"c/kernel:0", {3, 2, 2}, ramp(12)}, {"c/bias:0", {2}, ramp(2)}}}, dense_weights("d", 2, 3)});
    // A binary kernel is made of the stored numbers by their signs.
    write_keras(
        path,
        sequential({input("[null, 6]"), layer("QDense", "d", R"("kernel_quantizer": )" + quoted("binary(alpha=1)"))}),
        {dense_weights("d", 6, 2)});
    const Graph g = parse_network(print_network(import_keras(path), {}), folder.file("net.toml"));
    CHECK(std::get<Dense>(g.nodes[0].op).weights.quantizer == WeightQuantizer::Bipolar);
    CHECK(print_type(std::get<Dense>(g.nodes[0].op).weights.type) == "ap_fixed<2,2,AP_RND_CONV,AP_SAT>");
}
