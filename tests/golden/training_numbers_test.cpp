// The pieces of chapter H, without a network around them.
#include <catch2/catch.hpp>

#include "golden/training_network.hpp"
#include "training/forward.hpp"
#include "training/weights.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using golden::Dyadic;
using golden::Integer;

TEST_CASE("H1: Shift compares squares, so that neighbours of the boundary fall on their own side", "[golden]") {
    CHECK(golden::shift({.raw = 1, .frac = 0}) == 0);
    CHECK(golden::shift({.raw = 2, .frac = 0}) == 1);
    CHECK(golden::shift({.raw = 3, .frac = 0}) == 2);  // 9 >= 2^3
    CHECK(golden::shift({.raw = 5, .frac = 0}) == 2);  // 25 < 2^5
    CHECK(golden::shift({.raw = 6, .frac = 0}) == 3);
    CHECK(golden::shift({.raw = 181, .frac = 0}) == 7);  // 32761 < 2^15
    CHECK(golden::shift({.raw = 182, .frac = 0}) == 8);
    CHECK(golden::shift({.raw = 181, .frac = 8}) == -1);
    CHECK(golden::shift({.raw = 182, .frac = 8}) == 0);
    CHECK(golden::shift({.raw = 1, .frac = 30}) == -30);
    CHECK(golden::shift({.raw = 3, .frac = -4}) == 6);
    const Integer root = sqrt(golden::power_of_two(201));  // rounded down
    CHECK(golden::shift({.raw = root, .frac = 0}) == 100);
    CHECK(golden::shift({.raw = root + 1, .frac = 0}) == 101);
}

TEST_CASE("H11: a tensor of zeros has no scale, any other that of its largest magnitude", "[golden]") {
    CHECK_FALSE(golden::shift_of_largest({0, 0}, 3).has_value());
    CHECK(golden::shift_of_largest({0, -3, 2}, 0) == 2);
    CHECK(golden::shift_of_largest({1, 0}, 3) == -3);
}

TEST_CASE("H: half-even rounds ties of both signs to even and clip keeps both ends", "[golden]") {
    const std::vector<std::pair<int, int>> halves = {{-5, -2}, {-3, -2}, {-1, 0}, {1, 0}, {3, 2}, {5, 2}, {4, 2}};
    for (const auto& [twice, rounded] : halves) {
        CHECK(golden::half_even({.raw = twice, .frac = 1}) == rounded);
    }
    CHECK(golden::half_even({.raw = -3, .frac = 2}) == -1);
    CHECK(golden::half_even({.raw = 3, .frac = -2}) == 12);
    CHECK(golden::clip(7, 7) == 7);
    CHECK(golden::clip(8, 7) == 7);
    CHECK(golden::clip(-7, 7) == -7);
    CHECK(golden::clip(-8, 7) == -7);
}

TEST_CASE("H2: words used of stored weights, ties to even and clipped on both sides", "[golden]") {
    const auto used = [](int w_bits, int g_bits, const Words32& stored) {
        return golden::used_weights(stored, {.weights = w_bits, .gradients = g_bits}, 3);
    };
    CHECK(used(1, 8, {-128, -1, 0, 1, 127}).q == std::vector<Integer>{-1, -1, 0, 1, 1});
    CHECK(used(1, 8, {}).frac == 3);
    // w / 64
    CHECK(used(2, 8, {-128, -96, -33, -32, 32, 33, 95, 96}).q == std::vector<Integer>{-1, -1, -1, 0, 0, 1, 1, 1});
    CHECK(used(2, 8, {}).frac == 4);
    // w / 2
    CHECK(used(3, 4, {-8, -7, -5, -3, -1, 1, 3, 5, 7}).q == std::vector<Integer>{-3, -3, -2, -2, 0, 0, 2, 2, 3});
    CHECK(used(8, 8, {-128, -127, 127}).q == std::vector<Integer>{-127, -127, 127});
    CHECK(used(8, 2, {-2, -1, 0, 1}).q == std::vector<Integer>{-127, -64, 0, 64});
    CHECK(used(8, 16, {128, 129, 384, -128, -384, 32767}).q == std::vector<Integer>{0, 1, 2, 0, -2, 127});
    CHECK(used(8, 16, {}).frac == 10);
    // An unbounded store goes beyond the range.
    CHECK(used(4, 8, {1000, -1000}).q == std::vector<Integer>{7, -7});
}

TEST_CASE("H3: pixels become activations, ties to even, up to S(A)-1", "[golden]") {
    const auto words = [](int bits, std::vector<std::uint8_t> pixels) {
        TrainingNetwork network;
        network.bits.activations = bits;
        network.input = {.channels = 1, .rows = 1, .columns = static_cast<int>(pixels.size())};
        return golden::words32(golden::input_words(network, {.pixels = std::move(pixels), .labels = {0}}).raws);
    };
    CHECK(words(1, {0, 1, 255}) == Words32{0, 1, 1});
    CHECK(words(2, {0, 64, 65, 192, 255}) == Words32{0, 0, 1, 1, 1});
    CHECK(words(3, {32, 33, 96, 160, 161, 224, 255}) == Words32{0, 1, 2, 2, 3, 3, 3});
    CHECK(words(8, {0, 1, 2, 3, 5, 253, 254, 255}) == Words32{0, 0, 1, 2, 2, 126, 127, 127});
}

TEST_CASE("H13: the LFSR's bits, its draws and its state by hand", "[golden]") {
    // 1 9 13 15 14 7 10 5 11 12 6 3 8 4 2 and 1 again; the bits are the lowest ones: 111 101 011 001 000, first bit
    // lowest in its draw.
    std::uint64_t state = 1;
    CHECK(golden::draw({.width = 4, .taps = 0b1001}, 3, 5, state) == Words32{7, 5, 6, 4, 0});
    CHECK(state == 1);
    CHECK(golden::draw({.width = 4, .taps = 0b1001}, 4, 1, state) == Words32{15});
    CHECK(state == 14);
    CHECK(golden::draw({.width = 4, .taps = 0b1001}, 1, 3, state) == Words32{0, 1, 0});
    CHECK(state == 5);

    state = 1;
    const Randomizer widest{.width = 64, .taps = 0xd800000000000000U};
    CHECK(golden::draw(widest, 1, 1, state) == Words32{1});
    CHECK(state == 0xd800000000000000U);
    CHECK(golden::draw(widest, 16, 1, state) == Words32{0});
    CHECK(state == 0x0000d80000000000U);

    state = 3;
    CHECK(golden::draw({}, 2, 1, state) == Words32{1});  // 3, then 1 ^ 0x80200003 = 0x80200002
    CHECK(state == 0x40100001U);
}

TEST_CASE("H12: a fraction is rounded up in magnitude only where it is strictly above the draw", "[golden]") {
    const auto step = [](TrainingBits bits, int n, int k) {
        return static_cast<int>(golden::stochastic_step(n, k, bits));
    };
    const TrainingBits eight{};
    CHECK(step(eight, 64, 127) == 1);
    CHECK(step(eight, 64, 128) == 0);  // equal
    CHECK(step(eight, -64, 127) == -1);
    CHECK(step(eight, -64, 128) == 0);
    CHECK(step(eight, 0, 0) == 0);
    CHECK(step(eight, 128, 0) == 1);
    CHECK(step(eight, -128, 0) == -1);
    CHECK(step(eight, 129, 1) == 2);
    CHECK(step(eight, 129, 2) == 1);
    CHECK(step(eight, -129, 1) == -2);
    CHECK(step(eight, -129, 2) == -1);
    CHECK(step({.gradients = 2, .randomizer = 1}, 1, 0) == 1);
    CHECK(step({.gradients = 2, .randomizer = 1}, 1, 1) == 0);
    CHECK(step({.gradients = 16, .randomizer = 16}, 1, 1) == 1);
    CHECK(step({.gradients = 16, .randomizer = 16}, 1, 2) == 0);
    CHECK(step({.gradients = 16, .randomizer = 1}, 16384, 0) == 1);
    CHECK(step({.gradients = 16, .randomizer = 1}, 16384, 1) == 0);
    CHECK(step({.gradients = 16, .randomizer = 1}, 16385, 1) == 1);
    CHECK(step({.gradients = 2, .randomizer = 16}, -3, 32767) == -2);
    CHECK(step({.gradients = 2, .randomizer = 16}, -3, 32768) == -1);
}

TEST_CASE("H14: the store saturates, wraps, or keeps every integer of 32 bits", "[golden]") {
    const auto stored = [](std::int64_t w, WeightStore store, int bits = 8) {
        return static_cast<std::int64_t>(golden::stored(w, store, bits));
    };
    CHECK(stored(127, WeightStore::Saturate) == 127);
    CHECK(stored(128, WeightStore::Saturate) == 127);
    CHECK(stored(-128, WeightStore::Saturate) == -128);
    CHECK(stored(-129, WeightStore::Saturate) == -128);
    CHECK(stored(2, WeightStore::Saturate, 2) == 1);
    CHECK(stored(-40000, WeightStore::Saturate, 16) == -32768);
    CHECK(stored(127, WeightStore::Wrap) == 127);
    CHECK(stored(128, WeightStore::Wrap) == -128);
    CHECK(stored(-129, WeightStore::Wrap) == 127);
    CHECK(stored(-300, WeightStore::Wrap) == -44);
    CHECK(stored(1000, WeightStore::Unbounded) == 1000);
    CHECK(stored(-1000, WeightStore::Unbounded) == -1000);
    CHECK(stored(std::int64_t{1} << 31, WeightStore::Unbounded) == (std::int64_t{1} << 31) - 1);
}
