// The engine: blocks of images on all threads, each through a program.
#include <limits>
#include <mutex>
#include <stdexcept>

#include <tbb/parallel_for.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "block/idle.hpp"
#include "block/program.hpp"
#include "block/real_words.hpp"
#include "block/row_words.hpp"
#include "block/threads.hpp"
#include "block/word_check.hpp"

namespace bittrue::emulator {
namespace {

// Smallest and largest word; of a 64-bit unsigned format with the top bit flipped, so that they compare as numbers.
struct Range {
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = std::numeric_limits<std::int64_t>::min();

    void include(const Range& o) {
        low = std::min(low, o.low);
        high = std::max(high, o.high);
    }
};

std::int64_t flip_of(Format f) {
    return !f.is_signed && f.width == kMaxStoredWidth ? std::numeric_limits<std::int64_t>::min() : 0;
}

bool counts_channels(const RunOptions& options) {
    return options.count_events && options.count_channels;
}

// Rule E5; 0 where a layer has none.
std::size_t channels_of(const Operation& op) {
    if (const auto* dense = std::get_if<Dense>(&op)) return static_cast<std::size_t>(dense->weights.dims[1]);
    if (const auto* conv = std::get_if<Conv2d>(&op)) return static_cast<std::size_t>(conv->weights.dims[3]);
    return 0;
}

class Progress {
public:
    explicit Progress(const RunOptions& options) : options_(options) {}

    void images_done(std::size_t images) {
        if (!options_.progress) return;
        const std::lock_guard lock(mutex_);
        done_ += images;
        options_.progress(done_);
    }

private:
    const RunOptions& options_;
    std::size_t done_ = 0;
    std::mutex mutex_{};
};

// What one thread owns while it works.
struct Worker {
    std::unique_ptr<ProgramRoom> room{};
    std::vector<std::byte> words{};  // of a block of reals
    std::vector<Range> ranges{};
};

// A program and the workers that nobody uses at the moment: their memory is kept from run to run.
struct Crew {
    Crew(const Preparation& preparation, ProgramRequest request) : program(preparation, std::move(request)) {}

    [[nodiscard]] std::unique_ptr<Worker> take() {
        return idle.take([this] {
            auto worker = std::make_unique<Worker>();
            worker->room = program.make_room();
            worker->ranges.resize(program.places().size());
            return worker;
        });
    }
    void give_back(std::unique_ptr<Worker> worker) {
        for (LayerEvents& events : worker->room->block.events) events = {};
        for (Range& range : worker->ranges) range = {};
        idle.give_back(std::move(worker));
    }

    Program program;
    IdlePool<Worker> idle{};
};

// Where the images of a run come from: reals or words.
struct Source {
    const InputBatch* reals = nullptr;
    const WordBatch* words = nullptr;
    [[nodiscard]] std::size_t images() const { return reals != nullptr ? reals->images : words->images; }
};

class Emulator : public Engine {
public:
    Emulator(const Graph& graph, Isa isa)
        : preparation_(graph, isa),
          convert_(graph.input.type, lane_kernels(isa)),
          check_(graph.input.type.format, preparation_.range_of(0)) {
        (void)crew({});  // whatever is wrong with a layer comes to light here
    }

    [[nodiscard]] RunResult run(const InputBatch& batch, const RunOptions& options) const override {
        check_sizes(batch, input());
        return run_source({.reals = &batch}, options);
    }
    [[nodiscard]] RunResult run(const WordBatch& batch, const RunOptions& options) const override {
        check_words(batch, input());
        RunResult result = run_source({.words = &batch}, options);
        if (options.count_events) result.layers.front().events.result = batch.cast;
        return result;
    }

    [[nodiscard]] std::vector<ParameterWords> parameters() const override {
        std::vector<ParameterWords> all;
        for (std::size_t node = 0; node + 1 < preparation_.tensors(); ++node) {
            const auto& words = preparation_.parameters(node).words();
            all.insert(all.end(), words.begin(), words.end());
        }
        return all;
    }

private:
    [[nodiscard]] const InputSpec& input() const override { return preparation_.graph().input; }

    Crew& crew(const RunOptions& options) const {
        const std::lock_guard lock(mutex_);
        auto& slot = crews_[(options.count_events ? 1U : 0U) + (options.keep_layers ? 2U : 0U)];
        if (!slot)
            slot = std::make_unique<Crew>(preparation_,
                                          whole_network(preparation_, options.count_events, options.keep_layers));
        return *slot;
    }

    [[nodiscard]] std::size_t size_of(std::size_t tensor) const {
        return static_cast<std::size_t>(preparation_.shape_of(tensor).count());
    }

    [[nodiscard]] RunResult prepare(std::size_t images, const RunOptions& options) const {
        RunResult result{.images = images, .layers = {}};
        for (std::size_t t = 0; t < preparation_.tensors(); ++t) {
            const std::string& name = t == 0 ? input().name : preparation_.graph().nodes[t - 1].name;
            LayerResult layer{.name = name, .type = preparation_.type_of(t), .shape = preparation_.shape_of(t)};
            if (options.keep_layers || t == preparation_.output()) layer.words.resize(images * size_of(t));
            if (t > 0) layer.events.weights = preparation_.parameters(t - 1).events();
            if (t > 0 && counts_channels(options))
                layer.events.channels.resize(channels_of(preparation_.graph().nodes[t - 1].op));
            result.layers.push_back(std::move(layer));
        }
        return result;
    }

    [[nodiscard]] std::unique_ptr<Worker> take(Crew& crew, const RunOptions& options) const {
        std::unique_ptr<Worker> worker = crew.take();
        for (std::size_t t = 1; counts_channels(options) && t < preparation_.tensors(); ++t)
            worker->room->block.events[t].channels.resize(channels_of(preparation_.graph().nodes[t - 1].op));
        return worker;
    }

    [[nodiscard]] RunResult run_source(const Source& source, const RunOptions& options) const {
        Crew& crew = this->crew(options);
        RunResult result = prepare(source.images(), options);
        Progress progress(options);
        IdlePool<Worker> workers;  // of this run
        const auto work = [&](std::size_t block) {
            if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) throw Interrupted();
            std::unique_ptr<Worker> worker = workers.take([&] { return take(crew, options); });
            run_block(block, source, crew.program, *worker, result);
            progress.images_done(static_cast<std::size_t>(worker->room->block.images));
            workers.give_back(std::move(worker));
        };
        const std::size_t blocks = (source.images() + kLanes - 1) / kLanes;
        on_threads(options.threads, [&] { tbb::parallel_for(std::size_t{0}, blocks, work); });
        summarise(workers.all(), options, result);
        for (auto& worker : workers.all()) crew.give_back(std::move(worker));
        return result;
    }

    void run_block(std::size_t number, const Source& source, const Program& program, Worker& worker,
                   RunResult& result) const {
        const std::size_t first = number * kLanes;
        const std::size_t images = std::min<std::size_t>(kLanes, source.images() - first);
        Block& block = worker.room->block;
        block.images = static_cast<int>(images);
        if (block.counts) {
            for (LaneRange& range : block.ranges) {
                std::fill_n(range.low, kLanes, std::numeric_limits<std::int64_t>::max());
                std::fill_n(range.high, kLanes, std::numeric_limits<std::int64_t>::min());
            }
        }
        fill_input(source, first, images, block, worker);
        program.run(*worker.room);
        if (block.counts) {
            for (std::size_t t = 0; t < block.ranges.size(); ++t)
                for (std::size_t l = 0; l < images; ++l)
                    worker.ranges[t].include({block.ranges[t].low[l], block.ranges[t].high[l]});
        }
        for (std::size_t t = 0; t < result.layers.size(); ++t) {
            auto& kept = result.layers[t].words;
            if (kept.empty()) continue;
            words_of_planes(block.tensors[t], std::ssize(kept) / static_cast<std::int64_t>(source.images()),
                            block.images, kept.data() + first * size_of(t));
        }
    }

    void fill_input(const Source& source, std::size_t first, std::size_t images, Block& block, Worker& worker) const {
        const std::size_t size = size_of(0);
        const int bytes = source.reals != nullptr ? convert_.bytes() : source.words->bytes;
        const std::size_t stride = size * static_cast<std::size_t>(bytes);
        const std::byte* from = nullptr;
        if (source.reals != nullptr) {
            worker.words.resize(kLanes * stride);
            EventCounts counts;
            if (!convert_(source.reals->values.data() + first * size, images * size, worker.words.data(), counts))
                check_finite(*source.reals);
            if (block.counts) block.events[0].result += counts;
            from = worker.words.data();
        } else {
            from = source.words->data.data() + first * stride;
        }
        std::array<const std::byte*, kLanes> starts{};
        for (std::size_t l = 0; l < kLanes; ++l) starts[l] = from + (l < images ? l : 0) * stride;
        const Planes& planes = block.tensors[0];
        // Where kernels rely on a range, the lanes behind the last image lie in it, too.
        planes_of_narrow({starts.data(), check_.is_needed() ? std::size_t{kLanes} : images}, bytes, input().type.format,
                         planes.elements, *block.kernels, planes);
        const bool is_cast = source.reals != nullptr && !input().range;
        if (!is_cast && !check_.pass(planes, block.images, *block.kernels)) refuse(source);
        see_input(block, planes);
    }

    // Names the first word that is none of the input's, whichever block met one first.
    [[noreturn]] void refuse(const Source& source) const {
        const std::size_t size = size_of(0);
        const FixedType& type = input().type;
        if (source.reals != nullptr) check_finite(*source.reals);
        for (std::size_t i = 0; i < source.images() * size; ++i) {
            const std::int64_t word = source.reals != nullptr ? quantize_real(source.reals->values[i], type).word
                                                              : source.words->word(i, type.format);
            if (!check_.passes(word))
                throw outside_input(input(), i / size, i % size, raw_from_word(word, type.format));
        }
        throw std::logic_error("a word outside the input's range was seen and not found again");
    }

    // Of a 64-bit unsigned format the words are patterns: flipped, they compare as numbers.
    void see_input(Block& block, const Planes& planes) const {
        const std::int64_t flip = flip_of(input().type.format);
        if (flip == 0) return block.see(0, planes.type, planes.data, planes.elements);
        if (!block.counts) return;
        for (std::int64_t e = 0; e < planes.elements; ++e) {
            for (int l = 0; l < kLanes; ++l) {
                const std::int64_t word = planes.plane<std::int64_t>(e)[l] ^ flip;
                block.ranges[0].low[l] = std::min(block.ranges[0].low[l], word);
                block.ranges[0].high[l] = std::max(block.ranges[0].high[l], word);
            }
        }
    }

    void summarise(const std::vector<std::unique_ptr<Worker>>& workers, const RunOptions& options,
                   RunResult& result) const {
        if (!options.count_events || result.images == 0) return;
        for (std::size_t t = 0; t < result.layers.size(); ++t) {
            LayerResult& layer = result.layers[t];
            Range range;
            for (const auto& worker : workers) {
                const LayerEvents& events = worker->room->block.events[t];
                layer.events.product += events.product;
                layer.events.accumulator += events.accumulator;
                layer.events.result += events.result;
                for (std::size_t c = 0; c < layer.events.channels.size(); ++c)
                    layer.events.channels[c] += events.channels[c];
                range.include(worker->ranges[t]);
            }
            const Format format = layer.type.format;
            layer.min_raw = raw_from_word(range.low ^ flip_of(format), format);
            layer.max_raw = raw_from_word(range.high ^ flip_of(format), format);
        }
    }

    Preparation preparation_;
    RealWords convert_;
    WordCheck check_;
    mutable std::mutex mutex_{};
    mutable std::unique_ptr<Crew> crews_[4]{};
};

}  // namespace

std::unique_ptr<Engine> make_engine(const Graph& graph) {
    return make_engine_for(graph, best_isa());
}

std::unique_ptr<Engine> make_engine_for(const Graph& graph, Isa isa) {
    return std::make_unique<Emulator>(graph, isa);
}

}  // namespace bittrue::emulator
