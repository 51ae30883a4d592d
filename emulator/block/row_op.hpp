// What becomes of each number by itself: casts, the relu family, lookups. Works on tiles of either width.
#pragma once

#include <vector>

#include "row_cast.hpp"
#include "step.hpp"
#include "table.hpp"

namespace bittrue::emulator {

class RowOp {
public:
    RowOp() = default;
    RowOp(const RowOp&) = delete;
    RowOp& operator=(const RowOp&) = delete;
    virtual ~RowOp() = default;

    // 32 or 64: the narrowest lanes; 0: image by image only.
    [[nodiscard]] virtual int lane_bits() const = 0;
    [[nodiscard]] virtual bool is_monotone() const { return false; }
    // The cast that is all of this op, if it is one.
    [[nodiscard]] virtual const RowCast* as_cast() const { return nullptr; }

    // Counts rows of planes that pass unchanged; only where as_cast() is an identity.
    virtual void pass(LaneType /*type*/, const void* /*planes*/, std::int64_t /*rows*/, Block& /*block*/) const {}

    virtual void run(std::int32_t* tile, std::int64_t rows, Block& block) const = 0;
    virtual void run(std::int64_t* tile, std::int64_t rows, Block& block) const = 0;
};
using RowOpPointer = std::unique_ptr<RowOp>;

// Which counter of a layer's events a cast belongs to (rule E4).
enum class CastClass : std::uint8_t { Accumulator, Result };

// `tensor` is the one whose events count; with Result also whose range does.
[[nodiscard]] RowOpPointer make_cast_op(RowCast cast, std::size_t tensor, CastClass kind);
// L7; the limit as in ClippedRelu.
[[nodiscard]] RowOpPointer make_clip_op(Format from, const FixedType& to, double limit, std::size_t tensor);
// L22
[[nodiscard]] RowOpPointer make_limits_op(Format from, const FixedType& to, const Clip& op, std::size_t tensor);
// Numbers 0, 1, ... become the words of a table.
[[nodiscard]] RowOpPointer make_table_op(std::vector<Converted> results, Format to, std::size_t tensor);
// L8
[[nodiscard]] RowOpPointer make_leaky_op(Format from, const FixedType& to, const Tensor& alpha, std::size_t tensor);
// L12
[[nodiscard]] RowOpPointer make_lookup_op(Format from, const FixedType& to, const Lookup& op, const Tensor& entries,
                                          std::size_t tensor);

// The lane type a tile has as planes, for ranges.
template <class Int>
[[nodiscard]] constexpr LaneType tile_type() {
    return sizeof(Int) == 4 ? LaneType::S32 : LaneType::S64;
}

}  // namespace bittrue::emulator
