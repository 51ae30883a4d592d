// What rounds in the float engine, because the model does.
#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "model/files.hpp"
#include "reference/layers.hpp"

using namespace bittrue;
using namespace bittrue::test;
using Values = std::vector<double>;

namespace {

FloatModel quantized(const FloatQuantizer& q, const Shape& shape) {
    FloatModel m = one_layer(Quantize{}, shape, shape);
    m.layers[0].quantizer = q;
    return m;
}

Values rounded(QuantizerRounding r) {
    return outputs(quantized({.rounding = r}, vector_of(8)), {-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, -0.25, 0.75});
}

Values requantized(Requantize op, Values x, const FixedType& result) {
    const Shape s = vector_of(static_cast<std::int64_t>(x.size()));
    FloatModel m = one_layer(std::move(op), s, s);
    m.layers[0].result_type = result;
    return outputs(m, std::move(x));
}

FixedType int8(Rounding r) {
    return {.format = {.width = 8, .integer = 8, .is_signed = true}, .rounding = r, .overflow = Overflow::Sat};
}

}  // namespace

TEST_CASE("every rounding of a trained quantiser, ties of both signs") {
    CHECK(rounded(QuantizerRounding::HalfEven) == Values{-2, -2, 0, 0, 2, 2, 0, 1});
    CHECK(rounded(QuantizerRounding::HalfUp) == Values{-3, -2, -1, 1, 2, 3, 0, 1});
    CHECK(rounded(QuantizerRounding::HalfDown) == Values{-2, -1, 0, 0, 1, 2, 0, 1});
    CHECK(rounded(QuantizerRounding::Up) == Values{-3, -2, -1, 1, 2, 3, -1, 1});
    CHECK(rounded(QuantizerRounding::Down) == Values{-2, -1, 0, 0, 1, 2, 0, 0});
    CHECK(rounded(QuantizerRounding::Ceil) == Values{-2, -1, 0, 1, 2, 3, 0, 1});
    CHECK(rounded(QuantizerRounding::Floor) == Values{-3, -2, -1, 0, 1, 2, -1, 0});
}

TEST_CASE("a trained quantiser clamps in its integers, with scales and zero points by channel") {
    FloatQuantizer q{.scale = {0.5, 2}, .zero_point = {1, 0}, .low = 0, .high = 3};
    // channel 0: (clamp(round(x / 0.5 + 1)) - 1) * 0.5, channel 1: clamp(round(x / 2)) * 2
    CHECK(outputs(quantized(q, hwc(1, 3, 2)), {-9, -9, 0.6, 3.2, 9, 9}) == Values{-0.5, 0, 0.5, 4, 1, 6});
    q = {.scale = {0.25}, .bipolar = true};
    CHECK(outputs(quantized(q, vector_of(3)), {-0.1, 0, 7}) == Values{-0.25, 0.25, 0.25});
    // Trunc from 8 to 6 bits: 7 / 4 = 1.75 falls to 1, -7 / 4 to -2; 2.5 is 2 before, half to even.
    q = {.scale = {1}, .low = -128, .high = 127, .rounding = QuantizerRounding::Floor, .truncate = 4};
    CHECK(outputs(quantized(q, vector_of(3)), {7, -7, 2.5}) == Values{4, -8, 0});
    CHECK(outputs(one_layer(Quantize{}, vector_of(2), vector_of(2)), {0.1, -0.1}) == Values{0.1, -0.1});
}

TEST_CASE("L24 in float: exact products, rounded as the result says, the zero point behind or in front") {
    Requantize op{.multiplier = integers({3}), .shift = {1}};
    CHECK(requantized(op, {1, -1, 3, 100}, int8(Rounding::RndConv)) == Values{2, -2, 4, 127});
    CHECK(requantized(op, {1, -1, 3, -100}, int8(Rounding::Rnd)) == Values{2, -1, 5, -128});
    op.zero_point = 1;
    CHECK(requantized(op, {1, -1, 3}, int8(Rounding::RndConv)) == Values{3, -1, 5});
    op.zero_point_first = true;
    CHECK(requantized(op, {1, -1, 3}, int8(Rounding::RndConv)) == Values{2, 0, 6});
    op = {.multiplier = integers({3, 5}), .shift = {1, -1}};
    CHECK(requantized(op, {2, 2}, int8(Rounding::Rnd)) == Values{3, 20});
    // A sum of real weights is no integer.
    op = {.multiplier = integers({1}), .shift = {1}};
    CHECK(requantized(op, {4.5, 5.5, -5.0}, int8(Rounding::Rnd)) == Values{2, 3, -2});
}

TEST_CASE("L24 in float: two roundings of TFLite, and a product in single precision") {
    // 0.75 as TFLite has it: 3 * 2^29 * 2^-31. h = round(a * 0.75), ties up; without a shift that is the result.
    Requantize op{.multiplier = integers({std::int64_t{3} << 29}), .shift = {31}, .rule = RequantizeRule::TfliteDouble};
    CHECK(requantized(op, {2, -2, 6, 1}, int8(Rounding::Trn)) == Values{2, -1, 5, 1});
    // Another halving rounds again, away from zero: 3 * 0.375 = 1.125, high = 2, then 1; -3: high = -2, then -1.
    op.shift = {32};
    CHECK(requantized(op, {3, -3, 2, 1}, int8(Rounding::Trn)) == Values{1, -1, 1, 1});
    // 2^24 + 1 is no single: it becomes 2^24.
    op = {.multiplier = integers({1}), .shift = {0}, .rule = RequantizeRule::Float32};
    const FixedType wide{.format = {.width = 32, .integer = 32, .is_signed = true}};
    CHECK(requantized(op, {16777217, 16777219}, wide) == Values{16777216, 16777220});
}

TEST_CASE("raw words, sign and bipolar weights count by their value") {
    Parameter raw{.dims = {2, 1}, .raw = {3, -4}};
    raw.type.format = {.width = 8, .integer = 6, .is_signed = true};
    CHECK(outputs(Dense{.weights = raw, .bias = {}, .accumulator = {}}, vector_of(2), vector_of(1), {1, 10}) ==
          Values{0.75 - 10});
    Parameter signs = reals({3, 1}, {0.3, 0, -7});
    signs.type.format = {.width = 2, .integer = 1, .is_signed = true};
    signs.quantizer = WeightQuantizer::Sign;
    CHECK(outputs(Dense{.weights = signs, .bias = {}, .accumulator = {}}, vector_of(3), vector_of(1), {1, 10, 100}) ==
          Values{0.5 - 50});
    signs.quantizer = WeightQuantizer::Bipolar;
    CHECK(outputs(Dense{.weights = signs, .bias = {}, .accumulator = {}}, vector_of(3), vector_of(1), {1, 10, 100}) ==
          Values{0.5 + 5 - 50});
}

TEST_CASE("T4 in float: a table indexed by bits takes those of the input's type, and needs one") {
    Lookup op{.table = {.entries = reals({4}, {0, 1, -2, -1}), .origin = "rom.npz"}, .index = TableIndex::Bits};
    const Shape s = vector_of(4);
    CHECK_THAT(error_of([&] {
                   (void)outputs(op, s, s, {0, 0, 0, 0});
               }),
               Catch::Contains("layer 'y'") && Catch::Contains("network file"));
    Graph g{.name = "rom"};
    g.input = {.name = "x", .shape = s};
    g.input.type = {
        .format = {.width = 4, .integer = 2, .is_signed = true}, .rounding = Rounding::Trn, .overflow = Overflow::Sat};
    g.nodes.push_back({.name = "y", .inputs = {"x"}, .op = op, .result = g.input.type, .shape = s});
    g.output = "y";
    const InputBatch batch{.images = 1, .dims = {4}, .values = {0.9, 1.1, -9, -0.1}};
    CHECK(explore::run_float(g, batch).layers[1].values == Values{0, 1, -2, -1});
}
