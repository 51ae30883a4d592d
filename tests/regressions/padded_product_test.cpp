// A kernel wider than its map has terms that lie in the padding at every position. Their products were counted as if
// they were read: a layer was called unsafe that is safe, and the search for a witness ended in "no position of layer
// 'conv' reaches its bound".
#include <catch2/catch.hpp>

#include "bittrue/explore/bounds.hpp"

using namespace bittrue;

TEST_CASE("a weight that every position leaves to the padding makes no product overflow") {
    const Format four{.width = 4, .integer = 4, .is_signed = true};
    const FixedType wide{.format = {.width = 16, .integer = 16, .is_signed = true}};
    Graph g;
    g.input = {.name = "x", .shape = make_map(Layout::Hwc, 1, 2, 1), .type = {.format = four}};
    Conv2d conv;
    conv.weights = {.dims = {1, 3, 1, 1}, .real = {}, .raw = {7, -8, 2}, .type = {.format = four}};
    conv.padding = {.top = 0, .bottom = 0, .left = 2, .right = 0};
    // 2 * -8 fits 6 bits, -8 * 7 does not.
    conv.accumulator = {.type = wide, .product = FixedType{.format = {.width = 6, .integer = 6, .is_signed = true}}};
    g.nodes.push_back({.name = "conv", .inputs = {"x"}, .op = conv, .result = wide});
    validate(g);
    const explore::NetworkBounds bounds = explore::bound_network(g, {"x", -8, 7});
    CHECK(bounds.layers[0].channels[0].product == explore::Extent{-16, 14});
    CHECK(bounds.layers[0].safe());
    CHECK(explore::overflow_witnesses(g, bounds.layers[0]).empty());
}
