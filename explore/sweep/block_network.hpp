// The network prepared for blocks: its layers, its families, and the base pass of a chunk of images.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bittrue/explore/sweep_judge.hpp"
#include "sweep/mac_layer.hpp"
#include "sweep/stage.hpp"

namespace bittrue::explore {

// Tensors are numbered: 0 the input, i + 1 the result of node i. A node that only renames its input has its number.
class BlockNetwork {
public:
    struct NodePlan {
        std::vector<std::size_t> inputs{};
        std::size_t output = 0;
        std::unique_ptr<MacLayer> mac{};
        std::size_t number = 0;  // of the accumulating layer
        std::unique_ptr<Stage> stage{};
    };

    explicit BlockNetwork(const Graph& graph);

    // Empty, or why blocks cannot hold the network.
    [[nodiscard]] const std::string& declined() const { return declined_; }

    std::vector<NodePlan> nodes{};  // without renaming ones
    std::vector<std::int64_t> elements{};
    std::vector<bool> kept{};  // tensors that a configuration may need from the base pass
    std::size_t output = 0, error = 0;
    FixedType input_type{};
    std::size_t layers = 0;          // accumulating ones
    std::int64_t kept_elements = 0;  // words per image that stay

private:
    void add_node(const Graph& graph, std::size_t index, const std::vector<ParameterWords>& parameters,
                  std::vector<std::size_t>& numbers);

    std::string declined_{};
};

// Specs that differ in width and overflow mode only have one family.
struct Family {
    Family(const BlockNetwork& network, std::span<const AccumulatorSpec> specs);
    [[nodiscard]] static std::vector<AccumulatorSpec> key_of(std::span<const AccumulatorSpec> specs);

    std::vector<AccumulatorSpec> key{};
    std::vector<std::unique_ptr<MacFamily>> macs{};  // by number of the accumulating layer
    bool lossless = true;                            // the same words as wide
    std::string declined{};
};

// Values to words, quickly where they repeat.
class InputWords {
public:
    explicit InputWords(const FixedType& type);
    void convert(const InputBatch& batch, std::size_t first, int images, Block& out);

private:
    struct Entry {
        std::uint64_t value = 0;
        std::int32_t word = 0;
        bool filled = false;
    };
    std::int32_t word_of(double value);
    FixedType type_;
    std::vector<Entry> entries_;
};

// A family's words and ranges of some images, with unlimited accumulators.
struct ChunkBase {
    std::size_t first = 0;
    int images = 0;
    std::vector<Block> tensors{};      // empty where not kept
    std::vector<Ranges> ranges{};      // by number of the accumulating layer
    std::vector<std::int64_t> best{};  // argmax of the output
};

// What one thread works with.
struct Room {
    explicit Room(const BlockNetwork& network) : input(network.input_type) {}
    InputWords input;
    MacRoom mac{};
    std::vector<Block> tensors{};
};

[[nodiscard]] ChunkBase base_pass(const BlockNetwork& network, const Family& family, const InputBatch& batch,
                                  std::size_t first, int images, Room& room);

}  // namespace bittrue::explore
