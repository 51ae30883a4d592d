// The oracle: every configuration runs through the emulator, chunk by chunk, against the wide network's words.
#include <algorithm>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "sweep/tally.hpp"

namespace bittrue::explore {

namespace {

constexpr std::size_t kChunk = 64;

InputBatch images_of(const InputBatch& batch, std::size_t first, std::size_t count) {
    const auto size = static_cast<std::size_t>(element_count(batch.dims));
    const auto begin = batch.values.begin() + static_cast<std::ptrdiff_t>(first * size);
    return {.images = count, .dims = batch.dims, .values = {begin, begin + static_cast<std::ptrdiff_t>(count * size)}};
}

class BruteJudge : public Judge {
public:
    BruteJudge(const Trial& trial, const JudgeOptions& options)
        : trial_(trial),
          options_(options),
          nodes_(accumulating_nodes(trial.graph)),
          output_(number_of(trial.graph.output)),
          error_(number_of(error_tensor(trial.graph))) {}

    const Outcome& wide() override {
        if (!has_wide_) {
            wide_ = empty_outcome(nodes_.size());
            const auto engine = emulator::make_engine(with_specs(trial_.graph, wide_specs(trial_.graph)));
            for (std::size_t first = 0; first < trial_.batch.images; first += kChunk) {
                const RunResult run = run_chunk(*engine, first);
                keep(run);
                add_chunk(*engine, run, first, wide_);
            }
            has_wide_ = true;
        }
        return wide_;
    }

    void judge(std::span<const Configuration> configurations,
               const std::function<void(std::size_t, const Outcome&)>& found) override {
        (void)wide();
        for (std::size_t i = 0; i < configurations.size(); ++i) {
            const auto engine = emulator::make_engine(with_specs(trial_.graph, configurations[i].specs));
            Outcome o = empty_outcome(nodes_.size());
            for (std::size_t first = 0; first < trial_.batch.images; first += kChunk) {
                add_chunk(*engine, run_chunk(*engine, first), first, o);
                if (options_.progress) {
                    const std::size_t done = std::min(first + kChunk, trial_.batch.images);
                    options_.progress(static_cast<double>(i) +
                                      static_cast<double>(done) / static_cast<double>(trial_.batch.images));
                }
            }
            found(i, o);
        }
    }

private:
    [[nodiscard]] std::size_t number_of(const std::string& tensor) const {
        return static_cast<std::size_t>(node_index(trial_.graph, tensor) + 1);
    }

    [[nodiscard]] RunOptions run_options() const {
        RunOptions options;
        options.keep_layers = true;
        options.threads = options_.threads;
        options.cancel = options_.cancel;
        return options;
    }

    [[nodiscard]] RunResult run_chunk(const Engine& engine, std::size_t first) const {
        return engine.run(images_of(trial_.batch, first, std::min(kChunk, trial_.batch.images - first)), run_options());
    }

    void keep(const RunResult& run) {
        const LayerResult& error = run.layers[error_];
        wide_words_.insert(wide_words_.end(), error.words.begin(), error.words.end());
        for (std::size_t i = 0; i < run.images; ++i) wide_best_.push_back(best_of(run, i));
    }

    [[nodiscard]] std::int64_t best_of(const RunResult& run, std::size_t image) const {
        const LayerResult& output = run.layers[output_];
        const std::int64_t count = output.shape.count();
        const std::int64_t* words = output.words.data() + static_cast<std::int64_t>(image) * count;
        return argmax(count, [&](std::int64_t i) { return raw_from_word(words[i], output.type.format); });
    }

    static bool overflowed(const LayerEvents& events) {
        return events.product.overflows() + events.accumulator.overflows() > 0;
    }

    void add_chunk(const Engine& engine, const RunResult& run, std::size_t first, Outcome& o) const {
        add_touched(engine, run, first, o);
        const LayerResult& error = run.layers[error_];
        const auto elements = static_cast<std::size_t>(error.shape.count());
        for (std::size_t i = 0; i < run.images; ++i) {
            const std::int64_t best = best_of(run, i);
            if (!trial_.labels.empty() && best == trial_.labels[first + i]) ++o.correct;
            if (best != wide_best_[first + i]) ++o.flips;
            for (std::size_t e = 0; e < elements; ++e) {
                const i128 wide = raw_from_word(wide_words_[(first + i) * elements + e], error.type.format);
                add_error(o, raw_from_word(error.words[i * elements + e], error.type.format) - wide);
            }
        }
    }

    // The engine counts over all images it is given: where a chunk has overflows, each of its images runs alone.
    void add_touched(const Engine& engine, const RunResult& run, std::size_t first, Outcome& o) const {
        const auto any = [this](const RunResult& r) {
            return std::any_of(nodes_.begin(), nodes_.end(),
                               [&](std::size_t node) { return overflowed(r.layers[node + 1].events); });
        };
        if (!any(run)) return;
        for (std::size_t i = 0; i < run.images; ++i) {
            const RunResult alone = engine.run(images_of(trial_.batch, first + i, 1), run_options());
            for (std::size_t k = 0; k < nodes_.size(); ++k) {
                if (overflowed(alone.layers[nodes_[k] + 1].events)) ++o.layers_touched[k];
            }
            if (any(alone)) ++o.touched;
        }
    }

    Trial trial_;
    JudgeOptions options_;
    std::vector<std::size_t> nodes_;
    std::size_t output_, error_;
    bool has_wide_ = false;
    Outcome wide_{};
    std::vector<std::int64_t> wide_words_{};
    std::vector<std::int64_t> wide_best_{};
};

}  // namespace

std::string error_tensor(const Graph& graph) {
    const int i = node_index(graph, graph.output);
    if (i < 0) return graph.output;
    const Node& last = graph.nodes[static_cast<std::size_t>(i)];
    return std::holds_alternative<Softmax>(last.op) ? last.inputs.front() : graph.output;
}

std::unique_ptr<Judge> make_brute_judge(const Trial& trial, const JudgeOptions& options) {
    return std::make_unique<BruteJudge>(trial, options);
}

}  // namespace bittrue::explore
