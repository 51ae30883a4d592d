// What an accumulator and a requantiser cost on a Xilinx 7-series FPGA: formulas calibrated with Yosys
// (`synth_xilinx`, docs/cost.md), before place and route.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/accumulator.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue::explore {

// Cells: LUT1..LUT6, flip-flops (FDRE), CARRY4, DSP48E1.
struct Area {
    std::int64_t lut = 0, ff = 0, carry = 0, dsp = 0;

    constexpr Area& operator+=(const Area& o) {
        lut += o.lut;
        ff += o.ff;
        carry += o.carry;
        dsp += o.dsp;
        return *this;
    }
    friend constexpr Area operator+(Area a, const Area& b) { return a += b; }
    friend constexpr Area operator*(Area a, std::int64_t n) { return {a.lut * n, a.ff * n, a.carry * n, a.dsp * n}; }
    friend constexpr bool operator==(const Area&, const Area&) = default;
};

// A cast without register: `from` (a word of this format, as it leaves an adder or a register) into `to`.
[[nodiscard]] Area requantiser_area(Format from, const FixedType& to);

// acc = Q_A(acc + product): the adder, the cast into the accumulator's type and its register, with the product cast if
// the spec has one. `product` is the format of weight times input (product_format). Schedules: sequential and
// interleave one register and one adder; fold also the exact adders of a group; cascade leaves those to the DSP chain;
// partial one accumulator per lane and one that adds them; tree an adder and a cast per node, one register. `terms`
// matters for fold, cascade, partial and tree. The multiplier and the control are not in it.
[[nodiscard]] Area accumulator_area(const AccumulatorSpec& spec, Format product, std::int64_t terms = 1);

// One unit: accumulator_area and requantiser_area of the accumulator into the result type.
[[nodiscard]] Area unit_area(const AccumulatorSpec& spec, Format weight, Format input, const FixedType& result,
                             std::int64_t terms = 1);

// A multiplier of two words, the first one signed: from 9 bits of the product on a DSP48E1 (operands of 25 and 18 bits,
// several of them for wider ones), below that, and for signed 1-bit operands, LUTs.
[[nodiscard]] Area multiplier_area(Format weight, Format input);

// Layers with an accumulator (dense, conv2d), one unit per output channel: all channels of a position at once.
struct LayerArea {
    std::string layer{};
    std::int64_t units = 0;
    Area unit{};
    [[nodiscard]] Area total() const { return unit * units; }
};
[[nodiscard]] std::vector<LayerArea> layer_areas(const Graph& graph);

// The same units with their multipliers (one for each product that the schedule forms at once), and behind them, one
// per channel, the multipliers of affine and requantize layers and the casts of activations that read all bits of a
// sum. Memories, tables, pools and control are not in it.
[[nodiscard]] Area datapath_area(const Graph& graph);

}  // namespace bittrue::explore
