#include "explanation.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/notation.hpp"

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

class Explainer {
public:
    Explainer(const Graph& graph, const RunResult& result, int node) : graph_(graph), result_(result), at_(node) {}

    // Dense, Conv2d.
    template <class Op>
    void accumulate(const Op& op, Explanation& e) const {
        const Position p = position_of(e.shape, e.element);
        const explore::Place place{.channel = static_cast<int>(p.channel), .y = p.row, .x = p.column};
        const explore::OperandReader reader(graph_, at_);
        const std::vector<std::int64_t> elements = reader.elements(place);
        Accumulated a{.operands = reader(place, words_of(0)), .spec = op.accumulator};
        for (std::size_t t = 0; t < elements.size(); ++t) {
            const std::string name = elements[t] < 0
                                         ? "padding"
                                         : word_name(node().inputs[0], shape_of(graph_, node().inputs[0]), elements[t]);
            a.terms.push_back(term(a, t, name, weight_name(op, static_cast<std::int64_t>(t), p.channel)));
        }
        a.steps = emulator::mac(a.operands, a.spec);
        e.exact = {a.steps.back().accumulator_raw, a.steps.back().accumulator_frac};
        e.accumulated = std::move(a);
    }

    void read(Explanation& e) const {
        const std::vector<WordSource> sources = sources_of(graph_, node(), e.element);
        std::vector<std::int64_t> words;
        for (const WordSource& s : sources) {
            const std::string& tensor = node().inputs[s.input];
            words.push_back(words_of(s.input)[static_cast<std::size_t>(s.element)]);
            e.read.push_back(
                {word_name(tensor, shape_of(graph_, tensor), s.element), words.back(), type_of(graph_, tensor).format});
        }
        e.exact = exact_result(graph_, node(), sources, words);
    }

private:
    const Node& node() const { return graph_.nodes[static_cast<std::size_t>(at_)]; }
    const std::vector<std::int64_t>& words_of(std::size_t input) const {
        return result_.layers[static_cast<std::size_t>(node_index(graph_, node().inputs[input]) + 1)].words;
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

    const Graph& graph_;
    const RunResult& result_;
    int at_;
};

}  // namespace

Explanation explain(const Graph& graph, const InputBatch& image, const RunResult& result, const std::string& layer,
                    std::int64_t element) {
    const int at = node_index(graph, layer);
    const LayerResult& own = result.layers[static_cast<std::size_t>(at + 1)];
    const auto flat = static_cast<std::size_t>(element);
    Explanation e{.layer = layer, .op = "input", .shape = own.shape, .element = element, .type = own.type};
    e.result.word = own.words[flat];
    if (at < 0) {
        e.stored = image.values[flat];
    } else {
        const Node& node = graph.nodes[static_cast<std::size_t>(at)];
        e.op = op_name(node.op);
        const Explainer explainer(graph, result, at);
        if (const auto* dense = std::get_if<Dense>(&node.op)) {
            explainer.accumulate(*dense, e);
        } else if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
            explainer.accumulate(*conv, e);
        } else {
            explainer.read(e);
        }
    }
    if (!e.exact && !e.stored) return e;
    const Converted again =
        e.stored ? emulator::quantize_real(*e.stored, e.type) : emulator::quantize(e.exact->raw, e.exact->frac, e.type);
    if (again.word != e.result.word) {
        throw std::logic_error(fmt::format("layer '{}', word {}: explained as {}, the engine has {}", layer, element,
                                           again.word, e.result.word));
    }
    e.result = again;
    return e;
}

}  // namespace bittrue::cli
