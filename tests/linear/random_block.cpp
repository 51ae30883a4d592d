#include "linear/random_block.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "exhaustive/random_graph.hpp"
#include "exhaustive/random_mac.hpp"

namespace bittrue::testing {
namespace {

using emulator::kLanes;

constexpr Draw kDraws[] = {Draw::Uniform, Draw::Extremes, Draw::Small};

Format random_format(Random& random, int max_width, int frac, bool any_sign = true) {
    const int width = random.integer(1, max_width);
    return {.width = width, .integer = width - frac, .is_signed = !any_sign || random.one_in(2)};
}

Conv2d random_convolution(Random& random, const BlockLimits& limits, Shape& shape) {
    Conv2d op;
    op.groups = random.one_in(3) ? random.integer(1, limits.max_channels) : 1;
    const int per_group = random.integer(1, std::max(1, limits.max_channels / op.groups));
    const int channels = op.groups * per_group;
    const int kernel_y = random.integer(1, std::min(5, limits.max_size));
    const int kernel_x = random.one_in(4) ? 1 : random.integer(1, std::min(5, limits.max_size));
    op.dilation = {random.one_in(4) ? 2 : 1, random.one_in(4) ? 2 : 1};
    op.stride = {random.one_in(3) ? 2 : 1, random.one_in(3) ? 2 : 1};
    if (random.one_in(2)) {
        op.padding = {.top = random.integer(0, 2),
                      .bottom = random.integer(0, 2),
                      .left = random.integer(0, 2),
                      .right = random.integer(0, 2)};
    }
    const auto size = [&](int kernel, int dilation, int pad) {
        return std::max({1, (kernel - 1) * dilation + 1 - pad, random.integer(1, limits.max_size)});
    };
    const int height = size(kernel_y, op.dilation[0], op.padding.top + op.padding.bottom);
    const int width = size(kernel_x, op.dilation[1], op.padding.left + op.padding.right);
    shape = make_map(random.one_in(2) ? Layout::Hwc : Layout::Chw, channels, height, width);
    op.weights.dims = {kernel_y, kernel_x, per_group, op.groups * random.integer(1, limits.max_channels)};
    return op;
}

}  // namespace

BlockCase random_geometry(Random& random, const BlockLimits& limits, const BlockTypes& types) {
    BlockCase c;
    Shape shape;
    const auto fill = [&](auto& op, std::int64_t outputs) {
        op.weights = draw_parameter(random, op.weights.dims, types.weight, types.weights);
        if (types.has_bias) op.bias = draw_parameter(random, {outputs}, types.bias, random.pick(kDraws));
        op.accumulator = types.spec;
        c.graph = layer_graph(shape, {.format = types.input}, op);
    };
    if (random.one_in(4)) {
        Dense op;
        shape = {.layout = Layout::Vector, .dims = {random.integer(1, limits.max_size * limits.max_size)}};
        op.weights.dims = {shape.dims[0], random.integer(1, 2 * limits.max_channels)};
        fill(op, op.weights.dims[1]);
    } else {
        Conv2d op = random_convolution(random, limits, shape);
        fill(op, op.weights.dims[3]);
    }
    c.options.count_events = limits.count_events;
    c.images = random.one_in(3) ? random.integer(1, kLanes) : kLanes;
    draw_words(random, c, random.pick(kDraws));
    return c;
}

BlockCase random_block(Random& random, const BlockLimits& limits) {
    BlockTypes types;
    types.weight = random_format(random, limits.max_width, random.integer(-3, 6));
    types.input = random_format(random, limits.max_width, random.integer(-3, 6));
    const int product_frac = types.weight.frac() + types.input.frac();
    types.bias = random_format(random, limits.max_width, product_frac + random.integer(-4, 4));
    types.has_bias = random.one_in(2);
    types.weights = random.pick(kDraws);
    types.spec = random_accumulator(random, std::min(62, 2 * limits.max_width), limits.max_size * limits.max_size,
                                    product_frac, 4);
    if (random.one_in(3)) types.spec = {.type = types.spec.type};
    return random_geometry(random, limits, types);
}

std::string describe_block(const BlockCase& c) {
    return fmt::format("{} images, events {}counted\n{}", c.images, c.options.count_events ? "" : "not ",
                       describe(c.graph));
}

}  // namespace bittrue::testing
