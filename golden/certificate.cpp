#include "bittrue/golden/certificate.hpp"

#include <set>

#include <nlohmann/json.hpp>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "certificate_bounds.hpp"

namespace bittrue::golden {
namespace {

using Json = nlohmann::ordered_json;

// Integers beyond 53 bits are strings of digits.
Json number(const Integer& x) {
    const Integer limit = power_of_two(53);
    if (x <= limit && x >= -limit) return static_cast<std::int64_t>(x);
    return x.str();
}

std::optional<Integer> integer_of(const Json& json) {
    if (json.is_number_unsigned()) return Integer(json.get<std::uint64_t>());
    if (json.is_number_integer()) return Integer(json.get<std::int64_t>());
    if (!json.is_string()) return std::nullopt;
    const auto text = json.get<std::string>();
    const std::string digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || digits.size() > 100 || digits.find_first_not_of("0123456789") != std::string::npos) return {};
    const Integer magnitude(digits.find_first_not_of('0') == std::string::npos
                                ? std::string("0")
                                : digits.substr(digits.find_first_not_of('0')));
    return text.starts_with('-') ? Integer(-magnitude) : magnitude;
}

Json pair(const Interval& x) {
    return Json::array({number(x.low), number(x.high)});
}

std::string schedule_time(QuantizeAt at) {
    switch (at) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return {};
}

Json describe(const AccumulatorSpec& s) {
    Json json;
    json["type"] = print_type(s.type);
    json["product"] = s.product ? Json(print_type(*s.product)) : Json();
    json["order"] = print_schedule(s);
    json["quantize"] = schedule_time(s.quantize);
    json["terms"] = s.terms == TermOrder::Kernel ? "kernel" : "input";
    json["bias"] = s.bias == BiasPosition::Last ? "last" : "first";
    json["bias_cast"] = s.bias_cast ? Json(print_type(*s.bias_cast)) : Json();
    return json;
}

Json parameter(const Format& format, const std::string& sha256) {
    Json json;
    json["type"] = print_type({.format = format});
    json["sha256"] = sha256;
    return json;
}

Json layer(const Node& node, const Interval& range, const LayerNumbers& n, CertificateCheck& check) {
    Json json;
    json["layer"] = node.name;
    json["terms"] = n.terms;
    json["input"]["tensor"] = node.inputs.front();
    json["input"]["type"] = print_type({.format = n.input});
    json["input"]["low"] = number(range.low);
    json["input"]["high"] = number(range.high);
    json["weights"] = parameter(n.weight, n.weights_sha256);
    json["bias"] = n.bias ? parameter(*n.bias, n.bias_sha256) : Json();
    json["accumulator"] = describe(n.spec);
    json["lsb"] = "2^" + std::to_string(-n.spec.type.format.frac());
    json["data_type"] = pair(n.data_type);
    bool safe = true;
    Json channels = Json::array();
    for (std::size_t c = 0; c < n.channels.size(); ++c) {
        const ChannelNumbers& m = n.channels[c];
        safe = safe && m.safe;
        Json one;
        one["channel"] = c;
        one["product"] = pair(m.product);
        one["l1"] = number(m.l1);
        one["any_order"] = pair(m.any_order);
        one["exact"] = pair(m.exact);
        one["width"] = m.width;
        one["safe"] = m.safe;
        channels.push_back(std::move(one));
    }
    json["safe"] = safe;
    json["channels"] = std::move(channels);
    ++check.layers;
    check.channels += n.channels.size();
    if (safe) ++check.safe_layers;
    return json;
}

Json formulas() {
    Json json;
    json["term"] = "Q_P(w * x) with x at either end of the input's range, rounded outward to the accumulator's lsb";
    json["data_type"] =
        "number of terms times the ends of a term of any weight and input of the formats, plus those of the bias's "
        "format, each with 0";
    json["l1"] = "sum of the larger absolute value of each term's ends, plus the absolute bias";
    json["any_order"] = "sums of the negative and of the positive ends of the terms and of the bias";
    json["exact"] =
        "smallest and largest content of the register in the network's order, with 0, when every term is at its lower "
        "and at its upper end (not rounded outward), over all positions of the window";
    json["width"] =
        "smallest width of the accumulator's lsb, signedness and overflow mode that holds `exact`, and `product` and "
        "the bias where their type is the accumulator's";
    return json;
}

// Text of the file in a sentence: without what ends a line.
std::string shown(const std::string& text) {
    const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

// The first place where two documents differ, in words; empty where they are equal. Numbers are compared as written.
std::string difference(const Json& given, const Json& right, const std::string& at) {
    const std::string place = at.empty() ? "the document" : at;
    if (given.is_object() && right.is_object()) {
        for (const auto& [key, value] : right.items()) {
            const std::string inner = at.empty() ? key : at + "/" + key;
            if (!given.contains(key)) return inner + " is missing";
            if (std::string d = difference(given.at(key), value, inner); !d.empty()) return d;
        }
        for (const auto& [key, value] : given.items())
            if (!right.contains(key))
                return (at.empty() ? "" : at + "/") + shown(key) + " is no field of a certificate";
        return {};
    }
    if (given.is_array() && right.is_array()) {
        if (given.size() != right.size()) {
            return place + " has " + std::to_string(given.size()) + " entries, the network gives " +
                   std::to_string(right.size());
        }
        for (std::size_t i = 0; i < right.size(); ++i)
            if (std::string d = difference(given[i], right[i], at + "/" + std::to_string(i)); !d.empty()) return d;
        return {};
    }
    if (given.type() == right.type() || (given.is_number_integer() && right.is_number_integer()))
        if (given.dump() == right.dump()) return {};
    return place + " is " + given.dump(-1, ' ', false, Json::error_handler_t::replace) + ", the network gives " +
           right.dump();
}

// Also names a field that an object has twice, because readers differ in which of them they take.
Json parsed(const std::string& text, std::string& repeated) {
    std::vector<std::set<std::string>> open;
    const Json::parser_callback_t look = [&](int /*depth*/, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start) open.emplace_back();
        if (event == Json::parse_event_t::object_end) open.pop_back();
        if (event == Json::parse_event_t::key && !open.back().insert(value.get<std::string>()).second)
            repeated = value.get<std::string>();
        return true;
    };
    return Json::parse(text, look, false);
}

struct Claim {
    std::string tensor{};
    Interval range{};
    std::vector<std::string> layers{};
};

Claim claim_of(const Json& json, const std::string& where) {
    const auto refuse = [&](const std::string& what) {
        throw InputError(where, what + "; give a file that 'bittrue bounds --certificate' wrote");
    };
    if (!json.is_object() || json.value("certificate", Json()) != "bittrue bounds")
        refuse("it is no bounds certificate");
    if (json.value("version", Json()) != 1) refuse("its version is not 1");
    const Json declared = json.value("declared", Json());
    const Json layers = json.value("layers", Json());
    if (!declared.is_object() || !declared.value("tensor", Json()).is_string()) refuse("it declares no input range");
    const auto low = integer_of(declared.value("low", Json())), high = integer_of(declared.value("high", Json()));
    if (!low || !high) refuse("its declared range has no integers 'low' and 'high'");
    if (!layers.is_array() || layers.empty()) refuse("it has no layers");
    Claim claim{.tensor = declared.at("tensor").get<std::string>(), .range = {*low, *high}, .layers = {}};
    for (const Json& l : layers) {
        if (!l.is_object() || !l.value("layer", Json()).is_string()) refuse("one of its layers has no name");
        claim.layers.push_back(l.at("layer").get<std::string>());
    }
    return claim;
}

// What the network cannot have at all.
std::string impossible(const Graph& graph, const Claim& claim) {
    const FixedType* type = claim.tensor == graph.input.name ? &graph.input.type : nullptr;
    for (const Node& node : graph.nodes)
        if (node.name == claim.tensor) type = &node.result;
    if (type == nullptr) return "declared/tensor is '" + shown(claim.tensor) + "', which the network does not have";
    const Format f = type->format;
    if (claim.range.low > claim.range.high || claim.range.low < integer_from_i128(raw_min(f)) ||
        claim.range.high > integer_from_i128(raw_max(f))) {
        return "declared is " + claim.range.low.str() + " to " + claim.range.high.str() + ", which is no range of " +
               print_type(*type);
    }
    return {};
}

}  // namespace

CertificateCheck check_certificate(const Graph& graph, const std::string& text, const std::string& where) {
    std::string repeated;
    const Json given = parsed(text, repeated);
    if (given.is_discarded()) {
        throw InputError(where, "it is not JSON; give a file that 'bittrue bounds --certificate' wrote");
    }
    const Claim claim = claim_of(given, where);
    CertificateCheck check;
    if (!repeated.empty()) {
        check.difference = "'" + shown(repeated) + "' stands twice in an object";
        return check;
    }
    check.condition =
        "the raws of '" + shown(claim.tensor) + "' lie within " + claim.range.low.str() + ".." + claim.range.high.str();
    check.difference = impossible(graph, claim);
    if (!check.difference.empty()) return check;
    const std::vector<Interval> ranges = word_ranges(graph, claim.tensor, claim.range);
    Json layers = Json::array();
    std::size_t next = 0;
    for (const Node& node : graph.nodes) {
        if (next == claim.layers.size() || node.name != claim.layers[next]) continue;
        const Interval& range = ranges[static_cast<std::size_t>(node_index(graph, node.inputs.front()) + 1)];
        const auto numbers = layer_numbers(graph, node, range);
        if (!numbers) break;
        layers.push_back(layer(node, range, *numbers, check));
        ++next;
    }
    if (next < claim.layers.size()) {
        check.difference = "layers/" + std::to_string(next) + "/layer is '" + shown(claim.layers[next]) +
                           "', which is no dense or convolution layer of the network at this place";
        return check;
    }
    Json right;
    right["certificate"] = "bittrue bounds";
    right["version"] = 1;
    right["network"] = graph.name;
    right["declared"]["tensor"] = claim.tensor;
    right["declared"]["low"] = number(claim.range.low);
    right["declared"]["high"] = number(claim.range.high);
    right["formulas"] = formulas();
    right["layers"] = std::move(layers);
    check.difference = difference(given, right, "");
    return check;
}

}  // namespace bittrue::golden
