// H11: tensors of zeros, held or not a number, in the first, a middle and the last layer.
#include <catch2/catch.hpp>

#include "golden/training_network.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

// W = 1, A = 2, s = 0: fx = 1, a word of 1 is one half.
TrainingNetwork one_layer(ZeroScale rule) {
    TrainingNetwork network = network_of({dense_layer(elements(2), 2)});
    network.zero_scale = rule;
    return network;
}

// Each of the two hidden layers has two words. The last sums are 2 * first weight and so on, see the cases.
TrainingNetwork three_layers(ZeroScale rule) {
    TrainingNetwork network =
        network_of({dense_layer(elements(2), 2), dense_layer(elements(2), 2), dense_layer(elements(2), 2)});
    network.zero_scale = rule;
    return network;
}

// Layer 0: sums 1, 1. Layer 1: sums 2, 2, which are above 1 - 1/S(A), so that no error comes back to it. Layer 2: 2, 0.
const std::vector<Words32> kMiddleClipped = {{9, 0, 0, 9}, {9, 9, 9, 9}, {9, 9, 9, -9}};

// Layer 0: sums 2, 2, clipped. Layer 1: sums 1, 1. Layer 2: 2, 0.
const std::vector<Words32> kFirstClipped = {{9, 9, 9, 9}, {9, 0, 0, 9}, {9, 9, 9, -9}};

// Outputs 2, 0: nothing is wrong with label 0.
const std::vector<Words32> kRight = {{9, 0, 0, 9}, {9, 0, 0, 9}, {9, -9, 9, -9}};

const TrainingBatch kWrongLabel{.pixels = {255, 255}, .labels = {1}};
const TrainingBatch kRightLabel{.pixels = {255, 255}, .labels = {0}};

bool held(const LayerStep& layer) {
    return !layer.nan_errors && !layer.nan_gradients && layer.weights_after == layer.weights_before &&
           layer.steps == Words32(layer.steps.size(), 0) && !layer.gradient_exponent &&
           layer.scaled == Words64(layer.scaled.size(), 0);
}

bool is_nan(const LayerStep& layer) {
    return layer.nan_gradients && layer.weights_after == layer.weights_before &&
           layer.steps == Words32(layer.steps.size(), 0) && !layer.gradient_exponent &&
           layer.gradients == Words64(layer.gradients.size(), 0) && layer.scaled == Words64(layer.scaled.size(), 0) &&
           layer.saturated_weights == 0;
}

bool has_nan_errors(const LayerStep& layer) {
    return layer.nan_errors && is_nan(layer) && !layer.error_exponent &&
           layer.errors == Words32(layer.errors.size(), 0);
}

}  // namespace

TEST_CASE("H11: a gradient of zeros holds the weights, though draws are made", "[golden]") {
    TrainingState state = state_of({{9, -9, 9, -9}});
    const StepTrace trace =
        golden::training_step(one_layer(ZeroScale::Hold), state, {.pixels = {0, 0}, .labels = {0}}, {});
    CHECK(trace.layers[0].error_exponent == 1);
    CHECK(trace.layers[0].errors == Words32{-127, 0});
    CHECK(held(trace.layers[0]));
    CHECK(trace.layers[0].draws.size() == 4);
    CHECK(trace.layers[0].lfsr_before == 1);
    CHECK(trace.layers[0].lfsr_after != 1);
    CHECK(trace.layers[0].lfsr_after == state.lfsr[0]);
    CHECK(state.nan == std::vector<bool>{false});
    CHECK(state.weights[0] == Words32{9, -9, 9, -9});
}

TEST_CASE("H11: a gradient of zeros that is not a number makes all weights of its layer NaN", "[golden]") {
    TrainingState state = state_of({{9, -9, 9, -9}});
    const StepTrace trace =
        golden::training_step(one_layer(ZeroScale::Nan), state, {.pixels = {0, 0}, .labels = {0}}, {});
    CHECK_FALSE(trace.layers[0].nan_errors);
    CHECK(trace.layers[0].errors == Words32{-127, 0});
    CHECK(is_nan(trace.layers[0]));
    CHECK(trace.layers[0].draws.size() == 4);
    CHECK(trace.layers[0].lfsr_after == state.lfsr[0]);
    CHECK_FALSE(trace.nan_loss);
    CHECK(trace.loss_raw == 4);
    CHECK(state.nan == std::vector<bool>{true});
}

TEST_CASE("H11: with NaN weights outputs, loss, errors and gradients are NaN and every answer is 0", "[golden]") {
    // Layer 1 is NaN: layer 0 still has numbers, in front of it.
    TrainingState state = state_of(kMiddleClipped);
    state.nan[1] = true;
    const StepTrace trace = golden::training_step(three_layers(ZeroScale::Nan), state,
                                                  {.pixels = {255, 255, 255, 255, 255, 0}, .labels = {0, 1, 0}}, {});
    CHECK(trace.nan_loss);
    CHECK(trace.loss_raw == 0);
    CHECK(trace.correct == 2);
    CHECK(trace.layers[0].sums == Words64{1, 1, 1, 1, 1, 0});
    CHECK(trace.layers[0].activations == Words32{1, 1, 1, 1, 1, 0});
    for (const std::size_t l : {1U, 2U}) {
        CHECK(trace.layers[l].sums == Words64(6, 0));
        CHECK(trace.layers[l].activations == Words32(6, 0));
    }
    for (const LayerStep& layer : trace.layers) {
        CHECK(has_nan_errors(layer));
        CHECK(layer.draws.size() == 4);
    }
    CHECK(state.nan == std::vector<bool>{true, true, true});
    CHECK(state.weights == kMiddleClipped);
}

TEST_CASE("H11: with hold, errors of zeros in the last layer stop every layer", "[golden]") {
    TrainingState state = state_of(kRight);
    const StepTrace trace = golden::training_step(three_layers(ZeroScale::Hold), state, kRightLabel, {});
    CHECK(trace.layers[2].sums == Words64{2, -2});
    CHECK(trace.loss_raw == 0);
    CHECK(trace.correct == 1);
    for (const LayerStep& layer : trace.layers) {
        CHECK_FALSE(layer.error_exponent);
        CHECK(layer.errors == Words32{0, 0});
        CHECK(held(layer));
    }
    CHECK(state.weights == kRight);
    CHECK(state.nan == std::vector<bool>{false, false, false});
}

TEST_CASE("H11: NaN errors of the last layer make everything NaN", "[golden]") {
    TrainingState state = state_of(kRight);
    const StepTrace trace = golden::training_step(three_layers(ZeroScale::Nan), state, kRightLabel, {});
    CHECK_FALSE(trace.nan_loss);
    for (const LayerStep& layer : trace.layers) CHECK(has_nan_errors(layer));
    CHECK(state.nan == std::vector<bool>{true, true, true});
    CHECK(state.weights == kRight);
}

TEST_CASE("H11: errors of zeros in a middle layer are held, and the layer behind learns", "[golden]") {
    TrainingState state = state_of(kMiddleClipped);
    const StepTrace trace = golden::training_step(three_layers(ZeroScale::Hold), state, kWrongLabel, {});
    CHECK(trace.layers[1].sums == Words64{2, 2});
    CHECK(trace.layers[2].errors == Words32{127, -127});
    CHECK(trace.layers[2].gradients == Words64{127, -127, 127, -127});
    CHECK(trace.layers[2].weights_after != trace.layers[2].weights_before);
    for (const std::size_t l : {0U, 1U}) {
        CHECK(trace.layers[l].errors == Words32{0, 0});
        CHECK_FALSE(trace.layers[l].error_exponent);
        CHECK(held(trace.layers[l]));
    }
}

TEST_CASE("H11: NaN errors of a middle layer reach the layers in front, not those behind", "[golden]") {
    TrainingState state = state_of(kMiddleClipped);
    const StepTrace trace = golden::training_step(three_layers(ZeroScale::Nan), state, kWrongLabel, {});
    CHECK_FALSE(trace.layers[2].nan_errors);
    CHECK_FALSE(trace.layers[2].nan_gradients);
    CHECK(trace.layers[2].weights_after != trace.layers[2].weights_before);
    CHECK(has_nan_errors(trace.layers[1]));
    CHECK(has_nan_errors(trace.layers[0]));
    CHECK(state.nan == std::vector<bool>{true, true, false});
}

TEST_CASE("H11: NaN errors of the first layer are its own", "[golden]") {
    TrainingState state = state_of(kFirstClipped);
    const StepTrace trace = golden::training_step(three_layers(ZeroScale::Nan), state, kWrongLabel, {});
    CHECK(trace.layers[0].sums == Words64{2, 2});
    CHECK_FALSE(trace.layers[1].nan_errors);
    CHECK_FALSE(trace.layers[1].nan_gradients);
    CHECK(trace.layers[1].errors == Words32{0, 127});
    CHECK(has_nan_errors(trace.layers[0]));
    CHECK(state.nan == std::vector<bool>{true, false, false});
}

TEST_CASE("H11: sums of tensors that become NaN count no overflow", "[golden]") {
    // The words that come back, 0 and 254, wrap to 0 at 1 bit beyond the range; d is zero and held.
    TrainingNetwork network = three_layers(ZeroScale::Nan);
    network.layers[2].error = {.width = 2, .saturate = false};  // 254 mod 4 is -2, 252 would be 0
    network.layers[2].gradient = {.width = 2, .saturate = false};
    TrainingState state = state_of(kFirstClipped);
    const StepTrace trace = golden::training_step(network, state, kWrongLabel, {});
    CHECK(trace.layers[1].error_overflows == 1);
    CHECK(trace.layers[1].errors == Words32{0, -127});
    CHECK(trace.layers[2].gradients == Words64{-1, 1, -1, 1});
    CHECK(trace.layers[2].gradient_overflows == 4);

    // With E = 2 the errors are 1 and -1: gradients of 4 images are 4 and -4, which wrap to 0 in 3 bits.
    TrainingNetwork small = network_of({dense_layer(elements(2), 2)}, {.errors = 2});
    small.zero_scale = ZeroScale::Nan;
    small.layers[0].gradient = {.width = 3, .saturate = false};
    TrainingState one = state_of({{9, 9, 9, -9}});
    const TrainingBatch four{.pixels = std::vector<std::uint8_t>(8, 255), .labels = {1, 1, 1, 1}};
    const StepTrace wrapped = golden::training_step(small, one, four, {});
    CHECK(wrapped.layers[0].gradients == Words64{-4, -4, -4, -4});
    small.layers[0].gradient = {.width = 2, .saturate = false};
    one = state_of({{9, 9, 9, -9}});
    const StepTrace zeros = golden::training_step(small, one, four, {});
    CHECK(is_nan(zeros.layers[0]));
    CHECK(zeros.layers[0].gradient_overflows == 0);
    small.zero_scale = ZeroScale::Hold;
    one = state_of({{9, 9, 9, -9}});
    CHECK(golden::training_step(small, one, four, {}).layers[0].gradient_overflows == 4);
    CHECK_FALSE(zeros.layers[0].nan_errors);
}
