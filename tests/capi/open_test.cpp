#include <string>

#include <catch2/catch.hpp>

#include "bittrue/model/network_file.hpp"
#include "capi/support.hpp"

using namespace capi_test;

TEST_CASE("a network tells its layers as the network file has them, the input first") {
    const bittrue::Graph graph = bittrue::load_network(kCnn);
    const Network network = open(kCnn);
    REQUIRE(bittrue_layer_count(network.get()) == static_cast<int>(graph.nodes.size()) + 1);
    const auto check = [&](int layer, const std::string& name, const bittrue::FixedType& type, std::int64_t words) {
        int frac = -1;
        CHECK(bittrue_layer_name(network.get(), layer) == name);
        CHECK(bittrue_layer_index(network.get(), name.c_str()) == layer);
        CHECK(bittrue_layer_words(network.get(), layer) == words);
        CHECK(bittrue_layer_width(network.get(), layer) == type.format.width);
        CHECK(bittrue_layer_signed(network.get(), layer) == (type.format.is_signed ? 1 : 0));
        CHECK(bittrue_layer_frac(network.get(), layer, &frac) == BITTRUE_EQUAL);
        CHECK(frac == type.format.frac());
    };
    check(0, graph.input.name, graph.input.type, graph.input.shape.count());
    for (int i = 0; const bittrue::Node& node : graph.nodes) check(++i, node.name, node.result, node.shape.count());
}

TEST_CASE("the ABI version of the library is that of the header, and an opened network has nothing to say") {
    CHECK(bittrue_abi_version() == BITTRUE_ABI_VERSION);
    CHECK_THAT(bittrue_version(), Catch::Matches("[0-9]+\\.[0-9]+\\.[0-9]+"));
    const Network network = open(kMlp);
    CHECK(message(network).empty());
    CHECK(bittrue_images(network.get()) == 0);
    CHECK(bittrue_checked(network.get(), -1) == 0);
    CHECK(bittrue_mismatches(network.get(), -1) == 0);
}
