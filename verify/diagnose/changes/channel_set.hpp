// Channels in which a fault sits that only some have: one, or every n-th, as when n units work side by side.
#pragma once

#include <cstdint>
#include <string>

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

struct ChannelSet {
    std::int64_t lanes = 1, lane = 0;  // channels c with c mod lanes == lane

    [[nodiscard]] bool has(std::int64_t channel) const { return channel % lanes == lane; }
    [[nodiscard]] bool is_all() const { return lanes == 1; }
    // "" for all, else " of channel 3", " of lane 1 of 4 (channels 1, 5, ...)".
    [[nodiscard]] std::string text(std::int64_t channels) const;
};

// The narrowest that holds every channel of the result with a wrong word.
[[nodiscard]] ChannelSet wrong_channel_set(const Maker& maker);

// Whether nothing behind the node moves words from one channel to another: channels of the dump are its channels.
[[nodiscard]] bool keeps_channels(const Subject& subject, std::size_t node);

}  // namespace bittrue::diagnose_detail
