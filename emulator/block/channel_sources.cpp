// Rows whose numbers depend on the row's channel.
#include <algorithm>

#include "layer_rows.hpp"

namespace bittrue::emulator {
namespace {

constexpr i128 kNarrow = i128{1} << 30, kWide = i128{1} << 62;

int bits_for(const RawRange& r) {
    const i128 largest = std::max(r.high, -r.low);
    return largest < kNarrow ? 32 : largest < kWide ? 64 : 0;
}

// Row by row on widened input: `row(numbers, channel)`.
template <class Derived>
class ChannelSource : public RowSourceOf<ChannelSource<Derived>> {
public:
    ChannelSource(const LayerSetup& setup, std::size_t input)
        : shape_(setup.shape()), input_(input), in_bits_(signed_width(setup.format())) {}

    [[nodiscard]] std::string name() const override { return "lanes by channel"; }

protected:
    [[nodiscard]] int input_bits() const { return in_bits_ <= 32 ? 32 : in_bits_ <= 64 ? 64 : 0; }

private:
    friend RowSourceOf<ChannelSource>;
    template <class Int>
    void fill_tile(Int* tile, std::int64_t first, std::int64_t rows, Block& block) const {
        widen(block, block.tensors[input_], first, tile, rows);
        for (std::int64_t r = 0; r < rows; ++r)
            static_cast<const Derived*>(this)->row(tile + r * kLanes,
                                                   static_cast<std::size_t>(shape_.channel_of(first + r)));
    }

    Shape shape_;
    std::size_t input_;
    int in_bits_;
};

class SumSource final : public ChannelSource<SumSource> {
public:
    SumSource(const LayerSetup& setup, ChannelNumbers numbers, std::size_t input) : ChannelSource(setup, input) {
        RawRange widest = numbers.range;
        for (const auto* all : {&numbers.factors, &numbers.offsets}) {
            for (const i128 x : *all) widest = {std::min(widest.low, x), std::max(widest.high, x)};
        }
        // A product without its offset may lie outside of the range of the sums.
        const i128 most = std::max(widest.high, -widest.low);
        widest = {-2 * most, 2 * most};
        const int bits = bits_for(widest);
        bits_ = bits == 0 || input_bits() == 0 ? 0 : std::max(bits, input_bits());
        if (bits_ == 0) return;
        for (const i128 x : numbers.factors) factors_.push_back(static_cast<std::int64_t>(x));
        for (const i128 x : numbers.offsets) offsets_.push_back(static_cast<std::int64_t>(x));
    }
    [[nodiscard]] int lane_bits() const override { return bits_; }

    template <class Int>
    void row(Int* numbers, std::size_t channel) const {
        const auto factor = static_cast<Int>(factors_[factors_.size() == 1 ? 0 : channel]);
        const auto offset = static_cast<Int>(offsets_[offsets_.size() == 1 ? 0 : channel]);
        for (int l = 0; l < kLanes; ++l) numbers[l] = static_cast<Int>(numbers[l] * factor + offset);
    }

private:
    std::vector<std::int64_t> factors_{}, offsets_{};
    int bits_ = 0;
};

class ReachedSource final : public ChannelSource<ReachedSource> {
public:
    ReachedSource(const LayerSetup& setup, std::vector<std::vector<i128>> firsts, std::size_t input)
        : ChannelSource(setup, input) {
        const Format f = setup.format();
        bits_ = f.width <= 30 ? 32 : f.width <= 62 ? 64 : 0;
        if (bits_ == 0) return;
        // What lies beyond the words is as far as the nearest number beyond them.
        for (const auto& channel : firsts) {
            firsts_.emplace_back();
            for (const i128 first : channel)
                firsts_.back().push_back(static_cast<std::int64_t>(std::clamp(first, raw_min(f), raw_max(f) + 1)));
        }
    }
    [[nodiscard]] int lane_bits() const override { return bits_; }

    template <class Int>
    void row(Int* numbers, std::size_t channel) const {
        const std::vector<std::int64_t>& firsts = firsts_[firsts_.size() == 1 ? 0 : channel];
        if (std::ssize(firsts) > kMostCompares) {
            for (int l = 0; l < kLanes; ++l) {
                const auto above = std::upper_bound(firsts.begin(), firsts.end(), std::int64_t{numbers[l]});
                numbers[l] = static_cast<Int>(above - firsts.begin());
            }
            return;
        }
        Int reached[kLanes] = {};
        for (const std::int64_t wide : firsts) {
            const auto first = static_cast<Int>(wide);
            for (int l = 0; l < kLanes; ++l) reached[l] += numbers[l] >= first ? Int{1} : Int{0};
        }
        std::copy_n(reached, kLanes, numbers);
    }

private:
    static constexpr std::int64_t kMostCompares = 64;
    std::vector<std::vector<std::int64_t>> firsts_{};
    int bits_ = 0;
};

}  // namespace

RowSourcePointer make_channel_source(const LayerSetup& setup, ChannelNumbers numbers, std::size_t input) {
    return std::make_unique<SumSource>(setup, std::move(numbers), input);
}
RowSourcePointer make_reached_source(const LayerSetup& setup, std::vector<std::vector<i128>> firsts,
                                     std::size_t input) {
    return std::make_unique<ReachedSource>(setup, std::move(firsts), input);
}

}  // namespace bittrue::emulator
