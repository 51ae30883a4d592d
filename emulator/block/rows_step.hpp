// Layers that make each row of their result from rows of their inputs: a source of rows, then operations on each
// number.
#pragma once

#include "moves.hpp"
#include "row_op.hpp"

namespace bittrue::emulator {

// Where the rows of a result come from, before the operations.
class RowSource {
public:
    RowSource() = default;
    RowSource(const RowSource&) = delete;
    RowSource& operator=(const RowSource&) = delete;
    virtual ~RowSource() = default;

    [[nodiscard]] virtual int lane_bits() const = 0;  // 32 or 64, 0: image by image only
    [[nodiscard]] virtual std::string name() const = 0;

    // Elements first .. first + rows - 1 of the result's shape, storage order.
    virtual void fill(std::int32_t* tile, std::int64_t first, std::int64_t rows, Block& block) const = 0;
    virtual void fill(std::int64_t* tile, std::int64_t first, std::int64_t rows, Block& block) const = 0;

    // The same as planes, where the rows are words of one lane type unchanged.
    [[nodiscard]] virtual std::optional<LaneType> native() const { return std::nullopt; }
    virtual void copy(void* /*planes*/, std::int64_t /*first*/, std::int64_t /*rows*/, Block& /*block*/) const {}
};

// Rows of words of one lane type as numbers.
inline void widen(const Block& block, LaneType type, const void* from, std::int32_t* to, std::int64_t rows) {
    block.kernels->widen32(type, from, to, rows);
}
inline void widen(const Block& block, LaneType type, const void* from, std::int64_t* to, std::int64_t rows) {
    block.kernels->widen64(type, from, to, rows);
}
// The same of a tensor's rows from `first` on.
template <class Int>
void widen(const Block& block, const Planes& in, std::int64_t first, Int* to, std::int64_t rows) {
    widen(block, in.type, in.data + first * kLanes * bytes_of(in.type), to, rows);
}

// Both widths of fill() from one template member: `fill_tile(tile, first, rows, block)`.
template <class Derived>
class RowSourceOf : public RowSource {
public:
    void fill(std::int32_t* tile, std::int64_t first, std::int64_t rows, Block& block) const final {
        static_cast<const Derived*>(this)->fill_tile(tile, first, rows, block);
    }
    void fill(std::int64_t* tile, std::int64_t first, std::int64_t rows, Block& block) const final {
        static_cast<const Derived*>(this)->fill_tile(tile, first, rows, block);
    }
};
using RowSourcePointer = std::unique_ptr<RowSource>;

// Elements of a tensor; `from` says which (empty: in order).
[[nodiscard]] RowSourcePointer make_plane_source(std::size_t tensor, Format format, std::vector<std::int64_t> from);
// L11: the exact sum, at the finest lsb of the inputs.
struct ExactSum {
    RawRange range{};
    int frac = 0;
};
[[nodiscard]] ExactSum sum_of_inputs(const LayerSetup& setup);
[[nodiscard]] RowSourcePointer make_add_source(const LayerSetup& setup, std::vector<std::size_t> tensors);
// L19 to L21: elements elsewhere, at `frac`, the finest of the inputs.
[[nodiscard]] RowSourcePointer make_move_source(const LayerSetup& setup, std::vector<std::size_t> tensors,
                                                const std::vector<Moved>& moves, int frac);
// L18: the exact product.
[[nodiscard]] RowSourcePointer make_product_source(const LayerSetup& setup, std::vector<std::size_t> tensors);
// L4 and L5 before the result cast; the events of the average's accumulator count for `tensor`.
[[nodiscard]] RowSourcePointer make_max_pool_source(const LayerSetup& setup, const MaxPool& op, std::size_t input);
[[nodiscard]] RowSourcePointer make_average_pool_source(const LayerSetup& setup, const AveragePool& op,
                                                        std::size_t input, std::size_t tensor);

// Null when the source or an operation needs more than 64-bit lanes. `out` has `elements` rows of `type`.
[[nodiscard]] BlockStepPointer make_rows_step(RowSourcePointer source, std::vector<RowOpPointer> ops, std::size_t out,
                                              LaneType type, std::int64_t elements);

}  // namespace bittrue::emulator
