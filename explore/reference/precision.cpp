#include "bittrue/explore/precision.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::explore {

namespace {

constexpr std::int64_t kBlockElements = std::int64_t{1} << 23;  // of all layers: 64 MiB for each engine
constexpr std::int64_t kMostImages = 512;

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Index of the largest, the first of equals.
template <class At>
std::size_t answer(std::size_t first, std::size_t size, At at) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (at(first + i) > at(first + best)) best = i;
    }
    return best;
}

struct Block {
    const FloatRun& real;
    const RunResult& fixed;
    std::size_t first_image;
};

// One layer, fed with its blocks in the order of the images.
class LayerTally {
public:
    // `real` and `fixed` are the numbers of its tensor in both runs.
    LayerTally(std::string op, std::size_t real, std::size_t fixed) : real_(real), fixed_(fixed) {
        sum_.op = std::move(op);
    }

    void take(const Block& block) {
        const LayerResult& words = block.fixed.layers[fixed_];
        const std::vector<double>& reals = block.real.layers[real_].values;
        if (reals.size() != words.words.size())
            throw InputError(fmt::format("layer '{}'", words.name),
                             "it has another size in the float model; compare the network with its own model");
        begin(words, reals);
        const auto size = static_cast<std::size_t>(words.shape.count());
        const Format format = words.type.format;
        const double lsb = std::ldexp(1.0, -format.frac());
        for (std::size_t i = 0; i < reals.size(); ++i) {
            const double f = reals[i];
            const double q = static_cast<double>(raw_from_word(words.words[i], format)) * lsb;
            const double error = q - f;
            sum_.signal += f * f;
            sum_.noise += error * error;
            sum_.error_sum += error;
            sum_.float_low = std::min(sum_.float_low, f);
            sum_.float_high = std::max(sum_.float_high, f);
            sum_.fixed_low = std::min(sum_.fixed_low, q);
            sum_.fixed_high = std::max(sum_.fixed_high, q);
            if (std::fabs(error) > sum_.largest.error)
                sum_.largest = {std::fabs(error), block.first_image + i / size, i % size, f, q};
        }
        sum_.elements += reals.size();
    }
    [[nodiscard]] const LayerPrecision& sum() const { return sum_; }

private:
    void begin(const LayerResult& words, const std::vector<double>& reals) {
        if (sum_.elements == 0) {
            sum_.layer = words.name;
            sum_.type = words.type;
            sum_.events.weights = words.events.weights;  // counted once, not per image
            sum_.float_low = sum_.float_high = reals.empty() ? 0 : reals.front();
            sum_.fixed_low = std::numeric_limits<double>::infinity();
            sum_.fixed_high = -sum_.fixed_low;
        }
        sum_.events.product += words.events.product;
        sum_.events.accumulator += words.events.accumulator;
        sum_.events.result += words.events.result;
    }

    std::size_t real_, fixed_;
    LayerPrecision sum_{};
};

class Measurement {
public:
    Measurement(const Graph& graph, const InputBatch& batch, std::span<const int> labels,
                const PrecisionOptions& options)
        : graph_(graph), batch_(batch), labels_(labels), options_(options), engine_(emulator::make_engine(graph)) {
        if (batch.dims != graph.input.shape.dims ||
            batch.values.size() != batch.images * static_cast<std::size_t>(graph.input.shape.count()))
            throw InputError(fmt::format("input '{}'", graph.input.name),
                             fmt::format("images of {} were given where the network needs {}", print_dims(batch.dims),
                                         print_dims(graph.input.shape.dims)));
        pair_layers();
        std::int64_t elements = graph.input.shape.count();
        for (const Node& n : graph.nodes) elements += n.shape.count();
        block_ = static_cast<std::size_t>(std::clamp<std::int64_t>(kBlockElements / elements, 1, kMostImages));
    }

    [[nodiscard]] Precision run() {
        const int cores = tbb::info::default_concurrency();
        tbb::task_arena arena(options_.threads > 0 ? std::min(options_.threads, cores) : cores);
        for (std::size_t first = 0; first < batch_.images; first += block_) {
            const InputBatch part = images(first, std::min(block_, batch_.images - first));
            const FloatOptions in_float{.keep_layers = true, .threads = options_.threads, .cancel = options_.cancel};
            const FloatRun real = options_.reference != nullptr ? run_float(*options_.reference, part, in_float)
                                                                : run_float(graph_, part, in_float);
            const RunOptions in_fixed{.keep_layers = true, .threads = options_.threads, .cancel = options_.cancel};
            const RunResult fixed = engine_->run(part, in_fixed);
            const Block block{real, fixed, first};
            arena.execute([&] {
                tbb::parallel_for(std::size_t{0}, tallies_.size(), [&](std::size_t i) { tallies_[i].take(block); });
            });
            take_answers(block);
            if (options_.progress) options_.progress(first + part.images);
        }
        out_.images = batch_.images;
        out_.labelled = !labels_.empty();
        for (const LayerTally& t : tallies_) out_.layers.push_back(t.sum());
        return std::move(out_);
    }

private:
    // Tensors of both runs that belong together.
    void pair_layers() {
        std::map<std::string, std::size_t> reals;
        if (const FloatModel* m = options_.reference; m != nullptr) {
            for (std::size_t i = 0; i < m->layers.size(); ++i) reals[m->layers[i].name] = i + 1;
            const auto out = reals.find(m->output);
            if (out == reals.end()) throw InputError(m->file, fmt::format("its output '{}' is no layer", m->output));
            real_output_ = out->second;
        } else {
            for (std::size_t i = 0; i < graph_.nodes.size(); ++i) reals[graph_.nodes[i].name] = i + 1;
            real_output_ = static_cast<std::size_t>(node_index(graph_, graph_.output) + 1);
        }
        fixed_output_ = static_cast<std::size_t>(node_index(graph_, graph_.output) + 1);
        tallies_.emplace_back("input", 0, 0);
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const auto real = reals.find(graph_.nodes[i].name);
            if (real != reals.end()) tallies_.emplace_back(op_name(graph_.nodes[i].op), real->second, i + 1);
        }
    }

    [[nodiscard]] InputBatch images(std::size_t first, std::size_t count) const {
        const auto size = static_cast<std::ptrdiff_t>(graph_.input.shape.count());
        const auto begin = batch_.values.begin() + static_cast<std::ptrdiff_t>(first) * size;
        return {
            .images = count, .dims = batch_.dims, .values = {begin, begin + static_cast<std::ptrdiff_t>(count) * size}};
    }

    void take_answers(const Block& block) {
        const std::vector<double>& reals = block.real.layers[real_output_].values;
        const LayerResult& words = block.fixed.layers[fixed_output_];
        const auto size = static_cast<std::size_t>(words.shape.count());
        if (reals.size() != words.words.size())
            throw InputError(fmt::format("output '{}'", words.name),
                             "it has another size in the float model; compare the network with its own model");
        for (std::size_t i = 0; i < block.real.images; ++i) {
            const std::size_t real = answer(i * size, size, [&](std::size_t k) { return reals[k]; });
            const std::size_t fixed =
                answer(i * size, size, [&](std::size_t k) { return raw_from_word(words.words[k], words.type.format); });
            out_.same_answer += real == fixed ? 1U : 0U;
            if (labels_.empty()) continue;
            const auto label = static_cast<std::size_t>(labels_[block.first_image + i]);
            out_.float_correct += real == label ? 1U : 0U;
            out_.fixed_correct += fixed == label ? 1U : 0U;
        }
    }

    const Graph& graph_;
    const InputBatch& batch_;
    std::span<const int> labels_;
    const PrecisionOptions& options_;
    std::unique_ptr<Engine> engine_;
    std::size_t block_ = 1, real_output_ = 0, fixed_output_ = 0;
    std::vector<LayerTally> tallies_{};
    Precision out_{};
};

}  // namespace

double LayerPrecision::sqnr_db() const {
    if (noise == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(signal / noise);
}

double LayerPrecision::inexact() const {
    return share(events.result.inexact, events.result.conversions);
}

double LayerPrecision::out_of_range() const {
    return share(events.result.overflows(), events.result.conversions);
}

double LayerPrecision::sums_out_of_range() const {
    return share(events.accumulator.overflows(), events.accumulator.conversions);
}

Precision measure_precision(const Graph& graph, const InputBatch& batch, std::span<const int> labels,
                            const PrecisionOptions& options) {
    return Measurement(graph, batch, labels, options).run();
}

}  // namespace bittrue::explore
