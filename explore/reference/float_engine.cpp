// Runs the kernels of a network's layers, image by image.
#include "bittrue/explore/float_engine.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/model/error.hpp"
#include "reference/kernel.hpp"

namespace bittrue::explore {

namespace {

using reference::Kernel;
using reference::KernelPtr;
using reference::LayerView;
using reference::Source;

struct Network {
    std::string input_name{};
    const Shape* input_shape = nullptr;
    std::vector<LayerView> layers{};
    std::size_t output = 0;  // tensor
};

// Numbers tensors by name while the layers are taken in their order.
class Builder {
public:
    Builder(const std::string& input, const Shape& shape, const FixedType* type) {
        network_.input_name = input;
        network_.input_shape = &shape;
        known_[input] = {.tensor = 0, .shape = &shape, .type = type};
    }
    void add(LayerView layer, const std::vector<std::string>& inputs, const FixedType* type) {
        for (const std::string& name : inputs) {
            const auto at = known_.find(name);
            if (at == known_.end())
                throw layer.error(fmt::format("it reads '{}', which no layer in front of it makes", name));
            layer.inputs.push_back(at->second);
        }
        if (inputs.empty()) throw layer.error("it reads nothing; name its input");
        known_[*layer.name] = {.tensor = network_.layers.size() + 1, .shape = layer.shape, .type = type};
        network_.layers.push_back(std::move(layer));
    }
    [[nodiscard]] Network take(const std::string& output) {
        const auto at = known_.find(output);
        if (at == known_.end())
            throw InputError(fmt::format("output '{}'", output), "no layer makes it; name a layer as the output");
        network_.output = at->second.tensor;
        return std::move(network_);
    }

private:
    Network network_{};
    std::map<std::string, Source> known_{};
};

Network network_of(const FloatModel& model) {
    if (model.layers.empty())
        throw InputError(model.file,
                         "it holds arrays but no layers; give the model's configuration, or a network file that uses "
                         "its arrays");
    Builder builder(model.input_name, model.input_shape, nullptr);
    for (const FloatLayer& l : model.layers) {
        const FixedType* type = l.result_type ? &*l.result_type : nullptr;
        builder.add({.name = &l.name,
                     .op = &l.op,
                     .shape = &l.shape,
                     .result = type,
                     .quantizer = l.quantizer ? &*l.quantizer : nullptr},
                    l.inputs, type);
    }
    return builder.take(model.output);
}

Network network_of(const Graph& graph) {
    Builder builder(graph.input.name, graph.input.shape, &graph.input.type);
    for (const Node& n : graph.nodes)
        builder.add({.name = &n.name, .op = &n.op, .shape = &n.shape, .result = &n.result}, n.inputs, &n.result);
    return builder.take(graph.output);
}

void check_batch(const Network& network, const InputBatch& batch) {
    const auto size = static_cast<std::size_t>(network.input_shape->count());
    if (batch.dims == network.input_shape->dims && batch.values.size() == batch.images * size) return;
    throw InputError(fmt::format("input '{}'", network.input_name),
                     fmt::format("images of {} were given where the network needs {}", print_dims(batch.dims),
                                 print_dims(network.input_shape->dims)));
}

class FloatEngine {
public:
    FloatEngine(const Network& network, const InputBatch& batch, const FloatOptions& options)
        : network_(network), batch_(batch), options_(options) {
        check_batch(network, batch);
        for (const LayerView& layer : network.layers) kernels_.push_back(reference::make_kernel(layer));
        run_.images = batch.images;
        run_.layers.push_back({.name = network.input_name, .shape = *network.input_shape});
        for (const LayerView& layer : network.layers)
            run_.layers.push_back({.name = *layer.name, .shape = *layer.shape});
        for (std::size_t i = 0; i < run_.layers.size(); ++i) {
            if (kept(i)) run_.layers[i].values.resize(batch.images * size_of(i));
        }
        if (kept(0)) run_.layers[0].values = batch.values;
    }

    [[nodiscard]] FloatRun run() {
        const int cores = tbb::info::default_concurrency();
        tbb::task_arena arena(options_.threads > 0 ? std::min(options_.threads, cores) : cores);
        arena.execute([&] { tbb::parallel_for(std::size_t{0}, batch_.images, [&](std::size_t i) { image(i); }); });
        return std::move(run_);
    }

private:
    // Values of the tensors of the image at hand that are not kept.
    using Room = std::vector<std::vector<double>>;

    [[nodiscard]] bool kept(std::size_t tensor) const { return options_.keep_layers || tensor == network_.output; }
    [[nodiscard]] std::size_t size_of(std::size_t tensor) const {
        return static_cast<std::size_t>(run_.layers[tensor].shape.count());
    }

    void image(std::size_t index) {
        if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) throw Interrupted();
        Room& room = rooms_.local();
        room.resize(run_.layers.size());
        std::vector<const double*> values{batch_.values.data() + index * size_of(0)};
        std::vector<const double*> in;
        for (std::size_t l = 0; l < kernels_.size(); ++l) {
            in.clear();
            for (const Source& s : network_.layers[l].inputs) in.push_back(values[s.tensor]);
            const std::size_t size = size_of(l + 1);
            double* out = nullptr;
            if (kept(l + 1)) {
                out = run_.layers[l + 1].values.data() + index * size;
            } else {
                room[l + 1].resize(size);
                out = room[l + 1].data();
            }
            kernels_[l]->run(in, out);
            values.push_back(out);
        }
        if (!options_.progress) return;
        const std::lock_guard lock(mutex_);
        options_.progress(++done_);
    }

    const Network& network_;
    const InputBatch& batch_;
    const FloatOptions& options_;
    std::vector<KernelPtr> kernels_{};
    FloatRun run_{};
    tbb::enumerable_thread_specific<Room> rooms_{};
    std::mutex mutex_{};
    std::size_t done_ = 0;
};

}  // namespace

FloatRun run_float(const FloatModel& model, const InputBatch& batch, const FloatOptions& options) {
    const Network network = network_of(model);
    return FloatEngine(network, batch, options).run();
}

FloatRun run_float(const Graph& graph, const InputBatch& batch, const FloatOptions& options) {
    const Network network = network_of(graph);
    return FloatEngine(network, batch, options).run();
}

}  // namespace bittrue::explore
