// Counts the events of accumulators that might overflow, at the price of a look: where no partial sum of an image left
// the range, the exact sum is the result and the counts are known; the other images run step by step. The first look is
// at the sums of the positive and of the negative products, the second at the range itself.
#include "checked_group.hpp"

#include <algorithm>
#include <bit>

#include "known_counts.hpp"
#include "ordered.hpp"
#include "range.hpp"
#include "signed_sums.hpp"
#include "vnni.hpp"

namespace bittrue::emulator::linear {
namespace {

class CheckedGroup : public GroupKernel {
public:
    CheckedGroup(const LinearTerms& terms, const std::vector<int>& channels, Isa isa, std::size_t index)
        : range_(terms, channels, isa), look_(range_look(isa)), index_(index), channels_(channels.size()) {
        const AccumulatorSpec& spec = terms.mac.spec;
        const Accumulation<std::int64_t> accumulation(spec, terms.mac.formats(terms.input));
        const int up = spec.type.format.frac() - RangeGroup::frac(terms);
        up_ = up;
        low_ = limit(-((-range_min(spec.type)) >> up));
        high_ = limit(range_max(spec.type) >> up);
        counts_ = counted_run(spec, isa);
        if (SignedSums::fits(terms)) signed_.emplace(terms, channels, range_.kind(), isa);
        for (const int o : channels) {
            ordered_.push_back(make_ordered(terms, {o}, isa));
            const auto bias = terms.bias_of(o);
            AccumulationCounts one;
            if (bias && spec.bias_cast) {
                const Events cast = accumulation.bias(raw_from_word(*bias, terms.mac.bias->format)).cast;
                one.accumulator.add(cast);
                if (cast.overflow()) one.lanes = ~std::uint64_t{0};
            }
            if (spec.product) one.product.conversions = static_cast<std::uint64_t>(terms.mac.terms);
            one.accumulator.conversions +=
                static_cast<std::uint64_t>(accumulator_conversions(spec, terms.mac.terms, bias.has_value()));
            known_.push_back(one);
        }
    }

    [[nodiscard]] LaneType sum_type() const override { return LaneType::S32; }

    void sums(std::int64_t y, std::int64_t x, void* out, Workspace& room, int images,
              ChannelCounts* counts) const override {
        auto* const sums = static_cast<std::int32_t*>(out);
        auto* const lows =
            reinterpret_cast<std::int32_t*>(room.ranges.get(2 * channels_ * kLanes * sizeof(std::int32_t)));
        auto* const highs = lows + channels_ * kLanes;
        room.open.assign(channels_, 1);
        if (!signed_ || enclose(y, x, sums, lows, room))
            range_.run(y, x, sums, lows, highs, room.in, room.cells[index_], room.open.data());
        const std::uint64_t asked = first_lanes(images);
        for (std::size_t i = 0; i < channels_; ++i) {
            std::int32_t* const sum = sums + i * kLanes;
            for (int l = 0; up_ != 0 && l < kLanes; ++l) {
                sum[l] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum[l]) << up_);
            }
            const std::uint64_t outside =
                room.open[i] != 0 ? look_(lows + i * kLanes, highs + i * kLanes, low_, high_) : 0;
            if (counts != nullptr) counts[i].known += static_cast<unsigned>(std::popcount(asked & ~outside));
            if (outside != 0)
                redo(i, {outside, outside & asked}, y, x, sum, room, counts != nullptr ? &counts[i] : nullptr);
        }
    }

    [[nodiscard]] AccumulationCounts known(std::size_t i) const override { return known_[i]; }

private:
    static std::int32_t limit(i128 raw) {
        return static_cast<std::int32_t>(
            std::clamp<i128>(raw, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
    }
    // Null where the steps of an image that left the range are not exact but for the range.
    [[nodiscard]] CountedRun counted_run(const AccumulatorSpec& spec, Isa isa) {
        if (up_ != 0 || spec.type.saturated_bits != 0) return nullptr;
        const Format format = spec.type.format;
        job_.low = low_;
        job_.high = high_;
        job_.unused = 32 - format.width;
        switch (spec.type.overflow) {
            case Overflow::Sat:
            case Overflow::SatSym: job_.overflow = CountedOverflow::Clamp; break;
            case Overflow::SatZero: job_.overflow = CountedOverflow::Zero; break;
            case Overflow::Wrap:
                job_.overflow = format.is_signed ? CountedOverflow::WrapSigned : CountedOverflow::WrapUnsigned;
                break;
            case Overflow::WrapSm: return nullptr;
        }
        saturates_ = spec.type.overflow != Overflow::Wrap;
        if (range_.kind() == CellKind::QuadU8) return vnni_counted_quads(isa);
        return has_vnni(isa) ? vnni_counted_pairs(isa) : counted_pairs(isa);
    }

    // The sums, and whether the range of a channel is still open: not enclosed by the sums of its positive and of its
    // negative products, which cost less than to follow the range.
    bool enclose(std::int64_t y, std::int64_t x, std::int32_t* sums, std::int32_t* both, Workspace& room) const {
        constexpr int kSkips = 15;
        CellRoom& cells = room.cells[room.cells.size() / 2 + index_];
        if (cells.skips > 0) {
            --cells.skips;
            return true;
        }
        signed_->run(y, x, both, room.in, cells);
        std::size_t open = 0;
        for (std::size_t i = 0; i < channels_; ++i) {
            const std::int32_t* const positive = both + 2 * i * kLanes;
            const std::int32_t* const negative = positive + kLanes;
            room.open[i] = look_(negative, positive, low_, high_) != 0 ? 1 : 0;
            open += room.open[i];
            for (int l = 0; l < kLanes; ++l)
                sums[i * kLanes + static_cast<std::size_t>(l)] = (positive[l] - signed_->start(i)) + negative[l];
        }
        if (2 * open > channels_) cells.skips = kSkips;
        return open > 0;
    }

    // The images that left the range, step by step.
    void redo(std::size_t i, LaneSets lanes, std::int64_t y, std::int64_t x, std::int32_t* sum, Workspace& room,
              ChannelCounts* counts) const {
        CountedJob job = job_;
        if (counts_ != nullptr) range_.describe(i, y, x, room.in, room.cells[index_], job);
        if (counts_ != nullptr && low_ <= job.start && job.start <= high_) {
            job.lanes = lanes;
            job.sums = sum;
            const CountedOverflows found = counts_(job);
            if (counts == nullptr) return;
            counts->known += static_cast<unsigned>(std::popcount(lanes.counted));
            EventCounts& all = counts->counted.accumulator;
            all.above += found.above;
            all.below += found.below;
            if (saturates_) all.saturations += found.above + found.below;
            counts->counted.lanes |= lanes.counted;
            return;
        }
        ChannelCounts own;
        ordered_[i]->sums_of(lanes, y, x, sum, room, counts != nullptr ? &own : nullptr);
        if (counts == nullptr) return;
        const AccumulationCounts all = own.total(ordered_[i]->known(0));
        counts->counted.product += all.product;
        counts->counted.accumulator += all.accumulator;
        counts->counted.lanes |= all.lanes;
    }

    RangeGroup range_;
    std::optional<SignedSums> signed_{};
    RangeLook look_;
    std::size_t index_, channels_;
    int up_ = 0;
    std::int32_t low_ = 0, high_ = 0;  // of the accumulator, at the frac of the ranges
    CountedRun counts_ = nullptr;
    CountedJob job_{};  // but for what depends on the channel and the position
    bool saturates_ = false;
    std::vector<std::unique_ptr<PartialKernel>> ordered_{};
    std::vector<AccumulationCounts> known_{};  // of one image, where nothing happens
};

}  // namespace

bool can_check(const LinearTerms& terms, const ChannelFacts& facts) {
    const int up = terms.mac.spec.type.format.frac() - RangeGroup::frac(terms);
    return up >= 0 && up < 31 && ordered_lane_bits(terms) == 32 && RangeGroup::fits(terms, facts);
}

std::unique_ptr<GroupKernel> make_checked(const LinearTerms& terms, const std::vector<int>& channels, Isa isa,
                                          std::size_t index) {
    return std::make_unique<CheckedGroup>(terms, channels, isa, index);
}

}  // namespace bittrue::emulator::linear
