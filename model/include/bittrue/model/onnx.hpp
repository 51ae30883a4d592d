// Trained ONNX models, float and quantised.
#pragma once

#include <string>
#include <string_view>

#include "bittrue/model/float_model.hpp"

namespace bittrue {

// A model of one input and one output, opset 1 and later. The axis of the images, whatever length the file declares for
// it, is left out; models that mix images are refused. Tensors of four ONNX axes are maps stored as the file stores
// them (Chw), unless a Transpose in front of the first convolution says that they are Hwc; a Transpose between both
// becomes no layer. One axis of positions is a map of one row.
//
// Layers are named after their nodes where a node has a name of its own, else "conv_1". What a node becomes:
//   Conv, Gemm, MatMul: conv2d or dense; a constant added behind is the bias, a BatchNormalization is folded in
//   Add, Sub, Mul, Div, BatchNormalization with constants: affine; Add, Sub, Mul of two activations: add, multiply
//   Relu, LeakyRelu, PRelu, Clip, Sigmoid, Tanh, HardSigmoid, Softmax, MaxPool, AveragePool, GlobalAveragePool,
//   GlobalMaxPool, ReduceMean, ReduceMax, Flatten, Reshape, Squeeze, Unsqueeze, Transpose, Pad, Concat: themselves
//   Identity, Dropout, Cast to reals: nothing; nodes that compute with constants only: their result
//   Quant, BipolarQuant, Trunc (QONNX), QuantizeLinear with DequantizeLinear: on constants the numbers they give, with
//   the type where it is a fixed-point one; on activations quantize with a FloatQuantizer
//   MultiThreshold: threshold
//   QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger, and Conv, Gemm, MatMul between DequantizeLinear and
//   QuantizeLinear: layers of integers (result_type of frac 0), each with a requantize (L24, rule float32) behind
// Everything else is an InputError that names node and operator and says what to do.
[[nodiscard]] FloatModel import_onnx(const std::string& path);
// The same of the bytes of a file; `path` is its name in messages.
[[nodiscard]] FloatModel import_onnx(std::string_view bytes, const std::string& path);

}  // namespace bittrue
