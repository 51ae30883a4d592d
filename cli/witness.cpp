#include "witness.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npy.hpp"
#include "bittrue/vectors/stimulus.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "console.hpp"
#include "execute.hpp"
#include "interrupt.hpp"

namespace bittrue::cli {

namespace {

using explore::LayerBounds;
using explore::Place;
using explore::Witness;

constexpr int kMaxExactWidth = 53;  // images are handed to engines as doubles

const std::string& source_of(const Graph& graph, const LayerBounds& layer) {
    return graph.nodes[static_cast<std::size_t>(layer.node)].inputs.front();
}

// The types as wide as they can be, all else kept: the register never overflows.
AccumulatorSpec widened(AccumulatorSpec spec) {
    const auto widen = [](FixedType& t) {
        const int frac = t.format.frac();
        t.format = {.width = kMaxStoredWidth, .integer = kMaxStoredWidth - frac, .is_signed = true};
        t.overflow = Overflow::Sat;
        t.saturated_bits = 0;
    };
    if (spec.bias_cast == spec.type) widen(*spec.bias_cast);
    widen(spec.type);
    if (spec.product) widen(*spec.product);
    return spec;
}

// Golden reaches the bound with a wide register.
void verify_bound(const explore::OperandReader& operands, const LayerBounds& layer, const Witness& w) {
    const Format wide{.width = kMaxStoredWidth, .integer = kMaxStoredWidth, .is_signed = true};
    if (w.bound < raw_min(wide) || w.bound > raw_max(wide)) return;  // wider than any register golden takes
    i128 reached = 0;
    for (const MacStep& s : golden::mac(operands(w.place, w.input), widened(layer.spec))) {
        const bool exact_sum = layer.spec.quantize == QuantizeAt::End && s.what != "end" && s.what != "bias";
        if (exact_sum) continue;
        reached = w.place.high ? std::max(reached, s.accumulator_raw) : std::min(reached, s.accumulator_raw);
    }
    if (reached == w.bound) return;
    throw std::logic_error(fmt::format("layer '{}', channel {}: the witness reaches {}, the bound is {}", layer.layer,
                                       w.place.channel, print_raw(reached), print_raw(w.bound)));
}

struct Case {
    Place place{};
    std::vector<std::int64_t> words{};
    std::optional<i128> bound{};
};

std::vector<Case> cases_of(const Graph& graph, const LayerBounds& layer, const explore::OperandReader& operands,
                           const LoadedInput& images) {
    std::vector<Case> cases;
    if (images.batch.images > 0) {
        if (layer.first_overflow)
            cases.push_back({*layer.first_overflow,
                             input_words(graph, layer, images.batch, layer.first_overflow->image), std::nullopt});
        return cases;
    }
    for (Witness& w : explore::overflow_witnesses(graph, layer)) {
        verify_bound(operands, layer, w);
        cases.push_back({w.place, std::move(w.input), w.bound});
    }
    return cases;
}

// Images that bring these words to the layer: of the network where it reads the network's input or where images are
// given, else of the layer as a network of its own.
struct Stage {
    Graph graph{};
    InputBatch batch{};
    std::string description{};
};

Stage stage_of(const Graph& graph, const LayerBounds& layer, const std::vector<Case>& cases,
               const LoadedInput& images) {
    Stage stage{.graph = graph, .batch = {.images = cases.size(), .dims = graph.input.shape.dims, .values = {}}};
    if (images.batch.images > 0) {
        const auto size = static_cast<std::ptrdiff_t>(element_count(images.batch.dims));
        const auto begin = images.batch.values.begin() + cases.front().place.image * size;
        stage.batch.values.assign(begin, begin + size);
        stage.description = fmt::format("image {} of {}", cases.front().place.image, images.description);
        return stage;
    }
    if (source_of(graph, layer) != graph.input.name) {
        stage.graph = extract_layer(graph, layer.layer, [](const Graph& g) { return emulator::make_engine(g); });
    }
    const FixedType& type = stage.graph.input.type;
    if (type.format.width > kMaxExactWidth) {
        throw InputError("--witness", fmt::format("layer '{}' reads words of {} bits; witnesses have at most {}",
                                                  layer.layer, type.format.width, kMaxExactWidth));
    }
    stage.batch.dims = stage.graph.input.shape.dims;
    for (const Case& c : cases)
        for (const std::int64_t word : c.words)
            stage.batch.values.push_back(std::ldexp(static_cast<double>(word), -type.format.frac()));
    stage.description = fmt::format("overflow witnesses of layer '{}'", layer.layer);
    return stage;
}

// The images as values, for --input and --layer-input, whatever a stored pixel of the network means.
std::string values_file(const InputBatch& batch) {
    Dims dims{static_cast<std::int64_t>(batch.images)};
    dims.insert(dims.end(), batch.dims.begin(), batch.dims.end());
    return npy_bytes({.dims = std::move(dims), .type = NpyType::Float64, .integers = {}, .reals = batch.values});
}

nlohmann::ordered_json describe(const LayerBounds& layer, const Case& c, std::size_t image, const OverflowStep& step) {
    nlohmann::ordered_json json = {
        {"image", image},
        {"channel", c.place.channel},
        {"position", {c.place.y, c.place.x}},
        {"step", step.step},
        {"of", step.what},
        {"event", step.event},
        {"range", {json_raw(range_min(layer.spec.type)), json_raw(range_max(layer.spec.type))}}};
    if (c.bound) json["bound"] = json_raw(*c.bound);
    return json;
}

// Those of an earlier run, which would contradict this one.
void remove_witnesses(const std::string& folder) {
    std::error_code error;
    if (!std::filesystem::exists(folder + "/witnesses.json", error)) return;
    check_vector_directory(folder);  // holds nothing but the set
    std::filesystem::remove_all(folder, error);
    if (error)
        throw InputError("--witness " + folder, "the witnesses of an earlier run cannot be removed: " +
                                                    error.message() + "; choose another folder");
}

}  // namespace

OverflowStep first_overflow_step(const explore::OperandReader& operands, const LayerBounds& layer, const Place& place,
                                 const std::vector<std::int64_t>& words) {
    const MacOperands o = operands(place, words);
    const auto way = [](const Events& e) { return std::string(e.above ? "above" : "below"); };
    if (o.has_bias && layer.spec.bias_cast) {
        const i128 raw = raw_from_word(o.bias_word, o.bias);
        const Events e = golden::quantize(raw, o.bias.frac(), *layer.spec.bias_cast).events;
        if (e.overflow()) return {"bias", "bias cast", way(e)};
    }
    for (const MacStep& s : golden::mac(o, layer.spec)) {
        if (s.product_events.overflow()) return {s.what, "product", way(s.product_events)};
        if (s.events.overflow()) return {s.what, "accumulator", way(s.events)};
    }
    throw std::logic_error(fmt::format("layer '{}', channel {}: golden finds no overflow at row {}, column {}",
                                       layer.layer, place.channel, place.y, place.x));
}

std::vector<std::int64_t> input_words(const Graph& graph, const LayerBounds& layer, const InputBatch& batch,
                                      std::int64_t index) {
    const auto size = static_cast<std::ptrdiff_t>(element_count(batch.dims));
    const auto begin = batch.values.begin() + index * size;
    const InputBatch one{.images = 1, .dims = batch.dims, .values = {begin, begin + size}};
    RunOptions options;
    options.keep_layers = true;
    const RunResult result = emulator::make_engine(graph)->run(one, options);
    return result.layers[static_cast<std::size_t>(node_index(graph, source_of(graph, layer)) + 1)].words;
}

std::vector<std::string> witness_folders(const std::string& directory, const explore::NetworkBounds& bounds) {
    std::vector<std::string> names;
    for (const LayerBounds& layer : bounds.layers) names.push_back(layer.layer);
    std::vector<std::string> folders = file_stems(names);
    for (std::string& folder : folders) folder = directory + "/" + folder;
    return folders;
}

void check_witness_folders(const std::string& directory, const explore::NetworkBounds& bounds) {
    std::error_code error;
    if (!std::filesystem::is_directory(directory, error)) return;  // there is nothing yet to replace
    for (const std::string& folder : witness_folders(directory, bounds)) check_vector_directory(folder);
}

std::vector<std::string> write_witnesses(const std::string& directory, const std::string& network_file,
                                         const Graph& graph, const explore::NetworkBounds& bounds,
                                         const LoadedInput& images) {
    std::vector<std::string> lines;
    const std::vector<std::string> folders = witness_folders(directory, bounds);
    for (std::size_t l = 0; l < bounds.layers.size(); ++l) {
        const LayerBounds& layer = bounds.layers[l];
        const explore::OperandReader operands(graph, layer.node);
        const std::vector<Case> cases = cases_of(graph, layer, operands, images);
        const std::string& to = folders[l];
        if (cases.empty()) {
            remove_witnesses(to);
            continue;
        }
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (std::size_t i = 0; i < cases.size(); ++i)
            list.push_back(
                describe(layer, cases[i], i, first_overflow_step(operands, layer, cases[i].place, cases[i].words)));
        const Stage stage = stage_of(graph, layer, cases, images);
        const Execution e = execute(stage.graph, stage.batch, EngineChoice::Golden, true, 0);
        VectorSet set = from_run(stage.graph, e.result);
        set.network_sha256 = network_hash(network_file, e.parameters);
        set.input = stage.description;
        set.parameters = e.parameters;
        VectorOptions options;
        options.extra.push_back(
            {"witnesses.json", json_text({{"layer", layer.layer}, {"witnesses", std::move(list)}}), false});
        options.extra.push_back({"witnesses/images.npy", values_file(stage.batch), false});
        std::error_code error;
        std::filesystem::create_directories(directory, error);
        if (error) {
            throw InputError("--witness " + directory,
                             "it cannot be made: " + error.message() + "; choose a folder that you may write");
        }
        write_vector_set(to, set, options, &interrupt_flag());
        lines.push_back(fmt::format("wrote {}: {} image{} that overflow{} layer '{}', verified by golden", to,
                                    cases.size(), cases.size() == 1 ? "" : "s", cases.size() == 1 ? "s" : "",
                                    layer.layer));
    }
    return lines;
}

}  // namespace bittrue::cli
