#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "layer.hpp"

namespace bittrue::golden {
namespace {

struct Stage {
    LayerPtr layer{};
    std::vector<std::size_t> inputs{};  // indices of tensors: 0 is the network's input, 1 the first node's result
};

class GoldenEngine : public Engine {
public:
    explicit GoldenEngine(const Graph& graph) : input_(graph.input), input_type_(graph.input.type) {
        for (const Node& node : graph.nodes) {
            NodeContext context{.name = node.name, .shape = node.shape, .result = node.result};
            Stage stage;
            for (const std::string& name : node.inputs) {
                context.input_shapes.push_back(shape_of(graph, name));
                context.input_formats.push_back(type_of(graph, name).format);
                stage.inputs.push_back(static_cast<std::size_t>(node_index(graph, name) + 1));
            }
            stage.layer = std::visit([&](const auto& op) { return make_layer(op, context); }, node.op);
            stages_.push_back(std::move(stage));
        }
        output_ = static_cast<std::size_t>(node_index(graph, graph.output) + 1);
    }

    using Engine::run;
    [[nodiscard]] RunResult run(const InputBatch& batch, const RunOptions& options) const override {
        check(batch);
        RunResult result = prepare(batch, options);
        std::mutex merging;
        std::atomic<std::size_t> done{0};
        const auto run_image = [&](std::size_t image) {
            std::vector<LayerEvents> events(stages_.size() + 1);
            const std::vector<Map> maps = tensors_of(batch, image, options, events);
            {
                const std::lock_guard lock(merging);
                for (std::size_t k = 0; k < maps.size(); ++k) merge_image(maps[k], events[k], image, result.layers[k]);
            }
            const std::size_t finished = ++done;
            if (options.progress) options.progress(finished);
        };
        // More threads than cores would make TBB print a warning.
        const int cores = tbb::info::default_concurrency();
        tbb::task_arena arena(options.threads > 0 ? std::min(options.threads, cores) : cores);
        arena.execute([&] { tbb::parallel_for(std::size_t{0}, batch.images, run_image); });
        if (!options.count_events) forget_events(result);
        return result;
    }

    [[nodiscard]] std::vector<ParameterWords> parameters() const override {
        std::vector<ParameterWords> all;
        for (const Stage& stage : stages_) {
            for (const Constants* c : stage.layer->constants()) all.push_back(c->words(stage.layer->context().name));
        }
        return all;
    }

private:
    [[nodiscard]] const InputSpec& input() const override { return input_; }

    static void forget_events(RunResult& result) {
        for (LayerResult& layer : result.layers) {
            layer.events = {.weights = layer.events.weights};
            layer.min_raw = layer.max_raw = 0;
        }
    }

    void check(const InputBatch& batch) const {
        const std::string where = "input '" + input_.name + "'";
        if (batch.dims != input_.shape.dims) {
            throw InputError(where, "the images are " + print_dims(batch.dims) + ", the network takes " +
                                        print_dims(input_.shape.dims));
        }
        const std::size_t count = element_count();
        if (batch.values.size() != batch.images * count) {
            throw InputError(where, std::to_string(batch.images) + " images of " + std::to_string(count) + " need " +
                                        std::to_string(batch.images * count) + " values, not " +
                                        std::to_string(batch.values.size()));
        }
        for (std::size_t i = 0; i < batch.values.size(); ++i) {
            if (std::isfinite(batch.values[i])) continue;
            throw InputError(where, "image " + std::to_string(i / count) + " holds " + std::to_string(batch.values[i]) +
                                        " at flat index " + std::to_string(i % count) +
                                        "; only finite values have a word");
        }
        check_range(batch);
    }

    // Rule I3.
    void check_range(const InputBatch& batch) const {
        if (!input_.range) return;
        const Dyadic low = dyadic_from_double(input_.range->low), high = dyadic_from_double(input_.range->high);
        for (std::size_t i = 0; i < batch.values.size(); ++i) {
            const Integer raw = input_type_.real(batch.values[i]).raw;
            const Dyadic value{.raw = raw, .frac = input_type_.frac()};
            if (less(value, low) || less(high, value))
                throw outside_input(input_, i / element_count(), i % element_count(), i128_from_integer(raw));
        }
    }

    [[nodiscard]] std::size_t element_count() const { return static_cast<std::size_t>(input_.shape.count()); }

    [[nodiscard]] RunResult prepare(const InputBatch& batch, const RunOptions& options) const {
        RunResult result{.images = batch.images};
        result.layers.push_back({.name = input_.name, .type = input_.type, .shape = input_.shape});
        for (const Stage& stage : stages_) {
            const NodeContext& node = stage.layer->context();
            LayerResult layer{.name = node.name, .type = node.result, .shape = node.shape};
            for (const Constants* c : stage.layer->constants()) layer.events.weights += c->events();
            if (options.count_channels) layer.events.channels.resize(stage.layer->channels());
            result.layers.push_back(std::move(layer));
        }
        for (std::size_t k = 0; k < result.layers.size(); ++k) {
            LayerResult& layer = result.layers[k];
            if (!options.keep_layers && k != output_) continue;
            layer.words.resize(batch.images * static_cast<std::size_t>(layer.shape.count()));
        }
        return result;
    }

    // Rule I2.
    [[nodiscard]] Map input_map(const InputBatch& batch, std::size_t image, EventCounts& counts) const {
        Map map{.shape = input_.shape, .format = input_.type.format};
        const std::size_t count = element_count();
        for (std::size_t i = 0; i < count; ++i) {
            Quantized q = input_type_.real(batch.values[image * count + i]);
            counts.add(q.events);
            map.raws.push_back(std::move(q.raw));
        }
        return map;
    }

    [[nodiscard]] std::vector<Map> tensors_of(const InputBatch& batch, std::size_t image, const RunOptions& options,
                                              std::vector<LayerEvents>& events) const {
        if (options.cancel != nullptr && options.cancel->load()) throw Interrupted();
        std::vector<Map> maps;
        maps.reserve(stages_.size() + 1);
        maps.push_back(input_map(batch, image, events[0].result));
        for (const Stage& stage : stages_) {
            std::vector<const Map*> inputs;
            for (const std::size_t k : stage.inputs) inputs.push_back(&maps[k]);
            const Layer& layer = *stage.layer;
            events[maps.size()].channels.resize(layer.channels());
            ResultWriter out(layer.context().shape, layer.result(), events[maps.size()], options.cancel);
            layer.run(inputs, out);
            maps.push_back(out.take());
        }
        return maps;
    }

    // Sums, minima and maxima do not depend on the order in which images come here.
    static void merge_image(const Map& map, const LayerEvents& events, std::size_t image, LayerResult& layer) {
        const auto [min, max] = std::minmax_element(map.raws.begin(), map.raws.end());
        const bool first = layer.events.result.conversions == 0;
        const i128 low = i128_from_integer(*min);
        const i128 high = i128_from_integer(*max);
        layer.min_raw = first ? low : std::min(layer.min_raw, low);
        layer.max_raw = first ? high : std::max(layer.max_raw, high);
        layer.events.product += events.product;
        layer.events.accumulator += events.accumulator;
        layer.events.result += events.result;
        for (std::size_t c = 0; c < layer.events.channels.size(); ++c) layer.events.channels[c] += events.channels[c];
        if (layer.words.empty()) return;
        for (std::size_t i = 0; i < map.raws.size(); ++i) {
            layer.words[image * map.raws.size() + i] = word_of_raw(map.raws[i]);
        }
    }

    InputSpec input_;
    Quantizer input_type_;
    std::vector<Stage> stages_{};
    std::size_t output_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_engine(const Graph& graph) {
    return std::make_unique<GoldenEngine>(graph);
}

}  // namespace bittrue::golden
