#include <catch2/catch.hpp>

#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const FixedType kByte = fixed(8, 8);
const FixedType kWide = fixed(24, 24);

// Kernel 1 2 / 3 4 over 1..9, one channel.
Conv2d kernel_2x2() {
    Conv2d op;
    op.weights = words({2, 2, 1, 1}, {1, 2, 3, 4}, kByte);
    op.accumulator.type = kWide;
    return op;
}
const Words kNine{1, 2, 3, 4, 5, 6, 7, 8, 9};
const Shape kMap = make_map(Layout::Hwc, 1, 3, 3);

// channels x height x width in the words of a layout, from words stored channel, row, column.
Words stored(const Words& chw, const Shape& shape) {
    Words out(chw.size());
    std::size_t i = 0;
    for (std::int64_t c = 0; c < shape.channels(); ++c)
        for (std::int64_t y = 0; y < shape.height(); ++y)
            for (std::int64_t x = 0; x < shape.width(); ++x)
                out[static_cast<std::size_t>(shape.index(c, y, x))] = chw[i++];
    return out;
}

}  // namespace

TEST_CASE("L3: a convolution by hand, the kernel not flipped") {
    const LayerResult r = run_layer(one_layer(kMap, kByte, kernel_2x2(), kWide), kNine);
    CHECK(r.shape == make_map(Layout::Hwc, 1, 2, 2));
    CHECK(r.words == Words{37, 47, 67, 77});
    CHECK(r.events.accumulator.conversions == 16);
    CHECK(r.events.result.conversions == 4);
}

TEST_CASE("L3: padding counts as terms with x = 0") {
    Conv2d op = kernel_2x2();
    op.padding = {.top = 1, .bottom = 0, .left = 1, .right = 0};
    op.accumulator.product = kWide;
    const LayerResult r = run_layer(one_layer(kMap, kByte, op, kWide), kNine);
    CHECK(r.words == Words{4, 11, 18, 18, 37, 47, 36, 67, 77});
    CHECK(r.events.product.conversions == 36);
    CHECK(r.events.accumulator.conversions == 36);
}

TEST_CASE("L3: stride, dilation and uneven padding") {
    Conv2d op = kernel_2x2();
    op.stride = {2, 1};
    op.padding = {.top = 0, .bottom = 1, .left = 0, .right = 0};
    CHECK(run_layer(one_layer(kMap, kByte, op, kWide), kNine).words == Words{37, 47, 7 + 16, 8 + 18});
    op = kernel_2x2();
    op.dilation = {2, 1};
    CHECK(run_layer(one_layer(kMap, kByte, op, kWide), kNine).words == Words{1 + 4 + 21 + 32, 2 + 6 + 24 + 36});
    op.dilation = {2, 2};
    op.padding = {.top = 0, .bottom = 0, .left = 0, .right = 2};
    CHECK(run_layer(one_layer(kMap, kByte, op, kWide), kNine).words == Words{1 + 6 + 21 + 36, 2 + 24, 3 + 27});
}

TEST_CASE("L3: groups see their own channels only, in every layout") {
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        const Shape in = make_map(layout, 4, 1, 2);
        Conv2d op;
        op.weights = words({1, 1, 2, 4}, {1, 2, 3, 4, 10, 20, 30, 40}, kByte);  // [in of group][out]
        op.bias = words({4}, {0, 0, 0, 100}, kByte);
        op.groups = 2;
        op.accumulator.type = kWide;
        const LayerResult r = run_layer(one_layer(in, kByte, op, kWide), stored({1, 5, 2, 6, 3, 7, 4, 8}, in));
        const Words chw{1 + 20, 5 + 60, 2 + 40, 10 + 120, 9 + 120, 21 + 240, 12 + 160 + 100, 28 + 320 + 100};
        CHECK(r.words == stored(chw, r.shape));
    }
}

TEST_CASE("A2: input order and kernel order differ where the accumulator saturates") {
    // Two channels, window of 1 x 2. Input order: c0x0 c1x0 c0x1 c1x1, kernel order: c0x0 c0x1 c1x0 c1x1.
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        const Shape in = make_map(layout, 2, 1, 2);
        Conv2d op;
        op.weights = words({1, 2, 2, 1}, {1, 1, 1, 1}, kByte);
        op.accumulator.type = fixed(4, 4, Rounding::Trn, Overflow::Sat);
        const Words x = stored({5, -4, 5, 1}, in);                               // c0: 5, -4; c1: 5, 1
        CHECK(run_layer(one_layer(in, kByte, op, kByte), x).words == Words{4});  // 5, 7, 3, 4
        op.accumulator.terms = TermOrder::Kernel;
        CHECK(run_layer(one_layer(in, kByte, op, kByte), x).words == Words{7});  // 5, 1, 6, 7
    }
}

TEST_CASE("L3: a convolution whose window is the whole map equals a dense layer") {
    Random random(3);
    const Shape map = make_map(Layout::Hwc, 3, 4, 5);
    Words weights, x;
    for (int i = 0; i < 60 * 2; ++i) weights.push_back(random.word({8, 8, true}));
    for (int i = 0; i < 60; ++i) x.push_back(random.word({8, 8, true}));
    const FixedType acc = fixed(14, 14, Rounding::Trn, Overflow::Sat);
    Conv2d conv;
    conv.weights = words({4, 5, 3, 2}, weights, kByte);
    conv.accumulator.type = acc;
    Dense dense;
    dense.weights = words({60, 2}, weights, kByte);
    dense.accumulator.type = acc;
    for (const Schedule s : {Schedule::Sequential, Schedule::Interleave, Schedule::Partial, Schedule::Tree}) {
        conv.accumulator.schedule = dense.accumulator.schedule = s;
        conv.accumulator.group = dense.accumulator.group = s == Schedule::Sequential || s == Schedule::Tree ? 1 : 7;
        const LayerResult c = run_layer(one_layer(map, kByte, conv, acc), x);
        const LayerResult d = run_layer(one_layer(vector_of(60), kByte, dense, acc), x);
        CHECK(c.words == d.words);
        CHECK(c.events == d.events);
        CHECK(c.events.accumulator.overflows() > 0);
    }
}
