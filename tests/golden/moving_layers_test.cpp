// L19, L20, L21 on cases worked by hand: layers that put words elsewhere.
#include <catch2/catch.hpp>

#include "golden/one_operation.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr Format kBytes = format_of(8, 0);

Operand map_operand(Layout layout, std::array<std::int64_t, 3> channels_rows_columns, std::vector<std::int64_t> words) {
    const auto [c, y, x] = channels_rows_columns;
    return {.shape = make_map(layout, c, y, x), .format = kBytes, .words = std::move(words)};
}

}  // namespace

TEST_CASE("L19: concat along the channels in both layouts", "[golden]") {
    const auto run = [](Layout layout) {
        return run_operation(Concat{},
                             {map_operand(layout, {1, 1, 2}, {1, 2}), map_operand(layout, {2, 1, 2}, {3, 4, 5, 6})},
                             make_map(layout, 3, 1, 2), integers(8));
    };
    CHECK(run(Layout::Hwc).words == Words{1, 3, 4, 2, 5, 6});
    CHECK(run(Layout::Chw).words == Words{1, 2, 3, 4, 5, 6});
}

TEST_CASE("L19: concat along the rows in both layouts", "[golden]") {
    const Concat op{.axis = Axis::Row};
    const auto run = [&](Layout layout) {  // two channels, one row and two rows of one column
        return run_operation(op, {map_operand(layout, {2, 1, 1}, {1, 2}), map_operand(layout, {2, 2, 1}, {3, 4, 5, 6})},
                             make_map(layout, 2, 3, 1), integers(8));
    };
    CHECK(run(Layout::Hwc).words == Words{1, 2, 3, 4, 5, 6});
    CHECK(run(Layout::Chw).words == Words{1, 3, 4, 2, 5, 6});
}

TEST_CASE("L19: concat along the columns in both layouts", "[golden]") {
    const Concat op{.axis = Axis::Column};
    const auto run = [&](Layout layout) {  // two channels, two rows of one column and of two columns
        return run_operation(op,
                             {map_operand(layout, {2, 2, 1}, {1, 2, 3, 4}),
                              map_operand(layout, {2, 2, 2}, {11, 12, 13, 14, 15, 16, 17, 18})},
                             make_map(layout, 2, 2, 3), integers(8));
    };
    CHECK(run(Layout::Hwc).words == Words{1, 2, 11, 12, 13, 14, 3, 4, 15, 16, 17, 18});
    CHECK(run(Layout::Chw).words == Words{1, 11, 12, 2, 13, 14, 3, 15, 16, 4, 17, 18});
}

TEST_CASE("L19: concat of vectors casts each input's values into the one result type", "[golden]") {
    const Operand halves = vector_operand({3, -3}, format_of(8, 1));  // 1.5, -1.5
    const Operand bytes = vector_operand({100, -100, 7}, kBytes);
    const Operand coarse = vector_operand({1}, format_of(4, -2));  // 4
    const Outcome o =
        run_operation(Concat{}, {halves, bytes, coarse, halves}, vector_of(8), clamped(6, 0, Rounding::RndConv));
    CHECK(o.words == Words{2, -2, 31, -32, 7, 4, 2, -2});
    CHECK(o.events.result == EventCounts{.conversions = 8, .inexact = 4, .above = 1, .below = 1, .saturations = 2});
}

TEST_CASE("L20: transpose takes index i_k along the input's axis axes[k]", "[golden]") {
    const Operand in{
        .shape = {.layout = Layout::Hwc, .dims = {1, 2, 3}}, .format = kBytes, .words = {0, 1, 2, 3, 4, 5}};
    const auto run = [&](std::array<int, 3> axes, Dims dims) {
        return run_operation(Transpose{.axes = axes, .layout = Layout::Hwc}, {in},
                             {.layout = Layout::Hwc, .dims = std::move(dims)}, integers(8))
            .words;
    };
    CHECK(run({0, 1, 2}, {1, 2, 3}) == Words{0, 1, 2, 3, 4, 5});
    CHECK(run({2, 0, 1}, {3, 1, 2}) == Words{0, 3, 1, 4, 2, 5});
    CHECK(run({1, 2, 0}, {2, 3, 1}) == Words{0, 1, 2, 3, 4, 5});
    CHECK(run({0, 2, 1}, {1, 3, 2}) == Words{0, 3, 1, 4, 2, 5});
}

TEST_CASE("L20: transpose with three axes longer than one is not its own inverse", "[golden]") {
    Operand in{.shape = {.layout = Layout::Chw, .dims = {2, 2, 3}}, .format = kBytes};
    for (std::int64_t i = 0; i < 12; ++i) in.words.push_back(i);
    // result (i0, i1, i2) is in (i1, i2, i0): 6 * i1 + 3 * i2 + i0
    CHECK(run_operation(Transpose{.axes = {2, 0, 1}, .layout = Layout::Hwc}, {in},
                        {.layout = Layout::Hwc, .dims = {3, 2, 2}}, integers(8))
              .words == Words{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
    // result (i0, i1, i2) is in (i2, i0, i1): 6 * i2 + 3 * i0 + i1
    CHECK(run_operation(Transpose{.axes = {1, 2, 0}, .layout = Layout::Hwc}, {in},
                        {.layout = Layout::Hwc, .dims = {2, 3, 2}}, integers(8))
              .words == Words{0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11});
}

TEST_CASE("L20: transpose can store the same map in the other layout", "[golden]") {
    Operand in{.shape = make_map(Layout::Chw, 2, 3, 4), .format = kBytes};
    for (std::int64_t i = 0; i < in.shape.count(); ++i) in.words.push_back(i);
    const Shape hwc = make_map(Layout::Hwc, 2, 3, 4);
    const Words words =
        run_operation(Transpose{.axes = {1, 2, 0}, .layout = Layout::Hwc}, {in}, hwc, integers(8)).words;
    for (std::int64_t c = 0; c < 2; ++c) {
        for (std::int64_t y = 0; y < 3; ++y) {
            for (std::int64_t x = 0; x < 4; ++x)
                CHECK(words[static_cast<std::size_t>(hwc.index(c, y, x))] == in.shape.index(c, y, x));
        }
    }
}

TEST_CASE("L20: each word of transpose is cast", "[golden]") {
    const Operand in{
        .shape = {.layout = Layout::Hwc, .dims = {1, 2, 2}}, .format = format_of(8, 1), .words = {3, -3, 40, -40}};
    const Outcome o = run_operation(Transpose{.axes = {0, 2, 1}, .layout = Layout::Hwc}, {in}, in.shape,
                                    clamped(5, 0, Rounding::Rnd));
    CHECK(o.words == Words{2, 15, -1, -16});
    CHECK(o.events.result == EventCounts{.conversions = 4, .inexact = 2, .above = 1, .below = 1, .saturations = 2});
}

TEST_CASE("L21: pad puts zeros around a map", "[golden]") {
    const Pad op{.padding = {.top = 1, .bottom = 0, .left = 2, .right = 1}};
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        const Outcome o =
            run_operation(op, {map_operand(layout, {1, 2, 2}, {1, 2, 3, 4})}, make_map(layout, 1, 3, 5), integers(8));
        CHECK(o.words == Words{0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 4, 0});
        CHECK(o.events.result.conversions == 15);
    }
}

TEST_CASE("L21: pad of two channels in both layouts", "[golden]") {
    const Pad op{.padding = {.top = 0, .bottom = 1, .left = 1, .right = 0}};
    const auto run = [&](Layout layout) {
        return run_operation(op, {map_operand(layout, {2, 1, 2}, {1, 2, 3, 4})}, make_map(layout, 2, 2, 3), integers(8))
            .words;
    };
    CHECK(run(Layout::Hwc) == Words{0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0});
    CHECK(run(Layout::Chw) == Words{0, 1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0});
}

TEST_CASE("L21: what pad keeps is cast, its zeros are exact in every type", "[golden]") {
    const Operand in{.shape = make_map(Layout::Hwc, 1, 1, 2), .format = format_of(8, 1), .words = {3, -100}};
    const Outcome o = run_operation(Pad{.padding = {.top = 1, .bottom = 1, .left = 0, .right = 0}}, {in},
                                    make_map(Layout::Hwc, 1, 3, 2), clamped(5, -1, Rounding::Rnd));
    CHECK(o.words == Words{0, 0, 1, -16, 0, 0});  // 1.5 and -50 in units of 2
    CHECK(o.events.result == EventCounts{.conversions = 6, .inexact = 1, .above = 0, .below = 1, .saturations = 1});
    const Outcome none = run_operation(Pad{}, {in}, in.shape, clamped(8, 1, Rounding::Trn));
    CHECK(none.words == Words{3, -100});
}
