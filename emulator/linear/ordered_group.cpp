// Gathers the window of an output position once per convolution group and runs each channel over it.
#include <bit>
#include <cstring>

#include "group_kernel.hpp"
#include "known_counts.hpp"
#include "ordered.hpp"

namespace bittrue::emulator::linear {
namespace {

template <class T>
class OrderedGroup : public PartialKernel {
    static constexpr int kBits = 8 * sizeof(T);

public:
    OrderedGroup(const LinearTerms& terms, const std::vector<int>& channels, Isa isa)
        : terms_(terms),
          plan_(kBits, Accumulation<std::int64_t>(terms.mac.spec, terms.mac.formats(terms.input)),
                terms.mac.formats(terms.input)),
          run_(kBits == 32 ? ordered_kernels(isa).run32 : ordered_kernels(isa).run64),
          widen_(kBits == 32 ? ordered_kernels(isa).widen32 : ordered_kernels(isa).widen64),
          channels_(channels) {
        for (const int o : channels_) {
            for (const std::int64_t w : terms.weights_of(o)) weights_.push_back(static_cast<T>(w));
            const auto bias = terms.bias_of(o);
            biases_.push_back(plan_.a.bias(bias ? raw_from_word(*bias, terms.mac.bias->format) : i128{0}));
        }
    }

    [[nodiscard]] LaneType sum_type() const override { return kBits == 32 ? LaneType::S32 : LaneType::S64; }

    void sums(std::int64_t y, std::int64_t x, void* out, Workspace& room, int images,
              ChannelCounts* counts) const override {
        sums_of({.counted = first_lanes(images)}, y, x, out, room, counts);
    }
    void sums_of(LaneSets lanes, std::int64_t y, std::int64_t x, void* out, Workspace& room,
                 ChannelCounts* counts) const override {
        OrderedJob job{.room = room.scratch.get(static_cast<std::size_t>(plan_.room) * kLanes * sizeof(T)),
                       .lanes = lanes};
        const auto n = static_cast<std::size_t>(terms_.mac.terms);
        for (std::size_t i = 0; i < channels_.size(); ++i) {
            job.window = gather({y, x, channels_[i] / terms_.group_outputs, kBits}, room);
            job.weights = weights_.data() + i * n;
            job.bias = &biases_[i];
            job.out = static_cast<T*>(out) + i * kLanes;
            if (counts != nullptr) {
                job.counts = &counts[i].counted;
                counts[i].known += static_cast<unsigned>(std::popcount(lanes.counted));
            }
            run_(plan_, job);
        }
    }

    // Of the bias, which is cast once.
    [[nodiscard]] AccumulationCounts known(std::size_t i) const override {
        AccumulationCounts one;
        if (terms_.mac.bias && terms_.mac.spec.bias_cast) one.accumulator.add(biases_[i].cast);
        if (starts_with_bias(terms_)) one.accumulator.add(biases_[i].first_events);
        if (one.accumulator.overflows() > 0) one.lanes = ~std::uint64_t{0};
        return one;
    }

private:
    const std::byte* gather(const WindowKey& key, Workspace& room) const {
        constexpr std::size_t kPlane = kLanes * sizeof(T);
        std::byte* const window = room.window.get(static_cast<std::size_t>(terms_.mac.terms) * kPlane);
        if (room.key == key) return window;
        const std::int64_t plane_bytes = kLanes * bytes_of(room.in.type);
        std::byte* to = window;
        for (const Element& tap : terms_.taps) {
            const std::int64_t plane = terms_.plane(key.y, key.x, key.group, tap);
            if (plane < 0) {
                std::memset(to, 0, kPlane);
            } else {
                widen_(room.in.data + plane * plane_bytes, room.in.type, to);
            }
            to += kPlane;
        }
        room.key = key;
        return window;
    }

    const LinearTerms& terms_;
    OrderedPlan plan_;
    void (*run_)(const OrderedPlan&, const OrderedJob&);
    Widen widen_;
    std::vector<int> channels_;
    std::vector<T> weights_{};
    std::vector<BiasTerm<std::int64_t>> biases_{};
};

}  // namespace

int ordered_lane_bits(const LinearTerms& terms) {
    const AccumulationFormats formats = terms.mac.formats(terms.input);
    if (OrderedPlan::fits(32, terms.mac.spec, formats)) return 32;
    return fits_narrow(terms.mac.spec, formats) && OrderedPlan::fits(64, terms.mac.spec, formats) ? 64 : 0;
}

std::unique_ptr<PartialKernel> make_ordered(const LinearTerms& terms, const std::vector<int>& channels, Isa isa) {
    if (ordered_lane_bits(terms) == 32) return std::make_unique<OrderedGroup<std::int32_t>>(terms, channels, isa);
    return std::make_unique<OrderedGroup<std::int64_t>>(terms, channels, isa);
}

}  // namespace bittrue::emulator::linear
