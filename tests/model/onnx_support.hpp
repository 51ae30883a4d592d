// Imports of small ONNX models.
#pragma once

#include <functional>

#include "bittrue/model/onnx.hpp"
#include "model/files.hpp"
#include "model/onnx_writer.hpp"

namespace bittrue::test {

using Ints = std::vector<std::int64_t>;
using Reals = std::vector<double>;

inline Reals ramp(std::int64_t n, double step = 0.25) {
    Reals v;
    for (std::int64_t i = 0; i < n; ++i) v.push_back(step * static_cast<double>(i + 1));
    return v;
}

// Input "x", output "y", and what `fill` adds.
inline std::string onnx_bytes(const Ints& dims, const std::function<void(OnnxWriter&)>& fill, int opset = 13,
                              OnnxType type = OnnxType::Float) {
    OnnxWriter writer(opset);
    writer.input("x", dims, type).output("y");
    fill(writer);
    return writer.bytes();
}

inline FloatModel import_bytes(const std::string& bytes) {
    return import_onnx(bytes, "m.onnx");
}

inline FloatModel imported(const Ints& dims, const std::function<void(OnnxWriter&)>& fill, int opset = 13,
                           OnnxType type = OnnxType::Float) {
    return import_bytes(onnx_bytes(dims, fill, opset, type));
}

// A model of this single node from x to y.
inline FloatModel one_node(const Ints& dims, OnnxNode node, int opset = 13) {
    return imported(
        dims, [&](OnnxWriter& w) { w.node(node); }, opset);
}

inline std::string refusal_of(const std::string& bytes) {
    return error_of([&] { static_cast<void>(import_bytes(bytes)); });
}
inline std::string refusal(const Ints& dims, const std::function<void(OnnxWriter&)>& fill, int opset = 13) {
    return refusal_of(onnx_bytes(dims, fill, opset));
}

// "28x28x1 conv2d:26x26x2 relu:26x26x2"
inline std::string shapes(const FloatModel& model) {
    std::string text = print_dims(model.input_shape.dims);
    for (const FloatLayer& l : model.layers) text += " " + op_name(l.op) + ":" + print_dims(l.shape.dims);
    return text;
}

template <typename Op>
const Op& op_of(const FloatModel& model, std::size_t layer) {
    REQUIRE(layer < model.layers.size());
    const Op* op = std::get_if<Op>(&model.layers[layer].op);
    REQUIRE(op != nullptr);
    return *op;
}

}  // namespace bittrue::test
