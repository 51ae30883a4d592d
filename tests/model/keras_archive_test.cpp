// .keras and .weights.h5: weights numbered by class, in a zip archive or not, and what may be wrong with them.
#include <limits>

#include "bittrue/model/network_file.hpp"
#include "model/keras_archive_writer.hpp"
#include "model/keras_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// As Keras 3 writes a layer: its module beside its class, its inputs as tensors.
std::string layer3(const std::string& kind, const std::string& name, const std::vector<std::string>& from,
                   const std::string& fields = "") {
    std::string tensors;
    for (const std::string& f : from) {
        tensors +=
            (tensors.empty() ? "" : ", ") +
            (R"({"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32", "keras_history": [")" +
             f + R"(", 0, 0]}})");
    }
    if (from.size() > 1) tensors = "[" + tensors + "]";
    const std::string inbound = from.empty() ? "[]" : R"([{"args": [)" + tensors + R"(], "kwargs": {}}])";
    return R"({"module": "keras.layers", "class_name": ")" + kind + R"(", "config": {"name": ")" + name +
           R"(", "trainable": true, "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}})" +
           (fields.empty() ? "" : ", " + fields) + R"(}, "registered_name": null, "name": ")" + name +
           R"(", "inbound_nodes": )" + inbound + "}";
}

std::string functional3(const std::vector<std::string>& layers, const std::string& in, const std::string& out) {
    return R"({"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "net", "trainable": true, "layers": [)" +
           joined(layers) + R"(], "input_layers": [")" + in + R"(", 0, 0], "output_layers": [")" + out +
           R"(", 0, 0]}, "registered_name": "Functional", "build_config": {"input_shape": null}})";
}

const std::string kInput3 = R"("batch_shape": [null, 3])";

std::string small3() {
    return functional3(
        {layer3("InputLayer", "x", {}, kInput3), layer3("Dense", "first", {"x"}, R"("units": 2, "activation": "relu")"),
         layer3("Dropout", "drop", {"first"}, R"("rate": 0.5)"),
         layer3("Dense", "second", {"drop"}, R"("units": 4, "activation": "hard_sigmoid")")},
        "x", "second");
}

std::vector<KerasArray> small_arrays() {
    return {{"layers/dense/vars/0", {3, 2}, ramp(6)},
            {"layers/dense/vars/1", {2}, ramp(2)},
            {"layers/dense_1/vars/0", {2, 4}, ramp(8, 0.5)},
            {"layers/dense_1/vars/1", {4}, ramp(4, 0.5)},
            {"layers/dropout/seed_generator/vars/0", {2}, {7, 8}},
            {"optimizer/vars/0", {1}, {9}}};
}

std::string refused(const std::vector<std::pair<std::string, std::string>>& entries) {
    const TemporaryFolder folder;
    write_zip(folder.file("m.keras"), entries);
    return error_of([&] { static_cast<void>(import_model(folder.file("m.keras"))); });
}

std::string refused(const std::string& config, const std::vector<KerasArray>& arrays) {
    return refused({{"config.json", config}, {"model.weights.h5", hdf5_bytes(arrays)}});
}

}  // namespace

TEST_CASE("a .keras archive has weights numbered by class in the order of its layers") {
    const TemporaryFolder folder;
    write_keras_archive(folder.file("m.keras"), small3(), small_arrays());
    const FloatModel m = import_model(folder.file("m.keras"));
    CHECK(m.framework == "Keras 3.1.1");
    CHECK(m.name == "net");
    CHECK(m.arrays.size() == 4);
    CHECK(std::get<Dense>(find(m, "first").op).weights.real == ramp(6));
    CHECK(std::get<Dense>(find(m, "second").op).weights.real == ramp(8, 0.5));
    CHECK(std::get<Dense>(find(m, "second").op).bias->real == ramp(4, 0.5));
    CHECK(find(m, "second").weights_source == "layers/dense_1/vars/0");
    CHECK(std::get<Affine>(find(m, "second_hard_sigmoid_affine").op).scale.real == std::vector<double>{1.0 / 6});
    CHECK(m.output == "second_hard_sigmoid");
    CHECK(read_real_arrays(folder.file("m.keras")).size() == 4);
}

TEST_CASE("the weights of an archive may be used by a network file") {
    const TemporaryFolder folder;
    write_keras_archive(folder.file("m.keras"), small3(), small_arrays());
    const std::string text =
        "bittrue = 1\nweights = \"m.keras\"\n[input]\nshape = [3]\ntype = \"s16.8\"\n[defaults]\n"
        "weight_type = \"s16.8\"\naccumulator = \"s32.16\"\nresult = \"s16.8\"\n[[layer]]\nname = \"d\"\nop = "
        "\"dense\"\n"
        "weights = \"layers/dense/vars/0\"\nbias = \"layers/dense/vars/1\"\n";
    CHECK(std::get<Dense>(parse_network(text, folder.file("net.toml")).nodes.at(0).op).weights.real == ramp(6));
}

TEST_CASE("a class's number counts the layers of that class in front, by Keras' words for classes") {
    const std::vector<std::string> layers{
        layer3("InputLayer", "x", {}, R"("batch_shape": [null, 8, 8, 2])"),
        layer3("DepthwiseConv2D", "a", {"x"}, R"("padding": "same", "use_bias": false)"),
        layer3("BatchNormalization", "n", {"a"}, R"("axis": 3, "scale": false, "epsilon": 0.25)"),
        layer3("SeparableConv2D", "b", {"n"}, R"("filters": 2, "padding": "same")"),
        layer3("Conv2D", "c", {"x"}, R"("filters": 2, "padding": "same")"),
        layer3("Add", "sum", {"b", "c"}),
        layer3("Conv2D", "d", {"sum"}, R"("filters": 1)")};
    const std::vector<KerasArray> arrays{{"layers/depthwise_conv2d/vars/0", {3, 3, 2, 1}, ramp(18)},
                                         {"layers/batch_normalization/vars/0", {2}, {1, 2}},
                                         {"layers/batch_normalization/vars/1", {2}, {0.5, 1}},
                                         {"layers/batch_normalization/vars/2", {2}, {3.75, 0.75}},
                                         {"layers/separable_conv2d/vars/0", {3, 3, 2, 1}, ramp(18, 2)},
                                         {"layers/separable_conv2d/vars/1", {1, 1, 2, 2}, ramp(4)},
                                         {"layers/separable_conv2d/vars/2", {2}, ramp(2)},
                                         {"layers/conv2d/vars/0", {3, 3, 2, 2}, ramp(36)},
                                         {"layers/conv2d/vars/1", {2}, ramp(2)},
                                         {"layers/conv2d_1/vars/0", {3, 3, 2, 1}, ramp(18, 3)},
                                         {"layers/conv2d_1/vars/1", {1}, {4}}};
    const TemporaryFolder folder;
    write_keras_archive(folder.file("m.keras"), functional3(layers, "x", "d"), arrays);
    const FloatModel m = import_model(folder.file("m.keras"));
    // beta, mean and variance: (0 - mean) / sqrt(variance + epsilon) + beta
    CHECK(std::get<Conv2d>(find(m, "a").op).bias->real == std::vector<double>{0.75, 1});
    CHECK(find(m, "a").batch_norm->beta == "layers/batch_normalization/vars/0");
    CHECK(std::get<Conv2d>(find(m, "b_depthwise").op).weights.real == ramp(18, 2));
    CHECK(std::get<Conv2d>(find(m, "b").op).weights.real == ramp(4));
    CHECK(std::get<Conv2d>(find(m, "d").op).weights.real == ramp(18, 3));
    CHECK(find(m, "sum").inputs == std::vector<std::string>{"b", "c"});
}

TEST_CASE("weights numbered by class may stand alone, beside a configuration") {
    const TemporaryFolder folder;
    write_file(folder.file("m.weights.h5"), hdf5_bytes(small_arrays()));
    CHECK(import_model(folder.file("m.weights.h5")).layers.empty());
    write_file(folder.file("m.json"), R"({"keras_version": "3.0.0", )" + small3().substr(1));
    const FloatModel m = import_model(folder.file("m.weights.h5"));
    CHECK(m.framework == "Keras 3.0.0");
    CHECK(std::get<Dense>(find(m, "second").op).weights.real == ramp(8, 0.5));
    // Keras 2.13 called the folder of the layers by another name.
    std::vector<KerasArray> old = small_arrays();
    for (KerasArray& a : old) {
        if (a.name.starts_with("layers/")) a.name = "_layer_checkpoint_dependencies" + a.name.substr(6);
    }
    write_file(folder.file("m.weights.h5"), hdf5_bytes(old));
    CHECK(std::get<Dense>(find(import_model(folder.file("m.weights.h5")), "first").op).weights.real == ramp(6));
    write_file(folder.file("m.json"), small3());
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(folder.file("m.weights.h5"))); }),
               Catch::Contains("hard_sigmoid, which differs between Keras 2 and 3"));
}

TEST_CASE("an .h5 of Keras 3 names its arrays with the whole path") {
    const std::vector<KerasWeights> weights{
        {"x", {}},
        {"first", {{"net/first/kernel", {3, 2}, ramp(6)}, {"net/first/bias", {2}, ramp(2)}}},
        {"drop", {}},
        {"second", {{"net/second/kernel", {2, 4}, ramp(8, 0.5)}, {"net/second/bias", {4}, ramp(4)}}}};
    const FloatModel m =
        import_with(small3(), weights, {.whole = true, .variable = true, .chunked = false, .version = "3.1.1"});
    CHECK(std::get<Dense>(find(m, "second").op).weights.real == ramp(8, 0.5));
    CHECK(std::get<Affine>(find(m, "second_hard_sigmoid_affine").op).scale.real == std::vector<double>{1.0 / 6});
}

TEST_CASE("a Sequential model of Keras 3 takes its shape from the build") {
    const std::string config =
        R"({"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [)" +
        layer3("Dense", "d", {}, R"("units": 2)") + R"(], "build_input_shape": [null, 3]}})";
    const TemporaryFolder folder;
    write_keras_archive(folder.file("m.keras"), config,
                        {{"layers/dense/vars/0", {3, 2}, ramp(6)}, {"layers/dense/vars/1", {2}, ramp(2)}});
    CHECK(import_model(folder.file("m.keras")).input_shape.dims == Dims{3});
}

TEST_CASE("an archive cut short anywhere is an input error") {
    const TemporaryFolder folder;
    write_keras_archive(folder.file("m.keras"), small3(), small_arrays());
    const std::string whole = read_file(folder.file("m.keras"));
    for (std::size_t n = 0; n < whole.size(); n += n < 64 ? 1 : 101) {
        const std::string path = folder.write("cut.keras", std::string_view(whole).substr(0, n));
        INFO(n << " of " << whole.size() << " bytes");
        CHECK_FALSE(error_of([&] { static_cast<void>(import_model(path)); }).empty());
    }
}

TEST_CASE("an archive that lacks what every .keras file has is refused with the remedy") {
    const std::string weights = hdf5_bytes(small_arrays());
    CHECK_THAT(refused({{"model.weights.h5", weights}}),
               Catch::Contains("without config.json") && Catch::Contains("save the model again"));
    CHECK_THAT(refused({{"config.json", small3()}}), Catch::Contains("without model.weights.h5"));
    CHECK_THAT(refused({{"something.txt", "hello"}}), Catch::Contains("without config.json"));
}

TEST_CASE("damaged entries of an archive are named") {
    const std::string weights = hdf5_bytes(small_arrays());
    CHECK_THAT(refused({{"config.json", "{\"class_name\": "}, {"model.weights.h5", weights}}),
               Catch::Contains("not valid JSON"));
    CHECK_THAT(refused({{"config.json", "[1, 2]"}, {"model.weights.h5", weights}}), Catch::Contains("'class_name'"));
    CHECK_THAT(refused({{"config.json", small3()}, {"model.weights.h5", "no hdf5"}}), Catch::Contains("no HDF5 file"));
    CHECK_THAT(refused({{"config.json", small3()}, {"model.weights.h5", weights.substr(0, weights.size() / 2)}}),
               Catch::Contains("m.keras"));
    CHECK_THAT(refused({{"config.json", small3()}, {"metadata.json", "{"}, {"model.weights.h5", weights}}),
               Catch::Contains("does not say which of them wrote it"));
}

TEST_CASE("arrays of an archive that are missing, too many, misshapen or not finite are named") {
    std::vector<KerasArray> arrays = small_arrays();
    arrays.erase(arrays.begin() + 3);
    CHECK_THAT(refused(small3(), arrays), Catch::Contains("layer 'second' (Dense)") &&
                                              Catch::Contains("needs 2 arrays (kernel, bias)") &&
                                              Catch::Contains("has 1 in 'layers/dense_1/vars'"));
    arrays = small_arrays();
    arrays.push_back({"layers/dense/vars/2", {1}, {1}});
    CHECK_THAT(refused(small3(), arrays), Catch::Contains("has 3 in 'layers/dense/vars'"));
    arrays = small_arrays();
    arrays[1].name = "layers/dense/vars/one";
    CHECK_THAT(refused(small3(), arrays), Catch::Contains("lacks the array 'layers/dense/vars/1'"));
    arrays = small_arrays();
    arrays[2] = {"layers/dense_1/vars/0", {3, 4}, ramp(12)};
    CHECK_THAT(refused(small3(), arrays), Catch::Contains("layer 'second' (Dense)") && Catch::Contains("3x4"));
    arrays = small_arrays();
    arrays[0].values[4] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(refused(small3(), arrays),
               Catch::Contains("array 'layers/dense/vars/0'") && Catch::Contains("index [2,0]"));
}

TEST_CASE("models of an archive that cannot be built are refused as those of an .h5") {
    const auto config = [](const std::vector<std::string>& layers, const std::string& out) {
        std::vector<std::string> all{layer3("InputLayer", "x", {}, kInput3)};
        all.insert(all.end(), layers.begin(), layers.end());
        return functional3(all, "x", out);
    };
    CHECK_THAT(refused(config({layer3("Attention", "a", {"x"})}, "a"), small_arrays()),
               Catch::Contains("layer 'a' (Attention)") && Catch::Contains("not supported"));
    CHECK_THAT(refused(config({layer3("Add", "a", {"x", "b"}), layer3("ReLU", "b", {"a"})}, "b"), small_arrays()),
               Catch::Contains("in a circle"));
    CHECK_THAT(refused(config({layer3("ReLU", "a", {"nobody"})}, "a"), small_arrays()),
               Catch::Contains("reads 'nobody'"));
    CHECK_THAT(refused(config({layer3("ReLU", "a", {"x"}), layer3("ReLU", "b", {"x"})}, "a"), small_arrays()),
               Catch::Contains("layer 'b' (ReLU)") && Catch::Contains("read by no other layer"));
    CHECK_THAT(refused(R"({"class_name": "MyModel", "config": {"layers": []}})", small_arrays()),
               Catch::Contains("class MyModel"));
}

TEST_CASE("an archive's entries are bounded before they are unpacked") {
    const TemporaryFolder folder;
    const std::string weights = hdf5_bytes(small_arrays());
    // 64 MiB and one byte of blanks are a few kilobytes in the archive.
    write_zip(folder.file("m.keras"),
              {{"config.json", std::string((std::size_t{64} << 20) + 1, ' ')}, {"model.weights.h5", weights}}, true);
    CHECK(std::filesystem::file_size(folder.file("m.keras")) < 1000000);
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(folder.file("m.keras"))); }),
               Catch::Contains("entry 'config.json'") && Catch::Contains("67108865 bytes; at most 67108864"));
    // 2 GiB declared in the central directory for a few bytes.
    write_keras_archive(folder.file("m.keras"), small3(), small_arrays());
    std::string bytes = read_file(folder.file("m.keras"));
    const std::size_t name = bytes.rfind("model.weights.h5");
    REQUIRE(name != std::string::npos);
    for (std::size_t i = 0; i < 4; ++i) bytes[name - 46 + 24 + i] = static_cast<char>(i == 3 ? 0x7f : 0xff);
    const std::string path = folder.write("lying.keras", bytes);
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(path)); }), Catch::Contains("lying.keras"));
}
