#include "job.hpp"

#include <cmath>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/model/network_file.hpp"
#include "execute.hpp"
#include "interrupt.hpp"

namespace bittrue::cli {

namespace {

// Beyond 53 bits a word is no double, and images are handed to engines as doubles.
constexpr int kMaxExactWidth = 53;

// What the layer reads when the network runs on these images.
InputBatch layer_input(const Graph& network, const std::string& layer, const LoadedInput& images) {
    const int node = node_index(network, layer);
    const std::string source = network.nodes[static_cast<std::size_t>(node)].inputs.front();
    const FixedType& type = type_of(network, source);
    if (type.format.width > kMaxExactWidth) {
        throw InputError(fmt::format("--layer {}", layer),
                         fmt::format("its input '{}' has words of {} bits; layers are run alone up to {} bits", source,
                                     type.format.width, kMaxExactWidth));
    }
    const Execution e = execute(network, images.batch, EngineChoice::Emulator, true, 0);
    const LayerResult& read = e.result.layers[static_cast<std::size_t>(node_index(network, source) + 1)];
    InputBatch batch{.images = images.batch.images, .dims = read.shape.dims, .values = {}};
    batch.values.reserve(read.words.size());
    for (const std::int64_t word : read.words)
        batch.values.push_back(std::ldexp(static_cast<double>(word), -type.format.frac()));
    return batch;
}

void append(LoadedInput& in, const Graph& graph, const Stimulus& corners) {
    if (in.batch.images == 0) in.batch.dims = graph.input.shape.dims;
    in.batch.images += corners.batch.images;
    in.batch.values.insert(in.batch.values.end(), corners.batch.values.begin(), corners.batch.values.end());
    in.labels.clear();  // corner images have none
    in.description += fmt::format("{}{} corner images", in.description.empty() ? "" : ", then ", corners.batch.images);
}

}  // namespace

EngineFactory emulator_factory() {
    return [](const Graph& graph) { return emulator::make_engine(graph); };
}

void add_job_options(CLI::App& command, JobOptions& o) {
    command.add_option("NET", o.network, "network file (.toml)")->required();
    command.add_option("--layer", o.layer, "this layer alone, as a network of its own: for testing its RTL");
    add_input_options(command, o.input, false);
    command.add_option("--layer-input", o.layer_input,
                       "with --layer: what the layer itself reads, as values (.npy, .npz), in place of --input");
    command.add_flag("--corners", o.corners,
                     "also constructed corner images: ties, saturation edges, worst-case sums, table edges, borders");
    command.add_option("--corner-images", o.stimulus.max_images, "at most this many of them")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    command.add_option("--corner-seed", o.stimulus.seed, "seed of their search")->capture_default_str();
}

std::vector<InputPath> input_paths(const JobOptions& o) {
    auto paths = input_paths(o.network, o.input);
    const auto direct = input_paths({}, {.source = o.layer_input, .labels = {}});
    paths.push_back({"--layer-input", direct[1].path});
    return paths;
}

Stimulus corners_of(const Graph& graph, StimulusOptions options) {
    options.cancel = &interrupt_flag();
    return make_stimulus(graph, emulator_factory(), options);
}

Job prepare(const JobOptions& o) {
    const Graph network = load_network(o.network);
    if (o.layer.empty() && !o.layer_input.empty()) throw InputError("--layer-input", "it needs --layer");
    if (!o.layer_input.empty() && !o.input.source.empty())
        throw InputError("--layer-input", "it stands in place of --input; give one of them");
    if (o.input.source.empty() && o.layer_input.empty() && !o.corners)
        throw InputError("--input", "give images, --corners, or both");
    Job job;
    job.graph = o.layer.empty() ? network : extract_layer(network, o.layer, emulator_factory());
    if (!o.input.source.empty()) {
        job.in = load(o.input, network.input);
        if (!o.layer.empty()) job.in.batch = layer_input(network, o.layer, job.in);
    } else if (!o.layer_input.empty()) {
        InputOptions direct = o.input;
        direct.source = o.layer_input;
        job.in = load(direct, job.graph.input);
    }
    if (o.corners) {
        const Stimulus corners = corners_of(job.graph, o.stimulus);
        append(job.in, job.graph, corners);
        job.goals = corners.goals;
    }
    return job;
}

}  // namespace bittrue::cli
