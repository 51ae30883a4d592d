#include "changes/site.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue::diagnose_detail {

namespace {

bool is_part_of(const std::string& name, const std::string& layer) {
    return name.starts_with(layer) && name.find_first_not_of('\'', layer.size()) == std::string::npos;
}

std::string free_name(const Chain& chain, std::string name) {
    const auto taken = [&](const auto& all) {
        return std::any_of(all.begin(), all.end(), [&](const auto& item) { return item.name == name; });
    };
    do name += '\'';
    while (taken(chain.nodes) || taken(chain.given));
    return name;
}

// Nodes stand where they stood; those from `first` on moved by one.
void shift_marks(Variant& variant, int first) {
    if (variant.fault_node >= first) ++variant.fault_node;
    if (variant.instead_node >= first) ++variant.instead_node;
}

}  // namespace

ReadTensor read_by(const Chain& chain, const std::string& tensor) {
    for (const TensorWords& given : chain.given) {
        if (given.name == tensor) return {given.shape, given.type};
    }
    for (const Node& node : chain.nodes) {
        if (node.name == tensor) return {node.shape, node.result};
    }
    throw InputError(fmt::format("nothing in the chain is called '{}'", tensor));
}

std::vector<ReadTensor> inputs_of(const Chain& chain, const Node& node) {
    std::vector<ReadTensor> inputs;
    for (const std::string& name : node.inputs) inputs.push_back(read_by(chain, name));
    return inputs;
}

bool settle(Variant& variant, const Shape& result) {
    try {
        for (Node& node : variant.chain.nodes) {
            const std::vector<ReadTensor> read = inputs_of(variant.chain, node);
            std::vector<NodeInput> inputs;
            for (const ReadTensor& tensor : read) inputs.push_back({tensor.shape, tensor.type});
            node.shape = checked_shape(node, inputs);
        }
    } catch (const InputError&) {
        return false;
    }
    return variant.chain.nodes.back().shape == result;
}

int find_site(const Chain& chain, const std::string& layer, const std::function<bool(const Node&)>& fits) {
    for (std::size_t k = 0; k < chain.nodes.size(); ++k) {
        const Node& node = chain.nodes[k];
        if (is_part_of(node.name, layer) && (!fits || fits(node))) return static_cast<int>(k);
    }
    return -1;
}

void insert_behind(Variant& variant, int index, Node node) {
    auto& nodes = variant.chain.nodes;
    Node& old = nodes[static_cast<std::size_t>(index)];
    node.name = old.name;
    old.name = free_name(variant.chain, old.name);
    node.inputs = {old.name};
    nodes.insert(nodes.begin() + index + 1, std::move(node));
    shift_marks(variant, index + 1);
}

void insert_before(Variant& variant, int index, Node node) {
    auto& nodes = variant.chain.nodes;
    Node& old = nodes[static_cast<std::size_t>(index)];
    node.name = free_name(variant.chain, old.name);
    node.inputs = {old.inputs[0]};
    old.inputs[0] = node.name;
    nodes.insert(nodes.begin() + index, std::move(node));
    shift_marks(variant, index);
}

Site::Site(const Maker& maker, std::size_t index)
    : maker_(maker),
      node_(maker.subject.chain.nodes[index]),
      index_(index),
      inputs_(inputs_of(maker.subject.chain, node_)) {}

void Site::propose(Proposal proposal, std::function<bool(Node&)> edit) const {
    add(std::move(proposal), [layer = name(), edit = std::move(edit)](Variant& variant) {
        // An edit that does not apply leaves the node as it was, so that the next part can be tried.
        const int k = find_site(variant.chain, layer);
        for (std::size_t i = static_cast<std::size_t>(std::max(k, 0)); k >= 0 && i < variant.chain.nodes.size(); ++i) {
            Node& node = variant.chain.nodes[i];
            if (is_part_of(node.name, layer) && edit(node)) return true;
        }
        return false;
    });
}

void Site::propose_chain(Proposal proposal, std::function<bool(Variant&, int)> rebuild) const {
    const std::size_t op = node_.op.index();
    add(std::move(proposal), [layer = name(), op, rebuild = std::move(rebuild)](Variant& variant) {
        const int k = find_site(variant.chain, layer, [&](const Node& node) { return node.op.index() == op; });
        return k >= 0 && rebuild(variant, k);
    });
}

void Site::add(Proposal p, std::function<bool(Variant&)> apply) const {
    Candidate candidate;
    candidate.change = {.cause = p.cause,
                        .node = name(),
                        .setting = p.setting,
                        .expected = std::move(p.expected),
                        .found = std::move(p.found),
                        .text = std::move(p.text)};
    candidate.bits = p.bits;
    // A fit of 1 is worth as much as two and a half bits of prior.
    candidate.priority = static_cast<int>(std::lround(8 * p.bits + 20 * (1 - p.fit)));
    candidate.slot = name() + "." + (p.slot.empty() ? p.setting : p.slot);
    candidate.apply = [apply = std::move(apply)](Variant& variant) {
        const Shape result = variant.chain.nodes.back().shape;
        try {
            return apply(variant) && settle(variant, result);
        } catch (const InputError&) {
            return false;  // tables of sizes that there are not, and the like
        }
    };
    maker_.candidates.push_back(std::move(candidate));
}

}  // namespace bittrue::diagnose_detail
