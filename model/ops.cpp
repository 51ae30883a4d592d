#include "bittrue/model/ops.hpp"

namespace bittrue {

namespace {

struct Name {
    std::string operator()(const Quantize&) const { return "quantize"; }
    std::string operator()(const Dense&) const { return "dense"; }
    std::string operator()(const Conv2d&) const { return "conv2d"; }
    std::string operator()(const MaxPool&) const { return "max_pool"; }
    std::string operator()(const AveragePool&) const { return "average_pool"; }
    std::string operator()(const Relu&) const { return "relu"; }
    std::string operator()(const ClippedRelu&) const { return "clipped_relu"; }
    std::string operator()(const LeakyRelu&) const { return "leaky_relu"; }
    std::string operator()(const Flatten&) const { return "flatten"; }
    std::string operator()(const Reshape&) const { return "reshape"; }
    std::string operator()(const Add&) const { return "add"; }
    std::string operator()(const Lookup& op) const {
        return op.table.origin == "sigmoid" || op.table.origin == "tanh" ? op.table.origin : "lookup";
    }
    std::string operator()(const Softmax&) const { return "softmax"; }
    std::string operator()(const Affine&) const { return "affine"; }
    std::string operator()(const Multiply&) const { return "multiply"; }
    std::string operator()(const Concat&) const { return "concat"; }
    std::string operator()(const Transpose&) const { return "transpose"; }
    std::string operator()(const Pad&) const { return "pad"; }
    std::string operator()(const Clip&) const { return "clip"; }
    std::string operator()(const Threshold&) const { return "threshold"; }
    std::string operator()(const Requantize&) const { return "requantize"; }
};

}  // namespace

std::string op_name(const Operation& op) {
    return std::visit(Name{}, op);
}

std::size_t axis_position(Layout layout, Axis axis) {
    if (layout == Layout::Vector) return 0;
    switch (axis) {
        case Axis::Channel: return layout == Layout::Hwc ? 2 : 0;
        case Axis::Row: return layout == Layout::Hwc ? 0 : 1;
        case Axis::Column: return layout == Layout::Hwc ? 1 : 2;
    }
    return 0;
}

}  // namespace bittrue
