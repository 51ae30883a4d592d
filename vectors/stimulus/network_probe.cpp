#include "network_probe.hpp"

#include <algorithm>
#include <stdexcept>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::corner {
namespace {

constexpr std::size_t kImagesAtOnce = 32;

std::string text_of(const EventCounts& c) {
    return std::to_string(c.conversions) + " conversions, " + std::to_string(c.inexact) + " inexact, " +
           std::to_string(c.above) + " above, " + std::to_string(c.below) + " below, " + std::to_string(c.saturations) +
           " saturated";
}

void compare(const std::string& layer, const char* kind, const EventCounts& seen, const EventCounts& engine) {
    if (seen == engine) return;
    throw std::logic_error("coverage of layer '" + layer + "', events of class " + kind + ": coverage saw " +
                           text_of(seen) + "; the engine " + text_of(engine));
}

EventCounts counts_of(const Probe& probe, EventClass kind) {
    EventCounts all;
    for (const Site& site : probe.sites) {
        if (site.kind == kind) all += site.counts;
    }
    return all;
}

}  // namespace

NetworkProbe::NetworkProbe(const Graph& graph, const EngineFactory& make_engine)
    : graph_(graph), engine_(make_engine(graph_)), parameters_(engine_->parameters()), input_(graph_.input) {
    numbers_.emplace_back(static_cast<std::size_t>(graph_.input.shape.count()), input_.words());
    for (const Node& node : graph_.nodes) {
        ProbeSetup setup{.node = node};
        Layer layer;
        std::vector<const std::vector<Strided>*> inputs;
        for (const std::string& name : node.inputs) {
            setup.input_types.push_back(type_of(graph_, name));
            setup.input_shapes.push_back(shape_of(graph_, name));
            layer.inputs.push_back(static_cast<std::size_t>(node_index(graph_, name) + 1));
        }
        for (const ParameterWords& p : parameters_) {
            if (p.layer == node.name) setup.parameters.push_back(p);
        }
        layer.probe = make_probe(setup);
        for (const std::size_t input : layer.inputs) inputs.push_back(&numbers_[input]);
        std::vector<Strided> out;
        Abstract all;
        layer.probe->walk(all, inputs, out);
        numbers_.push_back(std::move(out));
        layers_.push_back(std::move(layer));
    }
    raws_.resize(layers_.size() + 1);
}

void NetworkProbe::run(const InputBatch& batch, const std::atomic<bool>* cancel,
                       const std::function<void(std::int64_t image)>& image_done) {
    const auto size = static_cast<std::size_t>(element_count(batch.dims));
    for (std::size_t first = 0; first < batch.images; first += kImagesAtOnce) {
        const std::size_t count = std::min(kImagesAtOnce, batch.images - first);
        InputBatch part{.images = count, .dims = batch.dims};
        const auto begin = batch.values.begin() + static_cast<std::ptrdiff_t>(first * size);
        part.values.assign(begin, begin + static_cast<std::ptrdiff_t>(count * size));
        const RunResult result = engine_->run(part, {.keep_layers = true, .cancel = cancel});
        Concrete d;
        for (std::size_t i = 0; i < count; ++i) {
            if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) throw Interrupted();
            d.image = images_;
            walk_image(part, i, result, i, d);
            if (image_done) image_done(images_);
            ++images_;
        }
        input_events_ += result.layers[0].events.result;
        for (std::size_t k = 0; k < layers_.size(); ++k) {
            const LayerEvents& events = result.layers[k + 1].events;
            layers_[k].events.product += events.product;
            layers_[k].events.accumulator += events.accumulator;
            layers_[k].events.result += events.result;
        }
        compare_events();
    }
}

void NetworkProbe::walk_image(const InputBatch& batch, std::size_t image, const RunResult& result,
                              std::size_t in_result, Concrete& d) {
    for (std::size_t k = 0; k <= layers_.size(); ++k) {
        const LayerResult& layer = result.layers[k];
        const auto size = static_cast<std::size_t>(layer.shape.count());
        std::vector<i128>& raws = raws_[k];
        raws.resize(size);
        for (std::size_t i = 0; i < size; ++i)
            raws[i] = raw_from_word(layer.words[in_result * size + i], layer.type.format);
    }
    std::vector<i128> out;
    std::vector<const std::vector<i128>*> inputs;
    for (std::size_t k = 0; k <= layers_.size(); ++k) {
        if (k == 0) {
            out.clear();
            const std::size_t size = raws_[0].size();
            for (std::size_t i = 0; i < size; ++i) out.push_back(input_.see(d, batch.values[image * size + i]));
        } else {
            inputs.clear();
            for (const std::size_t input : layers_[k - 1].inputs) inputs.push_back(&raws_[input]);
            layers_[k - 1].probe->walk(d, inputs, out);
        }
        if (out == raws_[k]) continue;
        const auto i =
            static_cast<std::size_t>(std::mismatch(out.begin(), out.end(), raws_[k].begin()).first - out.begin());
        throw std::logic_error("coverage of layer '" + result.layers[k].name + "', image " + std::to_string(d.image) +
                               ", word " + std::to_string(i) + ": coverage computed " + print_raw(out[i]) +
                               ", the engine " + print_raw(raws_[k][i]));
    }
}

void NetworkProbe::compare_events() const {
    compare(graph_.input.name, "result", input_.site.counts, input_events_);
    for (std::size_t k = 0; k < layers_.size(); ++k) {
        const std::string& name = graph_.nodes[k].name;
        const Probe& probe = *layers_[k].probe;
        compare(name, "product", counts_of(probe, EventClass::Product), layers_[k].events.product);
        compare(name, "accumulator", counts_of(probe, EventClass::Accumulator), layers_[k].events.accumulator);
        compare(name, "result", counts_of(probe, EventClass::Result), layers_[k].events.result);
    }
}

}  // namespace bittrue::corner
