// One layer of a subject as the families of changes look at it, and how they hand in what they propose.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

// A tensor that a node reads.
struct ReadTensor {
    Shape shape{};
    FixedType type{};
};

struct Proposal {
    Cause cause{};
    std::string setting{}, expected{}, found{}, text{};
    double bits = 6;
    double fit = 0.5;    // 0..1: how well the evidence goes with it
    std::string slot{};  // within the layer: "accumulator.overflow"
};

// Shapes of all nodes after an edit. false: they are no valid chain, or its last node has another shape than before.
[[nodiscard]] bool settle(Variant& variant, const Shape& result);

// Where the layer stands in a chain that other changes may have edited. They put an apostrophe behind its name where
// they need several nodes in its place; the first for which `fits` is the one. -1: none.
[[nodiscard]] int find_site(const Chain& chain, const std::string& layer,
                            const std::function<bool(const Node&)>& fits = {});

// Of a tensor that a node of the chain reads.
[[nodiscard]] ReadTensor read_by(const Chain& chain, const std::string& tensor);
[[nodiscard]] std::vector<ReadTensor> inputs_of(const Chain& chain, const Node& node);

// Puts `node` behind the node at `index`, which everybody who read it reads from then on: `node` takes its name.
void insert_behind(Variant& variant, int index, Node node);
// Puts `node` in front of the node at `index`, as its first input; it reads what that one read.
void insert_before(Variant& variant, int index, Node node);

class Site {
public:
    Site(const Maker& maker, std::size_t index);

    [[nodiscard]] const Maker& maker() const { return maker_; }
    [[nodiscard]] const Node& node() const { return node_; }
    [[nodiscard]] const std::string& name() const { return node_.name; }
    [[nodiscard]] const std::vector<ReadTensor>& inputs() const { return inputs_; }
    [[nodiscard]] std::size_t index() const { return index_; }
    [[nodiscard]] bool is_last() const { return index_ + 1 == maker_.subject.chain.nodes.size(); }

    // `edit` changes the fields of the layer; false: it does not apply.
    void propose(Proposal proposal, std::function<bool(Node&)> edit) const;
    // `rebuild` changes the chain; the layer's node is the one at `index`.
    void propose_chain(Proposal proposal, std::function<bool(Variant&, int index)> rebuild) const;

private:
    void add(Proposal proposal, std::function<bool(Variant&)> apply) const;

    const Maker& maker_;
    const Node& node_;
    std::size_t index_;
    std::vector<ReadTensor> inputs_;
};

template <typename F>
void for_each_site(const Maker& maker, F visit) {
    for (std::size_t k = 0; k < maker.subject.chain.nodes.size(); ++k) visit(Site(maker, k));
}

}  // namespace bittrue::diagnose_detail
