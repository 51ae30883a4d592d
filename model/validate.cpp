#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/graph.hpp"
#include "validate_ops.hpp"

namespace bittrue {

namespace {

constexpr std::ptrdiff_t kMaxNameLength = 200;  // Unicode code points

std::string layer(const std::string& name) {
    return fmt::format("layer '{}'", name);
}

void check_name(const std::string& what, const std::string& name) {
    if (const std::string reason = detail::reason_bad_name(name); !reason.empty())
        throw InputError(fmt::format("the name of {} {}", what, reason));
}

void check_input(const InputSpec& input) {
    check_name("the input", input.name);
    const std::string where = fmt::format("input '{}'", input.name);
    detail::check_shape(where, input.shape);
    detail::check_type(where, "the input", input.type);
    if (!std::isfinite(input.divide) || input.divide <= 0) {
        throw InputError(where, fmt::format("pixels must be divided by a positive number, not {}", input.divide));
    }
    detail::check_range(where, input);
}

// Names are unique and every input exists.
void check_names(const Graph& graph) {
    std::set<std::string> names{graph.input.name};
    for (const Node& node : graph.nodes) {
        check_name("a layer", node.name);
        if (!names.insert(node.name).second)
            throw InputError(layer(node.name), "another layer or the input has the same name");
    }
    for (const Node& node : graph.nodes) {
        for (const std::string& input : node.inputs) {
            if (!names.contains(input))
                throw InputError(layer(node.name),
                                 fmt::format("its input '{}' is neither a layer nor the network's input", input));
        }
    }
}

// Puts every node behind its inputs, otherwise keeping the order of the file.
void sort_nodes(Graph& graph) {
    std::set<std::string> done{graph.input.name};
    std::vector<Node> sorted;
    std::vector<Node> rest = std::move(graph.nodes);
    while (!rest.empty()) {
        const auto ready = std::find_if(rest.begin(), rest.end(), [&](const Node& node) {
            return std::all_of(node.inputs.begin(), node.inputs.end(),
                               [&](const std::string& i) { return done.contains(i); });
        });
        if (ready == rest.end()) {
            std::vector<std::string> names;
            for (const Node& node : rest) names.push_back(node.name);
            throw InputError(fmt::format("the layers {} read each other in a circle", fmt::join(names, ", ")));
        }
        done.insert(ready->name);
        sorted.push_back(std::move(*ready));
        rest.erase(ready);
    }
    graph.nodes = std::move(sorted);
}

void find_output(Graph& graph) {
    if (!graph.output.empty()) {
        if (node_index(graph, graph.output) < 0)
            throw InputError(fmt::format("the output '{}' is the network's input", graph.output));
        return;
    }
    std::set<std::string> read;
    for (const Node& node : graph.nodes) read.insert(node.inputs.begin(), node.inputs.end());
    std::vector<std::string> unread;
    for (const Node& node : graph.nodes) {
        if (!read.contains(node.name)) unread.push_back(node.name);
    }
    if (unread.size() != 1) {
        throw InputError(
            fmt::format("nobody reads the layers {}; name the network's output among them (output = \"{}\")",
                        fmt::join(unread, ", "), unread.back()));
    }
    graph.output = unread.front();
}

}  // namespace

std::string detail::reason_bad_name(const std::string& name) {
    if (name.empty()) return "must not be empty";
    const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (control) return "must not have line ends or other control characters";
    // UTF-8: every byte but 10xxxxxx begins a code point.
    const auto length = std::count_if(name.begin(), name.end(), [](unsigned char c) { return (c & 0xc0U) != 0x80U; });
    if (length > kMaxNameLength) return fmt::format("must have at most {} characters, not {}", kMaxNameLength, length);
    return "";
}

Shape checked_shape(const Node& node, const std::vector<NodeInput>& inputs) {
    const std::string where = layer(node.name);
    detail::check_type(where, "the result", node.result);
    return detail::check_operation(where, node.op, inputs);
}

void validate(Graph& graph) {
    check_input(graph.input);
    if (graph.nodes.empty()) throw InputError("the network has no layers");
    check_names(graph);
    sort_nodes(graph);
    for (Node& node : graph.nodes) {
        std::vector<NodeInput> inputs;
        for (const std::string& name : node.inputs) inputs.push_back({shape_of(graph, name), type_of(graph, name)});
        node.shape = checked_shape(node, inputs);
    }
    find_output(graph);
}

}  // namespace bittrue
