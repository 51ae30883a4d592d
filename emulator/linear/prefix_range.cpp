#include "prefix_range.hpp"

#include <numeric>

#include "range.hpp"

namespace bittrue::emulator {
namespace {

using namespace linear;

class PrefixRangeLayer : public PrefixRange {
public:
    PrefixRangeLayer(LinearTerms terms, Isa isa)
        : terms_(std::move(terms)), group_(terms_, all_channels(terms_), isa) {}

    [[nodiscard]] int frac() const override { return RangeGroup::frac(terms_); }

    [[nodiscard]] std::unique_ptr<LinearRoom> make_room() const override {
        auto room = std::make_unique<Workspace>();
        room->cells.resize(1);
        return room;
    }

    // From the middle row on: what leaves a range first mostly stands there, and then the rest is left out.
    void widen(const Planes& in, const LaneExtents& extents, LinearRoom& room) const override {
        auto& work = static_cast<Workspace&>(room);
        work.cells[0].rows = 0;
        const std::int64_t rows = terms_.out_height;
        std::size_t steps = 0;
        for (std::int64_t i = 0; i < rows; ++i) {
            const std::int64_t y = (rows / 2 + i) % rows;
            for (std::int64_t x = 0; x < terms_.out_width; ++x)
                if (group_.widen(y, x, extents, in, work.cells[0], steps)) return;
        }
    }

private:
    static std::vector<int> all_channels(const LinearTerms& terms) {
        std::vector<int> all(static_cast<std::size_t>(terms.mac.channels));
        std::iota(all.begin(), all.end(), 0);
        return all;
    }

    LinearTerms terms_;
    RangeGroup group_;
};

template <class Op>
std::unique_ptr<PrefixRange> make(const LayerSetup& setup, const Op& op, Isa isa) {
    LayerParameters parameters;
    LinearTerms terms = terms_of(setup, op, parameters);
    for (int o = 0; o < static_cast<int>(terms.mac.channels); ++o) {
        if (!RangeGroup::fits(terms, ChannelFacts(terms, o))) return nullptr;
    }
    return std::make_unique<PrefixRangeLayer>(std::move(terms), isa);
}

}  // namespace

std::unique_ptr<PrefixRange> make_prefix_range(const LayerSetup& setup, const Dense& op, Isa isa) {
    return make(setup, op, isa);
}
std::unique_ptr<PrefixRange> make_prefix_range(const LayerSetup& setup, const Conv2d& op, Isa isa) {
    return make(setup, op, isa);
}

}  // namespace bittrue::emulator
