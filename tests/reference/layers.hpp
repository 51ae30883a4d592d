// One layer, or a few, as a float model for tests.
#pragma once

#include "bittrue/explore/float_engine.hpp"

namespace bittrue::test {

inline Shape vector_of(std::int64_t n) {
    return {.layout = Layout::Vector, .dims = {n}};
}
inline Shape hwc(std::int64_t height, std::int64_t width, std::int64_t channels) {
    return make_map(Layout::Hwc, channels, height, width);
}
inline Shape chw(std::int64_t channels, std::int64_t height, std::int64_t width) {
    return make_map(Layout::Chw, channels, height, width);
}

inline Parameter reals(Dims dims, std::vector<double> values) {
    return {.dims = std::move(dims), .real = std::move(values)};
}
inline Parameter integers(std::vector<std::int64_t> raws) {
    Parameter p{.dims = {static_cast<std::int64_t>(raws.size())}, .raw = std::move(raws)};
    p.type.format = {.width = 40, .integer = 40, .is_signed = true};
    return p;
}

inline FloatModel one_layer(Operation op, const Shape& in, const Shape& out) {
    FloatModel m{.input_name = "x", .input_shape = in, .output = "y"};
    m.layers.push_back({.name = "y", .inputs = {"x"}, .op = std::move(op), .shape = out});
    return m;
}

// The output of one image.
inline std::vector<double> outputs(const FloatModel& model, std::vector<double> values) {
    const InputBatch batch{.images = 1, .dims = model.input_shape.dims, .values = std::move(values)};
    return explore::run_float(model, batch).layers.back().values;
}
inline std::vector<double> outputs(Operation op, const Shape& in, const Shape& out, std::vector<double> values) {
    return outputs(one_layer(std::move(op), in, out), std::move(values));
}

}  // namespace bittrue::test
