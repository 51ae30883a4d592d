// Whole steps on networks of a few weights, for bits at the ends of their ranges. Every number is worked by hand.
#include <catch2/catch.hpp>

#include "golden/training_network.hpp"
#include "training/backward.hpp"
#include "training/forward.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

// One input, two classes.
TrainingNetwork two_weights(TrainingBits bits) {
    return network_of({dense_layer(elements(1), 2)}, bits);
}

StepTrace step(const TrainingNetwork& network, const std::vector<Words32>& weights, const TrainingBatch& batch,
               LearningRate rate, std::vector<Words32> draws) {
    TrainingState state = state_of(weights);
    const TrainingState before = state;
    StepTrace trace = golden::training_step(network, state, batch, rate, &draws);
    CHECK(state.lfsr == before.lfsr);  // given draws leave the LFSR alone
    for (std::size_t l = 0; l < weights.size(); ++l) CHECK(trace.layers[l].weights_after == state.weights[l]);
    return trace;
}

}  // namespace

TEST_CASE("H2-H14: 1/2/8/8/8, the label's class too low", "[golden]") {
    // a = 1 (one half), x = +-1 of 2^-1. d = 2 * (1 - 2) = -2 of 2^-1: k = 0, e = -128, clipped to -127.
    // g = -127 of 2^-8, below one half: k = -1, n = -127 / 256 * 128 * 2.
    const auto run = [](int k) {
        return step(two_weights({}), {{100, -3}}, {.pixels = {255}, .labels = {0}}, {}, {{k, 0}});
    };
    const StepTrace trace = run(253);
    const LayerStep& layer = trace.layers[0];
    CHECK(trace.input == Words32{1});
    CHECK(layer.sums == Words64{1, -1});
    CHECK(layer.activations == Words32{1, 0});
    CHECK(trace.loss_raw == 1);
    CHECK(trace.correct == 1);
    CHECK(layer.error_exponent == 0);
    CHECK(layer.errors == Words32{-127, 0});
    CHECK(layer.gradients == Words64{-127, 0});
    CHECK(layer.gradient_exponent == -1);
    CHECK(layer.scaled == Words64{-127, 0});
    CHECK(layer.draws == Words32{253, 0});
    CHECK(layer.steps == Words32{-1, 0});
    CHECK(layer.weights_before == Words32{100, -3});
    CHECK(layer.weights_after == Words32{101, -3});
    CHECK(run(254).layers[0].steps == Words32{0, 0});  // 127 * 256 = 254 * 128
}

TEST_CASE("H5, H7: another class too high: the scale is that of all d, before the mask", "[golden]") {
    // d = 2, -4 of 2^-1: k = 1, e = 64, -127; x = -1 of the second class masks it. g = 64 of 2^-8: k = -2, n = 128.
    const StepTrace trace = step(two_weights({}), {{100, -3}}, {.pixels = {255}, .labels = {1}}, {}, {{255, 0}});
    const LayerStep& layer = trace.layers[0];
    CHECK(trace.loss_raw == 5);
    CHECK(trace.correct == 0);
    CHECK(layer.error_exponent == 1);
    CHECK(layer.errors == Words32{64, -127});
    CHECK(layer.gradient_exponent == -2);
    CHECK(layer.scaled == Words64{128, 0});
    CHECK(layer.steps == Words32{1, 0});
    CHECK(layer.weights_after == Words32{99, -3});
}

TEST_CASE("H2-H14: 2/1/2/2/1, the smallest words", "[golden]") {
    // q = 1 and -2 * 2 / 2 clipped to -1, fx = 1. d = 2, -4 of 2^-1: k = 1, e = 1, (-1). g = 1 of 2^-1: k = -1.
    const auto run = [](LearningRate rate, int k) {
        return step(two_weights({.weights = 2, .activations = 1, .gradients = 2, .errors = 2, .randomizer = 1}),
                    {{1, -2}}, {.pixels = {1}, .labels = {1}}, rate, {{k, 1}});
    };
    const StepTrace trace = run({}, 1);
    const LayerStep& layer = trace.layers[0];
    CHECK(trace.input == Words32{1});
    CHECK(layer.sums == Words64{1, -1});
    CHECK(layer.error_exponent == 1);
    CHECK(layer.errors == Words32{1, -1});
    CHECK(layer.gradients == Words64{1, 0});
    CHECK(layer.gradient_exponent == -1);
    CHECK(layer.scaled == Words64{2, 0});
    CHECK(layer.weights_after == Words32{0, -2});
    CHECK(run({.raw = 64}, 0).layers[0].weights_after == Words32{0, -2});  // n = 1, a half
    CHECK(run({.raw = 64}, 1).layers[0].weights_after == Words32{1, -2});
    CHECK(run({.raw = 32}, 0).layers[0].scaled == Words64{0, 0});  // a tie
    CHECK(run({.raw = 3, .frac = 1}, 0).layers[0].scaled == Words64{3, 0});
    const LayerStep fast = run({.raw = 5, .frac = 0}, 0).layers[0];  // n = 10, a step of 5
    CHECK(fast.steps == Words32{5, 0});
    CHECK(fast.weights_after == Words32{-2, -2});
    CHECK(fast.saturated_weights == 1);
}

TEST_CASE("H2-H14: 8/8/16/16/16, the widest words", "[golden]") {
    // a = 100, q = 50 and -1.5 that goes to -2, fx = 14. d = 2 * (5000 - 16384) of 2^-14, 1.39: k = 0, clipped.
    // g = -3276700 of 2^-22, 0.78: k = 0, n = -3276700 / 128 = -25599.2. It is rounded up below 25599 * 2.
    const auto run = [](std::uint8_t label, int k) {
        return step(two_weights({.weights = 8, .activations = 8, .gradients = 16, .errors = 16, .randomizer = 16}),
                    {{12800, -384}}, {.pixels = {200}, .labels = {label}}, {}, {{k, 0}});
    };
    const StepTrace trace = run(0, 51197);
    const LayerStep& layer = trace.layers[0];
    CHECK(trace.input == Words32{100});
    CHECK(layer.sums == Words64{5000, -200});
    CHECK(layer.activations == Words32{5000, 0});
    CHECK(trace.loss_raw == 11384 * 11384);
    CHECK(layer.error_exponent == 0);
    CHECK(layer.errors == Words32{-32767, 0});
    CHECK(layer.gradients == Words64{-3276700, 0});
    CHECK(layer.gradient_exponent == 0);
    CHECK(layer.scaled == Words64{-25599, 0});
    CHECK(layer.weights_after == Words32{12801, -384});
    CHECK(run(0, 51198).layers[0].weights_after == Words32{12800, -384});
    // d = 10000 and -32768 of 2^-14: k = 1. g = 1000000 of 2^-22, 0.238: k = -2, n = 1000000 / 32.
    const LayerStep other = run(1, 0).layers[0];
    CHECK(other.error_exponent == 1);
    CHECK(other.errors == Words32{10000, -32767});
    CHECK(other.gradients == Words64{1000000, 0});
    CHECK(other.gradient_exponent == -2);
    CHECK(other.scaled == Words64{31250, 0});
}

TEST_CASE("H2-H14: 3/3/4/5/2, nothing a power of the other", "[golden]") {
    // a = 160 * 4 / 256 = 2.5, to 2; q = 1.5 to 2 and -1.5 to -2; fx = 4. d = 8, -32 of 2^-4: k = 1, e = 4.
    // g = 8 of 2^-6: k = -3, n = 8, with a rate of 90/128 5.6, to 6: rounded up below 3 (6 * 4 = 3 * 8).
    const auto run = [](LearningRate rate, int k) {
        return step(two_weights({.weights = 3, .activations = 3, .gradients = 4, .errors = 5, .randomizer = 2}),
                    {{3, -3}}, {.pixels = {160}, .labels = {1}}, rate, {{k, 0}});
    };
    const LayerStep layer = run({}, 3).layers[0];
    CHECK(layer.sums == Words64{4, -4});
    CHECK(layer.error_exponent == 1);
    CHECK(layer.errors == Words32{4, -15});
    CHECK(layer.gradients == Words64{8, 0});
    CHECK(layer.gradient_exponent == -3);
    CHECK(layer.scaled == Words64{8, 0});
    CHECK(layer.weights_after == Words32{2, -3});
    CHECK(run({.raw = 90}, 2).layers[0].scaled == Words64{6, 0});
    CHECK(run({.raw = 90}, 2).layers[0].weights_after == Words32{2, -3});
    CHECK(run({.raw = 90}, 3).layers[0].weights_after == Words32{3, -3});
}

TEST_CASE("H2, H4: every width of weights has its own words and sums", "[golden]") {
    // w = 43 of 128, a = 1; q = 43 * 2^(W-1) / 128, x = q * a of 2^-(W-1+1+2), the scale being 2^2.
    // Then d = -2 * (1 - x), between -2 and -1.75: k = 1, e = 64 * d, a tie at W = 6 and 7.
    const Words64 words = {1, 1, 1, 3, 5, 11, 22, 43};
    const Words32 errors = {-112, -120, -124, -122, -123, -122, -122, -123};
    for (int w_bits = 1; w_bits <= 8; ++w_bits) {
        CAPTURE(w_bits);
        const auto i = static_cast<std::size_t>(w_bits - 1);
        const TrainingNetwork network = network_of({dense_layer(elements(1), 1, 2)}, {.weights = w_bits});
        const LayerStep layer = step(network, {{43}}, {.pixels = {255}, .labels = {0}}, {}, {{0}}).layers[0];
        CHECK(layer.sums == Words64{words[i]});
        CHECK(layer.error_exponent == 1);
        CHECK(layer.errors == Words32{errors[i]});
    }
}

TEST_CASE("H4: activations of every kind: ties to even, the top, and one bit", "[golden]") {
    const auto activations = [](int bits, int fx, std::vector<golden::Integer> sums) {
        golden::BatchTensor x(1, elements(static_cast<int>(sums.size())));
        x.raws = std::move(sums);
        return golden::words32(golden::activations(x, fx, bits).raws);
    };
    CHECK(activations(1, 3, {-5, 0, 1, 100}) == Words32{0, 0, 1, 1});
    CHECK(activations(2, 3, {-8, 2, 3, 6, 8, 100}) == Words32{0, 0, 1, 1, 1, 1});
    CHECK(activations(3, 3, {-1, 1, 2, 3, 5, 6, 7, 8}) == Words32{0, 0, 1, 2, 2, 3, 3, 3});
    CHECK(activations(8, 3, {1, 15, 16}) == Words32{16, 127, 127});
    CHECK(activations(8, 14, {64, 65, 192}) == Words32{0, 1, 2});
}

TEST_CASE("H7: errors of the outputs pass from 0 to 1, both included", "[golden]") {
    // Three halves: sums -1, 0, 2 and 3 of 2^-1.
    const TrainingNetwork network = network_of({dense_layer(elements(3), 4)});
    const std::vector<Words32> weights = {{-9, 0, 9, 9, 0, 0, 9, 9, 0, 0, 0, 9}};
    const TrainingBatch batch{.pixels = std::vector<std::uint8_t>(6, 255), .labels = {0, 1}};
    const StepTrace trace = step(network, weights, batch, {}, {Words32(12, 0)});
    CHECK(trace.layers[0].sums == Words64{-1, 0, 2, 3, -1, 0, 2, 3});
    CHECK(trace.layers[0].activations == Words32{0, 0, 2, 2, 0, 0, 2, 2});
    CHECK(trace.layers[0].errors == Words32{-127, 0, 127, 127, 0, -127, 127, 127});
    // Of the masked outputs nothing arrives: deltas 0, 0, 127, 0 and 0, -127, 127, 0.
    CHECK(trace.layers[0].gradients == Words64{0, -127, 254, 0, 0, -127, 254, 0, 0, -127, 254, 0});
    CHECK(trace.loss_raw == 4 * 6);
    CHECK(trace.correct == 0);  // class 2 is the first of the largest
}

TEST_CASE("H8: errors of a hidden layer pass up to 1 - 1/S(A), and deltas only above 0", "[golden]") {
    // Sums -1, 0, 1, 2 of 2^-1, activations 0, 0, 1, 1; outputs 2, 0; e = 127, -127. What comes back is
    // 254, 254, 127 and a masked 127 of 2^-7: k = 1, e = 127, 127, 63.5 to 64, 0.
    const TrainingNetwork network = network_of({dense_layer(elements(3), 4), dense_layer(elements(4), 2)});
    const std::vector<Words32> weights = {{-9, 0, 9, 9, 0, 0, 0, 9, 0, 0, 0, 0}, {9, -9, 9, -9, 9, 0, 9, 0}};
    const TrainingBatch batch{.pixels = {255, 255, 255}, .labels = {1}};
    const StepTrace trace = step(network, weights, batch, {}, {Words32(12, 0), Words32(8, 0)});
    CHECK(trace.layers[0].sums == Words64{-1, 0, 1, 2});
    CHECK(trace.layers[0].activations == Words32{0, 0, 1, 1});
    CHECK(trace.layers[1].sums == Words64{2, 0});
    CHECK(trace.layers[1].errors == Words32{127, -127});
    CHECK(trace.layers[1].gradients == Words64{0, 0, 0, 0, 127, -127, 127, -127});
    CHECK(trace.layers[0].error_exponent == 1);
    CHECK(trace.layers[0].errors == Words32{127, 127, 64, 0});
    CHECK(trace.layers[0].gradients == Words64{0, 0, 64, 0, 0, 0, 64, 0, 0, 0, 64, 0});
}

TEST_CASE("H8: with one bit of activations errors pass up to 1, included", "[golden]") {
    const auto kept = [](int bits, int fx, std::vector<golden::Integer> sums) {
        golden::BatchTensor v(1, elements(static_cast<int>(sums.size())));
        v.raws = std::move(sums);
        golden::BatchTensor d = v;
        for (golden::Integer& raw : d.raws) raw = 5;
        return golden::words32(golden::unclipped(d, v, fx, bits).raws);
    };
    CHECK(kept(1, 2, {-9, 0, 4, 5}) == Words32{5, 5, 5, 0});
    CHECK(kept(2, 2, {-9, 0, 2, 3}) == Words32{5, 5, 5, 0});
    CHECK(kept(3, 4, {-99, 12, 13}) == Words32{5, 5, 0});
    CHECK(kept(8, 7, {127, 128}) == Words32{5, 0});
}

TEST_CASE("H8: the first maximum of a window in row-major order gets the delta", "[golden]") {
    const TrainingLayer layer = conv_layer({.channels = 1, .rows = 5, .columns = 5}, 1, 1, 1, 2, 2);
    REQUIRE(layer.output == MapShape{.channels = 1, .rows = 2, .columns = 2});
    golden::BatchTensor sums(1, layer.sums);
    sums.raws = {1,  3,  2,  2,  90,  //
                 3,  3,  2,  2,  90,  //
                 0,  0,  -4, -5, 90,  //
                 0,  0,  -3, -3, 90,  //
                 90, 90, 90, 90, 90};
    CHECK(golden::words32(golden::max_pool(layer, sums).raws) == Words32{3, 2, 0, -3});
    golden::BatchTensor errors(1, layer.output);
    errors.raws = {10, 20, 30, 40};
    golden::BatchTensor expected(1, layer.sums);
    expected.at(0, 0, 0, 1) = 10;
    expected.at(0, 0, 0, 2) = 20;  // 0 and -3 are not above 0
    CHECK(golden::deltas(layer, errors, sums).raws == expected.raws);
}

TEST_CASE("H6: the error quantiser takes the whole batch's scale, rounds ties to even and clips", "[golden]") {
    const auto quantized = [](int bits, int frac, std::vector<golden::Integer> raws) {
        golden::BatchTensor d(static_cast<int>(raws.size()), elements(1));
        d.raws = std::move(raws);
        const golden::Errors e = golden::quantized_errors(d, frac, bits);
        return std::pair(golden::words32(e.words.raws), e.exponent);
    };
    // k = 3, e = d
    CHECK(quantized(4, 0, {8, -8, 3, 0}) == std::pair(Words32{7, -7, 3, 0}, std::optional(3)));
    // k = 4, e = d / 2
    CHECK(quantized(4, 0, {12, -1, 1, 3, -3, 5}) == std::pair(Words32{6, 0, 0, 2, -2, 2}, std::optional(4)));
    CHECK(quantized(2, 5, {1, 0}) == std::pair(Words32{1, 0}, std::optional(-5)));
    CHECK(quantized(16, 0, {1, -1}) == std::pair(Words32{32767, -32767}, std::optional(0)));
    CHECK(quantized(8, 0, {0, 0}) == std::pair(Words32{0, 0}, std::optional<int>()));
}

TEST_CASE("H13: draws follow the order of the weights, and each layer has its state", "[golden]") {
    TrainingNetwork network = network_of({dense_layer(elements(1), 2), dense_layer(elements(2), 2)}, {.randomizer = 3});
    network.randomizer = {.width = 4, .taps = 0b1001};
    TrainingState state = state_of({{9, -9}, {9, -9, -9, 9}});
    state.lfsr = {14, 1};
    const TrainingBatch batch{.pixels = {255}, .labels = {0}};
    StepTrace trace = golden::training_step(network, state, batch, {});
    CHECK(trace.layers[1].draws == Words32{7, 5, 6, 4});
    CHECK(trace.layers[1].lfsr_before == 1);
    CHECK(trace.layers[1].lfsr_after == 8);
    CHECK(trace.layers[0].draws == Words32{2, 3});  // 14 7 10 5 11 12: 0 1 0, 1 1 0
    CHECK(state.lfsr == std::vector<std::uint64_t>{6, 8});
    trace = golden::training_step(network, state, batch, {});  // goes on
    CHECK(trace.layers[0].lfsr_before == 6);
    CHECK(trace.layers[1].draws[0] == 0);  // 8 4 2: 0 0 0
}

TEST_CASE("H14: a step counts the updates that the store changed", "[golden]") {
    const TrainingBatch batch{.pixels = {255}, .labels = {0}};
    const auto after = [&](WeightStore store, int w) {
        TrainingNetwork network = two_weights({});
        network.store = store;
        const StepTrace trace = step(network, {{w, -3}}, batch, {}, {{0, 0}});  // a step of -1
        return std::pair(trace.layers[0].weights_after, trace.layers[0].saturated_weights);
    };
    using Result = std::pair<Words32, std::uint64_t>;
    CHECK(after(WeightStore::Saturate, 126) == Result{{127, -3}, 0});
    CHECK(after(WeightStore::Saturate, 127) == Result{{127, -3}, 1});
    CHECK(after(WeightStore::Wrap, 127) == Result{{-128, -3}, 1});
    CHECK(after(WeightStore::Unbounded, 127) == Result{{128, -3}, 0});
    CHECK(after(WeightStore::Unbounded, 1000) == Result{{1001, -3}, 0});
}
