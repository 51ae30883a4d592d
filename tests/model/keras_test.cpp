#include <limits>

#include "model/keras_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kDense = R"("units": 2, "use_bias": true, "activation": "relu")";

std::string small_config() {
    return sequential({input("[null, 3]"), layer("Dense", "d", kDense)});
}

}  // namespace

TEST_CASE("a whole Keras model, with strings of either kind") {
    for (const bool variable : {true, false}) {
        const FloatModel m = import_with(small_config(), {{"x", {}}, dense_weights("d", 3, 2)},
                                         {.whole = true, .variable = variable, .chunked = false, .version = "2.4.0"});
        CHECK(m.name == "net");
        CHECK(m.framework == "Keras 2.4.0");
        CHECK(m.input_name == "x");
        CHECK(m.input_shape == Shape{.layout = Layout::Vector, .dims = {3}});
        CHECK(m.output == "d_relu");
        REQUIRE(m.layers.size() == 2);
        const auto& dense = std::get<Dense>(m.layers[0].op);
        CHECK(dense.weights.dims == Dims{3, 2});
        CHECK(dense.weights.real == ramp(6));
        CHECK(dense.bias->real == ramp(2));
        CHECK(m.layers[0].weights_source == "d/d/kernel:0");
        CHECK(m.layers[0].bias_source == "d/d/bias:0");
        CHECK(std::holds_alternative<Relu>(m.layers[1].op));
        CHECK(m.layers[1].inputs == std::vector<std::string>{"d"});
    }
}

TEST_CASE("a weights-only file finds its configuration beside it, or is given one, or has arrays only") {
    const TemporaryFolder folder;
    write_keras(folder.file("m_weights.h5"), "", {{"x", {}}, dense_weights("d", 3, 2)},
                {.whole = false, .variable = false, .chunked = true, .version = "2.1.6"});
    const FloatModel bare = import_model(folder.file("m_weights.h5"));
    CHECK(bare.layers.empty());
    REQUIRE(bare.arrays.size() == 2);
    CHECK(bare.arrays[0].name == "d/d/bias:0");
    CHECK(bare.arrays[1].tensor.dims == Dims{3, 2});
    write_file(folder.file("other.json"), small_config());
    CHECK(import_model(folder.file("m_weights.h5"), folder.file("other.json")).layers.size() == 2);
    write_file(folder.file("m.json"), small_config());
    CHECK(import_model(folder.file("m_weights.h5")).layers.size() == 2);
}

TEST_CASE("a Sequential model without input layer takes batch_input_shape, and a bare list of layers is read") {
    const std::string first = R"("batch_input_shape": [null, 3], )" + kDense;
    const FloatModel m = import_with(R"({"class_name": "Sequential", "config": [)" + layer("Dense", "d", first) + "]}",
                                     {dense_weights("d", 3, 2)});
    CHECK(m.input_name == "d_input");
    CHECK(m.layers.size() == 2);
    CHECK_THAT(refusal(sequential({layer("Dense", "d", kDense)}), {dense_weights("d", 3, 2)}),
               Catch::Contains("layer 'd' (Dense)") && Catch::Contains("batch_input_shape"));
}

TEST_CASE("a Functional model may branch and join, in any order of layers") {
    const std::vector<std::string> layers{node("Add", "sum", {"a", "b"}), node("Dense", "b", {"x"}, R"("units": 2)"),
                                          node("Dense", "a", {"x"}, R"("units": 2)"),
                                          node("InputLayer", "x", {}, R"("batch_input_shape": [null, 3])")};
    const FloatModel m =
        import_with(functional(layers, "x", "sum"), {dense_weights("a", 3, 2), dense_weights("b", 3, 2)});
    CHECK(m.output == "sum");
    CHECK(find(m, "sum").inputs == std::vector<std::string>{"a", "b"});
    CHECK(m.layers.back().name == "sum");
}

TEST_CASE("inbound nodes of Keras 3 are understood") {
    std::string dense = layer("Dense", "d", R"("units": 2)");
    dense.pop_back();
    dense +=
        R"(, "name": "d", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "keras_history": ["x", 0, 0]}}], "kwargs": {}}]})";
    const FloatModel m =
        import_with(functional({node("InputLayer", "x", {}, R"("batch_shape": [null, 3])"), dense}, "x", "d"),
                    {dense_weights("d", 3, 2)});
    CHECK(m.output == "d");
}

TEST_CASE("models that are no network of one input and one output are refused") {
    CHECK_THAT(refusal(R"({"class_name": "Sequential", "config": {"layers": [)"), Catch::Contains("not valid JSON"));
    CHECK_THAT(refusal(R"({"class_name": "Subclassed", "config": {"layers": []}})"),
               Catch::Contains("class Subclassed"));
    CHECK_THAT(refusal(R"({"class_name": "Sequential", "config": {}})"), Catch::Contains("list of layers"));
    CHECK_THAT(refusal(R"({"class_name": "Sequential", "config": {"layers": [{"class_name": 3}]}})"),
               Catch::Contains("class_name"));
    CHECK_THAT(refusal(sequential({})), Catch::Contains("0 input layers"));
    CHECK_THAT(refusal(sequential({input("[null, 3]")})), Catch::Contains("no layer that computes"));
    CHECK_THAT(
        refusal(functional({node("InputLayer", "x", {}, R"("batch_input_shape": [null, 3])"), node("ReLU", "r", {"q"})},
                           "x", "r")),
        Catch::Contains("reads 'q'"));
    CHECK_THAT(refusal(functional({node("InputLayer", "x", {}, R"("batch_input_shape": [null, 3])"),
                                   node("Add", "r", {"x", "s"}), node("ReLU", "s", {"r"})},
                                  "x", "r")),
               Catch::Contains("in a circle"));
    CHECK_THAT(
        refusal(functional({node("InputLayer", "x", {}, R"("batch_input_shape": [null, 3])"), node("ReLU", "r", {"x"})},
                           "x", "q")),
        Catch::Contains("output 'q'"));
    const std::string nested = R"({"class_name": "Functional", "config": {"name": "inner", "layers": []}})";
    CHECK_THAT(refusal(sequential({input("[null, 3]"), nested})),
               Catch::Contains("'inner' (Functional)") && Catch::Contains("not supported"));
    CHECK_THAT(refusal(std::string(100000, '[')), Catch::Contains("levels deep"));
}

TEST_CASE("shapes that are unknown or have too many axes are refused") {
    for (const char* shape : {"[null, null, 28, 1]", "[null]", "[null, 1, 2, 3, 4]", "[null, 0]",
                              "[null, 99999999999999]", "3", "[null, 1073741824, 1073741824, 4]"}) {
        INFO(shape);
        CHECK_FALSE(refusal(sequential({input(shape), layer("ReLU", "r")})).empty());
    }
}

TEST_CASE("a name that no network file can hold is refused") {
    const std::string bad[] = {"a\\nb", std::string(201, 'n'), ""};
    for (const std::string& name : bad) {
        INFO(name);
        CHECK_THAT(refusal(functional(
                       {node("InputLayer", name, {}, R"("batch_input_shape": [null, 3])"), node("ReLU", "r", {name})},
                       name, "r")),
                   Catch::Contains("its name"));
        CHECK_THAT(refusal(sequential({input("[null, 3]"), layer("ReLU", name)})), Catch::Contains("its name"));
    }
    // An activation's layer has a longer name than its own.
    CHECK_THAT(
        refusal(sequential({input("[null, 3]"), layer("Dense", std::string(198, 'n'), R"("activation": "relu")")}),
                {dense_weights(std::string(198, 'n'), 3, 2)}),
        Catch::Contains("its name"));
}

TEST_CASE("Keras 1 is refused with a remedy") {
    const TemporaryFolder folder;
    write_keras(folder.file("m.h5"), small_config(), {dense_weights("d", 3, 2)},
                {.whole = true, .variable = true, .chunked = false, .version = "1.2.2"});
    CHECK_THAT(error_of([&] { static_cast<void>(import_keras(folder.file("m.h5"))); }),
               Catch::Contains("Keras 1.2.2; load it with Keras 2"));
}

TEST_CASE("missing and misshapen weights are named") {
    CHECK_THAT(refusal(small_config(), {{"x", {}}}),
               Catch::Contains("layer 'd' (Dense)") && Catch::Contains("whose layers are x"));
    CHECK_THAT(refusal(small_config(), {{"d", {{"d/kernel:0", {3, 2}, ramp(6)}}}}),
               Catch::Contains("no array 'bias'") && Catch::Contains("it has kernel"));
    CHECK_THAT(refusal(small_config(), {dense_weights("d", 4, 2)}),
               Catch::Contains("layer 'd' (Dense)") && Catch::Contains("4x2"));
    CHECK_THAT(refusal(small_config(), {dense_weights("d", 3, 4)}),
               Catch::Contains("declares units = 2 but its kernel has 4"));
    CHECK_THAT(refusal(small_config(), {conv_weights("d", 1, 3, 2)}), Catch::Contains("a Dense needs two axes"));
    KerasWeights bias = dense_weights("d", 3, 2);
    bias.arrays[1].dims = {3};
    bias.arrays[1].values = ramp(3);
    CHECK_THAT(refusal(small_config(), {bias}), Catch::Contains("bias has 3 numbers"));
}

TEST_CASE("NaN and infinite weights are refused with array and index") {
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        KerasWeights w = dense_weights("d", 3, 2);
        w.arrays[0].values[3] = bad;
        CHECK_THAT(refusal(small_config(), {w}),
                   Catch::Contains("array 'd/d/kernel:0'") && Catch::Contains("index [1,1]"));
    }
}

TEST_CASE("an array with absurd dimensions is refused before allocating") {
    const TemporaryFolder folder;
    {
        Hdf5Writer file(folder.file("m.h5"));
        file.unwritten("/d/kernel:0", {std::uint64_t{1} << 40U, 2});
    }
    CHECK_THAT(error_of([&] { static_cast<void>(import_keras(folder.file("m.h5"))); }),
               Catch::Contains("d/kernel:0") && Catch::Contains("1099511627776x2"));
    {
        Hdf5Writer file(folder.file("n.h5"));
        file.unwritten("/a", {1U << 16U, 1U << 16U, 1U << 16U, 1U << 16U});
    }
    CHECK_THAT(error_of([&] { static_cast<void>(import_keras(folder.file("n.h5"))); }), Catch::Contains("65536x65536"));
}

TEST_CASE("attributes that are not text are refused") {
    const TemporaryFolder folder;
    {
        Hdf5Writer file(folder.file("m.h5"));
        file.number("/", "model_config", 3);
    }
    CHECK_THAT(error_of([&] { static_cast<void>(import_keras(folder.file("m.h5"))); }),
               Catch::Contains("'model_config'") && Catch::Contains("not text"));
}

TEST_CASE("a .h5 cut short anywhere is an input error") {
    const TemporaryFolder folder;
    write_keras(folder.file("m.h5"), small_config(), {{"x", {}}, dense_weights("d", 3, 2)});
    const std::string whole = read_file(folder.file("m.h5"));
    for (std::size_t n = 0; n < whole.size(); n += n < 128 ? 1 : 61) {
        const std::string path = folder.write("cut.h5", std::string_view(whole).substr(0, n));
        INFO(n << " of " << whole.size() << " bytes");
        CHECK_FALSE(error_of([&] { static_cast<void>(import_model(path)); }).empty());
    }
    CHECK_THAT(error_of([&] { static_cast<void>(import_keras(folder.write("t.h5", "no hdf5"))); }),
               Catch::Contains("not a weights file"));
    CHECK_FALSE(error_of([&] { static_cast<void>(import_model(folder.file("absent.h5"))); }).empty());
}

TEST_CASE("array names may be written short") {
    CHECK(same_array_name("conv2d/kernel", "conv2d/conv2d/kernel:0"));
    CHECK(same_array_name("a", "a"));
    CHECK(same_array_name("conv/kernel:0", "conv/kernel"));
    CHECK_FALSE(same_array_name("conv/kernel", "conv_1/kernel"));
    CHECK_FALSE(same_array_name("conv/bias", "conv/conv/kernel:0"));
}
