// A trained network before anybody chose its formats: layers as operations whose weights are doubles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue {

// An array of a weights file: `name` is its path in the file ("conv2d/conv2d/kernel:0").
struct NamedReals {
    std::string name{};
    RealTensor tensor{};
};

// A batch normalisation in its inference form, gamma * (x - mean) / sqrt(variance + epsilon) + beta, with one number
// per channel; an empty gamma is all ones, an empty beta all zeros.
struct BatchNorm {
    std::vector<double> gamma{};
    std::vector<double> beta{};
    std::vector<double> mean{};
    std::vector<double> variance{};
    double epsilon = 1e-3;
};

// Folds it into the linear layer in front, in double precision:
//   k[o] = gamma[o] / sqrt(variance[o] + epsilon), weights[..., o] *= k[o], bias[o] = (bias[o] - mean[o]) * k[o] +
//   beta[o].
// The last axis of `weights` is the output channel; an empty bias counts as zeros. InputError when counts differ or
// variance + epsilon is not positive.
void fold_batch_norm(const std::string& where, const BatchNorm& norm, RealTensor& weights, RealTensor& bias);

// Names of the arrays in the file that a BatchNorm came from; gamma and beta may be empty.
struct BatchNormSource {
    std::string layer{};
    std::string gamma{}, beta{}, mean{}, variance{};
    double epsilon = 1e-3;
};

// How a number between two integers is rounded by a quantiser of a training framework (QONNX' names; ap_fixed means
// other things by some of them).
enum class QuantizerRounding : std::uint8_t {
    HalfEven,  // ROUND, HALF_EVEN
    HalfUp,    // a tie goes away from zero
    HalfDown,  // a tie goes toward zero
    Up,        // away from zero
    Down,      // toward zero
    Ceil,
    Floor,
};

// A quantiser that the model was trained with (QKeras, QONNX Quant, QuantizeLinear and DequantizeLinear in a row):
// q = clamp(round(x / scale + zero_point)), and the layer's value is (q - zero_point) * scale.
struct FloatQuantizer {
    std::vector<double> scale{1};       // one, or one per channel
    std::vector<double> zero_point{0};  // as many; integers
    double low = -128, high = 127;      // ends of q
    QuantizerRounding rounding = QuantizerRounding::HalfEven;
    bool bipolar = false;  // q is +1 for x >= 0, else -1
    // Trunc: q is round(x / scale + zero_point) / truncate, rounded by `rounding` (the inner one is half to even); the
    // value is (q - zero_point / truncate) * (scale * truncate).
    double truncate = 1;
};

// Types inside `op` are not meaningful yet, geometry is (padding in numbers even where the file says "same").
// Weights are in the canonical layout of ops.hpp; tables are empty.
struct FloatLayer {
    std::string name{};
    std::string class_name{};  // as the framework calls it: "Conv2D", "Activation"
    std::vector<std::string> inputs{};
    Operation op{};
    Shape shape{};                 // of the result
    std::string weights_source{};  // array names in the weights file
    std::string bias_source{};
    std::optional<BatchNormSource> batch_norm{};  // folded into the weights above
    std::optional<FloatQuantizer> quantizer{};    // `op` is Quantize; what it does to the numbers
    // Formats the model was trained for, where they are fixed-point types (a scale that is a power of two, no zero
    // point); `init` takes them before its own.
    std::optional<FixedType> weight_type{}, bias_type{}, result_type{};
    bool stepped_weights = false;  // the weights are integers times a scale, or one per output: nothing is folded in
    // An affine layer without bias that gives channels of the layer in front their size back; requantize in fixed
    // point.
    bool rescales = false;
};

struct FloatModel {
    std::string name{};
    std::string framework{};  // "Keras 2.4.0"
    std::string file{};       // path of the weights file
    std::string input_name{};
    Shape input_shape{};
    std::string output{};
    std::vector<FloatLayer> layers{};  // each behind its inputs; empty when the file holds arrays only
    std::vector<NamedReals> arrays{};  // every array of the weights file, as stored
    bool has_sources =
        true;  // weights_source and bias_source name arrays as `init` may refer to them; false: it copies
    std::vector<std::string> notes{};  // what was left out or merged, in words ("dropout has no effect at inference")
};

// By the file's content: Keras .h5 (see keras.hpp; no pipe), ONNX (see onnx.hpp) or .npz (arrays only). `config` is the
// .json of a weights-only file.
[[nodiscard]] FloatModel import_model(const std::string& path, const std::string& config = "");

// All numeric arrays of a weights file: .h5 (without optimizer state and the prefix "model_weights/"), .onnx
// (initializers, without integers beyond 2^53), .npz or .npy (named after the file). InputError names the first NaN or
// infinity (array, index).
[[nodiscard]] std::vector<NamedReals> read_real_arrays(const std::string& path);

// True when `wanted` names the array `stored`: equal, or equal after dropping a ":0" at the end and a repeated group
// name
// ("conv2d/kernel" means "conv2d/conv2d/kernel:0").
[[nodiscard]] bool same_array_name(const std::string& wanted, const std::string& stored);

}  // namespace bittrue
