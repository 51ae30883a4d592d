// A conversion of whole rows, prepared once per layer: in int32 lanes where every number of it fits, else in int64.
#pragma once

#include <optional>
#include <span>

#include "lane_kernels.hpp"
#include "quantizer.hpp"

namespace bittrue::emulator {

// Raws that can occur, both ends included.
struct RawRange {
    i128 low = 0, high = 0;
};
[[nodiscard]] constexpr RawRange raws_of(Format f) {
    return {raw_min(f), raw_max(f)};
}

class RowCast {
public:
    RowCast() = default;
    // Raws of `source` at `frac` become raws of `to`; with `relu` negative ones are zero first.
    RowCast(RawRange source, int frac, const FixedType& to, bool relu = false);
    RowCast(Format source, const FixedType& to, bool relu = false)
        : RowCast(raws_of(source), source.frac(), to, relu) {}

    // 32 or 64: the narrowest lanes that hold every number of the conversion; 0: neither does.
    [[nodiscard]] int lane_bits() const { return lane_bits_; }
    // x <= y implies result of x <= result of y, for all raws of the source.
    [[nodiscard]] bool is_monotone() const { return monotone_; }
    // No number changes and nothing can happen.
    [[nodiscard]] bool is_identity() const { return identity_; }
    // Raws that can leave the conversion.
    [[nodiscard]] RawRange results() const { return results_; }
    // For the fused kernel: a clamp or nothing is all that can happen in int32 lanes.
    [[nodiscard]] std::optional<LaneCast<std::int32_t>> clamping() const;

    // In place. `counts` null: not counted; else `images` lanes count.
    void operator()(std::int32_t* tile, std::int64_t rows, const LaneKernels& kernels, int images,
                    EventCounts* counts) const;
    void operator()(std::int64_t* tile, std::int64_t rows, const LaneKernels& kernels, int images,
                    EventCounts* counts) const;
    // The same, row r counting in counts[r % counts.size()].
    template <class Int>
    void by_row(Int* tile, std::int64_t rows, const LaneKernels& kernels, int images,
                std::span<EventCounts> counts) const;

private:
    // Rows first, first + stride, ... < end of a tile.
    struct Rows {
        std::int64_t first = 0, end = 0, stride = 1;
        [[nodiscard]] std::int64_t count() const { return (end - first + stride - 1) / stride; }
    };
    template <class Int>
    void run(Int* tile, Rows rows, const LaneKernels& kernels, int images, EventCounts* counts) const;
    template <class Int>
    void run_by_lane(Int* tile, Rows rows, int images, EventCounts* counts) const;

    FixedType to_{};
    LaneCast<std::int32_t> narrow_{};
    LaneCast<std::int64_t> wide_{};
    Quantizer<std::int64_t> quantizer_{};
    RawRange results_{};
    int lane_bits_ = 0;
    bool relu_ = false, monotone_ = false, identity_ = false;
    bool by_lane_ = false;  // WRAP_SM and WRAP with saturated bits
};

}  // namespace bittrue::emulator
