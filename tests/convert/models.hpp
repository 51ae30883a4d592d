// Small random float models with everything that a conversion treats in its own way.
#pragma once

#include <cmath>
#include <random>

#include "bittrue/explore/float_engine.hpp"
#include "reference/layers.hpp"

namespace bittrue::test {

inline double draw(std::mt19937& random, double size) {
    return size * (static_cast<double>(random() % 20001) / 10000 - 1);
}

inline Parameter random_reals(std::mt19937& random, Dims dims, double size) {
    Parameter p{.dims = dims};
    for (std::int64_t i = 0; i < element_count(dims); ++i) p.real.push_back(draw(random, size));
    return p;
}

// conv2d, relu, max pool, flatten, dense, relu, dense (, softmax) on 6x6x2.
inline FloatModel small_cnn(std::uint32_t seed, bool with_softmax) {
    std::mt19937 random(seed);
    FloatModel m{.name = "small", .framework = "test", .file = "small", .input_name = "x", .input_shape = hwc(6, 6, 2)};
    m.layers.push_back(
        {.name = "conv",
         .inputs = {"x"},
         .op = Conv2d{.weights = random_reals(random, {3, 3, 2, 4}, 0.6), .bias = random_reals(random, {4}, 0.3)},
         .shape = hwc(4, 4, 4)});
    m.layers.push_back({.name = "conv_relu", .inputs = {"conv"}, .op = Relu{}, .shape = hwc(4, 4, 4)});
    m.layers.push_back({.name = "pool", .inputs = {"conv_relu"}, .op = MaxPool{}, .shape = hwc(2, 2, 4)});
    m.layers.push_back({.name = "flat", .inputs = {"pool"}, .op = Flatten{}, .shape = vector_of(16)});
    m.layers.push_back(
        {.name = "hidden",
         .inputs = {"flat"},
         .op = Dense{.weights = random_reals(random, {16, 12}, 0.7), .bias = random_reals(random, {12}, 0.5)},
         .shape = vector_of(12)});
    m.layers.push_back({.name = "hidden_relu", .inputs = {"hidden"}, .op = Relu{}, .shape = vector_of(12)});
    m.layers.push_back(
        {.name = "out",
         .inputs = {"hidden_relu"},
         .op = Dense{.weights = random_reals(random, {12, 5}, 0.9), .bias = random_reals(random, {5}, 0.5)},
         .shape = vector_of(5)});
    m.output = "out";
    if (with_softmax) {
        m.layers.push_back({.name = "softmax", .inputs = {"out"}, .op = Softmax{}, .shape = vector_of(5)});
        m.output = "softmax";
    }
    return m;
}

// conv2d, relu, conv2d and the sum of both, relu, a depthwise convolution of it beside it, pool, dense on 6x6x2.
inline FloatModel residual_cnn(std::uint32_t seed) {
    std::mt19937 random(seed);
    FloatModel m{
        .name = "residual", .framework = "test", .file = "residual", .input_name = "x", .input_shape = hwc(6, 6, 2)};
    const auto conv = [&](const std::string& name, const std::string& from, std::int64_t inputs, int groups) {
        Conv2d op{.weights = random_reals(random, {3, 3, inputs, 4}, 0.5), .bias = random_reals(random, {4}, 0.3)};
        op.padding = {.top = 1, .bottom = 1, .left = 1, .right = 1};
        op.groups = groups;
        m.layers.push_back({.name = name, .inputs = {from}, .op = op, .shape = hwc(6, 6, 4)});
    };
    const auto layer = [&](const std::string& name, std::vector<std::string> from, Operation op, Shape shape) {
        m.layers.push_back({.name = name, .inputs = std::move(from), .op = std::move(op), .shape = std::move(shape)});
    };
    conv("first", "x", 2, 1);
    layer("first_relu", {"first"}, Relu{}, hwc(6, 6, 4));
    conv("second", "first_relu", 4, 1);
    layer("sum", {"second", "first_relu"}, Add{}, hwc(6, 6, 4));
    layer("sum_relu", {"sum"}, Relu{}, hwc(6, 6, 4));
    conv("depthwise", "sum_relu", 1, 4);
    layer("both", {"sum_relu", "depthwise"}, Concat{}, hwc(6, 6, 8));
    layer("pool", {"both"}, MaxPool{}, hwc(3, 3, 8));
    layer("flat", {"pool"}, Flatten{}, vector_of(72));
    layer("out", {"flat"}, Dense{.weights = random_reals(random, {72, 5}, 0.5), .bias = random_reals(random, {5}, 0.5)},
          vector_of(5));
    m.output = "out";
    return m;
}

inline InputBatch random_batch(std::uint32_t seed, const Shape& shape, std::size_t images) {
    std::mt19937 random(seed);
    InputBatch batch{.images = images, .dims = shape.dims, .values = {}};
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(images) * shape.count(); ++i)
        batch.values.push_back(std::abs(draw(random, 1)));
    return batch;
}

}  // namespace bittrue::test
