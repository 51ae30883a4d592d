// Turns a network into steps: what is fused with what, and where each tensor stands.
#pragma once

#include "linear_step.hpp"
#include "program.hpp"
#include "rows_step.hpp"

namespace bittrue::emulator {

class ProgramBuilder {
public:
    ProgramBuilder(Program& program, const Preparation& preparation, const ProgramRequest& request);
    void build();

private:
    using Item = Program::Item;
    struct Chain {
        std::vector<RowOpPointer> ops{};
        std::vector<std::size_t> nodes{};
        std::optional<PoolGeometry> pool{};
        RawRange range{};  // of the numbers behind the last operation
    };

    void find_needed();
    void add_step(std::size_t node);
    void add_linear(std::size_t node);
    bool add_rows(std::size_t node);
    bool add_softmax(std::size_t node);
    void add_image_by_image(std::size_t node, std::shared_ptr<const Layer> layer, std::string why);
    void add_item(Item item);

    [[nodiscard]] PreparedLinear linear_of(std::size_t node) const;
    // Operations on each number within `range` that `node` is, or nothing.
    [[nodiscard]] std::optional<std::vector<RowOpPointer>> elementwise(std::size_t node, RawRange range) const;
    [[nodiscard]] std::vector<RowOpPointer> pool_casts(std::size_t node, RawRange range) const;
    // Behind the chain's operations; they are those of its last node, whose result is of this type.
    static void append(std::vector<RowOpPointer> ops, const FixedType& result, Chain& chain);
    [[nodiscard]] RowSourcePointer source_of(std::size_t node) const;
    // Appends what can run on the same tile behind `chain`; with `shape` max pooling may be among it.
    void follow(Chain& chain, const Shape* shape) const;
    [[nodiscard]] bool take_pool(std::size_t node, const Shape& shape, Chain& chain) const;
    // The only reader of the node's result, when nobody else needs its words.
    [[nodiscard]] std::optional<std::size_t> only_reader(std::size_t node) const;

    void place_tensors();

    Program& program_;
    const Preparation& preparation_;
    const ProgramRequest& request_;
    std::vector<bool> needed_{};                       // by node
    std::vector<bool> done_{};                         // by node
    std::vector<std::vector<std::size_t>> readers_{};  // nodes, by tensor
};

}  // namespace bittrue::emulator
