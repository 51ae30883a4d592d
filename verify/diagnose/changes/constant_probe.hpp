// Many values of a constant at once on some words of a layer that works word by word: each value is a channel of its
// own.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

// The constants of one channel.
struct ChannelConstants {
    std::int64_t scale = 0, bias = 0;  // words of their formats; multiplier and shift of a requantiser
    int shift = 0;
};

class ConstantProbe {
public:
    // Node `node` is the last of the chain: affine, requantize or leaky_relu. Some words of one channel that are wrong
    // and some that are right; of all channels where `channel` is negative.
    [[nodiscard]] static std::optional<ConstantProbe> of(const Maker& maker, std::size_t node, std::int64_t channel);

    [[nodiscard]] const ChannelConstants& own() const { return own_; }
    [[nodiscard]] Format scale_format() const { return scale_format_; }
    [[nodiscard]] std::optional<Format> bias_format() const { return bias_format_; }
    [[nodiscard]] std::size_t size() const { return actual_.size(); }
    // How many of the words each set of constants gives as dumped.
    [[nodiscard]] std::vector<int> hits(const std::vector<ChannelConstants>& tried) const;
    // Where the scale, or the bias, must about lie for the word that shows it best: raws.
    struct Range {
        double low = 0, high = 0;
    };
    [[nodiscard]] std::vector<Range> ranges(bool of_bias) const;

private:
    Node node_{};  // an affine or a requantize
    const Datapath* datapath_ = nullptr;
    FixedType input_{};
    std::vector<std::int64_t> words_{}, actual_{};
    ChannelConstants own_{};
    Format scale_format_{};
    std::optional<Format> bias_format_{};
};

}  // namespace bittrue::diagnose_detail
