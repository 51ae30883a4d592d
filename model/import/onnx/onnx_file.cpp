#include "import/onnx/onnx_file.hpp"

#include <algorithm>
#include <climits>
#include <set>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "bittrue/model/error.hpp"
#include "import/onnx/onnx_proto.hpp"

namespace bittrue::onnx_import {

namespace {

// ONNX names are bytes of the file; in messages they are kept short and on their line.
std::string shown(const std::string& text) {
    constexpr std::size_t kLongest = 80;
    std::string result;
    for (const char c : text.substr(0, kLongest)) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text.size() > kLongest ? result + "..." : result;
}

Attribute read_attribute(const onnx::AttributeProto& proto, const std::string& where) {
    using Proto = onnx::AttributeProto;
    Attribute a;
    switch (proto.type()) {
        case Proto::INT:
            a.kind = AttributeKind::Int;
            a.ints = {proto.i()};
            break;
        case Proto::FLOAT:
            a.kind = AttributeKind::Float;
            a.floats = {static_cast<double>(proto.f())};
            break;
        case Proto::STRING:
            a.kind = AttributeKind::Text;
            a.text = proto.s();
            break;
        case Proto::INTS:
            a.kind = AttributeKind::Ints;
            a.ints.assign(proto.ints().begin(), proto.ints().end());
            break;
        case Proto::FLOATS:
            a.kind = AttributeKind::Floats;
            a.floats.assign(proto.floats().begin(), proto.floats().end());
            break;
        case Proto::TENSOR:
            a.kind = AttributeKind::Tensor;
            a.tensor = read_tensor(proto.t(), fmt::format("{}: attribute '{}'", where, shown(proto.name())));
            break;
        case Proto::SPARSE_TENSOR:
        case Proto::SPARSE_TENSORS:
            throw InputError(where,
                             fmt::format("has the sparse tensor '{}'; store it as a dense one", shown(proto.name())));
        case Proto::GRAPH:
        case Proto::GRAPHS:
        case Proto::TYPE_PROTO:
        case Proto::TYPE_PROTOS:
        case Proto::STRINGS:
        case Proto::TENSORS: break;  // whoever needs it says that it is of another kind
        case Proto::UNDEFINED:
            // Files of ONNX IR 1 and 2 may leave the type out.
            if (proto.has_i())
                a = {.kind = AttributeKind::Int, .ints = {proto.i()}, .floats = {}, .text = {}, .tensor = {}};
            else if (proto.has_f())
                a = {.kind = AttributeKind::Float,
                     .ints = {},
                     .floats = {static_cast<double>(proto.f())},
                     .text = {},
                     .tensor = {}};
            else if (proto.ints_size() > 0)
                a = {.kind = AttributeKind::Ints,
                     .ints = {proto.ints().begin(), proto.ints().end()},
                     .floats = {},
                     .text = {},
                     .tensor = {}};
            else if (proto.has_s())
                a = {.kind = AttributeKind::Text, .ints = {}, .floats = {}, .text = proto.s(), .tensor = {}};
            break;
    }
    return a;
}

Node read_node(const onnx::NodeProto& proto, const std::string& path, int number) {
    Node node;
    node.name = proto.name();
    node.op = proto.op_type();
    node.domain = proto.domain();
    node.where = proto.name().empty() ? fmt::format("{}: node {} ({})", path, number, shown(node.op))
                                      : fmt::format("{}: node '{}' ({})", path, shown(node.name), shown(node.op));
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    for (const auto& a : proto.attribute()) node.attributes[a.name()] = read_attribute(a, node.where);
    return node;
}

GraphInput read_input(const onnx::ValueInfoProto& proto, const std::string& path) {
    GraphInput input;
    input.name = proto.name();
    if (!proto.type().has_tensor_type())
        throw InputError(path, fmt::format("the input '{}' is no tensor", shown(input.name)));
    const auto& tensor = proto.type().tensor_type();
    input.type = element_type(tensor.elem_type(), fmt::format("{}: input '{}'", path, shown(input.name)));
    input.has_shape = tensor.has_shape();
    for (const auto& d : tensor.shape().dim()) input.dims.push_back(d.has_dim_value() ? d.dim_value() : -1);
    return input;
}

int standard_opset(const onnx::ModelProto& model, const std::string& path) {
    constexpr int kNewest =
        1 << 20;  // newer opsets than today's are read: an operator that changed is likelier to be refused
    std::int64_t opset = 1;
    for (const auto& o : model.opset_import()) {
        if (o.domain().empty() || o.domain() == "ai.onnx") opset = o.version();
    }
    if (opset < 1 || opset > kNewest)
        throw InputError(path, fmt::format("is of the impossible ONNX opset {}; export the model again", opset));
    return static_cast<int>(opset);
}

}  // namespace

OnnxFile parse_onnx(std::string_view bytes, const std::string& path) {
    onnx::ModelProto model;
    const bool parsed = bytes.size() <= static_cast<std::size_t>(INT_MAX) &&
                        model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (!parsed) throw InputError(path, "is no ONNX model, or one that is damaged or cut off; export it again");
    if (!model.has_graph()) throw InputError(path, "is an ONNX model without a graph; export it again");
    if (model.functions_size() > 0)
        throw InputError(path, "defines functions of its own; inline them (onnx.inliner.inline_local_functions)");
    const onnx::GraphProto& graph = model.graph();
    if (graph.sparse_initializer_size() > 0)
        throw InputError(path, "holds sparse initializers; store them as dense tensors");
    OnnxFile file;
    file.path = path;
    file.bytes = bytes.size();
    file.producer = shown(model.producer_version().empty() ? model.producer_name()
                                                           : model.producer_name() + " " + model.producer_version());
    file.opset = standard_opset(model, path);
    std::set<std::string> names;
    for (const auto& t : graph.initializer()) {
        const std::string where = fmt::format("{}: initializer '{}'", path, shown(t.name()));
        if (t.name().empty()) throw InputError(path, "holds an initializer without a name");
        if (!names.insert(t.name()).second) throw InputError(where, "is there twice");
        if (t.data_type() == onnx::TensorProto::STRING) continue;  // whoever reads it says that it is missing
        const auto constant = read_tensor(t, where);
        auto named = std::make_shared<Constant>(std::move(*constant));
        named->source = t.name();
        file.initializers.push_back(std::move(named));
    }
    for (const auto& i : graph.input()) {
        if (!names.contains(i.name())) file.inputs.push_back(read_input(i, path));
    }
    for (const auto& o : graph.output()) file.outputs.push_back(o.name());
    int number = 0;
    for (const auto& n : graph.node()) file.nodes.push_back(read_node(n, path, ++number));
    return file;
}

bool looks_like_onnx(std::string_view bytes) {
    const auto varint = [&](std::uint64_t& value) {
        value = 0;
        for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes.front());
            bytes.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80U) return true;
        }
        return false;
    };
    // Of a ModelProto: ir_version 1 and model_version 5 are numbers, all others are texts or messages, 7 is the graph.
    bool graph = false;
    while (!bytes.empty()) {
        std::uint64_t key = 0;
        std::uint64_t size = 0;
        if (!varint(key)) return false;
        const std::uint64_t field = key >> 3U;
        const std::uint64_t wire = key & 7U;
        if (field == 0 || field > 64 || (wire != 0 && wire != 2) || !varint(size)) return false;
        if ((wire == 0) != (field == 1 || field == 5)) return false;
        if (wire == 0) continue;
        if (size > bytes.size()) return graph || field == 7;  // cut off: the parser says so
        graph = graph || field == 7;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return graph;
}

}  // namespace bittrue::onnx_import
