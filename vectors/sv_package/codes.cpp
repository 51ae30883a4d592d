#include "codes.hpp"

#include <stdexcept>

#include "bittrue/model/notation.hpp"

namespace bittrue::sv_package {
namespace {

std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

}  // namespace

const std::vector<CodeGroup>& code_groups() {
    static const std::vector<CodeGroup> groups{
        {"..._ROUND (rules Q1 to Q8)",
         {"TRN", "TRN_ZERO", "RND", "RND_ZERO", "RND_MIN_INF", "RND_INF", "RND_CONV", "RND_CONV_ODD"}},
        {"..._OVERFLOW (O2, O3, O5; WRAP_BITS and WRAP_SM_BITS: with ..._SATURATED_BITS, O4 and O6)",
         {"WRAP", "SAT", "SAT_SYM", "SAT_ZERO", "WRAP_SM", "WRAP_BITS", "WRAP_SM_BITS"}},
        {"..._OP (chapter L)",
         {"OP_QUANTIZE",     "OP_DENSE",      "OP_CONV2D",    "OP_MAX_POOL", "OP_AVERAGE_POOL", "OP_RELU",
          "OP_CLIPPED_RELU", "OP_LEAKY_RELU", "OP_FLATTEN",   "OP_RESHAPE",  "OP_ADD",          "OP_LOOKUP",
          "OP_SOFTMAX",      "OP_AFFINE",     "OP_MULTIPLY",  "OP_CONCAT",   "OP_TRANSPOSE",    "OP_PAD",
          "OP_CLIP",         "OP_THRESHOLD",  "OP_REQUANTIZE"}},
        {"..._SCHEDULE (A4 to A9)",
         {"SCHEDULE_SEQUENTIAL", "SCHEDULE_INTERLEAVE", "SCHEDULE_FOLD", "SCHEDULE_CASCADE", "SCHEDULE_PARTIAL",
          "SCHEDULE_TREE"}},
        {"..._QUANTIZE (A3)", {"QUANTIZE_STEP", "QUANTIZE_FOLD", "QUANTIZE_END"}},
        {"..._TERMS (A2)", {"TERMS_INPUT", "TERMS_KERNEL"}},
        {"..._BIAS_POSITION", {"BIAS_FIRST", "BIAS_LAST"}},
        {"..._KIND (L13 to L16)", {"SOFTMAX_STABLE", "SOFTMAX_LATENCY", "SOFTMAX_LEGACY", "SOFTMAX_ARGMAX"}},
        {"..._AXIS (L19)", {"AXIS_CHANNEL", "AXIS_ROW", "AXIS_COLUMN"}},
        {"..._RULE (L24)", {"RULE_EXACT", "RULE_TFLITE_DOUBLE", "RULE_FLOAT32"}},
    };
    return groups;
}

std::string rounding_code(Rounding rounding) {
    return print_rounding(rounding);
}

std::string overflow_code(const FixedType& type) {
    return print_overflow(type.overflow) + (type.saturated_bits != 0 ? "_BITS" : "");
}

std::string op_code(const Operation& op) {
    return std::holds_alternative<Lookup>(op) ? "OP_LOOKUP" : "OP_" + upper(op_name(op));
}

std::string schedule_code(Schedule schedule) {
    switch (schedule) {
        case Schedule::Sequential: return "SCHEDULE_SEQUENTIAL";
        case Schedule::Interleave: return "SCHEDULE_INTERLEAVE";
        case Schedule::Fold: return "SCHEDULE_FOLD";
        case Schedule::Cascade: return "SCHEDULE_CASCADE";
        case Schedule::Partial: return "SCHEDULE_PARTIAL";
        case Schedule::Tree: return "SCHEDULE_TREE";
    }
    throw std::logic_error("schedule");
}

std::string quantize_code(QuantizeAt at) {
    switch (at) {
        case QuantizeAt::Step: return "QUANTIZE_STEP";
        case QuantizeAt::Fold: return "QUANTIZE_FOLD";
        case QuantizeAt::End: return "QUANTIZE_END";
    }
    throw std::logic_error("quantize");
}

std::string terms_code(TermOrder terms) {
    switch (terms) {
        case TermOrder::Input: return "TERMS_INPUT";
        case TermOrder::Kernel: return "TERMS_KERNEL";
    }
    throw std::logic_error("terms");
}

std::string bias_code(BiasPosition position) {
    switch (position) {
        case BiasPosition::First: return "BIAS_FIRST";
        case BiasPosition::Last: return "BIAS_LAST";
    }
    throw std::logic_error("bias position");
}

std::string softmax_code(SoftmaxKind kind) {
    switch (kind) {
        case SoftmaxKind::Stable: return "SOFTMAX_STABLE";
        case SoftmaxKind::Latency: return "SOFTMAX_LATENCY";
        case SoftmaxKind::Legacy: return "SOFTMAX_LEGACY";
        case SoftmaxKind::Argmax: return "SOFTMAX_ARGMAX";
    }
    throw std::logic_error("softmax");
}

std::string axis_code(Axis axis) {
    switch (axis) {
        case Axis::Channel: return "AXIS_CHANNEL";
        case Axis::Row: return "AXIS_ROW";
        case Axis::Column: return "AXIS_COLUMN";
    }
    throw std::logic_error("axis");
}

std::string rule_code(RequantizeRule rule) {
    switch (rule) {
        case RequantizeRule::Exact: return "RULE_EXACT";
        case RequantizeRule::TfliteDouble: return "RULE_TFLITE_DOUBLE";
        case RequantizeRule::Float32: return "RULE_FLOAT32";
    }
    throw std::logic_error("rule");
}

}  // namespace bittrue::sv_package
