// One configuration on one chunk: what differs from the base pass, and the outcome.
#pragma once

#include "sweep/block_network.hpp"

namespace bittrue::explore {

// The wide network's words of the error tensor and its answers, image by image.
struct WideWords {
    std::int64_t elements = 0;
    std::vector<std::int32_t> words{};
    std::vector<std::int64_t> best{};
    [[nodiscard]] std::int32_t* row(std::size_t image) {
        return words.data() + image * static_cast<std::size_t>(elements);
    }
    [[nodiscard]] const std::int32_t* row(std::size_t image) const {
        return words.data() + image * static_cast<std::size_t>(elements);
    }
};

// A tensor where it differs from the base pass.
struct Changed {
    std::vector<std::int32_t> images{};   // ascending
    std::vector<std::int32_t> lane_of{};  // by image; -1: as in the base pass
    bool compact = false;                 // image number i stands in lane i
    Block block{};
};

struct RerunRoom {
    explicit RerunRoom(const BlockNetwork& network) : changed(network.elements.size()) {}
    std::vector<Changed> changed;
    std::vector<std::uint8_t> marks{};
    std::vector<std::int32_t> images{}, sources{};
    std::vector<Block> gathered{};
    std::vector<const Block*> inputs{};
    Block left{}, different{};
    std::vector<std::uint8_t> touched{};
    MacRoom mac{};
};

[[nodiscard]] Outcome rerun(const BlockNetwork& network, const Family& family, const std::vector<MacLimits>& limits,
                            const ChunkBase& base, const WideWords& wide, std::span<const int> labels, RerunRoom& room);

}  // namespace bittrue::explore
