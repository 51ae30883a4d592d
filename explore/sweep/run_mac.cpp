// The loop over positions and channels; the lanes are in lanes.cpp.
#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sweep/mac_layer.hpp"

namespace bittrue::explore {

namespace {

class MacRun {
public:
    MacRun(const MacFamily& family, Want want, const MacLimits* limits, const Block& in, Block& out, Ranges* ranges,
           std::int32_t* left, MacRoom& room)
        : f_(family),
          layer_(family.layer),
          want_(want),
          limits_(limits),
          in_(in),
          out_(out),
          ranges_(ranges),
          left_(left),
          room_(room),
          lanes_(in.lanes()),
          result_(family.spec.type.format.frac(), family.layer.result) {}

    void run() {
        const bool limited = want_ == Want::Limit;
        const bool fast = f_.fast && (!limited || limits_->clamps || limits_->wraps);
        if (ranges_ != nullptr) {
            ranges_->low.assign(static_cast<std::size_t>(lanes_), 0);
            ranges_->high.assign(static_cast<std::size_t>(lanes_), 0);
        }
        if (fast) {
            run_fast();
        } else {
            run_steps();
        }
    }

private:
    template <class Body>
    void for_windows(const Body& body) {
        const std::int64_t per_group = layer_.channels() / layer_.groups;
        for (std::int64_t p = 0; p < layer_.positions(); ++p) {
            for (std::int64_t g = 0; g < layer_.groups; ++g) {
                layer_.window(p, g, room_.elements);
                room_.inputs.clear();
                bool padded = false;
                for (const std::int64_t e : room_.elements) {
                    room_.inputs.push_back(e < 0 ? nullptr : in_.plane(e));
                    padded = padded || e < 0;
                }
                for (std::int64_t o = g * per_group; o < (g + 1) * per_group; ++o)
                    body(o, out_.plane(layer_.output_element(p, o)), padded);
            }
        }
    }

    void run_fast() {
        room_.lanes32.reset(4, lanes_);
        std::int32_t* const sums = room_.lanes32.plane(0);
        std::int32_t* const low = room_.lanes32.plane(1);
        std::int32_t* const high = room_.lanes32.plane(2);
        std::int32_t* const left = room_.lanes32.plane(3);
        std::fill_n(low, 3 * lanes_, 0);  // low, high and left
        const bool wraps = want_ == Want::Limit && limits_->wraps;
        const bool asks = want_ == Want::Limit && left_ != nullptr;
        const Want loop = !wraps ? want_ : asks ? Want::Range : Want::Sum;
        FastJob job{.inputs = nullptr,
                    .taps = f_.taps.data(),
                    .runs = nullptr,
                    .down = f_.down,
                    .round = f_.round,
                    .casts = f_.casts,
                    .short_operands = f_.short_operands,
                    .lanes = lanes_,
                    .sums = sums,
                    .low = low,
                    .high = high,
                    .left = asks && !wraps ? left : nullptr};
        if (want_ == Want::Limit) job.lo = limits_->lo, job.hi = limits_->hi;
        const LaneCast wrap = wraps ? LaneCast(f_.spec.type.format.frac(), limits_->type) : LaneCast{};
        for_windows([&](std::int64_t o, std::int32_t* out, bool padded) {
            const auto c = static_cast<std::size_t>(o);
            const auto& starts = want_ == Want::Limit ? limits_->start : f_.start;
            job.start = static_cast<std::int32_t>(starts[c]);
            job.last = static_cast<std::int32_t>(f_.last[c]);
            job.inputs = room_.inputs.data();
            choose_runs(c, padded, job);
            accumulate_fast(loop, job);
            if (wraps) cast_lanes(wrap, sums, sums, lanes_);
            finish(sums, out);
        });
        if (want_ == Want::Range) {
            for (int l = 0; l < lanes_; ++l) {
                ranges_->low[static_cast<std::size_t>(l)] = low[l];
                ranges_->high[static_cast<std::size_t>(l)] = high[l];
            }
        }
        if (!asks) return;
        for (int l = 0; l < lanes_; ++l) {
            const bool outside = low[l] < limits_->range_lo || high[l] > limits_->range_hi;
            if (limits_->start_leaves || left[l] != 0 || (wraps && outside)) left_[l] = 1;
        }
    }

    void choose_runs(std::size_t channel, bool padded, FastJob& job) {
        const std::int32_t begin = f_.channel_runs[channel], end = f_.channel_runs[channel + 1];
        job.taps = f_.taps.data();
        job.runs = f_.runs.data() + begin;
        job.run_count = end - begin;
        if (!padded || begin == end) return;
        room_.taps.clear();
        room_.runs.clear();
        const std::int32_t first = f_.runs[static_cast<std::size_t>(begin)].begin;
        const std::int32_t last = f_.runs[static_cast<std::size_t>(end) - 1].end;
        for (std::int32_t t = first; t < last; ++t) {
            const Tap& tap = f_.taps[static_cast<std::size_t>(t)];
            if (room_.inputs[static_cast<std::size_t>(tap.term)] != nullptr) room_.taps.push_back(tap);
        }
        add_runs(room_.taps, 0, f_.signed_inputs, room_.runs);
        job.taps = room_.taps.data();
        job.runs = room_.runs.data();
        job.run_count = static_cast<std::int32_t>(room_.runs.size());
    }

    void finish(const std::int32_t* sums, std::int32_t* out) {
        if (result_.fits(f_.sum_bits, 32)) {
            cast_lanes(result_, sums, out, lanes_);
            return;
        }
        room_.sums.resize(static_cast<std::size_t>(lanes_));
        widen_lanes(sums, room_.sums.data(), lanes_);
        cast_lanes(result_, room_.sums.data(), out, lanes_);
    }

    void run_steps() {
        room_.sums.resize(static_cast<std::size_t>(lanes_));
        room_.registers.resize(static_cast<std::size_t>(f_.steps.registers * kStepTile));
        const LaneCast& convert = want_ == Want::Limit ? limits_->convert : f_.convert;
        const LaneCast& product = want_ == Want::Limit ? limits_->product : f_.product;
        StepJob job{.inputs = nullptr,
                    .weights = nullptr,
                    .steps = &f_.steps,
                    .term_up = f_.term_up,
                    .acc_up = f_.acc_up,
                    .convert = &convert,
                    .product = f_.casts ? &product : nullptr,
                    .lanes = lanes_,
                    .registers = room_.registers.data(),
                    .sums = room_.sums.data(),
                    .low = ranges_ == nullptr ? nullptr : ranges_->low.data(),
                    .high = ranges_ == nullptr ? nullptr : ranges_->high.data(),
                    .left = left_};
        for_windows([&](std::int64_t o, std::int32_t* out, bool /*padded*/) {
            job.inputs = room_.inputs.data();
            job.weights = layer_.weights.data() + o * layer_.terms();
            job.bias = f_.aligned_bias.empty() ? 0 : f_.aligned_bias[static_cast<std::size_t>(o)];
            accumulate_steps(want_, job);
            cast_lanes(result_, room_.sums.data(), out, lanes_);
        });
    }

    const MacFamily& f_;
    const MacLayer& layer_;
    Want want_;
    const MacLimits* limits_;
    const Block& in_;
    Block& out_;
    Ranges* ranges_;
    std::int32_t* left_;
    MacRoom& room_;
    int lanes_;
    LaneCast result_;
};

}  // namespace

void run_mac(const MacFamily& family, Want want, const MacLimits* limits, const Block& in, Block& out, Ranges* ranges,
             std::int32_t* left, MacRoom& room) {
    if ((want == Want::Limit) != (limits != nullptr) || (want == Want::Range) != (ranges != nullptr))
        throw std::logic_error("limits go with Limit, ranges with Range");
    MacRun(family, want, limits, in, out, ranges, left, room).run();
}

}  // namespace bittrue::explore
