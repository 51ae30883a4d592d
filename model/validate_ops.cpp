#include "validate_ops.hpp"

#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "validate_parts.hpp"

namespace bittrue::detail {

namespace {

void check_accumulator(const std::string& where, const AccumulatorSpec& spec) {
    check_type(where, "accumulator", spec.type);
    if (spec.product) check_type(where, "product", *spec.product);
    if (spec.bias_cast) check_type(where, "bias_cast", *spec.bias_cast);
    if (const std::string reason = reason_invalid(spec); !reason.empty()) throw InputError(where, reason);
}

void check_bias(const std::string& where, const std::optional<Parameter>& bias, std::int64_t outputs) {
    if (!bias) return;
    check_parameter(where, "bias", *bias);
    if (element_count(bias->dims) != outputs) {
        throw InputError(where, fmt::format("the bias has {} numbers, the layer has {} outputs",
                                            element_count(bias->dims), outputs));
    }
}

// Output length of a sliding window along one axis.
std::int64_t window_count(const std::string& where, std::int64_t length, int before, int after, std::int64_t kernel,
                          int dilation, int stride) {
    const std::int64_t padded = length + before + after;
    const std::int64_t extent = (kernel - 1) * dilation + 1;
    if (extent > padded) {
        throw InputError(where, fmt::format("its window spans {} but the padded input has only {}", extent, padded));
    }
    return (padded - extent) / stride + 1;
}

struct Window {
    std::array<std::int64_t, 2> kernel;
    std::array<int, 2> stride;
    std::array<int, 2> dilation;
    Padding padding;
};

Shape slide(const std::string& where, const Shape& in, const Window& w, std::int64_t channels) {
    for (const int s : w.stride) check_geometry(where, "the stride", s, 1);
    for (const int d : w.dilation) check_geometry(where, "the dilation", d, 1);
    for (const int p : {w.padding.top, w.padding.bottom, w.padding.left, w.padding.right})
        check_geometry(where, "the padding", p, 0);
    const std::int64_t rows =
        window_count(where, in.height(), w.padding.top, w.padding.bottom, w.kernel[0], w.dilation[0], w.stride[0]);
    const std::int64_t columns =
        window_count(where, in.width(), w.padding.left, w.padding.right, w.kernel[1], w.dilation[1], w.stride[1]);
    return make_map(in.layout, channels, rows, columns);
}

Shape pool_shape(const std::string& where, const Shape& in, std::array<int, 2> pool, std::array<int, 2> stride,
                 Padding padding) {
    need_map(where, in);
    for (const int p : pool) check_geometry(where, "the pool size", p, 1);
    if (padding.top >= pool[0] || padding.bottom >= pool[0] || padding.left >= pool[1] || padding.right >= pool[1]) {
        throw InputError(where, "the padding of a pooling layer must be smaller than its window");
    }
    return slide(where, in, {.kernel = {pool[0], pool[1]}, .stride = stride, .dilation = {1, 1}, .padding = padding},
                 in.channels());
}

void check_bit_index(const std::string& where, const std::string& role, const Table& table, Format index) {
    const auto n = static_cast<std::uint64_t>(element_count(table.entries.dims));
    if (!std::has_single_bit(n) || std::bit_width(n) > static_cast<unsigned>(index.width) + 1) {
        throw InputError(where, fmt::format("the {} has {} entries; a table indexed by the top bits of a {}-bit word "
                                            "needs a power of two up to 2^{}",
                                            role, n, index.width, index.width));
    }
}

void check_scaled_index(const std::string& where, const std::string& role, const Table& table) {
    if (element_count(table.entries.dims) < 2)
        throw InputError(where, fmt::format("the {} needs at least 2 entries", role));
}

struct Check {
    const std::string& where;
    const std::vector<TensorInfo>& inputs;

    [[nodiscard]] const Shape& in() const { return inputs[0].shape; }

    Shape operator()(const Quantize&) const { return in(); }
    Shape operator()(const Relu&) const { return in(); }

    Shape operator()(const Dense& op) const {
        check_parameter(where, "weights", op.weights);
        if (op.weights.dims.size() != 2 || op.weights.dims[0] != in().count()) {
            throw InputError(where,
                             fmt::format("the weights have shape {}, an input of {} needs {}xN (inputs, outputs)",
                                         print_dims(op.weights.dims), in().count(), in().count()));
        }
        check_bias(where, op.bias, op.weights.dims[1]);
        check_accumulator(where, op.accumulator);
        return {.layout = Layout::Vector, .dims = {op.weights.dims[1]}};
    }

    Shape operator()(const Conv2d& op) const {
        need_map(where, in());
        check_parameter(where, "weights", op.weights);
        const Dims& w = op.weights.dims;
        const std::int64_t channels = in().channels();
        if (w.size() != 4)
            throw InputError(
                where,
                fmt::format("the weights have shape {}, four axes are needed (rows, columns, in, out)", print_dims(w)));
        if (op.groups < 1 || channels % op.groups != 0 || w[3] % op.groups != 0) {
            throw InputError(where, fmt::format("{} groups do not divide {} input and {} output channels", op.groups,
                                                channels, w[3]));
        }
        if (w[2] != channels / op.groups) {
            throw InputError(
                where, fmt::format("the weights are for {} channels per group, the input has {} channels in {} group{}",
                                   w[2], channels, op.groups, op.groups == 1 ? "" : "s"));
        }
        check_bias(where, op.bias, w[3]);
        check_accumulator(where, op.accumulator);
        return slide(where, in(),
                     {.kernel = {w[0], w[1]}, .stride = op.stride, .dilation = op.dilation, .padding = op.padding},
                     w[3]);
    }

    Shape operator()(const MaxPool& op) const {
        if (op.accumulator) check_type(where, "accumulator", *op.accumulator);
        return pool_shape(where, in(), op.pool, op.stride, op.padding);
    }
    Shape operator()(const AveragePool& op) const {
        check_type(where, "accumulator", op.accumulator);
        if (op.divide == Rounding::RndConvOdd && op.accumulator.dialect != Dialect::Ac) {
            throw InputError(where, "only ac_fixed rounds ties to odd (RND_CONV_ODD)");
        }
        return pool_shape(where, in(), op.pool, op.stride, op.padding);
    }

    Shape operator()(const ClippedRelu& op) const {
        if (!std::isfinite(op.max) || op.max < 0)
            throw InputError(where, fmt::format("max must be a finite number of at least 0, not {}", op.max));
        return in();
    }
    Shape operator()(const LeakyRelu& op) const {
        check_parameter(where, "alpha", op.alpha);
        if (element_count(op.alpha.dims) != 1) throw InputError(where, "alpha must be one number");
        return in();
    }

    Shape operator()(const Flatten& op) const {
        if (op.order == Layout::Vector) throw InputError(where, "the order of a flatten is hwc or chw");
        return {.layout = Layout::Vector, .dims = {in().count()}};
    }
    Shape operator()(const Reshape& op) const {
        check_shape(where, op.shape);
        if (op.shape.count() != in().count()) {
            throw InputError(where,
                             fmt::format("{} elements cannot become {}", in().count(), print_dims(op.shape.dims)));
        }
        return op.shape;
    }
    Shape operator()(const Add&) const { return same_shapes(); }

    Shape operator()(const Lookup& op) const {
        check_parameter(where, "table", op.table.entries, true);
        if (op.span < 1 || op.span > kMaxGeometry) throw InputError(where, "the span of a table must be 1 to 2^20");
        switch (op.index) {
            case TableIndex::Scaled: check_scaled_index(where, "table", op.table); break;
            case TableIndex::Bits: check_bit_index(where, "table", op.table, inputs[0].type.format); break;
        }
        return in();
    }

    Shape operator()(const Softmax& op) const {
        if (in().layout != Layout::Vector) {
            throw InputError(where,
                             fmt::format("softmax needs a vector, its input is a map of {}; put a flatten in front",
                                         print_dims(in().dims)));
        }
        if (op.kind == SoftmaxKind::Argmax) return in();
        check_parameter(where, "exp_table", op.exp_table.entries, true);
        check_parameter(where, "inv_table", op.inv_table.entries, true);
        check_type(where, "accumulator", op.accumulator);
        if (op.kind == SoftmaxKind::Legacy) {
            check_scaled_index(where, "exp_table", op.exp_table);
            check_scaled_index(where, "inv_table", op.inv_table);
            return in();
        }
        check_type(where, "inv_input", op.inv_input);
        check_bit_index(where, "inv_table", op.inv_table, op.inv_input.format);
        if (op.kind == SoftmaxKind::Stable) {
            check_type(where, "difference", op.difference);
            check_bit_index(where, "exp_table", op.exp_table, op.difference.format);
        } else {
            check_bit_index(where, "exp_table", op.exp_table, inputs[0].type.format);
        }
        return in();
    }

    Shape operator()(const Affine& op) const { return check_affine(where, op, in()); }
    Shape operator()(const Multiply&) const { return same_shapes(); }
    Shape operator()(const Concat& op) const { return check_concat(where, op, inputs); }
    Shape operator()(const Transpose& op) const { return check_transpose(where, op, in()); }
    Shape operator()(const Pad& op) const { return check_pad(where, op, in()); }
    Shape operator()(const Clip& op) const {
        if (!std::isfinite(op.min) || !std::isfinite(op.max) || op.min > op.max) {
            throw InputError(where, fmt::format("min and max must be finite numbers, the smaller first, not {} and {}",
                                                op.min, op.max));
        }
        return in();
    }
    Shape operator()(const Threshold& op) const { return check_threshold(where, op, in()); }
    Shape operator()(const Requantize& op) const { return check_requantize(where, op, inputs[0]); }

private:
    [[nodiscard]] Shape same_shapes() const {
        for (const TensorInfo& other : inputs) {
            if (other.shape == in()) continue;
            throw InputError(where, fmt::format("its inputs have the different shapes {} and {}", print_dims(in().dims),
                                                print_dims(other.shape.dims)));
        }
        return in();
    }
};

}  // namespace

Shape check_operation(const std::string& where, const Operation& op, const std::vector<TensorInfo>& inputs) {
    const bool many =
        std::holds_alternative<Add>(op) || std::holds_alternative<Multiply>(op) || std::holds_alternative<Concat>(op);
    if (many ? inputs.size() < 2 : inputs.size() != 1) {
        throw InputError(where, fmt::format("{} takes {}, it has {}", op_name(op),
                                            many ? "two or more inputs" : "one input", inputs.size()));
    }
    Shape shape = std::visit(Check{where, inputs}, op);
    check_shape(where, shape);
    return shape;
}

}  // namespace bittrue::detail
