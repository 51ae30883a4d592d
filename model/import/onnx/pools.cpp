#include <algorithm>

#include <fmt/format.h>

#include "import/onnx/converters.hpp"
#include "import/onnx/fold.hpp"
#include "import/onnx/layout.hpp"
#include "import/onnx/quantized.hpp"
#include "import/onnx/window.hpp"

namespace bittrue::onnx_import {

namespace {

// A pool's last window may hang over the end of the map (ceil_mode): the missing rows and columns are padding. A window
// that would lie in the padding alone is left out.
int over_the_end(std::int64_t length, int before, int after, std::int64_t kernel, int stride) {
    const std::int64_t span = length + before + after - kernel;
    if (span < 0 || span % stride == 0) return 0;
    const std::int64_t begin_of_last = (span / stride + 1) * stride;
    if (begin_of_last >= length + before) return 0;
    return static_cast<int>(stride - span % stride);
}

struct Pool {
    Activation in{};
    Window2d window{};
    Padding padding{};
    bool hangs_over = false;
    [[nodiscard]] std::array<int, 2> size() const {
        return {static_cast<int>(window.kernel[0]), static_cast<int>(window.kernel[1])};
    }
};

Pool pool_of(Builder& builder, const Node& node, const Activation& a) {
    Pool pool;
    pool.in = need_map(builder, node, a);
    const std::size_t positions = pool.in.axes.size() - 1;
    pool.window = window_of(node, positions, {});
    if (pool.window.dilation != std::array<int, 2>{1, 1})
        refuse(node, "has dilations other than 1, for which bittrue has no pool");
    pool.padding = padding_of(node, positions, pool.in.shape, pool.window);
    if (node.integer("ceil_mode", 0) != 0) {
        Padding& p = pool.padding;
        const int rows =
            over_the_end(pool.in.shape.height(), p.top, p.bottom, pool.window.kernel[0], pool.window.stride[0]);
        const int columns =
            over_the_end(pool.in.shape.width(), p.left, p.right, pool.window.kernel[1], pool.window.stride[1]);
        pool.hangs_over = rows + columns > 0;
        p.bottom += rows;
        p.right += columns;
    }
    return pool;
}

std::array<int, 2> whole_map(const Node& node, const Activation& a) {
    return {small_number(node, "rows", a.shape.height()), small_number(node, "columns", a.shape.width())};
}

Operation average(std::array<int, 2> pool, std::array<int, 2> stride, Padding padding, bool count) {
    return AveragePool{.pool = pool,
                       .stride = stride,
                       .padding = padding,
                       .count_padding = count,
                       .accumulator = {},
                       .divide = Rounding::TrnZero};
}

Operation maximum(std::array<int, 2> pool, std::array<int, 2> stride, Padding padding) {
    return MaxPool{
        .pool = pool, .stride = stride, .padding = padding, .pad_rule = PoolPadding::Ignore, .accumulator = {}};
}

// ReduceMean and ReduceMax over all positions of a map.
void reduce(Builder& builder, const Node& node, bool mean) {
    Activation a = builder.activation(node, 0);
    std::vector<std::int64_t> axes = node.integers("axes", {});
    if (const ConstantPtr c = builder.optional_constant(node, 1)) {
        for (const std::int64_t axis : indices_of(node, *c)) axes.push_back(axis);
    }
    std::vector<std::size_t> reduced;
    for (const std::int64_t axis : axes) reduced.push_back(axis_index(node, a, axis));
    std::sort(reduced.begin(), reduced.end());
    reduced.erase(std::unique(reduced.begin(), reduced.end()), reduced.end());
    const std::size_t rank = a.axes.size();
    const bool front = reduced.size() + 1 == rank && !reduced.empty() && reduced.front() == 0;
    const bool back = reduced.size() + 1 == rank && !reduced.empty() && reduced.front() == 1;
    if (!front && !back) refuse(node, "reduces other axes than all positions of a map; only those can be reduced");
    a = need_channel(builder, node, a, front ? rank - 1 : 0);
    Dims dims = a.dims();
    for (const std::size_t i : reduced) dims[i] = 1;
    const auto pool = whole_map(node, a);
    const Activation result =
        builder.append(node, mean ? average(pool, pool, {}, false) : maximum(pool, pool, {}), {&a});
    if (node.integer("keepdims", 1) == 0) dims = {a.shape.channels()};
    builder.set(node, reshape(builder, node, result, dims));
}

}  // namespace

void convert_max_pool(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    const Pool pool = pool_of(builder, node, a);
    Activation result = builder.append(node, maximum(pool.size(), pool.window.stride, pool.padding), {&pool.in});
    keep_integers(builder, pool.in, result);
    builder.set(node, std::move(result));
}

void convert_average_pool(Builder& builder, const Node& node) {
    const Pool pool = pool_of(builder, node, builder.activation(node, 0));
    const bool count = node.integer("count_include_pad", 0) != 0;
    if (count && pool.hangs_over)
        refuse(node,
               "counts the padding (count_include_pad) and hangs over the end (ceil_mode), whose divisors differ from "
               "window to window; "
               "export it with ceil_mode = 0");
    builder.set(node, builder.append(node, average(pool.size(), pool.window.stride, pool.padding, count), {&pool.in}));
}

void convert_global_max_pool(Builder& builder, const Node& node) {
    const Activation a = need_map(builder, node, builder.activation(node, 0));
    const auto pool = whole_map(node, a);
    builder.set(node, builder.append(node, maximum(pool, pool, {}), {&a}));
}

void convert_global_average_pool(Builder& builder, const Node& node) {
    const Activation a = need_map(builder, node, builder.activation(node, 0));
    const auto pool = whole_map(node, a);
    builder.set(node, builder.append(node, average(pool, pool, {}, false), {&a}));
}

void convert_reduce_mean(Builder& builder, const Node& node) {
    reduce(builder, node, true);
}

void convert_reduce_max(Builder& builder, const Node& node) {
    reduce(builder, node, false);
}

}  // namespace bittrue::onnx_import
