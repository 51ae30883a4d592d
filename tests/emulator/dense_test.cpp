// Dense layers: by hand, and the unobserved path on 64 and 128 bits against the observed accumulation.
#include <catch2/catch.hpp>

#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const FixedType kByte = fixed(8, 8);

Dense dense_of(std::int64_t in, std::int64_t out, const Words& weights, const FixedType& acc) {
    Dense op;
    op.weights = words({in, out}, weights, kByte);
    op.accumulator.type = acc;
    return op;
}

std::string show(const AccumulatorSpec& s) {
    return print_schedule(s) + " quantize " + std::to_string(static_cast<int>(s.quantize)) + " bias " +
           std::to_string(static_cast<int>(s.bias)) + (s.product ? " product cast" : "") +
           (s.bias_cast ? " bias cast" : "");
}

// All combinations that rule A3 allows, with a group that leaves a remainder.
std::vector<AccumulatorSpec> all_specs(const FixedType& acc, const FixedType& product, const FixedType& bias_cast) {
    std::vector<AccumulatorSpec> specs;
    for (const Schedule schedule : {Schedule::Sequential, Schedule::Interleave, Schedule::Fold, Schedule::Cascade,
                                    Schedule::Partial, Schedule::Tree}) {
        for (const QuantizeAt at : {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End}) {
            for (const BiasPosition position : {BiasPosition::First, BiasPosition::Last}) {
                for (int casts = 0; casts < 4; ++casts) {
                    AccumulatorSpec s;
                    s.type = acc;
                    s.schedule = schedule;
                    s.quantize = at;
                    s.bias = position;
                    s.group = schedule == Schedule::Sequential || schedule == Schedule::Tree ? 1 : 3;
                    if ((casts & 1) != 0) s.product = product;
                    if ((casts & 2) != 0) s.bias_cast = bias_cast;
                    if (reason_invalid(s).empty()) specs.push_back(s);
                }
            }
        }
    }
    return specs;
}

struct Case {
    Format weight{}, input{}, bias{};
    Words weights{}, inputs{};
    std::int64_t bias_word = 0;
    bool has_bias = true;
};

EventCounts counted(const std::vector<Events>& events) {
    EventCounts counts;
    for (const Events& e : events) counts.add(e);
    return counts;
}

// The layer's word and its overflows must be those of the steps that mac lists.
void check_against_mac(const Case& c, const AccumulatorSpec& s, const FixedType& result) {
    INFO(show(s));
    const auto n = std::ssize(c.weights);
    Dense op;
    op.weights = words({n, 1}, c.weights, {.format = c.weight});
    if (c.has_bias) op.bias = words({1}, {c.bias_word}, {.format = c.bias});
    op.accumulator = s;
    const LayerResult layer = run_layer(one_layer(vector_of(n), {.format = c.input}, op, result), c.inputs);
    const auto steps = emulator::mac({.weight = c.weight,
                                      .input = c.input,
                                      .weights = c.weights,
                                      .inputs = c.inputs,
                                      .has_bias = c.has_bias,
                                      .bias = c.bias,
                                      .bias_word = c.bias_word},
                                     s);
    const Converted expected = emulator::quantize(steps.back().accumulator_raw, steps.back().accumulator_frac, result);
    CHECK(layer.words == Words{expected.word});
    CHECK(layer.events.result == counted({expected.events}));

    EventCounts accumulator;
    const bool at_end = s.quantize == QuantizeAt::End;
    for (const MacStep& step : steps) {
        const bool exact = at_end && step.what != "end" && step.what != "bias";
        const bool empty_start = step.what == "start" && (!c.has_bias || s.bias == BiasPosition::Last);
        if (!exact && !empty_start) accumulator.add(step.events);
    }
    if (c.has_bias && s.bias_cast) {
        accumulator.add(
            {});  // its events are hidden in those of the step that adds the bias, so the types below avoid them
    }
    CHECK(layer.events.accumulator == accumulator);
    CHECK(layer.events.product.conversions == (s.product ? static_cast<std::uint64_t>(n) : 0U));
    const bool one_term_a_step = s.quantize != QuantizeAt::Fold && (s.schedule != Schedule::Tree || at_end);
    if (s.product && one_term_a_step) {
        EventCounts product;
        for (const MacStep& step : steps) {
            if (step.what.starts_with("term")) product.add(step.product_events);
        }
        CHECK(layer.events.product == product);
    }
}

}  // namespace

TEST_CASE("L2: dense by hand, two outputs over three inputs") {
    Dense op = dense_of(3, 2, {1, 2, 3, 4, 5, 6}, fixed(16, 16));
    op.bias = words({2}, {10, -10}, kByte);
    const LayerResult r = run_layer(one_layer(vector_of(3), kByte, op, fixed(16, 16)), {1, 10, -1, 0, 1, 0});
    CHECK(r.words == Words{1 + 30 - 5 + 10, 2 + 40 - 6 - 10, 13, -6});
    CHECK(r.min_raw == -6);
    CHECK(r.max_raw == 36);
    CHECK(r.events.accumulator.conversions == 2 * 2 * 4);
    CHECK(r.events.result.conversions == 4);
    CHECK(r.events.product.conversions == 0);
    CHECK(r.events.weights.conversions == 0);
}

TEST_CASE("E4: a dense layer counts its classes apart") {
    Dense op = dense_of(2, 1, {5, 5}, fixed(4, 4, Rounding::Trn, Overflow::Sat));
    op.weights = reals({2, 1}, {5.5, 300}, fixed(8, 8, Rounding::Rnd, Overflow::Sat));
    op.bias = words({1}, {3}, fixed(8, 7));
    op.accumulator.product = fixed(4, 4, Rounding::Trn, Overflow::Sat);
    op.accumulator.bias_cast = fixed(8, 8, Rounding::Rnd);
    const LayerResult r =
        run_layer(one_layer(vector_of(2), kByte, op, fixed(3, 3, Rounding::Trn, Overflow::Wrap)), {1, 1});
    CHECK(r.events.weights == EventCounts{2, 1, 1, 0, 1});      // 5.5 -> 6, 300 -> 127
    CHECK(r.events.product == EventCounts{2, 0, 1, 0, 1});      // 6, 127 -> 7
    CHECK(r.events.accumulator == EventCounts{4, 1, 2, 0, 2});  // 1.5 -> 2, 2, 8 -> 7, 14 -> 7
    CHECK(r.events.result == EventCounts{1, 0, 1, 0, 0});       // 7 -> -1
    CHECK(r.words == Words{-1});
    CHECK(r.events.overflows() == 4);
    CHECK(r.events.saturations() == 3);
}

TEST_CASE("A: every accumulation of a layer on 64 bits equals its observed steps") {
    Random random(1);
    const FixedType accs[] = {fixed(7, 4, Rounding::RndConv, Overflow::Sat), fixed(6, 5, Rounding::Rnd, Overflow::Wrap),
                              fixed(9, 3, Rounding::TrnZero, Overflow::SatSym),
                              ufixed(6, 4, Rounding::RndInf, Overflow::SatZero),
                              fixed(7, 4, Rounding::RndMinInf, Overflow::WrapSm)};
    const FixedType products[] = {fixed(7, 4, Rounding::RndZero, Overflow::Sat),
                                  fixed(6, 3, Rounding::Rnd, Overflow::Wrap)};
    for (const FixedType& acc : accs) {
        for (int i = 0; i < 4; ++i) {
            const bool has_bias = i % 2 == 0;
            for (const auto& s : all_specs(acc, products[i / 2], fixed(16, 8))) {
                Case c{.weight = {6, 2, true}, .input = {6, 3, false}, .bias = {8, 4, true}};
                c.has_bias = has_bias;
                for (int t = 0; t < 10; ++t) {
                    c.weights.push_back(random.word(c.weight));
                    c.inputs.push_back(random.word(c.input));
                }
                c.bias_word = random.word(c.bias);
                check_against_mac(c, s, fixed(6, 4, Rounding::Rnd, Overflow::Sat));
            }
        }
    }
}

TEST_CASE("A: every accumulation of a layer on 128 bits equals its observed steps") {
    Random random(2);
    const FixedType acc = fixed(60, 30, Rounding::RndConv, Overflow::Sat);
    for (const auto& s : all_specs(acc, fixed(50, 20, Rounding::RndZero, Overflow::Sat), fixed(64, 32))) {
        Case c{.weight = {40, 20, true}, .input = {44, 16, false}, .bias = {60, 30, true}};
        for (int t = 0; t < 10; ++t) {
            c.weights.push_back(random.word(c.weight));
            c.inputs.push_back(random.word(c.input));
        }
        c.bias_word = random.word(c.bias);
        check_against_mac(c, s, fixed(64, 34, Rounding::Rnd, Overflow::Sat));
    }
}

TEST_CASE("F3: a dense layer over 64-bit unsigned words") {
    Dense op;
    op.weights = words({2, 1}, {1, -1}, fixed(2, 2));
    op.accumulator.type = fixed(64, 64, Rounding::Trn, Overflow::Sat);
    const Graph graph = one_layer(vector_of(2), ufixed(64, 64), op, fixed(64, 64));
    InputBatch batch{
        .images = 1, .dims = {2}, .values = {18446744073709549568.0, 9223372036854775808.0}};  // 2^64-2^11, 2^63
    const RunResult r = emulator::make_engine(graph)->run(batch, {.keep_layers = true});
    CHECK(r.layers[0].words == Words{-2048, std::numeric_limits<std::int64_t>::min()});
    CHECK(r.layers[0].max_raw == (i128{1} << 64) - 2048);
    CHECK(r.layers[0].min_raw == i128{1} << 63);
    // The first product saturates at 2^63 - 1, then 2^63 is taken away.
    CHECK(r.layers[1].words == Words{-1});
    CHECK(r.layers[1].events.accumulator == EventCounts{2, 0, 1, 0, 1});
}

TEST_CASE("W1-W3: weights are cast, or taken by their sign") {
    Dense op = dense_of(4, 1, {}, fixed(16, 8));
    const auto weights_of = [&](const Parameter& p) {
        op.weights = p;
        return emulator::make_engine(one_layer(vector_of(4), kByte, op, fixed(16, 8)))->parameters().at(0);
    };
    const std::vector<double> stored{-0.3, 0.0, 0.3, -0.0};
    const ParameterWords cast = weights_of(reals({4, 1}, stored, fixed(8, 4, Rounding::Rnd)));
    CHECK(cast.layer == "layer");
    CHECK(cast.role == "weights");
    CHECK(cast.tensor.dims == Dims{4, 1});
    CHECK(cast.tensor.format == Format{8, 4, true});
    CHECK(cast.tensor.words == Words{-5, 0, 5, 0});
    CHECK(weights_of(reals({4, 1}, stored, fixed(2, 0), WeightQuantizer::Sign)).tensor.words == Words{-1, 0, 1, 0});
    CHECK(weights_of(reals({4, 1}, stored, fixed(2, 0), WeightQuantizer::Bipolar)).tensor.words == Words{-1, 1, 1, 1});
}

TEST_CASE("W2: sign weights have no events and the scale of their format") {
    Dense op = dense_of(2, 1, {}, fixed(16, 8));
    op.weights = reals({2, 1}, {-0.01, 7}, fixed(2, -1), WeightQuantizer::Sign);  // frac 3: -1/8, 1/8
    const LayerResult r = run_layer(one_layer(vector_of(2), kByte, op, fixed(16, 8)), {8, 24});
    CHECK(r.words == Words{2 * 256});
    CHECK(r.events.weights == EventCounts{});
}
