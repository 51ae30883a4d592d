// A datapath that differs from the expected one by one change or two, and how its words are got.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "subject/subject.hpp"

namespace bittrue::diagnose_detail {

// Which images of a subject a variant is tried on: positions in the subject.
struct Sample {
    std::vector<std::uint32_t> images{};
    std::vector<std::uint32_t> before{};  // for each the image before it; of the first one itself
};

// Everything a change can touch. Changes are applied one after the other to the same variant.
struct Variant {
    Chain chain{};                        // `given` holds the words of the sample's images only
    std::vector<std::uint32_t> images{};  // of the sample: positions in the subject
    bool made_up = false;                 // images that are none of the subject's
    MacFault fault{};
    int fault_node = -1;  // of chain.nodes
    // Gives the words of chain.nodes[instead_node] in place of the datapath, from those of its inputs for the sample's
    // images: what no network can say. At most one.
    std::function<std::vector<std::int64_t>(const Node& node, const std::vector<const TensorWords*>& inputs)> instead{};
    int instead_node = -1;
    // Applied in order to the words of the last node: a permutation, a stuck bit, words of the image before. `words`
    // are the sample's, images first.
    std::vector<std::function<void(std::vector<std::int64_t>& words)>> after{};
    // The given words of the images before the sample's, as far as a change asks for them (same order as chain.given).
    std::function<TensorWords(std::size_t given)> previous{};
};

// One single change that can be tried, not yet run. Cheap to copy.
struct Candidate {
    Change change{};
    // Bits that it takes to say which change it is beyond its cause: log2 of the alternatives, more for what is rare,
    // and for contents that were fitted to the dump.
    double bits = 6;
    int priority = 0;  // tried in ascending order: from the evidence
    // Edits the variant. false: it does not apply after all (the layer has no bias, the type would be invalid).
    std::function<bool(Variant&)> apply{};
    // Two candidates of the same slot never form a pair: "conv2d.accumulator.overflow".
    std::string slot{};
};

// Words of the last node.
[[nodiscard]] std::vector<std::int64_t> run(const Variant& variant, const Datapath& datapath);

}  // namespace bittrue::diagnose_detail
