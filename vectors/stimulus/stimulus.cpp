#include "bittrue/vectors/stimulus.hpp"

#include "search.hpp"
#include "stage.hpp"

namespace bittrue {
namespace corner {
namespace {

// Values that the input's own cast has to round, clamp or wrap, many in an image.
void construct_input(Maker& maker) {
    const std::vector<double> values = maker.probe().input().values_for_goals();
    const auto size = static_cast<std::size_t>(maker.probe().graph().input.shape.count());
    std::vector<Maker::Values> images;
    for (std::size_t next = 0; next < values.size();) {
        images.emplace_back(size, values.front());
        for (std::size_t i = 0; i < size && next < values.size(); ++i) images.back()[i] = values[next++];
    }
    maker.offer(images);
}

void construct_layer(const Stage& stage) {
    const Operation& op = stage.node().op;
    if (stage.probe().accumulating() != nullptr) {
        construct_linear(stage);
    } else if (const auto* pool = std::get_if<MaxPool>(&op)) {
        construct_max_pool(stage, *pool);
    } else if (const auto* softmax = std::get_if<Softmax>(&op)) {
        construct_softmax(stage, *softmax);
    } else {
        construct_elementwise(stage);
    }
}

}  // namespace
}  // namespace corner

Stimulus make_stimulus(const Graph& graph, const EngineFactory& make_engine, const StimulusOptions& options) {
    corner::Maker maker(graph, make_engine, options);
    corner::construct_input(maker);
    bool common = false;
    for (std::size_t k = 0; k < graph.nodes.size(); ++k) {
        const auto stage = corner::Stage::of(maker, k);
        if (!stage) continue;
        if (!common) construct_common(*stage);
        common = true;
        if (stage->missing()) corner::construct_layer(*stage);
    }
    corner::search(maker, options.search_images);
    return std::move(maker).finish();
}

}  // namespace bittrue
