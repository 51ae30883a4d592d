#include <algorithm>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/stimulus.hpp"

namespace bittrue {
namespace {

// Puts the words a layer holds in place of the numbers they were cast from.
class RawParameters {
public:
    RawParameters(const std::vector<ParameterWords>& all, const std::string& layer) : all_(all), layer_(layer) {}

    void operator()(Dense& op) const { both(op.weights, op.bias); }
    void operator()(Conv2d& op) const { both(op.weights, op.bias); }
    void operator()(LeakyRelu& op) const { put("alpha", op.alpha); }
    void operator()(Lookup& op) const { put("table", op.table.entries); }
    void operator()(Softmax& op) const {
        put("exp_table", op.exp_table.entries);
        put("inv_table", op.inv_table.entries);
    }
    void operator()(Affine& op) const { both(op.scale, op.bias, "scale"); }
    void operator()(Threshold& op) const {
        put("thresholds", op.thresholds);
        sort_channels(op.thresholds);
    }
    template <class Op>
    void operator()(Op& /*op*/) const {}

private:
    void both(Parameter& weights, std::optional<Parameter>& bias, const char* role = "weights") const {
        put(role, weights);
        if (bias) put("bias", *bias);
    }
    // A cast that wraps can put thresholds out of order; only how many are reached matters (L23).
    static void sort_channels(Parameter& thresholds) {
        const Format f = thresholds.type.format;
        const auto n = static_cast<std::ptrdiff_t>(thresholds.dims[1]);
        for (auto it = thresholds.raw.begin(); it != thresholds.raw.end(); it += n) {
            std::sort(it, it + n,
                      [f](std::int64_t a, std::int64_t b) { return raw_from_word(a, f) < raw_from_word(b, f); });
        }
    }
    void put(const std::string& role, Parameter& parameter) const {
        for (const ParameterWords& p : all_) {
            if (p.layer != layer_ || p.role != role) continue;
            parameter.real.clear();
            parameter.raw = p.tensor.words;
            parameter.quantizer = WeightQuantizer::Cast;
        }
    }

    const std::vector<ParameterWords>& all_;
    const std::string& layer_;
};

}  // namespace

Graph extract_layer(const Graph& graph, const std::string& layer, const EngineFactory& make_engine) {
    const auto found =
        std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.name == layer; });
    if (found == graph.nodes.end()) {
        std::string names;
        for (const Node& n : graph.nodes) names += (names.empty() ? "" : ", ") + n.name;
        throw InputError("layer '" + layer + "'", "the network has no such layer; it has " + names);
    }
    if (found->inputs.size() != 1) {
        throw InputError("layer '" + layer + "'",
                         "it has " + std::to_string(found->inputs.size()) +
                             " inputs; only a layer with one input can be a network of its own");
    }
    const std::string& input = found->inputs.front();
    Graph alone;
    alone.name = graph.name.empty() ? layer : graph.name + "." + layer;
    alone.input = {
        .name = input, .shape = shape_of(graph, input), .type = type_of(graph, input), .divide = 1, .float32 = false};
    if (input == graph.input.name) alone.input.range = graph.input.range;
    alone.nodes.push_back(*found);
    const auto parameters = make_engine(graph)->parameters();
    std::visit(RawParameters(parameters, layer), alone.nodes.front().op);
    alone.output = layer;
    validate(alone);
    return alone;
}

}  // namespace bittrue
