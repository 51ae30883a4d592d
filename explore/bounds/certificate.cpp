// The certificate's JSON. Golden builds the same document by itself and compares, so whatever is changed here must be
// changed there, too (docs/bounds.md).
#include <nlohmann/json.hpp>

#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::explore {
namespace {

using Json = nlohmann::ordered_json;

// A number where JSON readers keep it exactly, else its digits.
Json number(i128 raw) {
    constexpr i128 kExact = i128{1} << 53;
    if (raw >= -kExact && raw <= kExact) return static_cast<std::int64_t>(raw);
    return print_raw(raw);
}

Json interval(const Extent& x) {
    return Json::array({number(x.low), number(x.high)});
}

Json type_or_null(const std::optional<FixedType>& type) {
    return type ? Json(print_type(*type)) : Json(nullptr);
}

const char* when(QuantizeAt q) {
    switch (q) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return "";
}

Json accumulator(const AccumulatorSpec& s) {
    return {{"type", print_type(s.type)},
            {"product", type_or_null(s.product)},
            {"order", print_schedule(s)},
            {"quantize", when(s.quantize)},
            {"terms", s.terms == TermOrder::Input ? "input" : "kernel"},
            {"bias", s.bias == BiasPosition::First ? "first" : "last"},
            {"bias_cast", type_or_null(s.bias_cast)}};
}

Json channel(std::size_t index, const ChannelBounds& c) {
    return {{"channel", index},
            {"product", interval(c.product)},
            {"l1", number(c.l1)},
            {"any_order", interval(c.any_order)},
            {"exact", interval(c.exact)},
            {"width", c.width},
            {"safe", c.safe}};
}

Json layer(const Graph& graph, const LayerBounds& b) {
    const Node& node = graph.nodes[static_cast<std::size_t>(b.node)];
    Json channels = Json::array();
    for (std::size_t c = 0; c < b.channels.size(); ++c) channels.push_back(channel(c, b.channels[c]));
    Json bias = nullptr;
    if (b.bias) bias = {{"type", print_type({.format = *b.bias})}, {"sha256", b.bias_sha256}};
    return {{"layer", b.layer},
            {"terms", b.terms},
            {"input",
             {{"tensor", node.inputs.front()},
              {"type", print_type({.format = b.input})},
              {"low", number(b.range.low)},
              {"high", number(b.range.high)}}},
            {"weights", {{"type", print_type({.format = b.weight})}, {"sha256", b.weights_sha256}}},
            {"bias", std::move(bias)},
            {"accumulator", accumulator(b.spec)},
            {"lsb", "2^" + std::to_string(-b.spec.type.format.frac())},
            {"data_type", interval(b.data_type)},
            {"safe", b.safe()},
            {"channels", std::move(channels)}};
}

}  // namespace

std::string certificate(const Graph& graph, const NetworkBounds& bounds) {
    Json layers = Json::array();
    for (const LayerBounds& b : bounds.layers) layers.push_back(layer(graph, b));
    const Json all = {
        {"certificate", "bittrue bounds"},
        {"version", 1},
        {"network", graph.name},
        {"declared",
         {{"tensor", bounds.declared.tensor},
          {"low", number(bounds.declared.low)},
          {"high", number(bounds.declared.high)}}},
        {"formulas",
         {{"term", "Q_P(w * x) with x at either end of the input's range, rounded outward to the accumulator's lsb"},
          {"data_type",
           "number of terms times the ends of a term of any weight and input of the formats, plus those of "
           "the bias's format, each with 0"},
          {"l1", "sum of the larger absolute value of each term's ends, plus the absolute bias"},
          {"any_order", "sums of the negative and of the positive ends of the terms and of the bias"},
          {"exact",
           "smallest and largest content of the register in the network's order, with 0, when every term is at "
           "its lower and at its upper end (not rounded outward), over all positions of the window"},
          {"width",
           "smallest width of the accumulator's lsb, signedness and overflow mode that holds `exact`, and "
           "`product` and the bias where their type is the accumulator's"}}},
        {"layers", std::move(layers)}};
    return all.dump(1) + "\n";
}

}  // namespace bittrue::explore
