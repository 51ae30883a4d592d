#include "explanation.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/notation.hpp"
#include "mac_steps.hpp"

namespace bittrue::cli {

namespace {

std::string word_name(const std::string& tensor, const Shape& shape, std::int64_t element) {
    if (shape.layout == Layout::Vector) return fmt::format("{}[{}]", tensor, element);
    const Position p = position_of(shape, element);
    return fmt::format("{}[{},{},{}]", tensor, p.channel, p.row, p.column);
}

std::string weight_name(const Dense& /*op*/, std::int64_t term, std::int64_t channel) {
    return fmt::format("w[{},{}]", term, channel);
}

// Rule A2: how the window is enumerated.
std::string weight_name(const Conv2d& op, std::int64_t term, std::int64_t channel) {
    const std::int64_t rows = op.weights.dims[0], columns = op.weights.dims[1], channels = op.weights.dims[2];
    if (op.accumulator.terms == TermOrder::Input)
        return fmt::format("w[{},{},{},{}]", term / channels / columns, term / channels % columns, term % channels,
                           channel);
    return fmt::format("w[{},{},{},{}]", term / columns % rows, term % columns, term / columns / rows, channel);
}

// A graph of what the node reads and the node: names, shapes and types of tensors. Only with one input it is a network.
Graph graph_of(const Node& node, const std::vector<const TensorWords*>& inputs) {
    Graph graph;
    const TensorWords& first = *inputs.front();
    graph.input = {.name = first.name, .shape = first.shape, .type = {.format = first.type.format}};
    for (const TensorWords* const input : inputs) {
        if (input->name == first.name) continue;
        graph.nodes.push_back({.name = input->name,
                               .inputs = {first.name},
                               .op = Reshape{},
                               .result = {.format = input->type.format},
                               .shape = input->shape});
    }
    graph.nodes.push_back(node);
    graph.output = node.name;
    return graph;
}

explore::Place place_of(const Shape& shape, std::int64_t element) {
    const Position p = position_of(shape, element);
    return {.channel = static_cast<int>(p.channel), .y = p.row, .x = p.column};
}

bool is_linear(const Node& node) {
    return std::holds_alternative<Dense>(node.op) || std::holds_alternative<Conv2d>(node.op);
}

class Explainer {
public:
    Explainer(const Node& node, const std::vector<const TensorWords*>& inputs, const emulator::AccumulationFault* fault)
        : node_(node), inputs_(inputs), fault_(fault), graph_(graph_of(node, inputs)) {}

    void explain(Explanation& e) const {
        if (const auto* dense = std::get_if<Dense>(&node_.op)) {
            accumulate(*dense, e);
        } else if (const auto* conv = std::get_if<Conv2d>(&node_.op)) {
            accumulate(*conv, e);
        } else {
            read(e);
        }
    }

private:
    // Dense, Conv2d.
    template <class Op>
    void accumulate(const Op& op, Explanation& e) const {
        const explore::Place place = place_of(e.shape, e.element);
        const explore::OperandReader reader(graph_, 0);
        const std::vector<std::int64_t> elements = reader.elements(place);
        const TensorWords& in = *inputs_.front();
        Accumulated a{.operands = reader(place, in.words), .spec = op.accumulator};
        if (fault_ != nullptr) a.fault = fault_of_channel(*fault_, place.channel);
        if (a.fault) a.operands = emulator::faulty_operands(a.operands, *a.fault);
        for (std::size_t t = 0; t < elements.size(); ++t) {
            const std::string name = elements[t] < 0 ? "padding" : word_name(in.name, in.shape, elements[t]);
            a.terms.push_back(term(a, t, name, weight_name(op, static_cast<std::int64_t>(t), place.channel)));
        }
        a.steps = a.fault ? emulator::faulty_steps(a.operands, a.spec, *a.fault) : emulator::mac(a.operands, a.spec);
        if (a.fault) show_altered(a);
        e.exact = {a.steps.back().accumulator_raw, a.steps.back().accumulator_frac};
        e.accumulated = std::move(a);
    }

    void read(Explanation& e) const {
        const std::vector<WordSource> sources = sources_of(graph_, node_, e.element);
        std::vector<std::int64_t> words;
        for (const WordSource& s : sources) {
            const TensorWords& tensor = *inputs_[s.input];
            words.push_back(tensor.words[static_cast<std::size_t>(s.element)]);
            e.read.push_back({word_name(tensor.name, tensor.shape, s.element), words.back(), tensor.type.format});
        }
        Computed computed = compute(graph_, node_, e.element, sources, words);
        e.exact = computed.exact;
        e.stages = std::move(computed.stages);
    }

    static ExplainedTerm term(const Accumulated& a, std::size_t t, std::string input, std::string weight) {
        const MacOperands& o = a.operands;
        ExplainedTerm term{.input = {std::move(input), o.inputs[t], o.input},
                           .weight = {std::move(weight), o.weights[t], o.weight}};
        term.product = {raw_from_word(o.weights[t], o.weight) * raw_from_word(o.inputs[t], o.input),
                        o.weight.frac() + o.input.frac()};
        term.cast = term.product;
        if (a.spec.product) {
            const Converted cast = emulator::quantize(term.product.raw, term.product.frac, *a.spec.product);
            term.cast = {raw_from_word(cast.word, a.spec.product->format), a.spec.product->format.frac()};
            term.events = cast.events;
        }
        return term;
    }
    // A stuck bit that the channel's sums do not have is none.
    static emulator::AccumulationFault fault_of_channel(emulator::AccumulationFault fault, std::int64_t channel) {
        if (fault.stuck && channel % fault.stuck->outputs != fault.stuck->output) fault.stuck.reset();
        return fault;
    }
    // What the adder took of each term, where that is a step of its own.
    static void show_altered(Accumulated& a) {
        for (const MacStep& step : a.steps) {
            const std::int64_t t = term_of(step);
            if (t >= 0 && t < std::ssize(a.terms)) a.terms[static_cast<std::size_t>(t)].cast.raw = step.product_raw;
        }
    }

    const Node& node_;
    const std::vector<const TensorWords*>& inputs_;
    const emulator::AccumulationFault* fault_;
    Graph graph_;
};

void check(Explanation& e) {
    if (!e.exact && !e.stored) return;
    const Converted again =
        e.stored ? emulator::quantize_real(*e.stored, e.type) : emulator::quantize(e.exact->raw, e.exact->frac, e.type);
    if (again.word != e.result.word) {
        throw std::logic_error(fmt::format("layer '{}', word {}: explained as {}, the engine has {}", e.layer,
                                           e.element, again.word, e.result.word));
    }
    e.result = again;
}

}  // namespace

Explanation explain_node(const Node& node, const std::vector<const TensorWords*>& inputs, std::int64_t element,
                         std::int64_t word, const emulator::AccumulationFault* fault) {
    Explanation e{.layer = node.name, .op = op_name(node.op), .shape = node.shape, .element = element};
    e.type = node.result;
    e.result.word = word;
    Explainer(node, inputs, fault).explain(e);
    check(e);
    return e;
}

std::vector<WordSource> operands_of(const Node& node, const std::vector<const TensorWords*>& inputs,
                                    std::int64_t element) {
    const Graph graph = graph_of(node, inputs);
    if (!is_linear(node)) return sources_of(graph, node, element);
    std::vector<WordSource> sources;
    for (const std::int64_t at : explore::OperandReader(graph, 0).elements(place_of(node.shape, element))) {
        if (at >= 0) sources.push_back({0, at});
    }
    return sources;
}

Explanation explain(const Graph& graph, const InputBatch& image, const RunResult& result, const std::string& layer,
                    std::int64_t element) {
    const int at = node_index(graph, layer);
    const LayerResult& own = result.layers[static_cast<std::size_t>(at + 1)];
    const auto flat = static_cast<std::size_t>(element);
    if (at < 0) {
        Explanation e{.layer = layer, .op = "input", .shape = own.shape, .element = element};
        e.type = own.type;
        e.stored = image.values[flat];
        e.result.word = own.words[flat];
        check(e);
        return e;
    }
    const Node& node = graph.nodes[static_cast<std::size_t>(at)];
    std::vector<TensorWords> tensors;
    for (const std::string& name : node.inputs) {
        const LayerResult& in = result.layers[static_cast<std::size_t>(node_index(graph, name) + 1)];
        tensors.push_back({in.name, in.shape, in.type, in.words, 1});
    }
    std::vector<const TensorWords*> inputs;
    for (const TensorWords& tensor : tensors) inputs.push_back(&tensor);
    return explain_node(node, inputs, element, own.words[flat]);
}

}  // namespace bittrue::cli
