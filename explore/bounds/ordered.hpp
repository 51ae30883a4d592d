// One accumulation in the network's order whose register never overflows (rules A3-A10), watched: the smallest and
// largest number that a quantisation of the register gives, 0 included.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "bittrue/model/accumulator.hpp"

namespace bittrue::explore {

// Numbers are raws of one frac, the finest of terms, bias and accumulator.
template <class Int>
struct Seen {
    Int low = 0, high = 0;
    void operator()(Int x) {
        low = std::min(low, x);
        high = std::max(high, x);
    }
};

// floor or nearest multiple of 2^drop by the Q rules.
[[nodiscard]] i128 round_to_multiple(i128 raw, int drop, Rounding rounding);

struct KeepsAll {
    template <class Int>
    Int operator()(Int x) const {
        return x;
    }
};

struct Rounds {
    int drop = 0;
    Rounding rounding = Rounding::Trn;
    i128 operator()(i128 x) const { return round_to_multiple(x, drop, rounding); }
};

template <class Int, class Round>
class Ordered {
public:
    Ordered(const AccumulatorSpec& spec, Round round) : spec_(spec), round_(round) {}

    // `terms` after the product cast, `bias` after the bias cast.
    Seen<Int> operator()(std::span<const Int> terms, std::optional<Int> bias) {
        seen_ = {};
        terms_ = terms;
        const bool first = bias && spec_.bias == BiasPosition::First;
        Int acc = spec_.quantize == QuantizeAt::End ? see(sum(0, 1) + (first ? *bias : Int{0}))
                                                    : by_schedule(first ? bias : std::nullopt);
        if (bias && !first) see(acc + *bias);
        return seen_;
    }

private:
    Int see(Int exact) {
        const Int rounded = round_(exact);
        seen_(rounded);
        return rounded;
    }
    Int sum(std::size_t begin, std::size_t stride) const {
        Int total = 0;
        for (std::size_t t = begin; t < terms_.size(); t += stride) total += terms_[t];
        return total;
    }
    Int start(std::optional<Int> bias) { return bias ? see(*bias) : Int{0}; }

    Int by_schedule(std::optional<Int> bias) {
        const auto group = static_cast<std::size_t>(spec_.group);
        const bool steps = spec_.quantize == QuantizeAt::Step;
        switch (spec_.schedule) {
            case Schedule::Sequential: return pass(start(bias), 0, 1);
            case Schedule::Interleave: {
                Int acc = start(bias);
                for (std::size_t r = 0; r < std::min(group, terms_.size()); ++r)
                    acc = steps ? pass(acc, r, group) : see(acc + sum(r, group));
                return acc;
            }
            case Schedule::Fold:
            case Schedule::Cascade: return steps ? pass(start(bias), 0, 1) : folds(start(bias), group);
            case Schedule::Partial: return partial(start(bias), std::min(group, terms_.size()), steps);
            case Schedule::Tree: return tree(bias);
        }
        return 0;
    }
    Int pass(Int acc, std::size_t begin, std::size_t stride) {
        for (std::size_t t = begin; t < terms_.size(); t += stride) acc = see(acc + terms_[t]);
        return acc;
    }
    Int folds(Int acc, std::size_t group) {
        for (std::size_t t = 0; t < terms_.size();) {
            Int total = 0;
            for (const std::size_t end = std::min(t + group, terms_.size()); t < end; ++t) total += terms_[t];
            acc = see(acc + total);
        }
        return acc;
    }
    Int partial(Int acc, std::size_t lanes, bool steps) {
        room_.clear();
        for (std::size_t l = 0; l < lanes; ++l) {
            room_.push_back(steps ? pass(0, l, lanes) : see(sum(l, lanes)));
        }
        for (const Int lane : room_) acc = see(acc + lane);
        return acc;
    }
    Int tree(std::optional<Int> bias) {
        room_.clear();
        if (bias) room_.push_back(*bias);
        room_.insert(room_.end(), terms_.begin(), terms_.end());
        if (room_.size() == 1) return see(room_[0]);
        while (room_.size() > 1) {
            const std::size_t pairs = room_.size() / 2;
            for (std::size_t i = 0; i < pairs; ++i) room_[i] = see(room_[2 * i] + room_[2 * i + 1]);
            if (room_.size() % 2 != 0) room_[pairs] = room_.back();
            room_.resize(pairs + room_.size() % 2);
        }
        return room_[0];
    }

    const AccumulatorSpec& spec_;
    Round round_;
    Seen<Int> seen_{};
    std::span<const Int> terms_{};
    std::vector<Int> room_{};  // lanes, nodes
};

}  // namespace bittrue::explore
