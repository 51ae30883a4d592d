#include "diff_network.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/stimulus.hpp"
#include "bittrue/verify/training_diagnosis.hpp"
#include "execute.hpp"
#include "job.hpp"

namespace bittrue::cli {

namespace fs = std::filesystem;

namespace {

struct NetworkFile {
    std::string path{};
    std::string option{};  // that named it, for messages
};

NetworkFile file_of(const VectorSet& expected, const std::string& given) {
    std::error_code error;
    if (!given.empty()) return {given, "--network"};
    if (expected.network_file.empty()) {
        throw InputError("--diagnose",
                         fmt::format("{} does not say which network it was written from; give the network "
                                     "file with --network",
                                     expected.source));
    }
    const fs::path folder = fs::weakly_canonical(fs::absolute(expected.source, error), error);
    const fs::path path = (folder / expected.network_file).lexically_normal();
    if (!fs::exists(path, error)) {
        throw InputError("--diagnose",
                         fmt::format("the network file {} that the manifest of {} names is not there; give "
                                     "the network file with --network",
                                     path.string(), expected.source));
    }
    return {path.string(), "--diagnose"};
}

bool is_network_of(const VectorSet& expected, const Graph& graph, const std::string& file) {
    return network_hash(file, emulator::make_engine(graph)->parameters()) == expected.network_sha256;
}

// Vectors of one layer alone: an input, and that layer.
std::optional<Graph> layer_of(const VectorSet& expected, const Graph& graph) {
    if (expected.layers.size() != 2) return std::nullopt;
    const std::string& name = expected.layers[1].name;
    const auto is_it = [&](const Node& node) { return node.name == name && node.inputs.size() == 1; };
    if (std::none_of(graph.nodes.begin(), graph.nodes.end(), is_it)) return std::nullopt;
    return extract_layer(graph, name, emulator_factory());
}

}  // namespace

bool is_network_file(const std::string& path) {
    std::error_code error;
    return path.ends_with(".toml") && !fs::is_directory(path, error);
}

ComputedVectors compute_vectors(const std::string& network, const InputOptions& input) {
    ComputedVectors out{.graph = load_network(network), .set = {}};
    const LoadedInput in = load(input, out.graph.input);
    const Execution e =
        execute(out.graph, in.batch, EngineChoice::Emulator, true, 0, emulator::best_isa(), Counting::Nothing);
    out.set = from_run(out.graph, e.result);
    out.set.source = network;
    out.set.network_sha256 = network_hash(network, e.parameters);
    out.set.input = in.description;
    out.set.parameters = e.parameters;
    return out;
}

DiffNetwork network_of(const VectorSet& expected, const std::string& given) {
    const NetworkFile file = file_of(expected, given);
    Graph graph = load_network(file.path);
    if (is_training_set(expected)) return {std::move(graph), file.path};
    if (expected.network_sha256.empty() || is_network_of(expected, graph, file.path))
        return {std::move(graph), file.path};
    if (auto layer = layer_of(expected, graph); layer && is_network_of(expected, *layer, file.path))
        return {std::move(*layer), file.path};
    throw InputError(
        file.option,
        fmt::format("{} was written from another network than {} is now: the file, its weights or its "
                    "settings changed; write the vectors again, or give the network of then with --network",
                    expected.source, file.path));
}

}  // namespace bittrue::cli
