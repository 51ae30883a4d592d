// Keras layers that join, move and reduce, and the activations of several steps.
#include "model/keras_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kInput = R"("batch_input_shape": [null, 4, 6, 3])";

std::string shapes(const FloatModel& m) {
    std::string text;
    for (const FloatLayer& l : m.layers)
        text += (text.empty() ? "" : " ") + l.name + ":" + op_name(l.op) + ":" + print_dims(l.shape.dims);
    return text;
}

FloatModel joined_layer(const std::string& kind, const std::string& fields, const std::string& in = kInput) {
    return import_with(
        functional({node("InputLayer", "x", {}, in), node("ReLU", "r", {"x"}), node(kind, "j", {"x", "r"}, fields)},
                   "x", "j"),
        {});
}

std::string join_refused(const std::string& fields, const std::string& in = kInput) {
    return refusal(functional(
        {node("InputLayer", "x", {}, in), node("ReLU", "r", {"x"}), node("Concatenate", "j", {"x", "r"}, fields)}, "x",
        "j"));
}

}  // namespace

TEST_CASE("Concatenate along any axis of a map, a sequence and a vector") {
    const auto axis = [](const std::string& fields, const std::string& in = kInput) {
        return std::get<Concat>(find(joined_layer("Concatenate", fields, in), "j").op).axis;
    };
    CHECK(axis("") == Axis::Channel);
    CHECK(axis(R"("axis": 3)") == Axis::Channel);
    CHECK(axis(R"("axis": -2)") == Axis::Column);
    CHECK(axis(R"("axis": 1)") == Axis::Row);
    CHECK(find(joined_layer("Concatenate", R"("axis": 2)"), "j").shape == make_map(Layout::Hwc, 3, 4, 12));
    const std::string vector = R"("batch_input_shape": [null, 4])";
    CHECK(axis(R"("axis": 1)", vector) == Axis::Channel);
    CHECK(find(joined_layer("Concatenate", "", vector), "j").shape.count() == 8);
    // An image without channels: rows and columns.
    const std::string image = R"("batch_input_shape": [null, 4, 6])";
    CHECK(axis(R"("axis": 1)", image) == Axis::Row);
    CHECK(axis(R"("axis": -1)", image) == Axis::Column);
    CHECK_THAT(join_refused(R"("axis": 0)"), Catch::Contains("axis 0"));
    CHECK_THAT(join_refused(R"("axis": 4)"), Catch::Contains("axis 4"));
    CHECK_THAT(join_refused(R"("axis": "rows")"), Catch::Contains("which no map has"));
    CHECK_FALSE(refusal(functional({node("InputLayer", "x", {}, kInput), node("MaxPooling2D", "p", {"x"}),
                                    node("Concatenate", "j", {"x", "p"})},
                                   "x", "j"))
                    .empty());
}

TEST_CASE("Add and Multiply take several inputs of one shape") {
    CHECK(shapes(joined_layer("Multiply", "")) == "r:relu:4x6x3 j:multiply:4x6x3");
    CHECK(shapes(joined_layer("Add", "")) == "r:relu:4x6x3 j:add:4x6x3");
    CHECK_THAT(refusal(functional({node("InputLayer", "x", {}, kInput), node("MaxPooling2D", "p", {"x"}),
                                   node("Multiply", "j", {"x", "p"})},
                                  "x", "j")),
               Catch::Contains("layer 'j' (Multiply)"));
}

TEST_CASE("a residual block of two branches, normalisation and joins") {
    const std::vector<std::string> layers{node("InputLayer", "x", {}, R"("batch_input_shape": [null, 8, 8, 2])"),
                                          node("Conv2D", "a", {"x"}, R"("padding": "same", "activation": "linear")"),
                                          node("BatchNormalization", "n", {"a"}),
                                          node("Activation", "ar", {"n"}, R"("activation": "relu")"),
                                          node("SpatialDropout2D", "drop", {"ar"}),
                                          node("Conv2D", "b", {"drop"}, R"("padding": "same")"),
                                          node("Add", "sum", {"b", "x"}),
                                          node("Concatenate", "both", {"sum", "ar"}),
                                          node("GlobalAveragePooling2D", "mean", {"both"}),
                                          node("Dense", "out", {"mean"}, R"("activation": "softmax")")};
    KerasWeights norm{"n", {}};
    for (const char* role : {"gamma", "beta", "moving_mean", "moving_variance"})
        norm.arrays.push_back({"n/" + std::string(role) + ":0", {2}, ramp(2)});
    const FloatModel m =
        import_with(functional(layers, "x", "out"),
                    {conv_weights("a", 3, 2, 2), norm, conv_weights("b", 3, 2, 2), dense_weights("out", 4, 3)});
    CHECK(shapes(m) ==
          "a:conv2d:8x8x2 ar:relu:8x8x2 b:conv2d:8x8x2 sum:add:8x8x2 both:concat:8x8x4 mean_pool:average_pool:1x1x4 "
          "mean:flatten:4 out:dense:3 out_softmax:softmax:3");
    CHECK(find(m, "both").inputs == std::vector<std::string>{"sum", "ar"});
    CHECK(find(m, "a").batch_norm.has_value());
}

TEST_CASE("global pools take the whole map, and keep its axes when asked") {
    const auto model = [](const std::string& kind, const std::string& fields) {
        return import_with(sequential({input("[null, 4, 6, 3]"), layer(kind, "g", fields)}), {});
    };
    CHECK(shapes(model("GlobalAveragePooling2D", "")) == "g_pool:average_pool:1x1x3 g:flatten:3");
    CHECK(shapes(model("GlobalMaxPooling2D", R"("keepdims": true)")) == "g:max_pool:1x1x3");
    CHECK(std::get<AveragePool>(model("GlobalAveragePooling2D", "").layers[0].op).pool == std::array<int, 2>{4, 6});
    CHECK_THAT(refusal(sequential({input("[null, 4]"), layer("GlobalAveragePooling2D", "g")})),
               Catch::Contains("put a Reshape in front"));
}

TEST_CASE("Permute moves the axes as Keras numbers them") {
    const auto axes = [](const std::string& shape, const std::string& dims) {
        const FloatModel m = import_with(sequential({input(shape), layer("Permute", "p", R"("dims": )" + dims)}), {});
        return std::get<Transpose>(m.layers[0].op).axes;
    };
    CHECK(axes("[null, 4, 6, 3]", "[3, 1, 2]") == std::array<int, 3>{2, 0, 1});
    CHECK(axes("[null, 4, 6]", "[2, 1]") == std::array<int, 3>{1, 0, 2});  // an image
    const FloatModel steps = import_with(
        sequential({input("[null, 4, 6]"), layer("Permute", "p", R"("dims": [2, 1])"), layer("MaxPooling1D", "m")}),
        {});
    CHECK(std::get<Transpose>(steps.layers[0].op).axes == std::array<int, 3>{0, 2, 1});
    CHECK(steps.layers[0].shape == make_map(Layout::Hwc, 4, 1, 6));
    for (const char* dims : {"[1, 1, 2]", "[1, 2]", "[0, 1, 2]", "[1, 2, 4]", "3", "[1, 2, \"c\"]"}) {
        INFO(dims);
        CHECK_FALSE(
            refusal(sequential({input("[null, 4, 6, 3]"), layer("Permute", "p", R"("dims": )" + std::string(dims))}))
                .empty());
    }
    CHECK_FALSE(refusal(sequential({input("[null, 4]"), layer("Permute", "p", R"("dims": [1])")})).empty());
}

TEST_CASE("Rescaling is affine, with one number or one per channel") {
    const auto op = [](const std::string& fields) {
        return std::get<Affine>(
            import_with(sequential({input("[null, 4, 4, 3]"), layer("Rescaling", "s", fields)}), {}).layers[0].op);
    };
    CHECK(op(R"("scale": 0.5, "offset": -1.0)").scale.real == std::vector<double>{0.5});
    CHECK(op(R"("scale": 0.5, "offset": -1.0)").bias->real == std::vector<double>{-1});
    CHECK(op(R"("scale": [1, 2, 3])").scale.real == std::vector<double>{1, 2, 3});
    CHECK(op(R"("scale": [1, 2, 3])").bias->real == std::vector<double>{0});
    CHECK_THAT(refusal(sequential({input("[null, 4, 4, 3]"), layer("Rescaling", "s", R"("scale": ["a"])")})),
               Catch::Contains("must be numbers"));
}

TEST_CASE("hard_sigmoid is an affine layer and a clip, of the slope of its Keras") {
    const auto slope = [](const std::string& version) {
        const FloatModel m = import_with(
            sequential({input("[null, 3]"), layer("Dense", "d", R"("activation": "hard_sigmoid")")}),
            {dense_weights("d", 3, 2)}, {.whole = true, .variable = true, .chunked = false, .version = version});
        CHECK(shapes(m) == "d:dense:2 d_hard_sigmoid_affine:affine:2 d_hard_sigmoid:clip:2");
        const auto& clip = std::get<Clip>(m.layers[2].op);
        CHECK((clip.min == 0 && clip.max == 1));
        const auto& affine = std::get<Affine>(m.layers[1].op);
        CHECK(affine.bias->real == std::vector<double>{0.5});
        return affine.scale.real.at(0);
    };
    CHECK(slope("2.4.0") == 0.2);
    CHECK(slope("3.1.1") == 1.0 / 6);
}

TEST_CASE("leaky_relu by name has the slope of Keras 3") {
    const FloatModel m =
        import_with(sequential({input("[null, 3]"), layer("Activation", "a", R"("activation": "leaky_relu")")}), {});
    CHECK(std::get<LeakyRelu>(m.layers[0].op).alpha.real == std::vector<double>{0.2});
}

TEST_CASE("layers that do nothing at inference are left out by name") {
    for (const char* kind : {"Dropout", "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout", "GaussianNoise",
                             "GaussianDropout", "ActivityRegularization", "Identity"}) {
        const FloatModel m =
            import_with(sequential({input("[null, 4, 4, 3]"), layer(kind, "i"), layer("ReLU", "r")}), {});
        INFO(kind);
        CHECK(m.layers.size() == 1);
        REQUIRE(m.notes.size() == 1);
        CHECK_THAT(m.notes[0], Catch::StartsWith("i (" + std::string(kind) + ")"));
    }
}
