#include <stdexcept>

#include "bittrue/model/error.hpp"
#include "changes/type_places.hpp"
#include "search/variant.hpp"

namespace bittrue::diagnose_detail {
namespace {

// Whether one of the nodes [from, to) has the fault.
bool has_fault(const Variant& variant, std::size_t from, std::size_t to) {
    if (variant.fault_node < 0 || variant.fault == MacFault{}) return false;
    const auto at = static_cast<std::size_t>(variant.fault_node);
    if (at < from || at >= to) return false;
    if (weights_of(variant.chain.nodes[at]) == nullptr)  // another change made it so
        throw InputError("layer '" + variant.chain.nodes[at].name + "'", "it has no sums any more");
    return true;
}

std::vector<std::int64_t> run_whole(const Variant& variant, const Datapath& datapath) {
    if (has_fault(variant, 0, variant.chain.nodes.size())) {
        const auto at = static_cast<std::size_t>(variant.fault_node);
        return std::move(datapath.run_faulty(variant.chain, at, variant.fault).back().words);
    }
    return std::move(datapath.run(variant.chain).back().words);
}

// Nodes [from, to) behind what is known already.
std::vector<TensorWords> run_part(const Variant& variant, const Datapath& datapath, std::vector<TensorWords> given,
                                  std::size_t from, std::size_t to) {
    Chain part{.given = std::move(given), .nodes = {}};
    const auto& nodes = variant.chain.nodes;
    part.nodes.assign(nodes.begin() + static_cast<std::ptrdiff_t>(from),
                      nodes.begin() + static_cast<std::ptrdiff_t>(to));
    if (has_fault(variant, from, to)) {
        return datapath.run_faulty(part, static_cast<std::size_t>(variant.fault_node) - from, variant.fault);
    }
    return datapath.run(part);
}

// The node whose words come from the variant itself.
TensorWords run_instead(const Variant& variant, const std::vector<TensorWords>& known) {
    const auto at = static_cast<std::size_t>(variant.instead_node);
    const Node& node = variant.chain.nodes[at];
    std::vector<const TensorWords*> inputs;
    for (const std::string& name : node.inputs) {
        for (const TensorWords& tensor : known) {
            if (tensor.name == name) inputs.push_back(&tensor);
        }
    }
    if (inputs.size() != node.inputs.size()) throw std::logic_error("an input of '" + node.name + "' is not known");
    return {.name = node.name,
            .shape = node.shape,
            .type = node.result,
            .words = variant.instead(node, inputs),
            .images = variant.images.size()};
}

}  // namespace

std::vector<std::int64_t> run(const Variant& variant, const Datapath& datapath) {
    const std::size_t count = variant.chain.nodes.size();
    std::vector<std::int64_t> words;
    if (variant.instead && variant.instead_node >= 0) {
        const auto at = static_cast<std::size_t>(variant.instead_node);
        std::vector<TensorWords> known = variant.chain.given;
        if (at > 0) {
            for (TensorWords& tensor : run_part(variant, datapath, known, 0, at)) known.push_back(std::move(tensor));
        }
        known.push_back(run_instead(variant, known));
        if (at + 1 < count) {
            words = std::move(run_part(variant, datapath, std::move(known), at + 1, count).back().words);
        } else {
            words = std::move(known.back().words);
        }
    } else {
        words = run_whole(variant, datapath);
    }
    for (const auto& change : variant.after) change(words);
    return words;
}

}  // namespace bittrue::diagnose_detail
