#include "import/onnx/builder.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "import/onnx/quantized.hpp"
#include "validate_ops.hpp"

namespace bittrue::onnx_import {

namespace {

constexpr std::int64_t kLeastBudget = std::int64_t{1} << 22;
constexpr std::int64_t kNumbersPerByte =
    4;  // a number needs about a byte of the file; constants may be used a few times

bool keeps_meaning(const std::string& op) {
    static const std::set<std::string> ops{
        "Identity", "Cast",         "Dropout", "Relu",           "LeakyRelu",        "Clip", "Sigmoid", "Tanh",
        "Quant",    "BipolarQuant", "Trunc",   "QuantizeLinear", "DequantizeLinear", "Add",  "Sub",     "Mul",
        "Div",      "HardSigmoid",  "Neg"};
    return ops.contains(op);
}

}  // namespace

void refuse(const Node& node, const std::string& sentence) {
    throw InputError(node.where, sentence);
}

const std::vector<Axis>& storage_order(Layout layout) {
    static const std::vector<Axis> vector{Axis::Channel};
    static const std::vector<Axis> hwc{Axis::Row, Axis::Column, Axis::Channel};
    static const std::vector<Axis> chw{Axis::Channel, Axis::Row, Axis::Column};
    switch (layout) {
        case Layout::Vector: return vector;
        case Layout::Hwc: return hwc;
        case Layout::Chw: return chw;
    }
    return vector;
}

std::int64_t Activation::length(Axis axis) const {
    switch (axis) {
        case Axis::Channel: return shape.channels();
        case Axis::Row: return shape.height();
        case Axis::Column: return shape.width();
    }
    return 0;
}

Dims Activation::dims() const {
    Dims result;
    for (const Axis a : axes) result.push_back(length(a));
    return result;
}

Builder::Builder(const OnnxFile& file, FloatModel& model)
    : file_(file),
      model_(model),
      budget_(std::max(kLeastBudget, kNumbersPerByte * static_cast<std::int64_t>(file.bytes))) {}

void Builder::set_nodes(const std::vector<const Node*>& nodes) {
    for (const Node* n : nodes) {
        if (!n->name.empty()) ++node_names_[n->name];
        for (const std::string& i : n->inputs) {
            if (i.empty()) continue;
            ++readers_[i];
            reading_nodes_[i].push_back(n);
        }
    }
    for (const std::string& o : file_.outputs) ++readers_[o];
    // Names of the file come first, so that a made-up one never takes one away.
    for (const auto& [name, count] : node_names_) {
        if (count == 1) taken_.insert(name);
    }
}

const Value& Builder::value(const Node& node, std::size_t i) const {
    if (!node.has_input(i)) refuse(node, fmt::format("lacks its input {}", i + 1));
    const auto it = values_.find(node.inputs[i]);
    if (it == values_.end())
        refuse(node, fmt::format("reads '{}', which nothing in the file makes; export the model again with its weights",
                                 node.inputs[i]));
    return it->second;
}

bool Builder::is_constant(const Node& node, std::size_t i) const {
    return std::holds_alternative<ConstantPtr>(value(node, i));
}

ConstantPtr Builder::constant(const Node& node, std::size_t i) const {
    const Value& v = value(node, i);
    if (const auto* c = std::get_if<ConstantPtr>(&v)) return *c;
    refuse(node, fmt::format("needs a constant as input {} ('{}'), but that depends on the image; fold it with "
                             "onnx-simplifier or export with fixed shapes",
                             i + 1, node.inputs[i]));
}

ConstantPtr Builder::optional_constant(const Node& node, std::size_t i) const {
    return node.has_input(i) ? constant(node, i) : nullptr;
}

Activation Builder::stored(const Node& node, std::size_t i) const {
    const Value& v = value(node, i);
    const auto* a = std::get_if<Activation>(&v);
    if (a == nullptr)
        refuse(node,
               fmt::format("has the constant '{}' where it needs numbers of the image; fold it with onnx-simplifier",
                           node.inputs[i]));
    Activation result = *a;
    result.shared = result.shared || readers_.at(node.inputs[i]) > 1;
    return result;
}

Activation Builder::activation(const Node& node, std::size_t i) {
    const Activation a = stored(node, i);
    return a.content == Content::Reals ? a : as_reals(*this, node, a);
}

void Builder::set(const Node& node, Activation result) {
    if (node.outputs.empty() || node.outputs[0].empty()) refuse(node, "has no output");
    for (std::size_t i = 1; i < node.outputs.size(); ++i) {
        if (!node.outputs[i].empty() && readers_.contains(node.outputs[i]))
            refuse(node,
                   fmt::format("has its output {} ('{}') read; only the first is supported", i + 1, node.outputs[i]));
    }
    values_[node.outputs[0]] = std::move(result);
}

void Builder::set(const Node& node, Constant result) {
    if (node.outputs.empty() || node.outputs[0].empty()) refuse(node, "has no output");
    values_[node.outputs[0]] = std::make_shared<const Constant>(std::move(result));
}

void Builder::add_constant(const std::string& name, ConstantPtr constant) {
    values_[name] = std::move(constant);
}

void Builder::add_input(const GraphInput& input) {
    const std::string where = fmt::format("{}: input '{}'", file_.path, input.name);
    if (const std::string reason = detail::reason_bad_name(input.name); !reason.empty())
        throw InputError(where, "its name " + reason);
    if (!input.has_shape) throw InputError(where, "has no shape; export the model with fixed shapes");
    Dims dims(input.dims.begin(), input.dims.end());
    Activation a;
    a.tensor = input.name;
    a.images = dims.size() != 1;
    if (dims.empty() || dims.size() > 4)
        throw InputError(where,
                         fmt::format("has {} axes; one to three beside that of the images are supported", dims.size()));
    if (a.images) {
        batch_ = std::max<std::int64_t>(dims[0], 1);
        dims.erase(dims.begin());
    }
    for (const std::int64_t d : dims) {
        if (d < 1) throw InputError(where, "has an axis without a fixed length; export the model with fixed shapes");
    }
    if (is_integer(input.type)) {
        a.content = Content::Integers;
        a.quantization = std::make_shared<Quantization>();
        a.quantization->type = input.type;
    }
    const bool hwc = dims.size() > 1 && wanted_layout(input.name) == Layout::Hwc;
    switch (dims.size()) {
        case 1:
            a.axes = {Axis::Channel};
            a.shape = {.layout = Layout::Vector, .dims = dims};
            break;
        case 2:
            a.axes =
                hwc ? std::vector<Axis>{Axis::Column, Axis::Channel} : std::vector<Axis>{Axis::Channel, Axis::Column};
            a.shape = hwc ? make_map(Layout::Hwc, dims[1], 1, dims[0]) : make_map(Layout::Chw, dims[0], 1, dims[1]);
            break;
        default:
            a.axes = storage_order(hwc ? Layout::Hwc : Layout::Chw);
            a.shape = {.layout = hwc ? Layout::Hwc : Layout::Chw, .dims = dims};
            break;
    }
    detail::check_shape(where, a.shape);
    model_.input_name = input.name;
    model_.input_shape = a.shape;
    taken_.insert(input.name);
    values_[input.name] = std::move(a);
}

Activation Builder::output(const std::string& name) {
    const auto it = values_.find(name);
    if (it == values_.end())
        throw InputError(file_.path, fmt::format("nothing in the file makes the output '{}'", name));
    const auto* a = std::get_if<Activation>(&it->second);
    if (a == nullptr) throw InputError(file_.path, fmt::format("the output '{}' does not depend on the image", name));
    return *a;
}

std::string Builder::name_of(const Node& node, const std::string& suffix) {
    std::string& base = names_[&node];
    if (base.empty()) {
        const bool own = !node.name.empty() && node_names_[node.name] == 1 &&
                         detail::reason_bad_name(node.name).empty() && node.name != model_.input_name;
        if (own) {
            base = node.name;
        } else {
            std::string op;
            for (const char c : node.op.substr(0, 40))
                op += std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::tolower(c)) : '_';
            do base = fmt::format("{}_{}", op, ++op_counts_[op]);
            while (taken_.contains(base));
            taken_.insert(base);
        }
    }
    if (suffix.empty() && !layers_.contains(base)) return base;
    const std::string stem = base.substr(0, 100) + (suffix.empty() ? "" : "_" + suffix);
    std::string name =
        detail::reason_bad_name(stem).empty() ? stem : "layer";  // a name cut in the middle of a character
    const std::string start = name;
    for (int n = 2; !taken_.insert(name).second; ++n) name = fmt::format("{}_{}", start, n);
    return name;
}

Activation Builder::append(const Node& node, Operation op, const std::vector<const Activation*>& inputs,
                           const std::string& suffix) {
    FloatLayer layer;
    layer.class_name = node.op;
    std::vector<detail::TensorInfo> infos;
    static const FixedType any{};
    for (const Activation* a : inputs) {
        const FloatLayer* from = layer_of(*a);
        layer.inputs.push_back(a->tensor);
        infos.push_back({a->shape, from != nullptr && from->result_type ? *from->result_type : any});
    }
    // Tables do not exist yet; both operations that have some keep the shape.
    const bool keeps_shape = std::holds_alternative<Softmax>(op) || std::holds_alternative<Lookup>(op);
    layer.shape = keeps_shape ? inputs[0]->shape : detail::check_operation(node.where, op, infos);
    layer.op = std::move(op);
    layer.name = name_of(node, suffix);
    Activation result;
    result.tensor = layer.name;
    result.shape = layer.shape;
    result.axes = inputs[0]->axes;
    result.images = inputs[0]->images;
    layers_[layer.name] = model_.layers.size();
    model_.layers.push_back(std::move(layer));
    return result;
}

FloatLayer* Builder::layer_of(const Activation& a) {
    const auto it = layers_.find(a.tensor);
    return it == layers_.end() ? nullptr : &model_.layers[it->second];
}

FloatLayer* Builder::private_layer_of(const Activation& a) {
    FloatLayer* layer = a.shared ? nullptr : layer_of(a);
    return layer != nullptr && !layer->quantizer && !layer->result_type ? layer : nullptr;
}

void Builder::bypass(Activation& a) {
    const std::size_t at = layers_.at(a.tensor);
    layers_.erase(a.tensor);
    a.tensor = model_.layers[at].inputs[0];
    model_.layers.erase(model_.layers.begin() + static_cast<std::ptrdiff_t>(at));
    for (auto& [name, place] : layers_) place -= place > at ? 1 : 0;
    const FloatLayer* from = layer_of(a);
    a.shape = from != nullptr ? from->shape : model_.input_shape;
}

void Builder::check(const Node& node, std::int64_t numbers) const {
    if (numbers > budget_)
        refuse(node,
               "makes much more numbers of the file's constants than the file holds; fold it with onnx-simplifier");
}

void Builder::charge(const Node& node, std::int64_t numbers) {
    check(node, numbers);
    budget_ -= numbers;
}

Layout Builder::wanted_layout(const std::string& tensor) const {
    std::set<std::string> seen;
    std::vector<std::string> open{tensor};
    while (!open.empty()) {
        const std::string at = open.back();
        open.pop_back();
        const auto readers = reading_nodes_.find(at);
        if (!seen.insert(at).second || readers == reading_nodes_.end()) continue;
        for (const Node* n : readers->second) {
            if (n->op == "MatMul") return Layout::Hwc;
            if (n->op == "Transpose") {
                const auto perm = n->integers("perm", {});
                const bool to_front =
                    perm == std::vector<std::int64_t>{0, 3, 1, 2} || perm == std::vector<std::int64_t>{0, 2, 1};
                return to_front ? Layout::Hwc : Layout::Chw;
            }
            if (!keeps_meaning(n->op)) return Layout::Chw;
            open.insert(open.end(), n->outputs.begin(), n->outputs.end());
        }
    }
    return Layout::Chw;
}

}  // namespace bittrue::onnx_import
