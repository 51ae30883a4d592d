#include "support.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"

namespace bench {

using namespace bittrue;

namespace {
std::atomic<bool> failed{false};
}

std::uint64_t Random::next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

i128 Random::raw(Format format) {
    return raw_from_word(word_from_pattern(next(), format), format);
}

std::string print_engine(Which which) {
    switch (which) {
        case Which::Emulator: return "emulator";
        case Which::Golden: return "golden";
    }
    return {};
}

std::unique_ptr<Engine> make_engine(Which which, const Graph& graph) {
    switch (which) {
        case Which::Emulator: return emulator::make_engine(graph);
        case Which::Golden: return golden::make_engine(graph);
    }
    return nullptr;
}

Parameter random_parameter(Dims dims, const FixedType& type, std::uint64_t seed) {
    Parameter parameter{.dims = std::move(dims), .type = type};
    Random random(seed);
    parameter.raw.resize(static_cast<std::size_t>(element_count(parameter.dims)));
    for (auto& word : parameter.raw) word = word_from_raw(random.raw(type.format));
    return parameter;
}

Graph network_of(const Shape& shape, const FixedType& input, Operation op, const FixedType& result, bool second_input) {
    Graph graph{.name = "bench"};
    graph.input.shape = shape;
    graph.input.type = input;
    Node node{.name = "layer", .inputs = {"input"}, .op = std::move(op), .result = result};
    if (second_input) {
        graph.nodes.push_back({.name = "second", .inputs = {"input"}, .op = Quantize{}, .result = input});
        node.inputs.push_back("second");
    }
    graph.nodes.push_back(std::move(node));
    validate(graph);
    return graph;
}

InputBatch random_batch(const Graph& graph, std::size_t images, std::uint64_t seed) {
    InputBatch batch{.images = images, .dims = graph.input.shape.dims};
    const Format format = graph.input.type.format;
    Random random(seed);
    batch.values.resize(images * static_cast<std::size_t>(graph.input.shape.count()));
    for (auto& value : batch.values) value = std::ldexp(static_cast<double>(random.raw(format)), -format.frac());
    return batch;
}

InputBatch first_images(const InputBatch& batch, std::size_t images) {
    const std::size_t count = std::min(images, batch.images);
    const auto end = batch.values.begin() + static_cast<std::ptrdiff_t>(batch.values.size() / batch.images * count);
    return {.images = count, .dims = batch.dims, .values = {batch.values.begin(), end}};
}

std::int64_t macs_per_image(const Graph& graph) {
    std::int64_t macs = 0;
    for (const Node& node : graph.nodes) macs += cost_of(node).macs;
    return macs;
}

std::string difference(const Graph& graph, const InputBatch& batch) {
    const RunOptions keep{.keep_layers = true};
    const RunResult fast = emulator::make_engine(graph)->run(batch, keep);
    const RunResult exact = golden::make_engine(graph)->run(batch, keep);
    if (fast.layers.size() != exact.layers.size()) return "the engines return different layers";
    for (std::size_t i = 0; i < fast.layers.size(); ++i) {
        const LayerResult &a = fast.layers[i], &b = exact.layers[i];
        for (std::size_t w = 0; w < std::min(a.words.size(), b.words.size()); ++w)
            if (a.words[w] != b.words[w])
                return "layer " + b.name + ", word " + std::to_string(w) + ": emulator " + std::to_string(a.words[w]) +
                       ", golden " + std::to_string(b.words[w]);
        if (a.words.size() != b.words.size()) return "layer " + b.name + ": not equally many words";
        if (!(a.events == b.events)) return "layer " + b.name + ": the events differ";
    }
    return {};
}

void time_engine(benchmark::State& state, Which which, const Graph& graph, const InputBatch& batch,
                 std::size_t checked_images, int threads) {
    if (const std::string reason = difference(graph, first_images(batch, checked_images)); !reason.empty())
        return fail(state, reason);
    const auto engine = make_engine(which, graph);
    const RunOptions options{.threads = threads};
    for (auto _ : state) {
        RunResult result = engine->run(batch, options);
        benchmark::DoNotOptimize(result.layers.back().words.data());
    }
    const double images = static_cast<double>(batch.images) * static_cast<double>(state.iterations());
    state.counters["images/s"] = benchmark::Counter(images, benchmark::Counter::kIsRate);
    if (const auto macs = macs_per_image(graph); macs > 0)
        state.counters["MAC/s"] = benchmark::Counter(images * static_cast<double>(macs), benchmark::Counter::kIsRate);
}

void fail(benchmark::State& state, const std::string& message) {
    failed = true;
    state.SkipWithError(message.c_str());
}

bool any_failed() {
    return failed;
}

}  // namespace bench
