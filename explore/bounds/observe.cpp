// What the registers hold on images.
#include <algorithm>
#include <mutex>
#include <tuple>

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "ordered.hpp"
#include "terms.hpp"

namespace bittrue::explore {
namespace {

constexpr std::size_t kChunk = 64;  // images whose layers are kept at once

struct ChannelSeen {
    Extent range{};
    std::uint64_t overflows = 0;
};

struct LayerSeen {
    std::vector<ChannelSeen> channels{};
    std::optional<Place> first{};

    void note(const Place& place) {
        const auto key = [](const Place& p) { return std::tuple(p.image, p.y, p.x, p.channel); };
        if (!first || key(place) < key(*first)) first = place;
    }
};

class LayerObserver {
public:
    LayerObserver() = default;
    LayerObserver(const LayerObserver&) = delete;
    LayerObserver& operator=(const LayerObserver&) = delete;
    virtual ~LayerObserver() = default;
    virtual void image(std::int64_t index, const std::int64_t* words, LayerSeen& seen) const = 0;
};

template <class Int, class Round>
class Observer : public LayerObserver {
public:
    Observer(const LinearView& view, const LayerBounds& bounds, const Scale& scale, Round round)
        : view_(view), spec_(view.spec()), exact_(bounds.layer), scale_(scale), round_(round) {
        const int up = spec_.product ? 0 : scale.frac - scale.term_frac;
        for (std::int64_t c = 0; c < view.channels(); ++c) {
            for (std::int64_t t = 0; t < view.terms(); ++t) {
                const i128 raw = raw_from_word(view.weight(c, t), view.weight_format());
                weights_.push_back(static_cast<Int>(exact_.raise(raw, up)));
            }
            if (!bounds.bias) continue;
            const BiasRaw b = cast_bias(exact_, spec_, *bounds.bias, view.bias()->words[static_cast<std::size_t>(c)]);
            biases_.push_back(static_cast<Int>(exact_.raise(b.raw, scale.frac - scale.bias_frac)));
            biases_fit_.push_back(b.fits ? 1 : 0);
        }
        const FixedType& type = spec_.type;
        lowest_ = exact_.raise(range_min(type), scale.drop());
        highest_ = exact_.raise(range_max(type), scale.drop());
    }

    void image(std::int64_t index, const std::int64_t* words, LayerSeen& seen) const override {
        const auto terms = static_cast<std::size_t>(view_.terms());
        std::vector<Int> inputs(terms), products(terms);
        Ordered<Int, Round> ordered(spec_, round_);
        for (std::int64_t y = 0; y < view_.height(); ++y) {
            for (std::int64_t x = 0; x < view_.width(); ++x) {
                std::int64_t gathered = -1;
                for (std::int64_t c = 0; c < view_.channels(); ++c) {
                    if (view_.group_of(c) != gathered) gather(gathered = view_.group_of(c), y, x, words, inputs);
                    bool casts_fit = multiply(c, inputs, products);
                    std::optional<Int> bias;
                    if (!biases_.empty()) {
                        bias = biases_[static_cast<std::size_t>(c)];
                        casts_fit = casts_fit && biases_fit_[static_cast<std::size_t>(c)] != 0;
                    }
                    const Seen<Int> s = ordered(products, bias);
                    ChannelSeen& channel = seen.channels[static_cast<std::size_t>(c)];
                    channel.range.low = std::min<i128>(channel.range.low, s.low);
                    channel.range.high = std::max<i128>(channel.range.high, s.high);
                    if (casts_fit && s.low >= lowest_ && s.high <= highest_) continue;
                    ++channel.overflows;
                    seen.note(
                        {.image = index, .channel = static_cast<int>(c), .y = y, .x = x, .high = s.high > highest_});
                }
            }
        }
    }

private:
    void gather(std::int64_t group, std::int64_t y, std::int64_t x, const std::int64_t* words,
                std::vector<Int>& inputs) const {
        for (std::size_t t = 0; t < inputs.size(); ++t) {
            const std::int64_t e = view_.element(group, y, x, static_cast<std::int64_t>(t));
            inputs[t] = e < 0 ? Int{0} : static_cast<Int>(raw_from_word(words[e], view_.input_format()));
        }
    }
    // False where a product leaves the product type.
    bool multiply(std::int64_t channel, const std::vector<Int>& inputs, std::vector<Int>& products) const {
        const Int* const w = weights_.data() + channel * view_.terms();
        for (std::size_t t = 0; t < inputs.size(); ++t) products[t] = w[t] * inputs[t];
        if (!spec_.product) return true;
        bool fits = true;
        for (Int& p : products) {
            const i128 cast = cast_product(exact_, spec_, scale_, p);
            fits = fits && range_min(*spec_.product) <= cast && cast <= range_max(*spec_.product);
            p = static_cast<Int>(exact_.raise(cast, scale_.frac - scale_.term_frac));
        }
        return fits;
    }

    const LinearView& view_;
    const AccumulatorSpec& spec_;
    Exact exact_;
    Scale scale_;
    Round round_;
    std::vector<Int> weights_{}, biases_{};
    std::vector<char> biases_fit_{};
    i128 lowest_ = 0, highest_ = 0;
};

std::unique_ptr<LayerObserver> make_observer(const LinearView& view, const LayerBounds& b) {
    const Scale scale(b.spec, b.weight, b.input, b.bias);
    const i128 half = i128{1} << 61;
    const bool narrow =
        scale.keeps_all() && -half < b.data_type.low && b.data_type.high < half && b.weight.width + b.input.width <= 62;
    if (narrow) return std::make_unique<Observer<std::int64_t, KeepsAll>>(view, b, scale, KeepsAll{});
    return std::make_unique<Observer<i128, Rounds>>(view, b, scale, Rounds{scale.drop(), b.spec.type.rounding});
}

// What the bounds are about: the words of an image lie within the range (one that was declared need not hold).
void require_within(const LayerBounds& layer, const std::string& tensor, const std::int64_t* words, std::int64_t count,
                    std::int64_t image) {
    for (std::int64_t i = 0; i < count; ++i) {
        const i128 raw = raw_from_word(words[i], layer.input);
        if (layer.range.low <= raw && raw <= layer.range.high) continue;
        const int frac = layer.input.frac();
        throw InputError("image " + std::to_string(image),
                         "'" + tensor + "' is " + print_value(raw, frac) + " there, outside of its declared range " +
                             print_value(layer.range.low, frac) + " to " + print_value(layer.range.high, frac) +
                             "; declare a wider one or leave the image out");
    }
}

void merge(LayerBounds& bounds, const LayerSeen& seen, int drop) {
    for (std::size_t c = 0; c < bounds.channels.size(); ++c) {
        ChannelBounds& channel = bounds.channels[c];
        channel.observed.low = std::min(channel.observed.low, seen.channels[c].range.low >> drop);
        channel.observed.high = std::max(channel.observed.high, seen.channels[c].range.high >> drop);
        channel.overflows += seen.channels[c].overflows;
    }
    if (!seen.first) return;
    LayerSeen best{.channels = {}, .first = bounds.first_overflow};
    best.note(*seen.first);
    bounds.first_overflow = best.first;
}

}  // namespace

void observe(NetworkBounds& bounds, const Graph& graph, const InputBatch& batch, const ObserveOptions& options) {
    const auto engine = emulator::make_engine(graph);
    const auto parameters = engine->parameters();
    std::vector<LinearView> views;
    views.reserve(bounds.layers.size());
    std::vector<std::unique_ptr<LayerObserver>> observers;
    for (const LayerBounds& layer : bounds.layers) {
        views.emplace_back(graph, layer.node, parameters);
        observers.push_back(make_observer(views.back(), layer));
    }
    const auto size = static_cast<std::size_t>(element_count(batch.dims));
    tbb::task_arena arena(options.threads > 0 ? std::min(options.threads, tbb::this_task_arena::max_concurrency())
                                              : tbb::this_task_arena::max_concurrency());
    for (std::size_t first = 0; first < batch.images; first += kChunk) {
        InputBatch chunk{.images = std::min(kChunk, batch.images - first), .dims = batch.dims, .values = {}};
        const auto begin = batch.values.begin() + static_cast<std::ptrdiff_t>(first * size);
        chunk.values.assign(begin, begin + static_cast<std::ptrdiff_t>(chunk.images * size));
        RunOptions run;
        run.keep_layers = true;
        run.threads = options.threads;
        run.cancel = options.cancel;
        const RunResult result = engine->run(chunk, run);
        for (std::size_t l = 0; l < bounds.layers.size(); ++l) {
            LayerBounds& layer = bounds.layers[l];
            const std::string& source = graph.nodes[static_cast<std::size_t>(layer.node)].inputs.front();
            const LayerResult& read = result.layers[static_cast<std::size_t>(node_index(graph, source) + 1)];
            const std::int64_t words = read.shape.count();
            for (std::size_t i = 0; i < chunk.images; ++i) {
                require_within(layer, source, read.words.data() + static_cast<std::int64_t>(i) * words, words,
                               static_cast<std::int64_t>(first + i));
            }
            tbb::enumerable_thread_specific<LayerSeen> seen(
                LayerSeen{.channels = std::vector<ChannelSeen>(layer.channels.size()), .first = {}});
            arena.execute([&] {
                tbb::parallel_for(std::size_t{0}, chunk.images, [&](std::size_t i) {
                    if (options.cancel != nullptr && options.cancel->load()) return;
                    const auto image = static_cast<std::int64_t>(i);
                    observers[l]->image(static_cast<std::int64_t>(first) + image, read.words.data() + image * words,
                                        seen.local());
                });
            });
            if (options.cancel != nullptr && options.cancel->load()) throw Interrupted();
            const int drop = Scale(layer.spec, layer.weight, layer.input, layer.bias).drop();
            for (const LayerSeen& s : seen) merge(layer, s, drop);
        }
        if (options.progress) options.progress(first + chunk.images);
    }
    bounds.images += batch.images;
}

}  // namespace bittrue::explore
