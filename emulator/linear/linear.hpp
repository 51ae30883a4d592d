// A dense or convolution layer on blocks: the accumulators of one output position for a group of channels, images in
// the lanes. What comes behind the accumulator (result cast, relu, pooling) is the caller's.
#pragma once

#include <memory>
#include <vector>

#include "accumulate.hpp"
#include "bittrue/emulator/bounds.hpp"
#include "bittrue/emulator/isa.hpp"
#include "bittrue/emulator/plan.hpp"
#include "block/planes.hpp"
#include "layer.hpp"

namespace bittrue::emulator {

struct LinearOptions {
    Isa isa = best_isa();
    bool count_events = true;  // false: groups may use kernels that do not see overflows; counts are then not touched
};

// What sums() saw of one channel. `known` outputs met Linear::known() besides what was counted.
struct ChannelCounts {
    AccumulationCounts counted{};
    std::uint64_t known = 0;

    [[nodiscard]] AccumulationCounts total(const AccumulationCounts& one) const {
        AccumulationCounts all = counted;
        all.product += one.product * known;
        all.accumulator += one.accumulator * known;
        if (known > 0) all.lanes |= one.lanes;
        return all;
    }
};

// Working room of one thread for one layer; grows to what the layer needs and is reused from block to block.
class LinearRoom;

// Output positions of one row: columns x, x + step, ...
struct PositionRun {
    std::int64_t y = 0, x = 0;
    std::int64_t count = 1, step = 1;
};

class Linear {
public:
    Linear() = default;
    Linear(const Linear&) = delete;
    Linear& operator=(const Linear&) = delete;
    virtual ~Linear() = default;

    [[nodiscard]] virtual const std::vector<ChannelGroup>& groups() const = 0;
    // S32 or S64: the lanes sums() writes for this group.
    [[nodiscard]] virtual LaneType sum_type(std::size_t group) const = 0;
    // Smallest and largest sum of any channel: raws of the accumulator, where a proof says more than its format.
    [[nodiscard]] virtual InputRange sum_range() const = 0;
    [[nodiscard]] virtual std::unique_ptr<LinearRoom> make_room() const = 0;

    // Once per block, before sums(): may arrange the input (quads, pairs, windows, padding) in the room. `in` has the
    // layer's input shape in storage order with lane_type(input format), and must live until the last sums().
    virtual void begin(const Planes& in, LinearRoom& room) const = 0;

    // Raws of the accumulator after everything (also after a bias at position last), at output position (y, x), for the
    // channels of the group: out[i * kLanes + lane], i as in ChannelGroup::channels, lanes of sum_type(group). Dense
    // layers have the one position (0, 0). `images` lanes count in counts[i], or nothing does where it is null.
    virtual void sums(std::size_t group, std::int64_t y, std::int64_t x, void* out, LinearRoom& room, int images,
                      ChannelCounts* counts) const = 0;
    // The same at several positions, those of one behind those of the other.
    virtual void sums_along(std::size_t group, const PositionRun& run, void* out, LinearRoom& room, int images,
                            ChannelCounts* counts) const = 0;

    // What one output of channel i of the group meets where nothing has to be looked at: a number, not a measurement.
    [[nodiscard]] virtual AccumulationCounts known(std::size_t group, std::size_t i) const = 0;
};

class LinearRoom {
public:
    LinearRoom() = default;
    LinearRoom(const LinearRoom&) = delete;
    LinearRoom& operator=(const LinearRoom&) = delete;
    virtual ~LinearRoom() = default;
};

// `parameters` receives the cast weights and bias (LayerParameters::cast with the roles of the per-image layer). Null
// when the layer's exact sums need more than 62 bits: the per-image layer in i128 runs then.
[[nodiscard]] std::unique_ptr<Linear> make_linear(const LayerSetup& setup, const Dense& op,
                                                  const LinearOptions& options, LayerParameters& parameters);
[[nodiscard]] std::unique_ptr<Linear> make_linear(const LayerSetup& setup, const Conv2d& op,
                                                  const LinearOptions& options, LayerParameters& parameters);

}  // namespace bittrue::emulator
