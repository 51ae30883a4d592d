// What a network's layers are made of, cast once and shared by every program: weights as linear layers, tables, and the
// per-image layers of what does not fit lanes.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "bittrue/emulator/isa.hpp"
#include "linear/prefix_range.hpp"
#include "other_steps.hpp"

namespace bittrue::emulator {

// A linear layer with another accumulator than the graph's, or the graph's own.
struct PreparedLinear {
    std::shared_ptr<const Linear> linear{};  // null: image by image
    std::shared_ptr<const Layer> layer{};    // where `linear` is null
    AccumulatorSpec accumulator{};
};

// All functions may be called from many threads.
class Preparation {
public:
    Preparation(Graph graph, Isa isa);

    [[nodiscard]] const Graph& graph() const { return graph_; }
    [[nodiscard]] Isa isa() const { return isa_; }
    [[nodiscard]] LayerSetup setup_of(std::size_t node) const;
    // Tensor numbers of the node's inputs: 0 is the network's input, i + 1 the result of node i.
    [[nodiscard]] const std::vector<std::size_t>& inputs_of(std::size_t node) const { return inputs_[node]; }
    [[nodiscard]] const FixedType& type_of(std::size_t tensor) const;
    [[nodiscard]] const Shape& shape_of(std::size_t tensor) const;
    // Where the raws of a tensor lie, whatever the weights and accumulators are. Layers rely on it.
    [[nodiscard]] InputRange range_of(std::size_t tensor) const { return ranges_[tensor]; }
    [[nodiscard]] std::size_t tensors() const { return graph_.nodes.size() + 1; }
    [[nodiscard]] std::size_t output() const { return output_; }

    // Of a dense or conv2d node. InputError when an exact intermediate exceeds 127 bits.
    [[nodiscard]] PreparedLinear linear(std::size_t node, bool count_events) const;
    // The same node with another accumulator: the weights are not cast again.
    [[nodiscard]] PreparedLinear replaced(std::size_t node, const AccumulatorSpec& accumulator,
                                          bool count_events) const;
    // Of a dense or conv2d node with another accumulator; null as make_prefix_range() and where the accumulator drops
    // bits.
    [[nodiscard]] std::unique_ptr<PrefixRange> prefix_range(std::size_t node, const AccumulatorSpec& accumulator) const;
    // The per-image layer of any node.
    [[nodiscard]] std::shared_ptr<const Layer> image_layer(std::size_t node) const;

    // Cast weights, biases and tables of a node, in the order of the op's fields.
    [[nodiscard]] const LayerParameters& parameters(std::size_t node) const;
    [[nodiscard]] const Tensor& parameter(std::size_t node, std::string_view role) const;

private:
    struct Prepared {
        std::mutex mutex{};
        std::optional<LayerParameters> parameters{};
        std::shared_ptr<const Layer> layer{};
        std::optional<PreparedLinear> linear[2]{};  // without and with counted events
    };

    [[nodiscard]] PreparedLinear make(std::size_t node, const AccumulatorSpec& accumulator, bool count_events) const;

    Graph graph_;
    Isa isa_;
    std::vector<InputRange> ranges_{};
    std::vector<std::vector<std::size_t>> inputs_{};
    std::size_t output_ = 0;
    mutable std::vector<Prepared> prepared_;
};

}  // namespace bittrue::emulator
