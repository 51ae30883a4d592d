#include "adjust.hpp"

#include <algorithm>
#include <deque>

namespace bittrue::corner {
namespace {

constexpr i128 kMostRemainders = 4096;

i128 magnitude(i128 x) {
    return x < 0 ? -x : x;
}

class Adjustment {
public:
    Adjustment(std::vector<Knob>& knobs, i128 difference, SplitMix64& random)
        : knobs_(knobs), left_(difference), random_(random) {
        for (std::size_t i = 0; i < knobs.size(); ++i) {
            if (knobs[i].weight != 0 && knobs[i].last > 0) order_.push_back(i);
        }
        for (std::size_t i = order_.size(); i > 1; --i)
            std::swap(order_[i - 1], order_[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(i)))]);
        std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            return magnitude(knobs_[a].weight) > magnitude(knobs_[b].weight);
        });
    }

    bool run() {
        constexpr int kRounds = 4;
        for (int round = 0; round < kRounds && left_ != 0; ++round) {
            coarse();
            if (left_ != 0 && !by_remainders()) return false;
        }
        return left_ == 0;
    }

private:
    void turn(std::size_t i, i128 steps) {
        knobs_[i].position += steps;
        left_ -= steps * knobs_[i].weight;
    }

    // Each knob as far as the difference needs it, the heaviest first.
    void coarse() {
        for (const std::size_t i : order_) {
            const Knob& k = knobs_[i];
            turn(i, std::clamp<i128>(left_ / k.weight, -k.position, k.last - k.position));
        }
    }

    // Single steps that leave a multiple of the smallest weight.
    bool by_remainders() {
        if (order_.empty()) return false;
        const i128 modulus = magnitude(knobs_[order_.back()].weight);
        if (modulus > kMostRemainders) return false;
        const auto count = static_cast<std::size_t>(modulus);
        struct Came {
            std::size_t from = 0, knob = 0;
            int step = 0;
        };
        std::vector<Came> came(count);
        std::deque<std::size_t> next{0};
        const auto wanted = static_cast<std::size_t>((left_ % modulus + modulus) % modulus);
        while (!next.empty() && came[wanted].step == 0 && wanted != 0) {
            const std::size_t here = next.front();
            next.pop_front();
            for (const std::size_t i : order_) {
                for (const int step : {1, -1}) {
                    const Knob& k = knobs_[i];
                    if (step > 0 ? k.position >= k.last : k.position <= 0) continue;
                    const i128 there = ((static_cast<i128>(here) + step * k.weight) % modulus + modulus) % modulus;
                    const auto t = static_cast<std::size_t>(there);
                    if (t == 0 || came[t].step != 0) continue;
                    came[t] = {here, i, step};
                    next.push_back(t);
                }
            }
        }
        if (wanted != 0 && came[wanted].step == 0) return false;
        for (std::size_t at = wanted; at != 0; at = came[at].from) {
            const Knob& k = knobs_[came[at].knob];
            const bool stuck = came[at].step > 0 ? k.position >= k.last : k.position <= 0;
            if (stuck) return false;
            turn(came[at].knob, came[at].step);
        }
        for (auto i = order_.rbegin(); i != order_.rend() && left_ != 0; ++i) {
            const Knob& k = knobs_[*i];
            if (left_ % k.weight == 0) turn(*i, std::clamp<i128>(left_ / k.weight, -k.position, k.last - k.position));
        }
        return true;
    }

    std::vector<Knob>& knobs_;
    i128 left_;
    SplitMix64& random_;
    std::vector<std::size_t> order_{};
};

}  // namespace

bool adjust(std::vector<Knob>& knobs, i128 difference, SplitMix64& random) {
    constexpr int kTries = 12;
    const std::vector<Knob> start = knobs;
    for (int attempt = 0; attempt < kTries && !knobs.empty(); ++attempt) {
        knobs = start;
        i128 left = difference;
        // Knobs at their ends may block the way: the next attempt begins with some of them elsewhere.
        for (int k = 0; k < attempt; ++k) {
            Knob& knob = knobs[static_cast<std::size_t>(random.below(std::ssize(knobs)))];
            const i128 position = std::clamp<i128>(knob.position + random.between(-4, 4), 0, knob.last);
            left -= (position - knob.position) * knob.weight;
            knob.position = position;
        }
        if (Adjustment(knobs, left, random).run()) return true;
    }
    return difference == 0;
}

}  // namespace bittrue::corner
