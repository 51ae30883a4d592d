// Which layer is to blame: the first that differs given equal inputs.
#include <catch2/catch.hpp>

#include "bittrue/verify/diff.hpp"
#include "vectors/support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// Changes one word of an image of a layer.
void spoil(VectorSet& set, const std::string& name, std::int64_t image, std::int64_t inside = 0) {
    VectorLayer& layer = layer_of(set, name);
    std::int64_t& word = layer.words[static_cast<std::size_t>(image * layer.words_per_image() + inside)];
    word = word_from_pattern(static_cast<std::uint64_t>(word) + 1, layer.type->format);
}

VectorSet without_graph(VectorSet set) {
    for (VectorLayer& layer : set.layers) layer.inputs.clear();
    return set;
}

std::string first_of(const DiffReport& report) {
    return report.first_differing ? report.layers[*report.first_differing].name : "none";
}

}  // namespace

TEST_CASE("Origin: what follows from a wrong layer is not blamed") {
    VectorSet actual = small_set();
    spoil(actual, "conv", 1);
    spoil(actual, "flatten", 1);
    spoil(actual, "dense", 1);
    const DiffReport report = diff(small_set(), actual);
    CHECK(first_of(report) == "conv");
    CHECK(report.layers[1].inputs_known);
    CHECK(report.layers[1].origin_images == 1);
    CHECK(report.layers[3].origin_images == 0);
    CHECK(report.layers[4].origin_images == 0);
    CHECK_FALSE(report.layers[4].origin.has_value());
}

TEST_CASE("Origin: a second layer that is wrong by itself is found through the graph, not through the order alone") {
    VectorSet actual = small_set();
    spoil(actual, "conv", 0);
    spoil(actual, "side", 0);
    const DiffReport graph = diff(small_set(), actual);
    CHECK(first_of(graph) == "conv");
    CHECK(graph.layers[2].origin_images == 1);
    const DiffReport order = diff(without_graph(small_set()), without_graph(actual));
    CHECK(first_of(order) == "conv");
    CHECK_FALSE(order.layers[1].inputs_known);
    CHECK(order.layers[2].origin_images == 0);
    // One side's manifest is enough.
    CHECK(diff(without_graph(small_set()), actual).layers[2].origin_images == 1);
}

TEST_CASE("Origin: images are judged one by one") {
    VectorSet actual = small_set();
    spoil(actual, "conv", 1);
    spoil(actual, "flatten", 1);
    spoil(actual, "dense", 0, 4);
    spoil(actual, "dense", 1, 2);
    const DiffReport report = diff(small_set(), actual);
    CHECK(first_of(report) == "conv");
    const LayerDiff& dense = report.layers[4];
    CHECK(dense.images_different == 2);
    CHECK(dense.origin_images == 1);
    REQUIRE(dense.origin.has_value());
    CHECK(dense.origin->image == 0);
    CHECK(dense.origin->flat == 4);
}

TEST_CASE("Origin: the network's input itself can be the first that differs") {
    VectorSet actual = small_set();
    spoil(actual, "input", 0);
    spoil(actual, "conv", 0);
    const DiffReport report = diff(small_set(), actual);
    CHECK(first_of(report) == "input");
    CHECK(report.layers[0].is_network_input);
    CHECK(report.layers[1].origin_images == 0);
    CHECK_FALSE(diff(without_graph(small_set()), without_graph(actual)).layers[0].is_network_input);
}

TEST_CASE("Origin: where an input was not compared, the layers in front stand for it") {
    VectorSet actual = small_set();
    actual.layers.erase(actual.layers.begin() + 1);  // conv
    spoil(actual, "flatten", 0);
    const DiffReport report = diff(small_set(), actual, {.common = true});
    CHECK(first_of(report) == "flatten");
    CHECK_FALSE(report.layers[*report.first_differing].inputs_known);
}

TEST_CASE("Origin: a layer whose words stand elsewhere differs from its first affected image on") {
    VectorSet golden;
    golden.layers = {make_layer("input", type_of_bits(8, 0, false), Layout::Hwc, {6, 8, 8, 2}, {}, 1),
                     make_layer("conv", type_of_bits(8, 3), Layout::Hwc, {6, 8, 8, 2}, {"input"}, 2),
                     make_layer("dense", type_of_bits(16, 6), Layout::Vector, {6, 10}, {"conv"}, 3)};
    VectorSet dump = golden;
    VectorLayer& conv = layer_of(dump, "conv");
    conv.words.erase(conv.words.begin() + 300, conv.words.begin() + 302);  // image 2
    conv.dims = {std::ssize(conv.words)};
    conv.layout.reset();
    spoil(dump, "dense", 3);
    const DiffReport follows = diff(golden, dump);
    CHECK(first_of(follows) == "conv");
    CHECK(follows.layers[1].words_different == 0);
    CHECK(follows.layers[1].images_different == 4);
    CHECK(follows.layers[1].origin_images == 4);
    CHECK_FALSE(follows.layers[1].origin.has_value());
    CHECK(follows.layers[2].origin_images == 0);
    CHECK_FALSE(follows.equal());
    // An image in front of the first affected one has right inputs.
    spoil(dump, "dense", 1);
    const DiffReport both = diff(golden, dump);
    CHECK(both.layers[2].origin_images == 1);
    CHECK(both.layers[2].origin->image == 1);
}
