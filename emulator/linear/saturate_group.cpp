#include "saturate_group.hpp"

#include <algorithm>

#include "dot.hpp"
#include "steps.hpp"

namespace bittrue::emulator::linear {
namespace {

SaturateRun run_of(const SaturatePlan& plan, Isa isa) {
    const SaturateKernels kernels = saturate_kernels(isa);
    switch (plan.kernel) {
        case SaturateKernel::Pairs16: return kernels.pairs16;
        case SaturateKernel::Low16: return kernels.low16;
        case SaturateKernel::Floor16: return plan.wraps ? kernels.floor16_wraps : kernels.floor16;
        case SaturateKernel::Round16: return plan.wraps ? kernels.round16_wraps : kernels.round16;
        case SaturateKernel::Native32: return native32(isa);
        case SaturateKernel::Clamped32: return kernels.clamped32;
    }
    return nullptr;
}

class SaturateGroup : public GroupKernel {
    struct Channel {
        std::size_t at = 0;      // in the group
        std::int64_t group = 0;  // of the convolution
        std::vector<OrderedStep> steps{};
        std::vector<CellPlace> places{};
        SaturateJob job{};
    };
    struct Tile {
        std::array<std::size_t, kSaturateJobs> at{};
        std::array<std::int64_t, kSaturateJobs> groups{};
        std::vector<SaturateStep> steps{};
        SaturateTile tile{};
        // Few channels run at several positions side by side: the steps of all.
        std::size_t copies = 1;
        std::vector<SaturateStep> copied{};
    };

public:
    SaturateGroup(const LinearTerms& terms, const std::vector<int>& channels, Isa isa, const SaturatePlan& plan,
                  std::size_t index, int& steps)
        : plan_(plan),
          index_(index),
          run_(run_of(plan, isa)),
          map_(terms, {cells_of(plan.kernel), plan.input_shift}, isa) {
        const Accumulation<std::int64_t> accumulation(terms.mac.spec, terms.mac.formats(terms.input));
        std::vector<Channel> all;
        for (const int o : channels) {
            Channel c{.at = all.size(), .group = o / terms.group_outputs, .steps = steps_of(terms, o)};
            for (const OrderedStep& step : c.steps) c.places.push_back(map_.add(step.elements));
            steps = std::max(steps, static_cast<int>(c.steps.size()));
            const auto bias = terms.bias_of(o);
            c.job = job_of(terms, accumulation.bias(bias ? raw_from_word(*bias, terms.mac.bias->format) : i128{0}),
                           accumulation);
            all.push_back(std::move(c));
        }
        map_.complete();
        // Channels of about equal length share a tile, so that little is filled up.
        std::stable_sort(all.begin(), all.end(), [](const Channel& a, const Channel& b) {
            return std::pair(a.group, a.steps.size()) < std::pair(b.group, b.steps.size());
        });
        for (std::size_t first = 0; first < all.size(); first += kSaturateJobs) {
            add_tile(terms, {all.data() + first, std::min(kSaturateJobs, all.size() - first)});
        }
    }

    [[nodiscard]] LaneType sum_type() const override { return LaneType::S32; }

    void sums(std::int64_t y, std::int64_t x, void* out, Workspace& room, int images,
              ChannelCounts* counts) const override {
        sums_along({.y = y, .x = x}, 0, out, room, images, counts);
    }

    void sums_along(const PositionRun& positions, std::size_t channels, void* out, Workspace& room, int /*images*/,
                    ChannelCounts* /*counts*/) const override {
        const std::size_t window_step = map_.column_bytes() * static_cast<std::size_t>(positions.step);
        const auto count = static_cast<std::size_t>(positions.count);
        for (const Tile& t : tiles_) {
            SaturateTile tile = t.tile;
            std::array<const std::byte*, kSaturateJobs> first{};
            for (std::size_t j = 0; j < tile.channels; ++j) {
                first[j] = j > 0 && t.groups[j] == t.groups[j - 1]
                               ? first[j - 1]
                               : map_.window(positions.y, positions.x, t.groups[j], room.in, room.cells[index_]);
            }
            const auto run_at = [&](std::size_t position, std::size_t copies) {
                tile.channels = t.tile.channels * copies;
                tile.steps = copies > 1 ? t.copied.data() : t.steps.data();
                SaturateJob* job = tile.jobs.data();
                for (std::size_t at = position; at < position + copies; ++at) {
                    for (std::size_t own = 0; own < t.tile.channels; ++own, ++job) {
                        *job = t.tile.jobs[own];
                        job->window = first[own] + at * window_step;
                        job->out = static_cast<std::int32_t*>(out) + (at * channels + t.at[own]) * kLanes;
                    }
                }
                run_(tile);
            };
            std::size_t p = 0;
            for (; p + t.copies <= count; p += t.copies) run_at(p, t.copies);
            for (; p < count; ++p) run_at(p, 1);
        }
    }

private:
    // How far weights of one sign may add up before they must saturate.
    [[nodiscard]] std::vector<OrderedStep> steps_of(const LinearTerms& terms, int channel) const {
        const i128 largest = std::max<i128>(1, raw_max(terms.input));
        switch (plan_.kernel) {
            case SaturateKernel::Pairs16:
                return ordered_steps(terms, channel, 2, plan_.fuses ? (32767 / largest) >> plan_.weight_shift : 0);
            case SaturateKernel::Low16:
            case SaturateKernel::Floor16:
            case SaturateKernel::Round16: return ordered_steps(terms, channel, 1, 0);
            case SaturateKernel::Native32:
            case SaturateKernel::Clamped32:
                return ordered_steps(terms, channel, 2, plan_.fuses ? i128{1} << 40 : i128{0});
        }
        return {};
    }

    void add_tile(const LinearTerms& terms, std::span<const Channel> channels) {
        Tile t{.tile = tile_of(terms)};
        t.tile.channels = channels.size();
        for (const Channel& c : channels) t.tile.count = std::max(t.tile.count, c.steps.size());
        for (std::size_t s = 0; s < t.tile.count; ++s) {
            for (const Channel& c : channels) {
                t.steps.push_back(s < c.steps.size() ? SaturateStep{map_.offset(c.places[s]), pack(c.steps[s])}
                                                     : SaturateStep{});
            }
        }
        for (std::size_t j = 0; j < channels.size(); ++j) {
            t.at[j] = channels[j].at;
            t.groups[j] = channels[j].group;
            t.tile.jobs[j] = channels[j].job;
        }
        t.copies = kSaturateJobs / channels.size();
        for (std::size_t s = 0; s < t.tile.count; ++s) {
            const auto* const own = t.steps.data() + s * channels.size();
            for (std::size_t copy = 0; copy < t.copies; ++copy)
                t.copied.insert(t.copied.end(), own, own + channels.size());
        }
        tiles_.push_back(std::move(t));
    }

    [[nodiscard]] std::int32_t pack(const OrderedStep& step) const {
        std::array<std::int64_t, kMaxCellElements> weights = step.weights;
        for (std::int64_t& w : weights) w *= std::int64_t{1} << plan_.weight_shift;
        const CellKind kind = cells_of(plan_.kernel);
        const std::int32_t packed = pack_weights(kind, weights.data());
        if (is_wide()) return packed;
        const auto low = static_cast<std::uint32_t>(packed) & 0xffffU;
        return static_cast<std::int32_t>(low | low << 16);
    }

    [[nodiscard]] bool is_wide() const { return bytes_of(cells_of(plan_.kernel)) == kLanes * sizeof(std::int32_t); }

    // What all channels share.
    [[nodiscard]] SaturateTile tile_of(const LinearTerms& terms) const {
        const FixedType& to = terms.mac.spec.type;
        const auto low = static_cast<std::int64_t>(range_min(to)), high = static_cast<std::int64_t>(range_max(to));
        SaturateTile tile{.scale = plan_.scale, .width = to.format.width, .is_signed = to.format.is_signed};
        if (is_wide()) {
            tile.needs_low = low * (std::int64_t{1} << plan_.scale) != std::numeric_limits<std::int32_t>::min();
        } else if (!plan_.wraps) {
            tile.offset = static_cast<std::int32_t>(32767 - high);
            tile.needs_low = low + tile.offset != std::numeric_limits<std::int16_t>::min();
        }
        return tile;
    }

    [[nodiscard]] SaturateJob job_of(const LinearTerms& terms, const BiasTerm<std::int64_t>& bias,
                                     const Accumulation<std::int64_t>& accumulation) const {
        const FixedType& to = terms.mac.spec.type;
        const auto low = static_cast<std::int64_t>(range_min(to)), high = static_cast<std::int64_t>(range_max(to));
        const bool last = terms.mac.bias && terms.mac.spec.bias == BiasPosition::Last;
        const std::int64_t start = terms.mac.bias && !last ? bias.first : 0;
        SaturateJob job;
        if (last) job.last = static_cast<std::int32_t>(bias.raw << accumulation.bias_last_up);
        if (is_wide()) {
            job.start = static_cast<std::int32_t>(start * (std::int64_t{1} << plan_.scale));
            job.low = static_cast<std::int32_t>(low * (std::int64_t{1} << plan_.scale));
            job.high = static_cast<std::int32_t>(high);
        } else {
            const std::int32_t offset = tile_of(terms).offset;
            job.start = static_cast<std::int32_t>(start) + offset;
            job.low = static_cast<std::int32_t>(plan_.wraps ? 0 : low) + offset;
        }
        return job;
    }

    SaturatePlan plan_;
    std::size_t index_;
    SaturateRun run_;
    CellMap map_;
    std::vector<Tile> tiles_{};
};

}  // namespace

std::unique_ptr<GroupKernel> make_saturating(const LinearTerms& terms, const std::vector<int>& channels, Isa isa,
                                             const SaturatePlan& plan, std::size_t index, int& steps) {
    return std::make_unique<SaturateGroup>(terms, channels, isa, plan, index, steps);
}

}  // namespace bittrue::emulator::linear
