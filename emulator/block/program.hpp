// The steps that compute some tensors of a network from others, for one block of images at a time.
#pragma once

#include <map>

#include "preparation.hpp"

namespace bittrue::emulator {

struct ProgramRequest {
    bool count_events = true;
    std::vector<std::size_t> known{0};                 // tensors whose planes the caller fills; sorted
    std::vector<std::size_t> wanted{};                 // tensors whose planes the caller reads; sorted
    std::map<std::size_t, PreparedLinear> replaced{};  // by node
};

// All of the network. Counted events need every layer, also those that the output does not depend on.
[[nodiscard]] ProgramRequest whole_network(const Preparation& preparation, bool count_events, bool keep_layers);

// Where a tensor of a block stands. Tensors share memory when one is done before the other begins.
struct TensorPlace {
    bool stored = false;
    LaneType type{};
    std::int64_t elements = 0;
    std::size_t same_as = 0;  // another tensor's planes (itself: its own)
    std::size_t offset = 0;   // in the block's memory
    std::int64_t bytes = 0;
};

// What one thread owns while it runs a program.
class ProgramRoom;

class Program {
public:
    // `preparation` outlives the program. Every wanted tensor must follow from known ones.
    Program(const Preparation& preparation, ProgramRequest request);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();

    [[nodiscard]] std::unique_ptr<ProgramRoom> make_room() const;
    // Fills the wanted tensors of room.block from the known ones, for room.block.images images.
    void run(ProgramRoom& room) const;

    [[nodiscard]] const std::vector<TensorPlace>& places() const { return places_; }
    [[nodiscard]] std::size_t memory() const { return memory_; }  // bytes of all tensors of a block
    [[nodiscard]] std::vector<std::size_t> linear_nodes() const;  // dense and conv2d nodes that it runs
    [[nodiscard]] Plan plan() const;

private:
    friend class ProgramBuilder;
    struct Item {
        BlockStepPointer step{};
        std::size_t out = 0;
        std::vector<std::size_t> nodes{};  // fused into this step, the first its own
        std::vector<std::size_t> reads{};  // tensors
        PreparedLinear linear{};           // keeps alive what the step refers to
        std::shared_ptr<const Layer> layer{};
    };

    const Preparation& preparation_;
    ProgramRequest request_;
    std::vector<Item> items_{};
    std::vector<TensorPlace> places_{};
    std::size_t memory_ = 0;
};

class ProgramRoom {
public:
    Block block{};
    AlignedBytes memory{};
    std::vector<std::unique_ptr<StepRoom>> rooms{};  // per step
};

}  // namespace bittrue::emulator
