#include "bittrue/verify/diff.hpp"

#include <algorithm>

#include "compare.hpp"
#include "origin.hpp"
#include "pairing.hpp"

namespace bittrue {
namespace {

// A manifest was read, or a graph says what reads what: the order of the layers is that of the network.
bool has_order(const VectorSet& set) {
    return !set.tool.empty() || std::any_of(set.layers.begin(), set.layers.end(),
                                            [](const VectorLayer& layer) { return !layer.inputs.empty(); });
}

// The first layer is what the network reads, not what it computes.
bool is_input_of_network(const VectorSet& set) {
    return has_order(set) && set.layers.size() > 1 && set.layers.front().inputs.empty();
}

}  // namespace

bool LayerDiff::harmless() const {
    return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.benign; });
}

bool DiffReport::equal() const {
    if (layers.empty() || !differences.empty()) return false;
    if (!common && !(only_expected.empty() && only_actual.empty())) return false;
    return std::all_of(layers.begin(), layers.end(), [](const LayerDiff& layer) { return layer.equal(); });
}

std::int64_t DiffReport::words_compared() const {
    std::int64_t words = 0;
    for (const LayerDiff& layer : layers) words += layer.words_compared;
    return words;
}

std::int64_t DiffReport::words_different() const {
    std::int64_t words = 0;
    for (const LayerDiff& layer : layers) words += layer.words_different;
    return words;
}

DiffReport diff(const VectorSet& expected, const VectorSet& actual, const DiffOptions& options) {
    DiffReport report;
    report.common = options.common;
    report.notes = expected.notes;
    report.notes.insert(report.notes.end(), actual.notes.begin(), actual.notes.end());
    if (!expected.network_sha256.empty() && !actual.network_sha256.empty() &&
        expected.network_sha256 != actual.network_sha256) {
        report.notes.push_back("the two sets come from different networks: '" + expected.network + "' and '" +
                               actual.network + "' with other contents");
    }
    if (!expected.input.empty() && !actual.input.empty() && expected.input != actual.input) {
        report.notes.push_back("the two sets state different inputs: " + expected.input + " and " + actual.input);
    }
    const auto has_inputs = [](const VectorLayer& layer) { return !layer.inputs.empty(); };
    const bool graph_known = std::any_of(expected.layers.begin(), expected.layers.end(), has_inputs) ||
                             std::any_of(actual.layers.begin(), actual.layers.end(), has_inputs);
    const std::vector<std::size_t> pairs = pair_layers(expected, actual, report.notes);
    std::vector<bool> used(actual.layers.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (pairs[i] == kNone && i == 0 && is_input_of_network(expected) && !has_order(actual)) {
            // A design does not dump what it was fed.
            report.notes.push_back("the network's input '" + expected.layers[i].name + "' is not in the dump");
            continue;
        }
        if (pairs[i] == kNone) {
            report.only_expected.push_back(expected.layers[i].name);
            continue;
        }
        used[pairs[i]] = true;
        order.push_back(i);
    }
    // A dump on the expected side (arrays by key, files by name) has no order of its own.
    const bool order_of_actual = !has_order(expected) && has_order(actual);
    if (order_of_actual) {
        std::sort(order.begin(), order.end(), [&pairs](std::size_t a, std::size_t b) { return pairs[a] < pairs[b]; });
    }
    std::vector<Compared> compared;
    for (const std::size_t i : order) {
        compared.push_back(compare_layer(expected.layers[i], actual.layers[pairs[i]], options));
        const bool is_first = (order_of_actual ? pairs[i] : i) == 0;
        compared.back().diff.is_network_input = graph_known && is_first && compared.back().inputs.empty();
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (!used[i]) report.only_actual.push_back(actual.layers[i].name);
    }
    if (compared.empty()) report.differences.emplace_back("no layer is in both sets: nothing was compared");
    find_origins(compared);
    for (Compared& layer : compared) {
        if (!report.first_differing && layer.diff.origin_images > 0) report.first_differing = report.layers.size();
        if (!report.first_incomplete && layer.diff.words_missing > 0) report.first_incomplete = report.layers.size();
        report.layers.push_back(std::move(layer.diff));
    }
    return report;
}

}  // namespace bittrue
