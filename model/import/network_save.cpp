#include "bittrue/model/network_save.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/notation.hpp"
#include "import/network_text.hpp"
#include "import/network_training.hpp"
#include "import/save_layer.hpp"

namespace bittrue {

namespace {

using namespace detail;

std::string comments_of(const std::vector<NetworkComment>& comments, const std::string& layer) {
    std::string text;
    for (const NetworkComment& c : comments) {
        if (c.layer != layer) continue;
        for (std::size_t at = 0; at <= c.text.size();) {
            const std::size_t end = std::min(c.text.find('\n', at), c.text.size());
            text += "# " + comment_text(c.text.substr(at, end - at)) + "\n";
            at = end + 1;
        }
    }
    return text;
}

std::string input_text(const InputSpec& input) {
    std::string text = "\n[input]\n";
    text += key_line("name", quoted(input.name));
    text += key_line("shape", fmt::format("[{}]", fmt::join(input.shape.dims, ", ")));
    text += key_line("layout", quoted(layout_name(input.shape.layout)));
    text += key_line("type", quoted(print_type(input.type)));
    text += key_line("pixel", fmt::format("{{ divide = {}, precision = \"{}\" }}", real_text(input.divide),
                                          input.float32 ? "float32" : "float64"));
    if (input.range)
        text += key_line("range", fmt::format("[{}, {}]", real_text(input.range->low), real_text(input.range->high)));
    return text;
}

}  // namespace

NetworkText network_text(const Graph& graph, const std::string& weights, ArrayNames names,
                         const std::vector<NetworkComment>& comments) {
    std::vector<NamedArray> arrays;
    std::string layers;
    for (const Node& node : graph.nodes) {
        layers += "\n" + comments_of(comments, node.name) + "[[layer]]\n" +
                  layer_text(node, type_of(graph, node.inputs.front()), names, arrays);
    }
    std::string text = comments_of(comments, "");
    text += key_line("bittrue", "1", "version of this file format");
    text += key_line("name", quoted(graph.name));
    if (!arrays.empty()) text += key_line("weights", quoted(weights), "relative to this file");
    text += key_line("output", quoted(graph.output));
    text += input_text(graph.input);
    if (graph.training) text += training_text(*graph.training);
    text += layers;
    return {.text = std::move(text), .arrays = std::move(arrays)};
}

void save_network(const Graph& graph, const std::string& path, const std::vector<NetworkComment>& comments) {
    const std::string stem = path.ends_with(".toml") ? path.substr(0, path.size() - 5) : path;
    const std::string weights = stem + ".npz";
    const auto [text, arrays] =
        network_text(graph, std::filesystem::path(weights).filename().string(), ArrayNames::LayerAndRole, comments);
    // Both are complete on the disk before either gets its name.
    std::optional<AtomicFile> numbers;
    if (!arrays.empty()) numbers.emplace(weights).write(npz_bytes(arrays));
    AtomicFile network(path);
    network.write(text);
    if (numbers) numbers->commit();
    network.commit();
}

}  // namespace bittrue
