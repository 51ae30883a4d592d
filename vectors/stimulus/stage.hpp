// A layer whose input words can be chosen freely, because it reads the network's input, if need be through layers that
// work element by element.
#pragma once

#include <map>

#include "maker.hpp"

namespace bittrue::corner {

class Stage {
public:
    // Nothing where the layer's input cannot be chosen element by element.
    [[nodiscard]] static std::optional<Stage> of(Maker& maker, std::size_t node);

    [[nodiscard]] Maker& maker() const { return *maker_; }
    [[nodiscard]] Probe& probe() const { return maker_->probe().layer(node_); }
    [[nodiscard]] const Node& node() const { return maker_->probe().graph().nodes[node_]; }
    [[nodiscard]] const Shape& shape() const;
    [[nodiscard]] Format format() const;
    // What each element of the layer's input can be.
    [[nodiscard]] const std::vector<Strided>& numbers() const { return maker_->probe().numbers_of(input_); }
    [[nodiscard]] bool missing() const { return maker_->missing(node_) && !maker_->full(); }

    using Raws = std::vector<i128>;
    void offer(const std::vector<Raws>& inputs) const;
    // Every word in turn: into all elements one after the other, as many images as that takes.
    void offer_packed(const Raws& words) const;

private:
    void read_path();

    Maker* maker_ = nullptr;
    std::size_t node_ = 0;
    int input_ = -1;                     // the node that makes the layer's input
    std::vector<std::size_t> source_{};  // per element of the layer's input, the element of the network's input
    std::map<i128, i128> inverse_{};     // word of the layer's input -> word of the network's input; empty: the same
};

// Goals of a layer whose input is free, by kind of layer.
void construct_linear(const Stage& stage);
void construct_elementwise(const Stage& stage);
void construct_max_pool(const Stage& stage, const MaxPool& op);
void construct_softmax(const Stage& stage, const Softmax& op);
// Corners that need no thought: constants, impulses, random images of several kinds.
void construct_common(const Stage& stage);

}  // namespace bittrue::corner
