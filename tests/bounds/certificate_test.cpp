// A certificate that was changed anywhere is refused, and so is one of another network.
#include "bittrue/golden/certificate.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/error.hpp"

using namespace bittrue;
using namespace bittrue::explore;
using Json = nlohmann::ordered_json;

namespace {

Parameter words(Dims dims, std::vector<std::int64_t> raw, Format format) {
    return {.dims = std::move(dims), .real = {}, .raw = std::move(raw), .type = {.format = format}};
}

// conv2d with padding and bias, relu, dense.
Graph small_network(std::int64_t one_weight = 5) {
    const Format four{.width = 4, .integer = 2, .is_signed = true};
    const FixedType acc{.format = {.width = 9, .integer = 5, .is_signed = true}, .overflow = Overflow::Sat};
    Graph g;
    g.name = "small";
    g.input = {.name = "pixels",
               .shape = make_map(Layout::Hwc, 1, 3, 3),
               .type = {.format = {.width = 4, .integer = 0, .is_signed = false}}};
    Conv2d conv;
    conv.weights = words({2, 2, 1, 2}, {1, -2, 3, -4, one_weight, -6, 7, -8}, four);
    conv.bias = words({2}, {3, -5}, four);
    conv.accumulator = {.type = acc};
    conv.padding = {.top = 1, .bottom = 0, .left = 1, .right = 0};
    Dense dense;
    dense.weights = words({18, 1}, {1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2}, four);
    dense.accumulator = {.type = acc, .product = acc, .quantize = QuantizeAt::Step};
    g.nodes.push_back({.name = "conv", .inputs = {"pixels"}, .op = conv, .result = acc});
    g.nodes.push_back(
        {.name = "relu", .inputs = {"conv"}, .op = Relu{}, .result = {.format = {.width = 6, .integer = 3}}});
    g.nodes.push_back({.name = "dense", .inputs = {"relu"}, .op = dense, .result = acc});
    validate(g);
    return g;
}

std::string certificate_of(const Graph& g, const std::string& layer = {}) {
    return certificate(g, bound_network(g, {"pixels", 0, 15}, layer));
}

std::string refusal(const Graph& g, const std::string& text) {
    return golden::check_certificate(g, text, "c.json").difference;
}

// Paths of all values of a document.
void collect(const Json& json, const Json::json_pointer& at, std::vector<Json::json_pointer>& all) {
    all.push_back(at);
    if (json.is_object())
        for (const auto& [key, value] : json.items()) collect(value, at / key, all);
    if (json.is_array())
        for (std::size_t i = 0; i < json.size(); ++i) collect(json[i], at / i, all);
}

// The same kind of value, another one.
Json changed(const Json& value) {
    if (value.is_boolean()) return !value.get<bool>();
    if (value.is_number()) return value.get<std::int64_t>() + 1;
    if (value.is_string()) return value.get<std::string>() + "0";
    if (value.is_null()) return Json("ap_fixed<8,4>");
    if (value.is_array()) {
        Json longer = value;
        longer.push_back(0);
        return longer;
    }
    Json more = value;
    more["more"] = 1;
    return more;
}

}  // namespace

TEST_CASE("a certificate is right for its network, whole and of one layer") {
    const Graph g = small_network();
    const auto whole = golden::check_certificate(g, certificate_of(g), "c.json");
    CHECK(whole.difference == "");
    CHECK(whole.layers == 2);
    CHECK(whole.channels == 3);
    const auto one = golden::check_certificate(g, certificate_of(g, "dense"), "c.json");
    CHECK(one.difference == "");
    CHECK(one.layers == 1);
}

TEST_CASE("the numbers of a small layer are those one computes by hand") {
    const Graph g = small_network();
    const NetworkBounds b = bound_network(g, {"pixels", 0, 15});
    const LayerBounds& conv = b.layers[0];
    // Weights 1, 3, 5, 7 (lsb 1/4) times 0..15 (lsb 1/16), bias 3/4 = 48/64; the accumulator's lsb is 1/16: terms round
    // outward, 15/64 -> 4/16, 45/64 -> 12/16, 75/64 -> 19/16, 105/64 -> 27/16.
    CHECK(conv.channels[0].l1 == 4 + 12 + 19 + 27 + 12);
    CHECK(conv.channels[0].any_order == Extent{0, 74});
    // Truncated at every step: 12 + 3 + 11 + 18 + 26.
    CHECK(conv.channels[0].exact == Extent{0, 70});
    CHECK(conv.channels[0].width == 8);
    CHECK(conv.channels[0].safe);
    // Weights -2, -4, -6, -8, bias -5/4 = -20/16: floors -8, -15, -23, -30.
    CHECK(conv.channels[1].exact == Extent{-20 - 8 - 15 - 23 - 30, 0});
    CHECK(conv.channels[1].any_order == conv.channels[1].exact);
    CHECK(conv.channels[1].width == 8);
    // 4 terms of -8 * 15 / 64 to 7 * 15 / 64, bias -8/4 to 7/4.
    CHECK(conv.data_type == Extent{4 * -30 - 32, 4 * 27 + 28});
    // relu of 9 bits, lsb 1/16, into 3 integer bits and lsb 1/8, wrapping: beyond its range, so all words.
    CHECK(b.layers[1].range == Extent{-32, 31});
}

TEST_CASE("a certificate changed at any one place is refused in one sentence") {
    const Graph g = small_network();
    const Json right = Json::parse(certificate_of(g));
    std::vector<Json::json_pointer> places;
    collect(right, Json::json_pointer(), places);
    REQUIRE(places.size() > 100);
    int refused = 0, unusable = 0;
    for (const auto& place : places) {
        Json tampered = right;
        tampered[place] = changed(right[place]);
        CAPTURE(place.to_string());
        const auto count = [&](const Json& document) {
            std::string sentence;
            try {
                sentence = refusal(g, document.dump());
            } catch (const InputError&) {
                ++unusable;  // what kind of file it is, or what it is about
                return;
            }
            CHECK(sentence != "");
            CHECK(sentence.find('\n') == std::string::npos);
            ++refused;
        };
        count(tampered);
        if (place.empty() || !right[place.parent_pointer()].is_object()) continue;
        Json without = right;
        without[place.parent_pointer()].erase(place.back());
        count(without);
    }
    CHECK(refused > 100);
    CHECK(unusable < 20);
}

TEST_CASE("the refusal names the place and both numbers") {
    const Graph g = small_network();
    Json tampered = Json::parse(certificate_of(g));
    tampered["layers"][0]["channels"][1]["exact"][0] = -95;
    CHECK(refusal(g, tampered.dump()) == "layers/0/channels/1/exact/0 is -95, the network gives -96");
    tampered = Json::parse(certificate_of(g));
    tampered["layers"][0]["channels"][1]["exact"][0] = -96.0;
    CHECK(refusal(g, tampered.dump()) == "layers/0/channels/1/exact/0 is -96.0, the network gives -96");
}

TEST_CASE("a refusal is one line, whatever the certificate's names are") {
    const Graph g = small_network();
    for (const auto& place : {"/declared/tensor", "/layers/1/layer"}) {
        Json other = Json::parse(certificate_of(g));
        other[Json::json_pointer(place)] = "a\nb\"\xff";
        CHECK_THAT(refusal(g, other.dump(-1, ' ', false, Json::error_handler_t::replace)),
                   Catch::Contains("is 'a\\nb\\\"") && !Catch::Contains("\n"));
    }
    Json other = Json::parse(certificate_of(g));
    other["layers"][0]["new\nline"] = 1;
    CHECK(refusal(g, other.dump()) == "layers/0/new\\nline is no field of a certificate");
}

TEST_CASE("a field that stands twice is refused, whichever of the two is right") {
    const Graph g = small_network();
    const std::string right = certificate_of(g);
    const auto at = right.find("\"width\": ");
    REQUIRE(at != std::string::npos);
    std::string twice = right;
    twice.insert(at, "\"width\": 3, ");
    CHECK(refusal(g, twice) == "'width' stands twice in an object");
}

TEST_CASE("a certificate of other weights, of another input range and of another order of layers is refused") {
    const Graph g = small_network();
    CHECK_THAT(refusal(small_network(6), certificate_of(g)), Catch::Contains("layers/0/weights/sha256"));
    Json other = Json::parse(certificate_of(g));
    other["declared"]["high"] = 14;
    CHECK_THAT(refusal(g, other.dump()), Catch::Contains("layers/0/input/high is 15, the network gives 14"));
    other["declared"]["high"] = 16;
    CHECK_THAT(refusal(g, other.dump()), Catch::Contains("declared is 0 to 16, which is no range of"));
    other = Json::parse(certificate_of(g));
    std::swap(other["layers"][0], other["layers"][1]);
    CHECK_THAT(refusal(g, other.dump()), Catch::Contains("layers/1/layer is 'conv'"));
    other["layers"][0]["layer"] = "relu";
    CHECK_THAT(refusal(g, other.dump()), Catch::Contains("layers/0/layer is 'relu'"));
}

TEST_CASE("what is no certificate is refused as unusable") {
    const Graph g = small_network();
    for (const std::string text : {"", "{", "[]", "{}", "3", "{\"certificate\": \"bittrue bounds\"}",
                                   "{\"certificate\": \"bittrue bounds\", \"version\": 2}",
                                   "{\"certificate\": \"bittrue bounds\", \"version\": 1, \"declared\": {\"tensor\": "
                                   "\"pixels\", \"low\": 0.5, \"high\": 1}, \"layers\": [{\"layer\": \"conv\"}]}",
                                   "{\"certificate\": \"bittrue bounds\", \"version\": 1, \"declared\": {\"tensor\": "
                                   "\"pixels\", \"low\": 0, \"high\": 1}, \"layers\": []}"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(golden::check_certificate(g, text, "c.json"), InputError);
    }
}
