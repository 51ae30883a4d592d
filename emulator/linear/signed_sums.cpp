#include "signed_sums.hpp"

#include <algorithm>

#include "dot_group.hpp"
#include "range.hpp"
#include "vnni.hpp"

namespace bittrue::emulator::linear {
namespace {}  // namespace

SignedSums::SignedSums(const LinearTerms& terms, const std::vector<int>& channels, CellKind kind, Isa isa)
    : map_(terms, {.kind = kind}, isa), run_(dot_kernel(kind, isa)) {
    const std::int64_t scale = std::int64_t{1} << (RangeGroup::frac(terms) - terms.product_frac());
    const bool last = terms.mac.spec.bias == BiasPosition::Last;
    const std::vector<PackedCell> cells = pack_cells(terms, elements_of(kind));
    std::vector<CellPlace> places;
    for (const PackedCell& cell : cells) places.push_back(map_.add(cell.elements));
    map_.complete();
    for (std::size_t first = 0; first < channels.size();) {
        Tile tile{.first = first, .group = channels[first] / terms.group_outputs};
        std::size_t end = first;
        while (end < channels.size() && end < first + kDotChannels / 2 &&
               channels[end] / terms.group_outputs == tile.group)
            ++end;
        for (std::size_t c = first; c < end; ++c) {
            const auto bias = static_cast<std::int32_t>(RangeGroup::bias(terms, channels[c]));
            starts_.push_back(last ? 0 : bias);
            tile.starts.push_back(last ? std::max(bias, 0) : bias);
            tile.starts.push_back(last ? std::min(bias, 0) : bias);
        }
        for (std::size_t i = 0; i < cells.size(); ++i) {
            tile.offsets.push_back(map_.offset(places[i]));
            for (std::size_t c = first; c < end; ++c) {
                std::array<std::int64_t, kMaxCellElements> positive{}, negative{};
                for (std::size_t e = 0; e < kMaxCellElements; ++e) {
                    if (cells[i].terms[e] < 0) continue;
                    const std::int64_t w = terms.weight(channels[c], cells[i].terms[e]) * scale;
                    (w > 0 ? positive : negative)[e] = w;
                }
                tile.weights.push_back(pack_weights(kind, positive.data()));
                tile.weights.push_back(pack_weights(kind, negative.data()));
            }
        }
        tiles_.push_back(std::move(tile));
        first = end;
    }
}

void SignedSums::run(std::int64_t y, std::int64_t x, std::int32_t* out, const Planes& in, CellRoom& room) const {
    for (const Tile& tile : tiles_) {
        run_({.offsets = tile.offsets.data(),
              .cells = tile.offsets.size(),
              .weights = tile.weights.data(),
              .starts = tile.starts.data(),
              .channels = tile.starts.size()},
             map_.window(y, x, tile.group, in, room), out + 2 * tile.first * kLanes);
    }
}

}  // namespace bittrue::emulator::linear
