#include "dot_group.hpp"

#include <algorithm>

#include "dot.hpp"
#include "known_counts.hpp"
#include "ordered.hpp"
#include "vnni.hpp"

namespace bittrue::emulator::linear {
namespace {

// The single term of an accumulation that quantises an exact sum at the end.
AccumulationFormats formats_of_sum(const LinearTerms& terms) {
    AccumulationFormats formats = terms.mac.formats(terms.input);
    formats.terms = 1;
    return formats;
}
AccumulatorSpec spec_of_sum(const LinearTerms& terms) {
    AccumulatorSpec spec = terms.mac.spec;
    spec.product.reset();
    return spec;
}

class DotGroup : public GroupKernel {
    struct Tile {
        std::size_t first = 0, channels = 0;  // of the group
        std::int64_t group = 0;               // of the convolution
        std::vector<std::uint32_t> offsets{};
        std::vector<std::int32_t> weights{}, starts{};
    };

public:
    DotGroup(const LinearTerms& terms, const std::vector<int>& channels, Isa isa, CellKind kind, DotMode mode,
             std::size_t index)
        : terms_(terms),
          accumulation_(terms.mac.spec, terms.mac.formats(terms.input)),
          mode_(mode),
          index_(index),
          kind_(kind),
          offset_(kind == CellKind::QuadU8 && lane_type(terms.input) == LaneType::S8 ? 128 : 0),
          run_(dot_kernel(kind, isa)),
          kernels_(dot_kernels(isa)),
          map_(terms, {.kind = kind}, isa) {
        const FixedType& to = terms.mac.spec.type;
        finish_.up = mode == DotMode::AtEnd ? 0 : to.format.frac() - terms.product_frac();
        if (mode == DotMode::Modular && to.format.width < 32) finish_.width = to.format.width;
        finish_.is_signed = to.format.is_signed;
        for (const int o : channels) {
            const auto bias = terms.bias_of(o);
            biases_.push_back(accumulation_.bias(bias ? raw_from_word(*bias, terms.mac.bias->format) : i128{0}));
            const bool adds = terms.mac.bias && mode != DotMode::AtEnd;
            adds_.push_back(adds ? static_cast<std::int32_t>(biases_.back().first) : 0);
        }
        make_tiles(channels, isa);
        if (mode == DotMode::AtEnd) prepare_end(isa);
    }

    [[nodiscard]] LaneType sum_type() const override { return bits_ == 64 ? LaneType::S64 : LaneType::S32; }

    void sums(std::int64_t y, std::int64_t x, void* out, Workspace& room, int images,
              ChannelCounts* counts) const override {
        if (mode_ != DotMode::AtEnd) return sums_along({.y = y, .x = x}, biases_.size(), out, room, images, counts);
        auto* const sums =
            reinterpret_cast<std::int32_t*>(room.scratch.get((biases_.size() + 2) * kLanes * sizeof(std::int64_t)));
        run({.y = y, .x = x}, sums, room);
        quantise(sums, out, images, counts);
        count(images, counts);
    }

    void sums_along(const PositionRun& positions, std::size_t channels, void* out, Workspace& room, int images,
                    ChannelCounts* counts) const override {
        if (mode_ == DotMode::AtEnd) return GroupKernel::sums_along(positions, channels, out, room, images, counts);
        auto* const sums = static_cast<std::int32_t*>(out);
        run(positions, sums, room);
        for (std::int64_t p = 0; finishes_ && p < positions.count; ++p) {
            DotFinish finish = finish_;
            finish.adds = adds_.data();
            kernels_.finish(finish, sums + static_cast<std::size_t>(p) * channels * kLanes, channels);
        }
        count(static_cast<int>(positions.count) * images, counts);
    }

    [[nodiscard]] AccumulationCounts known(std::size_t i) const override {
        AccumulationCounts one;
        const MacSetup& mac = terms_.mac;
        if (mac.bias && mac.spec.bias_cast) one.accumulator.add(biases_[i].cast);
        if (mac.spec.product) one.product.conversions = static_cast<std::uint64_t>(mac.terms);
        if (mode_ != DotMode::AtEnd) {
            one.accumulator.conversions +=
                static_cast<std::uint64_t>(accumulator_conversions(mac.spec, mac.terms, mac.bias.has_value()));
        }
        if (one.accumulator.overflows() > 0) one.lanes = ~std::uint64_t{0};
        return one;
    }

private:
    void run(const PositionRun& positions, std::int32_t* sums, Workspace& room) const {
        const std::size_t window_step = map_.column_bytes() * static_cast<std::size_t>(positions.step);
        for (const Tile& tile : tiles_) {
            const std::byte* const window =
                map_.window(positions.y, positions.x, tile.group, room.in, room.cells[index_]);
            run_({.offsets = tile.offsets.data(),
                  .cells = tile.offsets.size(),
                  .weights = tile.weights.data(),
                  .starts = tile.starts.data(),
                  .channels = tile.channels,
                  .positions = static_cast<std::size_t>(positions.count),
                  .window_step = window_step,
                  .out_step = biases_.size() * kLanes,
                  .unused = unused_},
                 window, sums + tile.first * kLanes);
        }
    }

    void count(int outputs, ChannelCounts* counts) const {
        for (std::size_t i = 0; counts != nullptr && i < biases_.size(); ++i)
            counts[i].known += static_cast<std::uint64_t>(outputs);
    }

    // Tiles of about equal size, none across two groups of the convolution.
    void make_tiles(const std::vector<int>& channels, Isa isa) {
        const std::vector<PackedCell> cells = pack_cells(terms_, elements_of(kind_));
        std::vector<CellPlace> places;
        for (const PackedCell& cell : cells) places.push_back(map_.add(cell.elements));
        map_.complete();
        for (std::size_t begin = 0; begin < channels.size();) {
            const std::int64_t group = channels[begin] / terms_.group_outputs;
            std::size_t end = begin;
            while (end < channels.size() && channels[end] / terms_.group_outputs == group) ++end;
            const std::size_t count = (end - begin + kDotChannels - 1) / kDotChannels;
            for (std::size_t i = 0; i < count; ++i) {
                const std::size_t from = begin + (end - begin) * i / count,
                                  to = begin + (end - begin) * (i + 1) / count;
                add_tile({channels.data() + from, to - from}, from, group, cells, places);
            }
            begin = end;
        }
        // Where the raw is the sum, the bias is where the sum starts.
        if (has_vnni(isa) && finish_.up == 0 && finish_.is_signed && finish_.width != 0) {
            unused_ = 32 - finish_.width;
            finish_.width = 0;
        }
        finishes_ = mode_ != DotMode::AtEnd && (finish_.up != 0 || finish_.width != 0);
        if (finishes_) return;
        for (Tile& tile : tiles_) {
            for (std::size_t c = 0; c < tile.channels; ++c) {
                tile.starts[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(tile.starts[c]) +
                                                           static_cast<std::uint32_t>(adds_[tile.first + c]));
            }
        }
    }

    void add_tile(std::span<const int> channels, std::size_t first, std::int64_t group,
                  const std::vector<PackedCell>& cells, const std::vector<CellPlace>& places) {
        Tile tile{.first = first, .channels = channels.size(), .group = group};
        for (const int o : channels) {
            std::int64_t sum = 0;
            for (std::int64_t t = 0; t < terms_.mac.terms; ++t) sum += terms_.weight(o, t);
            tile.starts.push_back(static_cast<std::int32_t>(-sum * offset_));
        }
        for (std::size_t i = 0; i < cells.size(); ++i) {
            bool any = false;
            std::vector<std::int32_t> packed;
            for (const int o : channels) {
                std::array<std::int64_t, kMaxCellElements> weights{};
                for (std::size_t e = 0; e < kMaxCellElements; ++e) {
                    if (cells[i].terms[e] >= 0) weights[e] = terms_.weight(o, cells[i].terms[e]);
                }
                packed.push_back(pack_weights(kind_, weights.data()));
                any = any || packed.back() != 0;
            }
            if (!any) continue;
            tile.offsets.push_back(map_.offset(places[i]));
            tile.weights.insert(tile.weights.end(), packed.begin(), packed.end());
        }
        tiles_.push_back(std::move(tile));
    }

    void prepare_end(Isa isa) {
        const AccumulationFormats formats = formats_of_sum(terms_);
        const AccumulatorSpec spec = spec_of_sum(terms_);
        bits_ = ordered_lane_bits(terms_);
        end_ = OrderedPlan(bits_, Accumulation<std::int64_t>(spec, formats), formats);
        end_.narrow_products = false;  // its term is a sum
        end_run_ = bits_ == 64 ? ordered_kernels(isa).run64 : ordered_kernels(isa).run32;
        widen_ = ordered_kernels(isa).widen64;
    }

    void quantise(const std::int32_t* sums, void* out, int images, ChannelCounts* counts) const {
        static constexpr std::int32_t kOne32 = 1;
        static constexpr std::int64_t kOne64 = 1;
        alignas(64) std::int64_t wide[kLanes];
        for (std::size_t c = 0; c < biases_.size(); ++c) {
            OrderedJob job{.window = sums + c * kLanes,
                           .weights = &kOne32,
                           .bias = &biases_[c],
                           .lanes = {.counted = first_lanes(images)},
                           .counts = counts != nullptr ? &counts[c].counted : nullptr};
            job.out = static_cast<std::byte*>(out) + c * kLanes * static_cast<std::size_t>(bits_ / 8);
            if (bits_ == 64) {
                widen_(reinterpret_cast<const std::byte*>(job.window), LaneType::S32, wide);
                job.window = wide;
                job.weights = &kOne64;
            }
            end_run_(end_, job);
        }
    }

    const LinearTerms& terms_;
    Accumulation<std::int64_t> accumulation_;
    DotMode mode_;
    std::size_t index_;
    CellKind kind_;
    std::int64_t offset_;  // what the cells add to every input
    DotKernel run_;
    DotKernels kernels_;
    CellMap map_;
    DotFinish finish_{};
    bool finishes_ = false;
    int unused_ = 0;
    int bits_ = 32;
    OrderedPlan end_{};
    void (*end_run_)(const OrderedPlan&, const OrderedJob&) = nullptr;
    Widen widen_ = nullptr;
    std::vector<Tile> tiles_{};
    std::vector<BiasTerm<std::int64_t>> biases_{};
    std::vector<std::int32_t> adds_{};
};

}  // namespace

int dot_steps(const LinearTerms& terms, CellKind kind) {
    return static_cast<int>(pack_cells(terms, elements_of(kind)).size());
}

std::unique_ptr<GroupKernel> make_dot(const LinearTerms& terms, const std::vector<int>& channels, Isa isa,
                                      CellKind kind, DotMode mode, std::size_t index) {
    return std::make_unique<DotGroup>(terms, channels, isa, kind, mode, index);
}

}  // namespace bittrue::emulator::linear
