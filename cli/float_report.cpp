#include "float_report.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "bittrue/explore/float_engine.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

constexpr std::int64_t kBlockElements = std::int64_t{1} << 24;  // of all layers: 128 MiB

std::size_t block_images(const Graph& graph) {
    std::int64_t elements = graph.input.shape.count();
    for (const Node& n : graph.nodes) elements += n.shape.count();
    return static_cast<std::size_t>(std::max<std::int64_t>(kBlockElements / elements, 1));
}

InputBatch part_of(const InputBatch& batch, std::size_t first, std::size_t count) {
    const auto size = static_cast<std::ptrdiff_t>(element_count(batch.dims));
    const auto begin = batch.values.begin() + static_cast<std::ptrdiff_t>(first) * size;
    return {.images = count, .dims = batch.dims, .values = {begin, begin + static_cast<std::ptrdiff_t>(count) * size}};
}

std::size_t count_correct(const std::vector<double>& values, std::size_t classes, const std::vector<int>& labels,
                          std::size_t first) {
    std::size_t correct = 0;
    for (std::size_t i = 0; i * classes < values.size(); ++i) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * classes);
        const auto best = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(classes));
        correct += best - begin == labels[first + i] ? 1U : 0U;
    }
    return correct;
}

void take(FloatExecution& out, explore::FloatRun& run, bool trace) {
    const bool first = out.layers.empty();
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
        explore::FloatLayerValues& l = run.layers[i];
        const auto [low, high] = std::minmax_element(l.values.begin(), l.values.end());
        if (first) {
            out.layers.push_back({l.name, l.shape, *low, *high});
            if (trace) out.trace.push_back({l.name, {.dims = l.shape.dims, .type = NpyType::Float64}});
        }
        out.layers[i].low = std::min(out.layers[i].low, *low);
        out.layers[i].high = std::max(out.layers[i].high, *high);
        if (!trace) continue;
        std::vector<double>& all = out.trace[i].array.reals;
        all.insert(all.end(), l.values.begin(), l.values.end());
    }
}

double images_per_second(const FloatExecution& e) {
    return static_cast<double>(e.images) / std::max(e.seconds, 1e-9);
}

}  // namespace

FloatExecution execute_float(const Graph& graph, const InputBatch& batch, const std::vector<int>& labels, bool trace,
                             int threads) {
    FloatExecution out{.images = batch.images, .labelled = !labels.empty()};
    const auto output = static_cast<std::size_t>(node_index(graph, graph.output) + 1);
    const auto classes = static_cast<std::size_t>(shape_of(graph, graph.output).count());
    const std::size_t block = block_images(graph);
    Progress progress("float", batch.images);
    for (std::size_t first = 0; first < batch.images; first += block) {
        const InputBatch part = part_of(batch, first, std::min(block, batch.images - first));
        const auto start = std::chrono::steady_clock::now();
        explore::FloatRun run = explore::run_float(graph, part,
                                                   {.keep_layers = true,
                                                    .threads = threads,
                                                    .progress = [&](std::size_t done) { progress.show(first + done); },
                                                    .cancel = &interrupt_flag()});
        out.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (out.labelled) out.correct += count_correct(run.layers[output].values, classes, labels, first);
        take(out, run, trace);
    }
    for (NamedArray& a : out.trace) a.array.dims.insert(a.array.dims.begin(), static_cast<std::int64_t>(batch.images));
    return out;
}

std::string float_report_text(const FloatExecution& e) {
    Table table({{"layer", Align::Left}, {"shape", Align::Left}, {"min"}, {"max"}});
    for (const FloatExecution::Layer& l : e.layers)
        table.row({l.name, print_dims(l.shape.dims), fmt::format("{:.6g}", l.low), fmt::format("{:.6g}", l.high)});
    std::string text = table.text() + "\n";
    if (e.labelled) {
        text +=
            fmt::format("accuracy {:.2f} % ({} of {} images)\n",
                        100.0 * static_cast<double>(e.correct) / static_cast<double>(e.images), e.correct, e.images);
    }
    return text +
           fmt::format("{} images in {:.3f} s, {:.0f} images/s (float)\n", e.images, e.seconds, images_per_second(e));
}

nlohmann::ordered_json float_report_json(const FloatExecution& e) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const FloatExecution::Layer& l : e.layers)
        layers.push_back({{"name", l.name}, {"shape", l.shape.dims}, {"min", l.low}, {"max", l.high}});
    nlohmann::ordered_json json{{"images", e.images}, {"correct", nullptr}, {"accuracy", nullptr}};
    if (e.labelled) {
        json["correct"] = e.correct;
        json["accuracy"] = static_cast<double>(e.correct) / static_cast<double>(e.images);
    }
    json["seconds"] = e.seconds;
    json["images_per_second"] = images_per_second(e);
    json["layers"] = std::move(layers);
    return json;
}

}  // namespace bittrue::cli
