// import_onnx: damaged files, and damaged models in protobuf's text form, which stay files. What is taken is a network.
#include <set>

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include "bittrue/model/onnx.hpp"
#include "fuzz/graphs.hpp"
#include "model/onnx_writer.hpp"

namespace bittrue::fuzz {

namespace {

using test::OnnxType;
using test::OnnxWriter;
using Ints = std::vector<std::int64_t>;

constexpr std::string_view kText = "ir_version:";

class Silent : public google::protobuf::io::ErrorCollector {
public:
    void AddError(int /*line*/, google::protobuf::io::ColumnNumber /*column*/,
                  const std::string& /*message*/) override {}
};

std::vector<double> ramp(std::size_t n) {
    std::vector<double> v;
    for (std::size_t i = 0; i < n; ++i) v.push_back(0.25 * static_cast<double>(i % 7) - 0.5);
    return v;
}

void convolutional(OnnxWriter& w) {
    w.input("x", {-1, 1, 6, 6}).output("y");
    w.constant("w", {2, 1, 3, 3}, ramp(18), OnnxType::Float, false).constant("b", {2}, {1, 2}, OnnxType::Float, false);
    w.constant("c", {2, 1, 1}, {1, 2}, OnnxType::Float, false).constant("s", {2}, {0, -1}, OnnxType::Int64, false);
    w.constant("d", {18, 3}, ramp(54), OnnxType::Float, false)
        .constant("p", {8}, {0, 0, 1, 1, 0, 0, 1, 1}, OnnxType::Int64, false);
    w.node({"Pad", {"x", "p"}, {"f"}, {}, "pad"});
    w.node({"Conv",
            {"f", "w", "b"},
            {"n"},
            {{"strides", Ints{1, 1}}, {"pads", Ints{0, 0, 0, 0}}, {"group", std::int64_t{1}}},
            "conv"});
    w.node({"BatchNormalization", {"n", "b", "b", "b", "b"}, {"o"}, {{"epsilon", 0.5}}});
    w.node({"Clip", {"o"}, {"r"}}).node({"Mul", {"r", "c"}, {"m"}}).node({"Add", {"m", "r"}, {"a"}});
    w.node({"AveragePool",
            {"a"},
            {"q"},
            {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}}});
    w.node({"Concat", {"q", "q"}, {"k"}, {{"axis", std::int64_t{1}}}})
        .node({"MaxPool", {"k"}, {"l"}, {{"kernel_shape", Ints{1, 1}}}});
    w.node({"ReduceMean", {"l"}, {"z"}, {{"axes", Ints{2, 3}}}})
        .node({"Shape", {"q"}, {"t"}})
        .node({"Slice", {"t", "one", "two"}, {"u"}});
    w.constant("one", {1}, {0}, OnnxType::Int64, false)
        .constant("two", {1}, {1}, OnnxType::Int64, false)
        .constant("three", {1}, {-1}, OnnxType::Int64, false);
    w.node({"Concat", {"u", "three"}, {"v"}, {{"axis", std::int64_t{0}}}}).node({"Reshape", {"q", "v"}, {"h"}});
    w.node({"MatMul", {"h", "d"}, {"e"}}).node({"Softmax", {"e"}, {"y"}, {{"axis", std::int64_t{1}}}, "softmax"});
}

void channels_last(OnnxWriter& w) {
    w.input("x", {1, 4, 5, 2}).output("y").constant("w", {3, 2, 2, 2}, ramp(24), OnnxType::Float, false);
    w.node({"Transpose", {"x"}, {"a"}, {{"perm", Ints{0, 3, 1, 2}}}})
        .node({"Conv", {"a", "w"}, {"b"}, {{"auto_pad", std::string("SAME_UPPER")}}});
    w.node({"LeakyRelu", {"b"}, {"c"}, {{"alpha", 0.25}}})
        .node({"Transpose", {"c"}, {"d"}, {{"perm", Ints{0, 2, 3, 1}}}});
    w.node({"HardSigmoid", {"d"}, {"e"}})
        .node({"Transpose", {"e"}, {"f"}, {{"perm", Ints{0, 2, 1, 3}}}})
        .node({"Flatten", {"f"}, {"g"}});
    w.node({"Unsqueeze", {"g", "i"}, {"h"}})
        .constant("i", {1}, {2}, OnnxType::Int64, false)
        .node({"Squeeze", {"h", "i"}, {"y"}});
}

void quantised(OnnxWriter& w) {
    w.input("x", {-1, 1, 3, 3}).output("y");
    w.constant("s", {}, {0.5}, OnnxType::Float, false)
        .constant("z", {}, {3}, OnnxType::UInt8, false)
        .constant("i", {}, {0}, OnnxType::Int8, false);
    w.constant("w", {2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}, OnnxType::Int8, false)
        .constant("b", {2}, {8, 16}, OnnxType::Int32, false);
    w.constant("v", {18, 2}, ramp(36), OnnxType::Int8, false);
    w.node({"QuantizeLinear", {"x", "s", "z"}, {"q"}})
        .node({"QLinearConv", {"q", "s", "z", "w", "s", "i", "s", "z", "b"}, {"c"}, {{"pads", Ints{1, 1, 0, 0}}}});
    w.node({"DequantizeLinear", {"c", "s", "z"}, {"d"}})
        .node({"Relu", {"d"}, {"r"}})
        .node({"QuantizeLinear", {"r", "s", "i"}, {"e"}})
        .node({"Flatten", {"e"}, {"f"}});
    w.node({"MatMulInteger", {"f", "v"}, {"g"}})
        .node({"Cast", {"g"}, {"h"}, {{"to", std::int64_t{1}}}})
        .node({"Mul", {"h", "s"}, {"y"}});
}

void brevitas(OnnxWriter& w) {
    w.input("x", {-1, 4}).output("y");
    w.constant("s", {}, {0.25}, OnnxType::Float, false)
        .constant("z", {}, {0}, OnnxType::Float, false)
        .constant("n", {}, {4}, OnnxType::Float, false);
    w.constant("w", {3, 4}, ramp(12), OnnxType::Float, false)
        .constant("t", {3, 2}, {-1, 0, 0, 1, 1, 2}, OnnxType::Float, false);
    w.node({"Quant",
            {"w", "s", "z", "n"},
            {"a"},
            {{"signed", std::int64_t{1}}, {"narrow", std::int64_t{1}}, {"rounding_mode", std::string("ROUND")}},
            "",
            "qonnx"});
    w.node({"Transpose", {"a"}, {"b"}, {{"perm", Ints{1, 0}}}})
        .node({"Quant", {"x", "s", "z", "n"}, {"c"}, {{"signed", std::int64_t{0}}}});
    w.node({"MatMul", {"c", "b"}, {"d"}})
        .node({"MultiThreshold", {"d", "t"}, {"e"}, {{"out_dtype", std::string("INT4")}}});
    w.node({"Trunc", {"e", "s", "z", "n", "n"}, {"f"}}).node({"BipolarQuant", {"f", "s"}, {"y"}});
}

// Where the model says no types, wide ones; tables do not exist yet, so that what looks one up becomes what keeps the
// shape.
Graph graph_of(const FloatModel& model) {
    const FixedType wide{.format = {.width = 32, .integer = 16, .is_signed = true}};
    Graph graph;
    graph.name = "fuzz";
    graph.input.name = model.input_name;
    graph.input.shape = model.input_shape;
    graph.input.type = wide;
    graph.output = model.output;
    for (const FloatLayer& layer : model.layers) {
        Node node;
        node.name = layer.name;
        node.inputs = layer.inputs;
        node.op = layer.op;
        if (std::holds_alternative<Softmax>(node.op) || std::holds_alternative<Lookup>(node.op)) node.op = Quantize{};
        node.result = layer.result_type.value_or(wide);
        graph.nodes.push_back(std::move(node));
    }
    return graph;
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> result;
    for (const auto fill : {convolutional, channels_last, quantised, brevitas}) {
        OnnxWriter writer(13);
        fill(writer);
        std::string text;
        require(google::protobuf::TextFormat::PrintToString(writer.proto(), &text) && text.starts_with(kText),
                "a seed can be printed");
        result.push_back(std::move(text));
        result.push_back(writer.bytes());
    }
    return result;
}

std::vector<std::string> dictionary() {
    return {"raw_data: \"\\000\\000\\200?\"\n",
            "data_location: EXTERNAL\n",
            "dims: 0\n",
            "dims: 1\n",
            "dims: 3\n",
            "dims: 2147483647\n",
            "int64_data: -1\n",
            "float_data: nan\n",
            "float_data: inf\n",
            "float_data: 1e-42\n",
            "data_type: 7\n",
            "data_type: 2\n",
            "data_type: 10\n",
            "op_type: \"Identity\"\n",
            "op_type: \"Sub\"\n",
            "op_type: \"Div\"\n",
            "op_type: \"Pow\"\n",
            "op_type: \"Gather\"\n",
            "op_type: \"Gemm\"\n",
            "op_type: \"ConstantOfShape\"\n",
            "op_type: \"ConvInteger\"\n",
            "op_type: \"QLinearMatMul\"\n",
            "op_type: \"GlobalAveragePool\"\n",
            "op_type: \"DequantizeLinear\"\n",
            "op_type: \"Sigmoid\"\n",
            "op_type: \"ReduceMax\"\n",
            "op_type: \"Squeeze\"\n",
            "op_type: \"Reshape\"\n",
            "input: \"x\"\n",
            "input: \"y\"\n",
            "input: \"\"\n",
            "output: \"y\"\n",
            "i: -1\n",
            "i: 9223372036854775807\n",
            "ints: 0\n",
            "ints: -1\n",
            "dim_value: 1\n",
            "dim_param: \"N\"\n",
            "version: 1\n",
            "version: 6\n",
            "version: 18\n",
            "elem_type: 2\n",
            "type: INTS\n",
            "\x80\x80\x80\x80\x10",
            "\x08\x07"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    std::string bytes = text_of(data, size);
    if (bytes.starts_with(kText)) {
        onnx::ModelProto proto;
        Silent silent;
        google::protobuf::TextFormat::Parser parser;
        parser.RecordErrorsTo(&silent);
        if (!parser.ParseFromString(bytes, &proto)) return 0;
        bytes = proto.SerializeAsString();
    }
    FloatModel model;
    if (!takes([&] { model = import_onnx(bytes, "fuzz.onnx"); })) return 0;
    require(!model.layers.empty(), "a model has layers");
    std::set<std::string> known{model.input_name};
    std::size_t numbers = 0;
    for (const FloatLayer& layer : model.layers) {
        for (const std::string& input : layer.inputs)
            require(known.contains(input), "a layer stands behind its inputs");
        require(known.insert(layer.name).second, "names are unique");
        for (const auto& type : {layer.weight_type, layer.bias_type, layer.result_type}) {
            if (type) check_type(*type);
        }
        if (const auto* conv = std::get_if<Conv2d>(&layer.op)) numbers += conv->weights.real.size();
        if (const auto* dense = std::get_if<Dense>(&layer.op)) numbers += dense->weights.real.size();
        if (layer.quantizer) {
            const auto channels = static_cast<std::size_t>(layer.shape.channels());
            const std::size_t scales = layer.quantizer->scale.size();
            require((scales == 1 || scales == channels) && layer.quantizer->zero_point.size() == scales,
                    "a quantiser has one scale or one for each channel");
        }
    }
    require(known.contains(model.output), "the output is a layer");
    require(numbers <= (std::size_t{1} << 22U) + 4 * bytes.size(), "a model is not much larger than its file");
    Graph graph = graph_of(model);
    must_take("the network of a model is valid", [&] { validate(graph); });
    check_graph(graph);
    require(graph.nodes.size() == model.layers.size(), "the network has the model's layers");
    for (const Node& node : graph.nodes) {
        for (const FloatLayer& layer : model.layers) {
            if (layer.name == node.name) require(layer.shape == node.shape, "a layer has the shape of its result");
        }
    }
    return 0;
}
