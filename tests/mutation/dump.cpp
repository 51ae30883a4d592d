#include "dump.hpp"

#include <algorithm>
#include <stdexcept>

#include "bittrue/golden/golden.hpp"
#include "bittrue/vectors/digits.hpp"

namespace bittrue::mutation {

namespace {

// A type that any word of the format passes.
FixedType plain(const FixedType& type) {
    return {.format = type.format, .dialect = type.dialect};
}

Graph alone(const Node& node, const TensorWords& input) {
    Graph graph;
    graph.name = node.name;
    graph.input = {.name = "given", .shape = input.shape, .type = plain(input.type)};
    graph.nodes.push_back(node);
    graph.nodes.front().inputs = {"given"};
    validate(graph);
    return graph;
}

WordBatch batch_of(const TensorWords& words) {
    WordBatch batch{.images = words.images, .dims = words.shape.dims};
    for (const std::int64_t w : words.words)
        for (int byte = 0; byte < 8; ++byte)
            batch.data.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(w) >> (8 * byte) & 0xffU));
    return batch;
}

TensorWords tensor_of(const LayerResult& layer, std::size_t images) {
    return {.name = layer.name, .shape = layer.shape, .type = layer.type, .words = layer.words, .images = images};
}

}  // namespace

Stand make_stand(const std::string& name, const std::string& accumulator, Graph graph, std::size_t images) {
    validate(graph);
    Stand stand{.name = name, .accumulator = accumulator, .graph = std::move(graph)};
    const InputBatch batch = input_from_digits(make_digits(images, 1), stand.graph.input);
    const RunResult run = golden::make_engine(stand.graph)->run(batch, {.keep_layers = true});
    for (const LayerResult& layer : run.layers) stand.right.emplace(layer.name, tensor_of(layer, images));
    stand.expected = from_run(stand.graph, run);
    return stand;
}

TensorWords golden_layer(const Node& node, const TensorWords& input) {
    const Graph graph = alone(node, input);
    const RunResult run = golden::make_engine(graph)->run(batch_of(input), {.keep_layers = true});
    return tensor_of(run.layers.back(), input.images);
}

std::vector<std::int64_t> golden_parameter(const Node& node, const TensorWords& input, const std::string& role) {
    for (const ParameterWords& p : golden::make_engine(alone(node, input))->parameters())
        if (p.role == role) return p.tensor.words;
    throw std::logic_error(node.name + " has no " + role);
}

std::map<std::string, TensorWords> run_faulty(const Stand& stand, const FaultyLayers& faulty,
                                              const std::set<std::string>& absent) {
    std::map<std::string, TensorWords> tensors;
    const std::string& first = stand.graph.input.name;
    tensors.emplace(first, stand.right.at(first));
    for (const Node& node : stand.graph.nodes) {
        const TensorWords& input = tensors.at(node.inputs.front());
        const TensorWords& right = stand.right.at(node.name);
        const auto stage = faulty.find(node.name);
        if (stage == faulty.end() && input.words == stand.right.at(node.inputs.front()).words) {
            tensors.emplace(node.name, right);
            continue;
        }
        TensorWords made = stage == faulty.end() ? golden_layer(node, input) : stage->second(node, input);
        if (made.words.size() != right.words.size())
            throw std::logic_error(node.name + ": a fault must keep the number of words");
        made.name = node.name;
        if (absent.contains(node.name)) {
            tensors.emplace(node.name, std::move(made));
            continue;
        }
        made.type = right.type;
        made.shape = right.shape;
        for (std::int64_t& w : made.words) {  // a dump holds patterns of the layer's width
            w = word_from_pattern(static_cast<std::uint64_t>(w), right.type.format);
        }
        tensors.emplace(node.name, std::move(made));
    }
    return tensors;
}

VectorSet dump_of(const Stand& stand, const std::map<std::string, TensorWords>& tensors,
                  const std::set<std::string>& absent) {
    VectorSet set = stand.expected;
    set.parameters.clear();
    for (VectorLayer& layer : set.layers) layer.words = tensors.at(layer.name).words;
    std::erase_if(set.layers, [&](const VectorLayer& layer) { return absent.contains(layer.name); });
    return set;
}

}  // namespace bittrue::mutation
