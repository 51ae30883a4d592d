#include "changes/wiring_changes.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "changes/arrangement.hpp"
#include "changes/site.hpp"

namespace bittrue::diagnose_detail {

namespace {

// Input `input` of the layer comes from `other`, a tensor of the same shape that the chain or the dump has.
void propose_wire(const Site& site, std::size_t input, const TensorWords& other, double bits) {
    const std::string& expected = site.node().inputs[input];
    site.propose_chain(
        {.cause = Cause::InputOrder,
         .setting = "inputs",
         .expected = expected,
         .found = other.name,
         .text = fmt::format("'{}' reads '{}' where the network has it read '{}'", site.name(), other.name, expected),
         .bits = bits,
         .fit = 0.8,
         .slot = fmt::format("inputs.{}", input)},
        [&other, input, expected](Variant& variant, int index) {
            Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
            if (input >= node.inputs.size() || node.inputs[input] != expected) return false;
            if (given_index(variant.chain, other.name) < 0) {
                if (variant.made_up) return false;  // the dump has no words of it for such images
                const auto size = static_cast<std::size_t>(other.shape.count());
                TensorWords words{
                    .name = other.name, .shape = other.shape, .type = other.type, .images = variant.images.size()};
                for (const std::uint32_t image : variant.images) {
                    const auto from = other.words.begin() + static_cast<std::ptrdiff_t>(image * size);
                    words.words.insert(words.words.end(), from, from + static_cast<std::ptrdiff_t>(size));
                }
                variant.chain.given.push_back(std::move(words));
            }
            node.inputs[input] = other.name;
            return true;
        });
}

}  // namespace

void add_wiring_changes(const Maker& maker) {
    const Subject& subject = maker.subject;
    std::vector<const TensorWords*> tensors;
    for (const TensorWords& given : subject.chain.given) tensors.push_back(&given);
    for (const TensorWords& other : subject.others) tensors.push_back(&other);
    const double bits = 3 + std::log2(static_cast<double>(std::max<std::size_t>(tensors.size(), 2)));
    for_each_site(maker, [&](const Site& site) {
        for (std::size_t input = 0; input < site.node().inputs.size(); ++input) {
            for (const TensorWords* tensor : tensors) {
                if (tensor->name == site.node().inputs[input] || !(tensor->shape == site.inputs()[input].shape))
                    continue;
                propose_wire(site, input, *tensor, bits);
            }
        }
    });
}

}  // namespace bittrue::diagnose_detail
