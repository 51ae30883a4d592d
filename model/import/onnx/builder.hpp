// What the converters of ONNX nodes share: the tensors known so far and the layers made of them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "import/onnx/onnx_file.hpp"

namespace bittrue::onnx_import {

// What the numbers of a quantised activation stand for: number = scale * (integer - zero_point).
struct Quantization {
    std::vector<double> scale{1};  // one, or one per channel; positive
    double zero_point = 0;
    ElementType type = ElementType::Int8;
    // The activation's tensor holds the numbers before they are quantised, because nobody has asked for the integers
    // yet; else it holds the integers.
    bool pending = false;
    const Node* node = nullptr;  // that asked for it: its name is that of the layers
    // Layers made on demand, each once: the integers, without their zero point, and the numbers.
    std::string integers{};
    std::string centred{};
    std::string numbers{};
};

enum class Content : std::uint8_t {
    Reals,        // the tensor's numbers
    Integers,     // integers that `quantization` gives a meaning
    Dequantized,  // the numbers that those integers stand for
};

// An ONNX tensor that depends on the image, as a layer's result.
struct Activation {
    std::string tensor{};  // of the network: a layer or the input
    Shape shape{};         // of that tensor
    // The map axis behind each ONNX axis, without the image axis. Axes of a map that are left out have length 1. The
    // order may differ from that of the tensor's layout: then ONNX transposed what the network leaves as it is.
    std::vector<Axis> axes{};
    bool images = true;   // the first ONNX axis counts the images
    bool shared = false;  // other nodes read it, too, maybe by another ONNX name
    Content content = Content::Reals;
    std::shared_ptr<Quantization> quantization{};

    [[nodiscard]] std::int64_t length(Axis axis) const;
    // The lengths of the ONNX axes, without the image axis.
    [[nodiscard]] Dims dims() const;
    [[nodiscard]] std::size_t onnx_rank() const { return axes.size() + (images ? 1 : 0); }
};

// Map axes in the order in which the layout stores them.
[[nodiscard]] const std::vector<Axis>& storage_order(Layout layout);

using Value = std::variant<ConstantPtr, Activation>;

class Builder {
public:
    Builder(const OnnxFile& file, FloatModel& model);

    [[nodiscard]] const OnnxFile& file() const { return file_; }
    [[nodiscard]] int opset() const { return file_.opset; }
    [[nodiscard]] FloatModel& model() { return model_; }
    [[nodiscard]] std::int64_t batch() const { return batch_; }

    // Only these nodes contribute to the output, in an order in which they can be computed.
    void set_nodes(const std::vector<const Node*>& nodes);

    // Inputs of a node. InputError when one is missing, or is not of the kind that is asked for.
    [[nodiscard]] bool is_constant(const Node& node, std::size_t i) const;
    [[nodiscard]] ConstantPtr constant(const Node& node, std::size_t i) const;
    [[nodiscard]] ConstantPtr optional_constant(const Node& node, std::size_t i) const;
    // Its numbers as reals: dequantised by a layer where they are integers so far.
    [[nodiscard]] Activation activation(const Node& node, std::size_t i);
    // As it is.
    [[nodiscard]] Activation stored(const Node& node, std::size_t i) const;

    void set(const Node& node, Activation result);  // output 0
    void set(const Node& node, Constant result);
    void add_input(const GraphInput& input);
    void add_constant(const std::string& name, ConstantPtr constant);
    [[nodiscard]] Activation output(const std::string& name);

    // Appends a layer that reads `inputs`; a result of the shape of the operation with the axes of the first input.
    // `suffix` is for nodes that need several layers: "conv_zero".
    Activation append(const Node& node, Operation op, const std::vector<const Activation*>& inputs,
                      const std::string& suffix = "");
    // The layer that makes a tensor, or nothing for the input.
    [[nodiscard]] FloatLayer* layer_of(const Activation& a);
    // The same when it is linear (Dense, Conv2d), nobody else reads it and its result is not quantised.
    [[nodiscard]] FloatLayer* private_layer_of(const Activation& a);
    // Takes out the layer that makes `a`, which nobody else reads; `a` becomes that layer's input.
    void bypass(Activation& a);
    void note(const std::string& text) { model_.notes.push_back(text); }

    // Counts numbers that the import makes of constants, so that a small file cannot ask for much memory.
    void charge(const Node& node, std::int64_t numbers);
    // Whether so many may still be made; InputError when not.
    void check(const Node& node, std::int64_t numbers) const;

    // The layout that suits the readers of an ONNX tensor of two or three axes beside the image axis: Hwc when a
    // Transpose brings its last axis to the front or a MatMul works on its last axis, else Chw.
    [[nodiscard]] Layout wanted_layout(const std::string& tensor) const;

private:
    [[nodiscard]] const Value& value(const Node& node, std::size_t i) const;
    [[nodiscard]] std::string name_of(const Node& node, const std::string& suffix);

    const OnnxFile& file_;
    FloatModel& model_;
    std::int64_t batch_ = 1;
    std::int64_t budget_ = 0;
    std::map<std::string, Value> values_{};
    std::map<std::string, int> readers_{};                             // of ONNX tensors
    std::map<std::string, std::vector<const Node*>> reading_nodes_{};  // of ONNX tensors
    std::map<std::string, int> node_names_{};
    std::map<std::string, int> op_counts_{};
    std::map<const Node*, std::string> names_{};
    std::set<std::string> taken_{};
    std::map<std::string, std::size_t> layers_{};  // place of each layer in the model
};

// One node becomes layers, or nothing but another meaning of its input's tensor.
using Converter = void (*)(Builder& builder, const Node& node);

// InputError for `node` with the sentence.
[[noreturn]] void refuse(const Node& node, const std::string& sentence);

}  // namespace bittrue::onnx_import
