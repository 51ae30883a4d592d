#include <cmath>
#include <limits>
#include <mutex>

#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

// A tensor of the network: number 0 is the input, number i + 1 the result of node i.
struct TensorPlan {
    std::string name{};
    FixedType type{};
    Shape shape{};
    std::vector<std::size_t> inputs{};  // numbers of the tensors it is made from; empty for the input
    LayerPointer layer{};               // null for the input
    bool is_output = false;
};

// Smallest and largest word; of a 64-bit unsigned format with the top bit flipped, so that they compare as numbers.
struct Range {
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = std::numeric_limits<std::int64_t>::min();
};

std::int64_t flip_of(Format f) {
    return !f.is_signed && f.width == kMaxStoredWidth ? std::numeric_limits<std::int64_t>::min() : 0;
}

// What one thread owns while it works.
struct Worker {
    std::vector<std::vector<std::int64_t>> tensors{};
    std::vector<LayerEvents> events{};
    std::vector<Range> ranges{};
    std::vector<const std::int64_t*> operands{};
    Scratch scratch{};
};

// More threads than cores would gain nothing, and TBB would complain on stderr.
int threads_of(const RunOptions& options) {
    const int cores = tbb::info::default_concurrency();
    return options.threads > 0 ? std::min(options.threads, cores) : cores;
}

class Progress {
public:
    explicit Progress(const RunOptions& options, std::size_t images) : options_(options), images_(images) {}

    void image_done() {
        if (!options_.progress) return;
        const std::lock_guard lock(mutex_);
        ++done_;
        if (done_ % kEvery == 0 || done_ == images_) options_.progress(done_);
    }

private:
    static constexpr std::size_t kEvery = 32;
    const RunOptions& options_;
    std::size_t images_;
    std::size_t done_ = 0;
    std::mutex mutex_{};
};

class Emulator : public Engine {
public:
    explicit Emulator(const Graph& graph) {
        plans_.push_back({.name = graph.input.name, .type = graph.input.type, .shape = graph.input.shape});
        for (const Node& node : graph.nodes) plans_.push_back(plan_of(graph, node));
        plans_[number_of(graph, graph.output)].is_output = true;
    }

    [[nodiscard]] RunResult run(const InputBatch& batch, const RunOptions& options) const override {
        check(batch);
        RunResult result{.images = batch.images, .layers = {}};
        for (const TensorPlan& plan : plans_) {
            LayerResult layer{.name = plan.name, .type = plan.type, .shape = plan.shape};
            if (options.keep_layers || plan.is_output) layer.words.resize(batch.images * size_of(plan));
            result.layers.push_back(std::move(layer));
        }
        tbb::enumerable_thread_specific<Worker> workers([this, &result] { return new_worker(result); });
        Progress progress(options, batch.images);
        tbb::task_arena arena(threads_of(options));
        arena.execute([&] {
            tbb::parallel_for(tbb::blocked_range<std::size_t>(0, batch.images), [&](const auto& images) {
                Worker& worker = workers.local();
                for (std::size_t image = images.begin(); image != images.end(); ++image) {
                    if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed))
                        throw Interrupted();
                    run_image(batch, image, worker, result);
                    progress.image_done();
                }
            });
        });
        for (std::size_t i = 0; i < plans_.size(); ++i) summarise(workers, i, result.layers[i]);
        return result;
    }

    [[nodiscard]] std::vector<ParameterWords> parameters() const override {
        std::vector<ParameterWords> all;
        for (const TensorPlan& plan : plans_) {
            if (!plan.layer) continue;
            const auto& words = plan.layer->parameters().words();
            all.insert(all.end(), words.begin(), words.end());
        }
        return all;
    }

private:
    static std::size_t number_of(const Graph& graph, const std::string& tensor) {
        return static_cast<std::size_t>(node_index(graph, tensor) + 1);
    }
    static std::size_t size_of(const TensorPlan& plan) { return static_cast<std::size_t>(plan.shape.count()); }

    static TensorPlan plan_of(const Graph& graph, const Node& node) {
        TensorPlan plan{.name = node.name, .type = node.result, .shape = node.shape};
        LayerSetup setup{.node = node};
        for (const std::string& input : node.inputs) {
            plan.inputs.push_back(number_of(graph, input));
            setup.input_types.push_back(type_of(graph, input));
            setup.input_shapes.push_back(shape_of(graph, input));
        }
        plan.layer = std::visit([&setup](const auto& op) { return make_layer(setup, op); }, node.op);
        return plan;
    }

    void check(const InputBatch& batch) const {
        const Shape& shape = plans_.front().shape;
        if (batch.dims != shape.dims) {
            throw InputError("input", "an image has the shape " + print_dims(batch.dims) + ", the network's input is " +
                                          print_dims(shape.dims));
        }
        const std::size_t needed = batch.images * size_of(plans_.front());
        if (batch.values.size() != needed) {
            throw InputError("input", std::to_string(batch.images) + " images need " + std::to_string(needed) +
                                          " values, there are " + std::to_string(batch.values.size()));
        }
        for (std::size_t i = 0; i < batch.values.size(); ++i) {
            if (std::isfinite(batch.values[i])) continue;
            const std::size_t size = size_of(plans_.front());
            throw InputError("input", "image " + std::to_string(i / size) +
                                          " has a value that is not finite at index " + std::to_string(i % size) +
                                          "; only finite numbers have a fixed-point word");
        }
    }

    Worker new_worker(const RunResult& result) const {
        Worker worker;
        worker.events.resize(plans_.size());
        worker.ranges.resize(plans_.size());
        worker.tensors.resize(plans_.size());
        for (std::size_t i = 0; i < plans_.size(); ++i) {
            if (result.layers[i].words.empty()) worker.tensors[i].resize(size_of(plans_[i]));
        }
        return worker;
    }

    // Where the words of a tensor stand for this image: in the result if they are kept, else with the worker.
    std::int64_t* words_of(std::size_t tensor, std::size_t image, Worker& worker, RunResult& result) const {
        auto& kept = result.layers[tensor].words;
        return kept.empty() ? worker.tensors[tensor].data() : kept.data() + image * size_of(plans_[tensor]);
    }

    void run_image(const InputBatch& batch, std::size_t image, Worker& worker, RunResult& result) const {
        for (std::size_t i = 0; i < plans_.size(); ++i) {
            const TensorPlan& plan = plans_[i];
            const std::size_t size = size_of(plan);
            std::int64_t* out = words_of(i, image, worker, result);
            if (plan.layer) {
                worker.operands.clear();
                for (const std::size_t k : plan.inputs) worker.operands.push_back(words_of(k, image, worker, result));
                plan.layer->run(worker.operands, out, worker.events[i], worker.scratch);
            } else {
                const double* values = batch.values.data() + image * size;
                for (std::size_t k = 0; k < size; ++k) {
                    store(out[k], quantize_real(values[k], plan.type), worker.events[i].result);
                }
            }
            const std::int64_t flip = flip_of(plan.type.format);
            Range& range = worker.ranges[i];
            for (std::size_t k = 0; k < size; ++k) {
                range.low = std::min(range.low, out[k] ^ flip);
                range.high = std::max(range.high, out[k] ^ flip);
            }
        }
    }

    void summarise(tbb::enumerable_thread_specific<Worker>& workers, std::size_t tensor, LayerResult& layer) const {
        if (plans_[tensor].layer) layer.events.weights = plans_[tensor].layer->parameters().events();
        Range range;
        for (const Worker& worker : workers) {
            const LayerEvents& events = worker.events[tensor];
            layer.events.product += events.product;
            layer.events.accumulator += events.accumulator;
            layer.events.result += events.result;
            range.low = std::min(range.low, worker.ranges[tensor].low);
            range.high = std::max(range.high, worker.ranges[tensor].high);
        }
        if (range.low > range.high) return;  // no image
        const Format format = plans_[tensor].type.format;
        layer.min_raw = raw_from_word(range.low ^ flip_of(format), format);
        layer.max_raw = raw_from_word(range.high ^ flip_of(format), format);
    }

    std::vector<TensorPlan> plans_{};
};

}  // namespace

std::unique_ptr<Engine> make_engine(const Graph& graph) {
    return std::make_unique<Emulator>(graph);
}

}  // namespace bittrue::emulator
