// A dense or conv2d layer over blocks: its geometry and words once, its order once per family of configurations, its
// limits once per configuration.
#pragma once

#include <optional>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "sweep/block.hpp"
#include "sweep/lanes.hpp"

namespace bittrue::explore {

// Words of the layer and where its terms stand.
class MacLayer {
public:
    // `weights` and `bias` are the words after the cast; null without bias.
    MacLayer(const Graph& graph, const Node& node, const Tensor& weights, const Tensor* bias);

    [[nodiscard]] std::int64_t terms() const { return terms_; }
    [[nodiscard]] std::int64_t channels() const { return channels_; }
    [[nodiscard]] std::int64_t positions() const { return rows_ * columns_; }

    // Elements of the input that the window at a position reads, by number of the term (rule A2 with the terms in
    // `order`); -1 in the padding. `channel` chooses the group.
    void window(std::int64_t position, std::int64_t group, std::vector<std::int64_t>& elements) const;
    [[nodiscard]] std::int64_t output_element(std::int64_t position, std::int64_t channel) const;

    Format input{}, weight{};
    FixedType result{};
    std::optional<Format> bias{};
    TermOrder order = TermOrder::Input;
    std::vector<std::int32_t> weights{};  // channel by channel, in the order of the window's terms
    std::vector<std::int64_t> biases{};
    std::int64_t groups = 1;

private:
    struct Place {
        std::int64_t y = 0, x = 0, c = 0;
    };
    void set_dense(const Shape& in, const Tensor& words);
    void set_conv(const Conv2d& op, const Tensor& words);

    Shape in_{}, out_{};
    std::int64_t terms_ = 0, channels_ = 0, rows_ = 1, columns_ = 1, group_inputs_ = 0;
    std::array<int, 2> stride_{1, 1};
    Padding padding_{};
    std::vector<Place> places_{};  // of the terms, relative to the window's corner
    bool dense_ = false;
};

// Everything that neither width nor overflow mode changes.
class MacFamily {
public:
    MacFamily(const MacLayer& layer, const AccumulatorSpec& spec);

    // Empty, or why lanes of 60 bits cannot hold it.
    [[nodiscard]] const std::string& declined() const { return declined_; }
    [[nodiscard]] bool lossless() const { return lossless_; }
    [[nodiscard]] bool bias_cast_overflows() const { return bias_cast_overflows_; }

    const MacLayer& layer;
    AccumulatorSpec spec{};
    Steps steps{};
    int frac = 0, term_up = 0, acc_up = 0;  // where terms, accumulator and bias meet
    bool casts = false;
    std::vector<std::int64_t> aligned_bias{};  // at `frac`
    LaneCast convert{}, product{};             // unlimited

    // The fast loops.
    bool fast = false, short_operands = false;
    int sum_bits = 64;  // two's complement width of every sum
    int down = 0;
    std::int32_t round = 0;
    std::vector<std::int64_t> start{}, last{};  // by channel: the first bias unlimited, the last one
    std::vector<Tap> taps{};                    // without zero weights, channel by channel
    std::vector<Run> runs{};
    std::vector<std::int32_t> channel_runs{};  // where a channel's runs begin, and the end
    bool signed_inputs = false;

private:
    void prepare_bias();
    void choose_fast(int exact_bits);
    void add_channel(std::int64_t channel, int up);

    std::string declined_{};
    bool lossless_ = false, bias_cast_overflows_ = false;
    std::vector<std::int64_t> bias_raw_{};  // after the bias cast
    int bias_frac_ = 0;
};

// Taps into runs of one sign; appends to `runs`.
void add_runs(std::span<const Tap> taps, std::int32_t begin, bool signed_inputs, std::vector<Run>& runs);

// An accumulator's width and overflow mode.
class MacLimits {
public:
    MacLimits(const MacFamily& family, const FixedType& type);

    FixedType type{};
    LaneCast convert{}, product{};
    bool declined = false;               // 60 bits cannot hold what wraps around
    bool clamps = false, wraps = false;  // in the fast loops
    std::int32_t lo = 0, hi = 0;
    std::vector<std::int64_t> start{};
    bool start_leaves = false;  // a first bias is out of range
    std::int64_t range_lo = 0, range_hi = 0;
};

// Smallest and largest converted number of every lane, over all outputs of a layer.
struct Ranges {
    std::vector<std::int64_t> low{}, high{};
};

// Working room of one thread.
struct MacRoom {
    Block lanes32{};
    std::vector<std::int64_t> sums{}, registers{};
    std::vector<std::int64_t> elements{};
    std::vector<const std::int32_t*> inputs{};
    std::vector<Tap> taps{};
    std::vector<Run> runs{};
};

// Result words of the layer. Range fills `ranges`; Limit needs `limits` and sets left[lane], which may be null.
void run_mac(const MacFamily& family, Want want, const MacLimits* limits, const Block& in, Block& out, Ranges* ranges,
             std::int32_t* left, MacRoom& room);

}  // namespace bittrue::explore
