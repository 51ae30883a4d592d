// What a dense or convolution layer multiplies with what, in one form for both: a dense layer is a convolution over one
// position whose channels are the elements of its input.
#pragma once

#include <optional>
#include <vector>

#include "mac_unit.hpp"

namespace bittrue::emulator::linear {

// An element of a window: row and column from its upper left corner (dilation included), channel from the first of its
// convolution group.
struct Element {
    std::int64_t y = 0, x = 0, c = 0;
    friend bool operator==(const Element&, const Element&) = default;
};

// The element behind one in the order of the terms, wherever a window lies; empty where only the window knows.
// A kernel's cells hold an element and those behind it.
struct Neighbour {
    std::int64_t channels = 1;            // of the convolution group
    std::int64_t step_y = 0, step_x = 0;  // to the next position
    bool channel_first = true;            // false: the next position, never another channel

    [[nodiscard]] std::optional<Element> operator()(const Element& e) const;
};

struct LinearTerms {
    MacSetup mac{};                       // weights, bias, spec; terms and channels
    std::vector<std::int64_t> weights{};  // words, channel by channel in the order of the terms
    Format input{};
    InputRange range{};           // of the input's raws; the padding's 0 may lie outside
    std::vector<Element> taps{};  // in the order of the terms
    Neighbour next{};
    std::int64_t groups = 1, group_inputs = 1, group_outputs = 1;
    std::int64_t in_height = 1, in_width = 1, out_height = 1, out_width = 1;
    Strides in{};
    std::int64_t stride_y = 1, stride_x = 1, pad_top = 0, pad_left = 0;

    [[nodiscard]] int product_frac() const { return mac.weights.format.frac() + input.frac(); }
    [[nodiscard]] std::int64_t weight(std::int64_t channel, std::int64_t term) const {
        return weights[static_cast<std::size_t>(channel * mac.terms + term)];
    }
    [[nodiscard]] std::vector<std::int64_t> weights_of(std::int64_t channel) const;
    [[nodiscard]] std::optional<std::int64_t> bias_of(std::int64_t channel) const;
    // The plane of an element of the window at output position (y, x); -1 in the padding.
    [[nodiscard]] std::int64_t plane(std::int64_t y, std::int64_t x, std::int64_t group, const Element& e) const;
    // The plane at a row and column of the input, channel `c` of a group; -1 outside.
    [[nodiscard]] std::int64_t plane_at(std::int64_t row, std::int64_t column, std::int64_t group,
                                        std::int64_t c) const;
};

[[nodiscard]] LinearTerms terms_of(const LayerSetup& setup, const Dense& op, LayerParameters& parameters);
[[nodiscard]] LinearTerms terms_of(const LayerSetup& setup, const Conv2d& op, LayerParameters& parameters);

}  // namespace bittrue::emulator::linear
