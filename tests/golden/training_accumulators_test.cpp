// H15: accumulators that are too narrow, and the order of the sums that they make visible.
#include <catch2/catch.hpp>

#include "golden/training_network.hpp"
#include "training/accumulator.hpp"
#include "training/backward.hpp"
#include "training/forward.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using golden::BatchTensor;
using golden::Integer;

namespace {

struct Sum {
    int word;
    bool overflowed;
    bool operator==(const Sum&) const = default;
};

Sum sum_of(TrainingAccumulator spec, const std::vector<int>& terms) {
    golden::StepAccumulator accumulator(spec);
    accumulator.start();
    for (const int term : terms) accumulator.add(term);
    return {static_cast<int>(accumulator.word()), accumulator.overflowed()};
}

BatchTensor tensor(int images, MapShape shape, std::vector<Integer> raws) {
    BatchTensor result(images, shape);
    REQUIRE(result.raws.size() == raws.size());
    result.raws = std::move(raws);
    return result;
}

constexpr TrainingAccumulator kSat8{.width = 8, .saturate = true};
constexpr TrainingAccumulator kWrap8{.width = 8, .saturate = false};

}  // namespace

TEST_CASE("H15: an accumulator saturates or wraps at its ends, and counts what overflowed", "[golden]") {
    constexpr TrainingAccumulator sat{.width = 4, .saturate = true};
    constexpr TrainingAccumulator wrap{.width = 4, .saturate = false};
    CHECK(sum_of(sat, {5, 2}) == Sum{7, false});
    CHECK(sum_of(sat, {5, 3}) == Sum{7, true});
    CHECK(sum_of(sat, {-5, -3}) == Sum{-8, false});
    CHECK(sum_of(sat, {-5, -4}) == Sum{-8, true});
    CHECK(sum_of(sat, {5, 5, -8}) == Sum{-1, true});
    CHECK(sum_of(sat, {-8, 5, 5}) == Sum{2, false});
    CHECK(sum_of(wrap, {5, 2}) == Sum{7, false});
    CHECK(sum_of(wrap, {5, 3}) == Sum{-8, true});
    CHECK(sum_of(wrap, {-5, -4}) == Sum{7, true});
    CHECK(sum_of(wrap, {5, 5, -8}) == Sum{2, false});  // the exact sum is in range
    CHECK(sum_of(wrap, {40, 1}) == Sum{-7, true});
    CHECK(sum_of({}, {1000000, 1}) == Sum{1000001, false});
}

TEST_CASE("H15: an accumulator starts anew", "[golden]") {
    golden::StepAccumulator accumulator({.width = 4, .saturate = true});
    accumulator.start();
    accumulator.add(100);
    accumulator.start();
    accumulator.add(3);
    CHECK(accumulator.word() == 3);
    CHECK_FALSE(accumulator.overflowed());
}

TEST_CASE("H4: a convolution sums channel by channel, then row by row", "[golden]") {
    TrainingLayer layer = conv_layer({.channels = 2, .rows = 1, .columns = 2}, 1, 1, 2);
    layer.forward = kSat8;
    const BatchTensor a = tensor(1, layer.input, {100, 100, 100, 100});
    // weights [row][column][in][out]: channel 0 adds, channel 1 subtracts
    auto sums = golden::layer_sums(layer, a, {1, -1, 1, -1});
    CHECK(sums.words.raws == std::vector<Integer>{-73});  // 100, 127, 27, -73
    CHECK(sums.overflows == 1);
    layer.forward = kWrap8;
    sums = golden::layer_sums(layer, a, {1, -1, 1, -1});
    CHECK(sums.words.raws == std::vector<Integer>{0});
    CHECK(sums.overflows == 0);

    TrainingLayer square = conv_layer({.channels = 1, .rows = 2, .columns = 2}, 1, 2, 2);
    square.forward = kSat8;
    const BatchTensor b = tensor(1, square.input, {100, 100, 100, 100});
    CHECK(golden::layer_sums(square, b, {1, 1, -1, -1}).words.raws == std::vector<Integer>{-73});
    CHECK(golden::layer_sums(square, b, {1, -1, 1, -1}).words.raws == std::vector<Integer>{0});
}

TEST_CASE("H4: a dense layer sums its inputs in the order channel, row, column", "[golden]") {
    TrainingLayer layer = dense_layer({.channels = 2, .rows = 1, .columns = 2}, 1);
    layer.forward = kSat8;
    const BatchTensor a = tensor(1, layer.input, {100, 100, 90, 80});
    CHECK(golden::layer_sums(layer, a, {1, 1, -1, -1}).words.raws == std::vector<Integer>{-43});
    CHECK(golden::layer_sums(layer, a, {1, -1, 1, -1}).words.raws == std::vector<Integer>{10});
}

TEST_CASE("H9: sums that go back run over outputs, then kernel rows, then columns", "[golden]") {
    TrainingLayer two = conv_layer({.channels = 1, .rows = 1, .columns = 3}, 2, 1, 2);
    two.error = kSat8;
    const BatchTensor pair = tensor(1, two.sums, {100, 100, -100, -100});
    const auto d = golden::going_back(two, pair, {1, 1, 1, 1});
    CHECK(d.words.raws == std::vector<Integer>{0, -73, 0});  // 100, 127, 27, -73 in the middle
    CHECK(d.overflows == 1);

    TrainingLayer square = conv_layer({.channels = 1, .rows = 3, .columns = 3}, 1, 2, 2);
    square.error = kSat8;
    // The middle gets delta[1][1], [1][0], [0][1], [0][0].
    const BatchTensor rows = tensor(1, square.sums, {-100, -100, 100, 100});
    CHECK(golden::going_back(square, rows, {1, 1, 1, 1}).words.raws[4] == -73);
    const BatchTensor columns = tensor(1, square.sums, {-100, 100, -100, 100});
    CHECK(golden::going_back(square, columns, {1, 1, 1, 1}).words.raws[4] == 0);

    TrainingLayer dense = dense_layer(elements(1), 4);
    dense.error = kSat8;
    const BatchTensor delta = tensor(1, dense.sums, {100, 100, 100, 100});
    CHECK(golden::going_back(dense, delta, {1, 1, -1, -1}).words.raws == std::vector<Integer>{-73});
    CHECK(golden::going_back(dense, delta, {1, -1, 1, -1}).words.raws == std::vector<Integer>{0});
}

TEST_CASE("H9: a convolution's error meets the weights without a flip", "[golden]") {
    const TrainingLayer layer = conv_layer({.channels = 2, .rows = 2, .columns = 3}, 1, 2, 2);
    // one delta, at column 1 of the sums: weight (r, s, c) goes to input (c, r, 1 + s)
    const BatchTensor delta = tensor(1, layer.sums, {0, 10});
    const auto d = golden::going_back(layer, delta, {1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(d.words.raws == std::vector<Integer>{0, 10, 30, 0, 50, 70, 0, 20, 40, 0, 60, 80});
}

TEST_CASE("H10: gradients sum over images, then rows, then columns", "[golden]") {
    TrainingLayer layer = conv_layer({.channels = 1, .rows = 1, .columns = 2}, 1, 1, 1);
    layer.gradient = kSat8;
    const BatchTensor ones = tensor(2, layer.input, {1, 1, 1, 1});
    auto g = golden::gradients(layer, ones, tensor(2, layer.sums, {100, 100, -100, -100}));
    CHECK(g.words == std::vector<Integer>{-73});
    CHECK(g.overflows == 1);
    g = golden::gradients(layer, ones, tensor(2, layer.sums, {100, -100, 100, -100}));
    CHECK(g.words == std::vector<Integer>{0});
    CHECK(g.overflows == 0);

    TrainingLayer square = conv_layer({.channels = 1, .rows = 2, .columns = 2}, 1, 1, 1);
    square.gradient = kSat8;
    const BatchTensor all = tensor(1, square.input, {1, 1, 1, 1});
    CHECK(golden::gradients(square, all, tensor(1, square.sums, {100, 100, -100, -100})).words ==
          std::vector<Integer>{-73});
    CHECK(golden::gradients(square, all, tensor(1, square.sums, {100, -100, 100, -100})).words ==
          std::vector<Integer>{0});
}

TEST_CASE("H15: a step counts overflows of each kind where it says", "[golden]") {
    // Two inputs, two hidden words, two classes; W = 1 and A = 8, so that fx = 7.
    TrainingNetwork network =
        network_of({dense_layer(elements(2), 2), dense_layer(elements(2), 2)}, {.activations = 8});
    network.layers[0].forward = kWrap8;                          // 254 for the first hidden word: -2
    network.layers[1].forward = {.width = 7, .saturate = true};  // 63
    network.layers[1].error = {.width = 8, .saturate = true};
    network.layers[1].gradient = {.width = 2, .saturate = true};
    TrainingState state = state_of({{1, 1, 1, -1}, {1, 1, 1, 1}});
    const StepTrace trace = golden::training_step(network, state, {.pixels = {255, 255}, .labels = {0}}, {});
    CHECK(trace.input == Words32{127, 127});
    CHECK(trace.layers[0].sums == Words64{-2, 0});
    CHECK(trace.layers[0].forward_overflows == 1);
    CHECK(trace.layers[0].activations == Words32{0, 0});
    CHECK(trace.layers[1].sums == Words64{0, 0});
    CHECK(trace.layers[1].forward_overflows == 0);

    state = state_of({{1, 0, 0, 1}, {1, 1, 1, -1}});
    const StepTrace other = golden::training_step(network, state, {.pixels = {255, 100}, .labels = {1}}, {});
    CHECK(other.layers[0].sums == Words64{127, 50});
    CHECK(other.layers[0].forward_overflows == 0);
    CHECK(other.layers[1].sums == Words64{63, 13});  // 127 stops at 63 in both; then + 50 and - 50
    CHECK(other.layers[1].forward_overflows == 2);
    // d = 2 * (63, 13 - 128) = 126, -230 of 2^-7: k = 1, e = 63, -115. Back: 63 - 115 and 63 + 115.
    CHECK(other.layers[1].errors == Words32{63, -115});
    CHECK(other.layers[1].error_exponent == 1);
    CHECK(other.layers[0].error_overflows == 1);
    CHECK(other.layers[1].error_overflows == 0);
    // d = -52, 127 of 2^-7: k = 0
    CHECK(other.layers[0].error_exponent == 0);
    CHECK(other.layers[0].errors == Words32{-52, 127});
    CHECK(other.layers[0].gradients == Words64{127 * -52, 127 * 127, 50 * -52, 50 * 127});
    CHECK(other.layers[0].gradient_overflows == 0);
    CHECK(other.layers[1].gradients == Words64{1, -2, 1, -2});
    CHECK(other.layers[1].gradient_overflows == 4);
}
