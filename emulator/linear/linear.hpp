// A dense or convolution layer on blocks: the accumulators of one output position for a group of channels, images in the
// lanes. What comes behind the accumulator (result cast, relu, pooling) is the caller's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../accumulate.hpp"
#include "../block/planes.hpp"
#include "../layer.hpp"

namespace bittrue::emulator {

// Which vector instructions may be used. Results do not depend on it.
enum class Isa : std::uint8_t { Scalar, Sse4, Avx2, Avx512, Neon };

// Why the kernel of a channel group gives the bits of the ordered rules (docs/pipeline.md).
enum class Proof : std::uint8_t {
    Bounded,  // no partial sum can leave the accumulator's range nor lose a bit: order and overflow mode do not matter
    Modular,  // WRAP without rounding: any order, one wrap at the end
    AtEnd,    // the exact sum is quantised once (rule A10)
    Ordered,  // every step in its order
};

// Channels of one layer that run by one kernel.
struct ChannelGroup {
    std::vector<int> channels{};  // ascending
    Proof proof = Proof::Ordered;
    std::string kernel{};    // "dot u8s8", "saturate16 pairs", "saturate32", "ordered int32", ...
    std::string why_not{};   // why nothing faster: "prefix may reach 40123, the accumulator ends at 32767"; empty if nothing is
    int steps = 0;           // additions per output, after fusing and without zero weights (Ordered), or dot products
};

struct LinearOptions {
    Isa isa = Isa::Avx512;
    bool count_events = true;  // false: groups may use kernels that do not see overflows; counts are then not touched
};

// Working room of one thread for one layer; grows to what the layer needs and is reused from block to block.
class LinearRoom;

class Linear {
public:
    Linear() = default;
    Linear(const Linear&) = delete;
    Linear& operator=(const Linear&) = delete;
    virtual ~Linear() = default;

    [[nodiscard]] virtual const std::vector<ChannelGroup>& groups() const = 0;
    // S32 or S64: the lanes sums() writes for this group.
    [[nodiscard]] virtual LaneType sum_type(std::size_t group) const = 0;
    [[nodiscard]] virtual std::unique_ptr<LinearRoom> make_room() const = 0;

    // Once per block, before sums(): may arrange the input (quads, pairs, windows, padding) in the room. `in` has the
    // layer's input shape in storage order with lane_type(input format), and must live until the last sums().
    virtual void begin(const Planes& in, LinearRoom& room) const = 0;

    // Raws of the accumulator after everything (also after a bias at position last), at output position (y, x), for the
    // channels of the group: out[i * kLanes + lane], i as in ChannelGroup::channels, lanes of sum_type(group). Dense
    // layers have the one position (0, 0). `images` lanes count in `counts`, which may be null.
    virtual void sums(std::size_t group, std::int64_t y, std::int64_t x, void* out, LinearRoom& room, int images,
                      AccumulationCounts* counts) const = 0;
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
[[nodiscard]] std::unique_ptr<Linear> make_linear(const LayerSetup& setup, const Dense& op, const LinearOptions& options,
                                                  LayerParameters& parameters);
[[nodiscard]] std::unique_ptr<Linear> make_linear(const LayerSetup& setup, const Conv2d& op, const LinearOptions& options,
                                                  LayerParameters& parameters);

}  // namespace bittrue::emulator
