#include "bittrue/vectors/vector_set.hpp"

#include <stdexcept>

namespace bittrue {

std::int64_t VectorLayer::words_per_image() const {
    return dims.empty() ? 0 : element_count(Dims(dims.begin() + 1, dims.end()));
}

const VectorLayer* VectorSet::find(const std::string& name) const {
    for (const VectorLayer& layer : layers) {
        if (layer.name == name) return &layer;
    }
    return nullptr;
}

VectorSet from_run(const Graph& graph, const RunResult& run) {
    if (run.layers.size() != graph.nodes.size() + 1) {
        throw std::logic_error("from_run: " + std::to_string(run.layers.size()) + " layers of a graph with " +
                               std::to_string(graph.nodes.size()) + " nodes");
    }
    VectorSet set;
    set.network = graph.name;
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
        const LayerResult& layer = run.layers[i];
        if (layer.words.size() != run.images * static_cast<std::size_t>(layer.shape.count())) continue;
        VectorLayer vectors;
        vectors.name = layer.name;
        if (i > 0) vectors.inputs = graph.nodes[i - 1].inputs;
        vectors.type = layer.type;
        vectors.layout = layer.shape.layout;
        vectors.dims = layer.shape.dims;
        vectors.dims.insert(vectors.dims.begin(), static_cast<std::int64_t>(run.images));
        vectors.words = layer.words;
        vectors.stored = layer.type.format;
        set.layers.push_back(std::move(vectors));
    }
    return set;
}

std::vector<std::string> axis_names(const std::optional<Layout>& layout, const Dims& dims) {
    if (!layout) return {};
    std::vector<std::string> names;
    switch (*layout) {
        case Layout::Vector: names = {"image", "channel"}; break;
        case Layout::Hwc: names = {"image", "row", "column", "channel"}; break;
        case Layout::Chw: names = {"image", "channel", "row", "column"}; break;
    }
    if (names.size() != dims.size()) names.clear();
    return names;
}

}  // namespace bittrue
