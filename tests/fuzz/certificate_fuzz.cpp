// golden's check of a bounds certificate: damaged ones beside an intact network. What it accepts is the document that
// the network gives, number for number.
#include <nlohmann/json.hpp>

#include "bittrue/explore/bounds.hpp"
#include "bittrue/golden/certificate.hpp"
#include "bittrue/model/network_file.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

namespace {

const Graph& network() {
    static const Graph graph = parse_network(R"(bittrue = 1
name = "small"
[input]
name = "in"
shape = [3]
type = "ap_fixed<4,1>"
[defaults]
weight_type = "ap_fixed<4,1>"
accumulator = "ap_fixed<7,2,AP_RND_CONV,AP_SAT>"
result = "ap_fixed<6,2>"
[[layer]]
name = "one"
op = "dense"
weights = { raw = [1, -2, 3, -4, 5, -6], shape = [3, 2] }
bias = { raw = [3, -5], shape = [2] }
product = "accumulator"
[[layer]]
name = "relu"
op = "relu"
[[layer]]
name = "two"
op = "dense"
weights = { raw = [7, -8], shape = [2, 1] }
bias = false
)",
                                             "small.toml");
    return graph;
}

std::string certificate_of(i128 low, i128 high, const std::string& layer = {}) {
    return explore::certificate(network(), explore::bound_network(network(), {"in", low, high}, layer));
}

}  // namespace

std::vector<std::string> seeds() {
    return {certificate_of(-8, 7), certificate_of(0, 3), certificate_of(-1, 0, "two"), certificate_of(-8, 7, "one")};
}

std::vector<std::string> dictionary() {
    return {"\"declared\"",
            "\\n",
            "\"tensor\"",
            "\"low\": ",
            "\"high\": ",
            "\"layers\"",
            "\"layer\": \"one\"",
            "\"two\"",
            "\"relu\"",
            "\"in\"",
            "null",
            "true",
            "[",
            "]",
            "{",
            "}",
            "-1",
            "-0",
            "1e400",
            "7.0",
            "\"7\"",
            "\"-8\"",
            "\"000\"",
            "\"-\"",
            "9223372036854775808",
            "-9223372036854775809",
            "\"99999999999999999999999999999999999999999999999999\"",
            "\xff",
            "\\u0000",
            "\"exact\"",
            "\"width\": 0"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = text_of(data, size);
    golden::CertificateCheck check;
    if (!takes([&] { check = golden::check_certificate(network(), text, "c.json"); })) return 0;
    require(check.difference.find('\n') == std::string::npos, "a refusal is one sentence");
    if (!check.difference.empty()) return 0;
    // Accepted: then it says what the program itself says about this range and these layers.
    const auto given = nlohmann::json::parse(text);
    require(given.at("layers").size() == check.layers, "every layer was looked at");
    const auto integer = [](const nlohmann::json& n) { return i128{n.get<std::int64_t>()}; };
    const auto& declared = given.at("declared");
    auto bounds = explore::bound_network(network(), {declared.at("tensor").get<std::string>(),
                                                     integer(declared.at("low")), integer(declared.at("high"))});
    std::vector<explore::LayerBounds> chosen;
    for (const auto& layer : given.at("layers"))
        for (const explore::LayerBounds& b : bounds.layers)
            if (layer.at("layer") == b.layer) chosen.push_back(b);
    bounds.layers = std::move(chosen);
    require(nlohmann::json::parse(explore::certificate(network(), bounds)) == given,
            "an accepted certificate is the network's");
    return 0;
}
