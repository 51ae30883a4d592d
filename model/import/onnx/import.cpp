#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/onnx.hpp"
#include "import/onnx/arrays.hpp"
#include "import/onnx/converters.hpp"
#include "import/onnx/fold.hpp"
#include "import/onnx/layout.hpp"
#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

bool of_qonnx(const std::string& op) {
    return op == "Quant" || op == "IntQuant" || op == "BipolarQuant" || op == "Trunc" || op == "MultiThreshold";
}

// The nodes that the output needs, each behind those whose results it reads.
class Order {
public:
    explicit Order(const OnnxFile& file) : file_(file) {
        std::set<std::string> known;
        for (const ConstantPtr& c : file.initializers) known.insert(c->source);
        for (const GraphInput& i : file.inputs) known.insert(i.name);
        for (const Node& n : file.nodes) {
            for (const std::string& o : n.outputs) {
                if (o.empty()) continue;
                if (known.contains(o) || !makers_.emplace(o, &n).second)
                    throw InputError(
                        n.where,
                        fmt::format("makes the tensor '{}', which is there already; give it a name of its own", o));
            }
        }
    }

    [[nodiscard]] std::vector<const Node*> nodes_for(const std::string& output) {
        std::vector<std::pair<const Node*, std::size_t>> path;  // node, its next input
        push(path, output);
        while (!path.empty()) {
            auto& [node, next] = path.back();
            if (next < node->inputs.size()) {
                const std::string& name = node->inputs[next++];
                push(path, name);
            } else {
                states_[node] = State::Done;
                result_.push_back(node);
                path.pop_back();
            }
        }
        return result_;
    }

    [[nodiscard]] const Node* maker(const std::string& tensor) const {
        const auto it = makers_.find(tensor);
        return it == makers_.end() ? nullptr : it->second;
    }

private:
    enum class State : std::uint8_t { New, Open, Done };

    void push(std::vector<std::pair<const Node*, std::size_t>>& path, const std::string& tensor) {
        const Node* node = maker(tensor);
        if (node == nullptr) return;
        State& state = states_[node];
        if (state == State::Open)
            throw InputError(node->where, "is part of a cycle: it needs its own result; export the model again");
        if (state == State::Done) return;
        state = State::Open;
        path.emplace_back(node, 0);
    }

    const OnnxFile& file_;
    std::map<std::string, const Node*> makers_{};
    std::map<const Node*, State> states_{};
    std::vector<const Node*> result_{};
};

bool constants_only(const Builder& builder, const Node& node) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (node.has_input(i) && !builder.is_constant(node, i)) return false;
    }
    return true;
}

void convert(Builder& builder, const Node& node) {
    const bool standard = node.domain.empty() || node.domain == "ai.onnx";
    const Converter converter = standard || of_qonnx(node.op) ? converter_of(node.op) : nullptr;
    if (constants_only(builder, node)) {
        if (const Folder folder = standard || of_qonnx(node.op) ? folder_of(node.op) : nullptr)
            return builder.set(node, folder(builder, node));
        refuse(node, converter == nullptr ? "is an operator that bittrue cannot read; fold it with onnx-simplifier"
                                          : "computes with constants only; fold it with onnx-simplifier");
    }
    if (standard && (node.op == "Shape" || node.op == "Size"))
        return builder.set(node, shape_constant(builder, node, builder.stored(node, 0)));
    if (converter == nullptr) {
        refuse(node, fmt::format("is an operator for which bittrue has no layer{}; supported are {}",
                                 standard ? "" : fmt::format(" (domain '{}')", node.domain), supported_operators()));
    }
    converter(builder, node);
}

// Layers that only gave their shape to somebody.
void drop_unread(FloatModel& model) {
    std::set<std::string> read{model.output};
    std::vector<FloatLayer> kept;
    for (std::size_t i = model.layers.size(); i-- > 0;) {
        FloatLayer& layer = model.layers[i];
        if (!read.contains(layer.name)) continue;
        read.insert(layer.inputs.begin(), layer.inputs.end());
        kept.push_back(std::move(layer));
    }
    std::reverse(kept.begin(), kept.end());
    model.layers = std::move(kept);
}

}  // namespace

// The whole import.
FloatModel import_file(std::string_view bytes, const std::string& path) {
    const OnnxFile file = parse_onnx(bytes, path);
    if (file.inputs.size() != 1)
        throw InputError(path, fmt::format("the model has {} inputs; one is supported, so export it with a single one",
                                           file.inputs.size()));
    if (file.outputs.size() != 1)
        throw InputError(path,
                         fmt::format("the model has {} outputs; one is supported, so remove the others from its graph",
                                     file.outputs.size()));
    FloatModel model;
    model.file = path;
    model.name = std::filesystem::path(path).stem().string();  // graphs are called "torch-jit-export"
    model.framework = fmt::format("ONNX opset {}{}", file.opset, file.producer.empty() ? "" : " of " + file.producer);
    model.arrays = arrays_of(file);
    model.has_sources = false;  // operators have layouts of their own, and constants are folded

    Order order(file);
    const std::string& output = file.outputs[0];
    const std::vector<const Node*> nodes = order.nodes_for(output);
    Builder builder(file, model);
    builder.set_nodes(nodes);
    for (const ConstantPtr& c : file.initializers) builder.add_constant(c->source, c);
    builder.add_input(file.inputs[0]);
    for (const Node* n : nodes) convert(builder, *n);
    if (nodes.size() < file.nodes.size())
        builder.note(fmt::format("{} nodes that do not contribute to the output are left out",
                                 file.nodes.size() - nodes.size()));

    Activation result = builder.output(output);
    if (const Node* last = order.maker(output)) {
        if (result.content != Content::Reals)
            result = result.content == Content::Integers ? integers_of(builder, *last, result)
                                                         : as_reals(builder, *last, result);
        result = in_order(builder, *last, result);
    }
    if (builder.layer_of(result) == nullptr) throw InputError(path, "the model has no layer that computes anything");
    model.output = result.tensor;
    drop_unread(model);
    return model;
}

}  // namespace bittrue::onnx_import

namespace bittrue {

FloatModel import_onnx(std::string_view bytes, const std::string& path) {
    return onnx_import::import_file(bytes, path);
}

FloatModel import_onnx(const std::string& path) {
    return import_onnx(read_file(path), path);
}

}  // namespace bittrue
