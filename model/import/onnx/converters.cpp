#include "import/onnx/converters.hpp"

#include <map>

#include "import/onnx/linear.hpp"
#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

const std::map<std::string, Converter>& table() {
    static const std::map<std::string, Converter> converters{{"Add", convert_add},
                                                             {"AveragePool", convert_average_pool},
                                                             {"BatchNormalization", convert_batch_norm},
                                                             {"BipolarQuant", convert_bipolar_quant},
                                                             {"Cast", convert_cast},
                                                             {"Clip", convert_clip},
                                                             {"Concat", convert_concat},
                                                             {"Conv", convert_conv},
                                                             {"ConvInteger", convert_conv_integer},
                                                             {"DequantizeLinear", convert_dequantize_linear},
                                                             {"Div", convert_div},
                                                             {"Dropout", convert_dropout},
                                                             {"Flatten", convert_flatten},
                                                             {"Gemm", convert_gemm},
                                                             {"GlobalAveragePool", convert_global_average_pool},
                                                             {"GlobalMaxPool", convert_global_max_pool},
                                                             {"HardSigmoid", convert_hard_sigmoid},
                                                             {"Identity", convert_identity},
                                                             {"LeakyRelu", convert_leaky_relu},
                                                             {"IntQuant", convert_quant},
                                                             {"MatMul", convert_matmul},
                                                             {"MatMulInteger", convert_matmul_integer},
                                                             {"MaxPool", convert_max_pool},
                                                             {"Mul", convert_mul},
                                                             {"MultiThreshold", convert_multi_threshold},
                                                             {"Neg", convert_neg},
                                                             {"PRelu", convert_prelu},
                                                             {"Pad", convert_pad},
                                                             {"QLinearConv", convert_qlinear_conv},
                                                             {"QLinearMatMul", convert_qlinear_matmul},
                                                             {"Quant", convert_quant},
                                                             {"QuantizeLinear", convert_quantize_linear},
                                                             {"ReduceMax", convert_reduce_max},
                                                             {"ReduceMean", convert_reduce_mean},
                                                             {"Relu", convert_relu},
                                                             {"Reshape", convert_reshape},
                                                             {"Sigmoid", convert_sigmoid},
                                                             {"Softmax", convert_softmax},
                                                             {"Squeeze", convert_squeeze},
                                                             {"Sub", convert_sub},
                                                             {"Sum", convert_add},
                                                             {"Tanh", convert_tanh},
                                                             {"Transpose", convert_transpose},
                                                             {"Trunc", convert_trunc},
                                                             {"Unsqueeze", convert_unsqueeze}};
    return converters;
}

}  // namespace

Converter converter_of(const std::string& op) {
    const auto it = table().find(op);
    return it == table().end() ? nullptr : it->second;
}

std::string supported_operators() {
    std::string all;
    for (const auto& [op, converter] : table()) all += (all.empty() ? "" : ", ") + op;
    return all;
}

}  // namespace bittrue::onnx_import
