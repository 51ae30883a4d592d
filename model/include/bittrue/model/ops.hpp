// The operations of a network as plain data. What each computes is numerics.md, chapter L; this file names the fields.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bittrue/model/accumulator.hpp"
#include "bittrue/model/tensor.hpp"

namespace bittrue {

// How stored numbers become the words a layer multiplies with (rules W1-W3).
enum class WeightQuantizer : std::uint8_t {
    Cast,     // quantise into `type`
    Sign,     // raw = -1, 0 or +1 by the sign of the stored number: 1-bit weights with WAGE's zero
    Bipolar,  // raw = -1 or +1; zero counts as +1
};

// Weights, biases, scalar constants. Exactly one of `real` and `raw` is filled.
struct Parameter {
    Dims dims{};
    std::vector<double> real{};       // finite; cast by the engines, so that both check each other
    std::vector<std::int64_t> raw{};  // words of type.format, taken as they are
    FixedType type{};
    WeightQuantizer quantizer = WeightQuantizer::Cast;
    [[nodiscard]] bool is_raw() const { return !raw.empty(); }
};

struct Padding {
    int top = 0, bottom = 0, left = 0, right = 0;
    friend bool operator==(const Padding&, const Padding&) = default;
};

// result = cast(x): a linear activation, a requantiser (L1).
struct Quantize {};

// out[o] = sum over i of weights[i][o] * x[i] + bias[o] (L2); a feature map is read in storage order.
struct Dense {
    Parameter weights{};              // dims [in, out]
    std::optional<Parameter> bias{};  // dims [out]
    AccumulatorSpec accumulator{};
};

// Cross-correlation as every training framework means it (L3). Padding is by zero.
struct Conv2d {
    Parameter weights{};              // dims [kernel rows, kernel columns, in channels / groups, out channels]
    std::optional<Parameter> bias{};  // dims [out channels]
    AccumulatorSpec accumulator{};
    std::array<int, 2> stride{1, 1};    // rows, columns
    std::array<int, 2> dilation{1, 1};  // rows, columns
    int groups = 1;
    Padding padding{};
};

enum class PoolPadding : std::uint8_t {
    Ignore,  // padded positions do not take part (TensorFlow, ONNX)
    Msb,     // the pad word has only its most significant bit set: hls4ml, also where the type is unsigned
};

// Largest word of the window (L4).
struct MaxPool {
    std::array<int, 2> pool{2, 2};
    std::array<int, 2> stride{2, 2};
    Padding padding{};
    PoolPadding pad_rule = PoolPadding::Ignore;
    std::optional<FixedType> accumulator{};  // the largest word is cast to this first: hls4ml's accum_t
};

// Sum in the accumulator's type, then a division rounded at the accumulator's lsb, then the result cast (L5).
struct AveragePool {
    std::array<int, 2> pool{2, 2};
    std::array<int, 2> stride{2, 2};
    Padding padding{};
    bool count_padding = false;           // divide by the whole window instead of its valid part
    FixedType accumulator{};              // the sum starts at zero and quantises at every addition
    Rounding divide = Rounding::TrnZero;  // of the exact quotient to the accumulator's lsb
};

struct Relu {};  // x > 0 ? x : 0 (L6)
struct ClippedRelu {
    double max = 6;
};  // min(max(x, 0), max), `max` finite and >= 0 (L7)
struct LeakyRelu {
    Parameter alpha{};
};  // x < 0 ? alpha * x : x (L8); alpha has one element

// Elements in storage order, or in another layout's order (L9).
struct Flatten {
    std::optional<Layout> order{};
};
struct Reshape {
    Shape shape{};
};              // storage order is kept (L10)
struct Add {};  // exact sum of two or more inputs of one shape, one cast (L11)

// Table contents: real numbers that the engines cast into `type` (rule T1), or raw words (a ROM of the user's).
struct Table {
    Parameter entries{};   // dims [N]; real entries may be +-infinity (T2)
    std::string origin{};  // "sigmoid", "tanh", "exp", "inverse", or the file it came from
};

enum class TableIndex : std::uint8_t {
    Scaled,  // x * N / span truncated, plus N/2, clamped to 0..N-1 (T3): hls4ml sigmoid and tanh
    Bits,    // the top ceil(log2 N) bits of x's pattern (T4)
};

// Sigmoid, tanh or a user's ROM (L12).
struct Lookup {
    Table table{};
    TableIndex index = TableIndex::Scaled;
    int span = 16;  // width of the table's domain, centred on zero: 16 for sigmoid, 8 for tanh
};

enum class SoftmaxKind : std::uint8_t { Stable, Latency, Legacy, Argmax };

// Softmax over a vector (L13-L16), as hls4ml computes it.
struct Softmax {
    SoftmaxKind kind = SoftmaxKind::Stable;
    Table exp_table{};        // Stable, Latency, Legacy
    Table inv_table{};        // Stable, Latency, Legacy
    FixedType accumulator{};  // of the sum (Legacy: its table_t)
    FixedType inv_input{};    // the sum as the index of inv_table (Stable, Latency)
    FixedType difference{};   // x_max - x (Stable): hls4ml's inp_norm_t
};

// scale[c] * x + bias[c] (L17): a batch normalisation, products and sums with constants.
struct Affine {
    Parameter scale{};                // dims [1] or [channels]
    std::optional<Parameter> bias{};  // dims [1] or [channels]
};

struct Multiply {};  // exact product of two or more inputs of one shape, one cast (L18)

enum class Axis : std::uint8_t { Channel, Row, Column };
// Which of the dims of a shape of that layout the axis is; of a vector the only one.
[[nodiscard]] std::size_t axis_position(Layout layout, Axis axis);

// Inputs of one layout that differ at most along the axis, one behind the other (L19); vectors along Channel.
struct Concat {
    Axis axis = Axis::Channel;
};

// result.dims[i] = in.dims[axes[i]], all in storage order; the result is stored as `layout` (L20). Maps only.
struct Transpose {
    std::array<int, 3> axes{0, 1, 2};
    Layout layout = Layout::Hwc;
};

// A frame of zeros around a map (L21).
struct Pad {
    Padding padding{};
};

struct Clip {
    double min = -1, max = 1;
};  // min(max(x, min), max), both finite and min <= max (L22)

// How many thresholds x reaches, scaled (L23): FINN's and QONNX' MultiThreshold.
struct Threshold {
    Parameter thresholds{};  // dims [1 or channels, n], ascending along n
    double scale = 1, bias = 0;
    bool strict = false;  // x must exceed a threshold (finn-hlslib's default comparator) instead of reach it
};

enum class RequantizeRule : std::uint8_t {
    Exact,         // the exact product, rounded once (TFLite's single rounding is RND; ONNX is RND_CONV)
    TfliteDouble,  // a rounding doubling high multiplication, then a rounding shift
    Float32,       // the product in single precision, as runtimes compute it
};

// raw * multiplier[c] * 2^-shift[c], rounded, plus zero_point (L24): integers to integers, between layers whose scales
// are no powers of two.
struct Requantize {
    Parameter multiplier{};    // raw integers, dims [1] or [channels]
    std::vector<int> shift{};  // as many, -62..62; negative ones shift left
    RequantizeRule rule = RequantizeRule::Exact;
    std::int64_t zero_point = 0;
    bool zero_point_first = false;  // added before rounding instead of behind it
};

using Operation =
    std::variant<Quantize, Dense, Conv2d, MaxPool, AveragePool, Relu, ClippedRelu, LeakyRelu, Flatten, Reshape, Add,
                 Lookup, Softmax, Affine, Multiply, Concat, Transpose, Pad, Clip, Threshold, Requantize>;

// The op's name in the network file: "quantize", "dense", "conv2d", "max_pool", "average_pool", "relu",
// "clipped_relu", "leaky_relu", "flatten", "reshape", "add", "sigmoid" / "tanh" / "lookup" (all three are Lookup),
// "softmax", "affine", "multiply", "concat", "transpose", "pad", "clip", "threshold", "requantize".
[[nodiscard]] std::string op_name(const Operation& op);

}  // namespace bittrue
