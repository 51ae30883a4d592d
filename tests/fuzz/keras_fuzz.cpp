// import_keras: damaged model configurations beside an intact weights file, and the network file that `init` would make
// of them. The HDF5 file itself is left alone: reading it is the HDF5 library's business.
#include <hdf5.h>

#include "bittrue/model/keras.hpp"
#include "bittrue/model/network_file.hpp"
#include "fuzz/graphs.hpp"
#include "fuzz/hdf5_array.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

namespace {

const Scratch& folder() {
    static const Scratch scratch;
    static const bool written = [] {
        const hid_t file = H5Fcreate(scratch.file("m.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        require(file >= 0, "HDF5 makes a file");
        add_array(file, "/conv/conv/kernel:0", {3, 3, 1, 2});
        add_array(file, "/conv/conv/bias:0", {2});
        add_array(file, "/norm/norm/gamma:0", {2});
        add_array(file, "/norm/norm/beta:0", {2});
        add_array(file, "/norm/norm/moving_mean:0", {2});
        add_array(file, "/norm/norm/moving_variance:0", {2});
        add_array(file, "/dense/dense/kernel:0", {8, 3});
        add_array(file, "/dense/dense/bias:0", {3});
        add_array(file, "/deep/deep/depthwise_kernel:0", {2, 2, 1, 2});
        add_array(file, "/deep/deep/bias:0", {2});
        add_array(file, "/sep/sep/depthwise_kernel:0", {3, 3, 2, 1});
        add_array(file, "/sep/sep/pointwise_kernel:0", {1, 1, 2, 2});
        add_array(file, "/sep/sep/bias:0", {2});
        add_array(file, "/row/row/kernel:0", {2, 4, 2});
        add_array(file, "/row/row/bias:0", {2});
        add_array(file, "/point/point/kernel:0", {2, 3});
        add_array(file, "/point/point/bias:0", {3});
        return H5Fclose(file) >= 0;
    }();
    require(written, "the weights are there");
    return scratch;
}

std::string layer(const std::string& kind, const std::string& name, const std::string& fields = "") {
    return R"({"class_name": ")" + kind + R"(", "config": {"name": ")" + name + "\"" +
           (fields.empty() ? "" : ", " + fields) + "}}";
}

std::string sequential(const std::string& layers) {
    return R"({"class_name": "Sequential", "config": {"name": "net", "layers": [)" + layers + "]}}";
}

// A layer of a Functional model; `from` is a list of inbound links.
std::string node(const std::string& kind, const std::string& name, const std::string& from,
                 const std::string& fields = "") {
    std::string text = layer(kind, name, fields);
    text.pop_back();
    return text + R"(, "name": ")" + name + R"(", "inbound_nodes": [)" + from + "]}";
}

std::string link(const std::string& name) {
    return "[\"" + name + "\", 0, 0, {}]";
}

}  // namespace

std::vector<std::string> seeds() {
    const std::string in = layer("InputLayer", "x", R"("batch_input_shape": [null, 4, 4, 1])");
    const std::string conv = layer(
        "Conv2D", "conv",
        R"("filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "activation": "relu", "use_bias": true)");
    const std::string plain =
        layer("Conv2D", "conv", R"("filters": 2, "kernel_size": 3, "padding": "valid", "activation": "linear")");
    const std::string dense = layer("Dense", "dense", R"("units": 3, "activation": "softmax")");
    return {
        sequential(in + ", " + conv + ", " + layer("MaxPooling2D", "pool", R"("pool_size": [2, 2], "strides": null)") +
                   ", " + layer("Flatten", "flat") + ", " + layer("Dropout", "drop", R"("rate": 0.5)") + ", " + dense),
        sequential(
            in + ", " + layer("ZeroPadding2D", "pad", R"("padding": [[1, 1], [1, 1]])") + ", " + plain + ", " +
            layer("BatchNormalization", "norm", R"("axis": [3], "epsilon": 0.001, "center": true, "scale": true)") +
            ", " + layer("ReLU", "r", R"("max_value": 6.0, "negative_slope": 0.0)") + ", " +
            layer("AveragePooling2D", "mean", R"("pool_size": 2, "padding": "valid")")),
        R"({"class_name": "Functional", "config": {"name": "f", "layers": [)" +
            node("InputLayer", "x", "", R"("batch_input_shape": [null, 4, 4, 1])") + ", " +
            node("Conv2D", "conv", "[" + link("x") + "]", R"("filters": 2, "kernel_size": [3, 3], "padding": "same")") +
            ", " + node("LeakyReLU", "l", "[" + link("conv") + "]", R"("alpha": 0.25)") + ", " +
            node("Add", "sum", "[" + link("conv") + ", " + link("l") + "]") + ", " +
            node("Reshape", "vector", "[" + link("sum") + "]", R"("target_shape": [-1])") + ", " +
            node("Activation", "a", "[" + link("vector") + "]", R"("activation": "sigmoid")") +
            R"(], "input_layers": [["x", 0, 0]], "output_layers": [["a", 0, 0]]}})",
        sequential(in + ", " +
                   layer("QDepthwiseConv2D", "deep",
                         R"x("padding": "same", "depthwise_quantizer": "quantized_bits(4,0,1,alpha=1)")x") +
                   ", " + layer("BatchNormalization", "norm", R"("axis": [3])") + ", " +
                   layer("QActivation", "act", R"x("activation": "ternary(alpha=1,threshold=0.5)")x") + ", " +
                   layer("SeparableConv2D", "sep", R"("padding": "same", "activation": "relu6")") + ", " +
                   layer("Permute", "turn", R"("dims": [2, 1, 3])") + ", " +
                   layer("ZeroPadding2D", "frame", R"("padding": 1)") + ", " +
                   layer("GlobalAveragePooling2D", "all", R"("keepdims": false)") + ", " +
                   layer("QDense", "point",
                         R"("kernel_quantizer": {"class_name": "binary", "config": {"alpha": "auto_po2"}}, )"
                         R"("bias_quantizer": {"class_name": "quantized_bits", "config": {"bits": 3, "alpha": 0.5}}, )"
                         R"x("activation": "quantized_relu(3)")x")),
        R"({"keras_version": "3.1.1", "class_name": "Functional", "config": {"name": "f", "layers": [)" +
            node("InputLayer", "x", "", R"("batch_shape": [null, 4, 4])") + ", " +
            node("Conv1D", "row", "[" + link("x") + "]", R"("padding": "causal", "kernel_size": [2])") + ", " +
            node("ZeroPadding1D", "frame", "[" + link("row") + "]", R"("padding": [1, 0])") + ", " +
            node("AveragePooling1D", "p", "[" + link("frame") + "]", R"("pool_size": 2, "strides": [1])") + ", " +
            node("Rescaling", "scaled", "[" + link("p") + "]", R"("scale": [0.5, 2], "offset": -1)") + ", " +
            node("Multiply", "product", "[" + link("p") + ", " + link("scaled") + "]") + ", " +
            node("Concatenate", "both", "[" + link("product") + ", " + link("row") + "]", R"("axis": 1)") + ", " +
            node("Dense", "point", "[" + link("both") + "]", R"("activation": "hard_sigmoid")") +
            R"(], "input_layers": ["x", 0, 0], "output_layers": ["point", 0, 0]}})"};
}

std::vector<std::string> dictionary() {
    return {"null",
            "true",
            "false",
            "-1",
            "0",
            "1e308",
            "1048576",
            "1073741824",
            "9223372036854775807",
            "18446744073709551615",
            "\"same\"",
            "\"valid\"",
            "\"channels_first\"",
            "\"data_format\": ",
            "\"target_shape\": [",
            "\"batch_input_shape\": [",
            "\"inbound_nodes\": [[[",
            "\"Reshape\"",
            "\"Softmax\"",
            "\"Add\"",
            "\"Concatenate\"",
            "\"Conv1D\"",
            "\"GlobalMaxPooling2D\"",
            "\"keepdims\": ",
            "\"axis\": ",
            "\"dims\": [",
            "\"causal\"",
            "\"QDense\"",
            "_quantizer\": ",
            "quantized_bits(",
            "alpha='auto_po2'",
            "\"ternary()\"",
            "\"binary\"",
            "\"Flatten\"",
            "\"keras_history\": [\"",
            "\"model_config\": ",
            "\"keras_version\": \"1.",
            "[[[[[[[[",
            "{\"a\":",
            "\\u0000",
            "\\ud800",
            "\"relu\"",
            "\"tanh\"",
            "\"config\": "};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string weights = folder().file("m.h5");
    const std::string config = folder().write("m.json", text_of(data, size));
    FloatModel model;
    if (!takes([&] { model = import_keras(weights, config); })) return 0;
    require(!model.layers.empty(), "a model with a configuration has layers");
    InitOptions options;
    options.weights_file = "m.h5";
    must_take("the network file of an imported model can be read", [&] {
        const Graph graph = parse_network(print_network(model, options), folder().file("net.toml"));
        check_graph(graph);
        require(graph.nodes.size() == model.layers.size() && graph.output == model.output,
                "the network file has the model's layers");
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const Node& node = graph.nodes[i];
            const FloatLayer& layer = model.layers[i];
            require(node.name == layer.name && node.inputs == layer.inputs && node.shape == layer.shape &&
                        node.op.index() == layer.op.index(),
                    "a layer of the network file is the model's");
        }
    });
    return 0;
}
