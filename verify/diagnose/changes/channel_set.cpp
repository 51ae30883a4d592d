#include "changes/channel_set.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "changes/arrangement.hpp"

namespace bittrue::diagnose_detail {

std::string ChannelSet::text(std::int64_t channels) const {
    if (is_all()) return "";
    if (lanes >= channels) return fmt::format(" of channel {}", lane);
    return fmt::format(" of lane {} of {} (channels {}, {}, ...)", lane, lanes, lane, lane + lanes);
}

ChannelSet wrong_channel_set(const Maker& maker) {
    const std::vector<std::int64_t> wrong = wrong_channels(maker.evidence);
    const std::int64_t channels = maker.subject.last().shape.channels();
    if (wrong.empty() || channels < 2) return {};
    if (wrong.size() == 1) return {.lanes = channels, .lane = wrong[0]};
    for (std::int64_t lanes = channels / 2; lanes > 1; --lanes) {
        const bool fits =
            std::all_of(wrong.begin(), wrong.end(), [&](std::int64_t c) { return c % lanes == wrong[0] % lanes; });
        if (fits && channels % lanes == 0) return {.lanes = lanes, .lane = wrong[0] % lanes};
    }
    return {};
}

bool keeps_channels(const Subject& subject, std::size_t node) {
    const std::vector<Node>& nodes = subject.chain.nodes;
    for (std::size_t k = node + 1; k < nodes.size(); ++k) {
        const Operation& op = nodes[k].op;
        const bool mixes = std::holds_alternative<Dense>(op) || std::holds_alternative<Conv2d>(op) ||
                           std::holds_alternative<Softmax>(op) || std::holds_alternative<Concat>(op) ||
                           std::holds_alternative<Transpose>(op) || std::holds_alternative<Reshape>(op) ||
                           (std::holds_alternative<Flatten>(op) && nodes[k - 1].shape.layout != Layout::Vector);
        if (mixes) return false;
    }
    return true;
}

}  // namespace bittrue::diagnose_detail
