#include "telling/telling_probes.hpp"

#include <algorithm>
#include <numeric>

namespace bittrue::diagnose_detail {

std::uint64_t Draws::next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

i128 Draws::within(const RawRange& range) {
    const auto span = static_cast<u128>(range.high - range.low) + 1;  // at most 2^64: words have no more bits
    return range.low + static_cast<i128>(u128{next()} % span);
}

i128 ProbeMaker::fit(i128 raw, std::size_t given) const {
    return std::clamp(raw, ranges_[given].low, ranges_[given].high);
}

i128 ProbeMaker::zero(std::size_t given) const {
    return fit(0, given);
}

Probe ProbeMaker::filled(const Word& word) const {
    Probe probe;
    for (std::size_t g = 0; g < ranges_.size(); ++g) {
        auto& raws = probe.emplace_back();
        const std::int64_t count = subject_.chain.given[g].shape.count();
        raws.reserve(static_cast<std::size_t>(count));
        for (std::int64_t e = 0; e < count; ++e) raws.push_back(word(g, e));
    }
    return probe;
}

Probe ProbeMaker::next() {
    constexpr std::uint64_t kSimple = 8;
    const std::uint64_t number = made_++;
    if (number < kSimple) return simple(number);
    switch ((number - kSimple) % 8) {
        case 0: return single();
        case 1: return ramp();
        case 2: return sums_.empty() ? special() : solved();
        case 3: return special();
        case 4: return sums_.empty() ? random() : swing();
        case 5: return mutated();
        case 6: return sums_.empty() ? mutated() : solved();
        default: return random();
    }
}

Probe ProbeMaker::simple(std::uint64_t number) {
    return filled([&](std::size_t g, std::int64_t e) -> i128 {
        const RawRange& r = ranges_[g];
        switch (number) {
            case 0: return zero(g);
            case 1: return r.low;
            case 2: return r.high;
            case 3: return fit(1, g);
            case 4: return fit(-1, g);
            case 5: return e % 2 == 0 ? r.low : r.high;
            case 6: return r.low + (r.high - r.low) / 2;
            default: return r.low + i128{e} % (r.high - r.low + 1);
        }
    });
}

Probe ProbeMaker::single() {
    Probe probe = filled([&](std::size_t g, std::int64_t /*e*/) { return zero(g); });
    for (std::size_t g = 0; g < probe.size(); ++g) {
        const i128 choices[] = {ranges_[g].low, ranges_[g].high, draws_.within(ranges_[g])};
        probe[g][static_cast<std::size_t>(draws_.below(static_cast<std::int64_t>(probe[g].size())))] =
            choices[draws_.below(3)];
    }
    return probe;
}

// Neighbours differ, and all words do where the range has as many.
Probe ProbeMaker::ramp() {
    const i128 step = 2 * draws_.below(64) + 1, start = draws_.below(1 << 16);
    return filled([&](std::size_t g, std::int64_t e) {
        const i128 span = ranges_[g].high - ranges_[g].low + 1;
        return ranges_[g].low + (start + step * e) % span;
    });
}

Probe ProbeMaker::random() {
    return filled([&](std::size_t g, std::int64_t /*e*/) { return draws_.within(ranges_[g]); });
}

// An image of the dump with some other words.
Probe ProbeMaker::mutated() {
    if (subject_.images == 0) return random();
    const std::int64_t image = draws_.below(static_cast<std::int64_t>(subject_.images));
    const std::int64_t one_in = std::int64_t{1} << draws_.below(8);
    return filled([&](std::size_t g, std::int64_t e) {
        const TensorWords& given = subject_.chain.given[g];
        if (draws_.below(one_in) == 0) return draws_.coin() ? draws_.within(ranges_[g]) : special_raw(g);
        const std::int64_t word = given.words[static_cast<std::size_t>(image * given.shape.count() + e)];
        return fit(raw_from_word(word, given.type.format), g);
    });
}

// Near powers of two, and ties of every number of dropped bits.
i128 ProbeMaker::special_raw(std::size_t g) {
    const int width = subject_.chain.given[g].type.format.width;
    const auto bit = static_cast<int>(draws_.below(width));
    i128 raw = (i128{1} << bit) + draws_.below(3) - 1;
    if (draws_.coin())
        raw = (draws_.within(ranges_[g]) >> bit) * (i128{1} << bit) + (bit > 0 ? i128{1} << (bit - 1) : 0);
    return fit(draws_.coin() ? -raw : raw, g);
}

Probe ProbeMaker::special() {
    return filled([&](std::size_t g, std::int64_t /*e*/) { return special_raw(g); });
}

namespace {

struct Place {
    std::int64_t channel = 0, y = 0, x = 0;
};

Place any_place(const Shape& shape, Draws& draws) {
    return {draws.below(shape.channels()), draws.below(shape.height()), draws.below(shape.width())};
}

}  // namespace

// The running sum of one word goes far up and down: stretches of terms that all push one way.
Probe ProbeMaker::swing() {
    const LinearSums& sums = sums_[static_cast<std::size_t>(draws_.below(static_cast<std::int64_t>(sums_.size())))];
    const Place at = any_place(sums.shape(), draws_);
    const LinearTerms terms = sums.terms(at.channel, at.y, at.x);
    Probe probe = draws_.coin() ? filled([&](std::size_t g, std::int64_t /*e*/) { return zero(g); }) : mutated();
    if (terms.elements.empty()) return probe;
    const RawRange& range = ranges_[sums.given()];
    const auto n = static_cast<std::int64_t>(terms.elements.size());
    const std::int64_t stretch = 1 + draws_.below(n);
    bool up = draws_.coin();
    for (std::int64_t t = 0; t < n; ++t) {
        if (t % stretch == 0 && t > 0) up = !up;
        const auto i = static_cast<std::size_t>(t);
        const bool largest = (terms.weights[i] > 0) == up;
        probe[sums.given()][static_cast<std::size_t>(terms.elements[i])] = terms.weights[i] == 0 ? zero(sums.given())
                                                                           : largest             ? range.high
                                                                                                 : range.low;
    }
    return probe;
}

// Coarse steps by large weights, the rest by small ones. Few terms: few words that are not zero.
void ProbeMaker::approach(i128& left, const LinearTerms& terms, std::vector<i128>& raws, std::size_t given) {
    std::vector<std::size_t> order(terms.elements.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[static_cast<std::size_t>(draws_.below(static_cast<std::int64_t>(i)))]);
    const auto size = [&](std::size_t t) { return terms.weights[t] < 0 ? -terms.weights[t] : terms.weights[t]; };
    const std::int64_t few = std::int64_t{1} << draws_.below(10);
    if (static_cast<std::int64_t>(order.size()) > few) {
        // The finest of either sign are kept.
        const auto rest = order.begin() + static_cast<std::ptrdiff_t>(few);
        std::size_t up = order[0], down = order[0];
        for (auto at = rest; at != order.end(); ++at) {
            const i128 w = terms.weights[*at];
            if (w > 0 && (terms.weights[up] <= 0 || w < terms.weights[up])) up = *at;
            if (w < 0 && (terms.weights[down] >= 0 || w > terms.weights[down])) down = *at;
        }
        order.erase(rest, order.end());
        for (const std::size_t t : {up, down})
            if (std::find(order.begin(), order.end(), t) == order.end()) order.push_back(t);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
    for (const std::size_t t : order) {
        if (terms.weights[t] == 0) continue;
        i128& raw = raws[static_cast<std::size_t>(terms.elements[t])];
        const i128 moved = fit(raw + left / terms.weights[t], given);
        left -= terms.weights[t] * (moved - raw);
        raw = moved;
    }
}

// The exact sum of one word is at a tie, or at an end of a type.
Probe ProbeMaker::solved() {
    const LinearSums& sums = sums_[static_cast<std::size_t>(draws_.below(static_cast<std::int64_t>(sums_.size())))];
    const Place at = any_place(sums.shape(), draws_);
    const LinearTerms terms = sums.terms(at.channel, at.y, at.x);
    const std::size_t g = sums.given();
    Probe probe = draws_.below(3) == 0 ? mutated() : filled([&](std::size_t h, std::int64_t /*e*/) { return zero(h); });

    const auto any = [&](const std::vector<int>& of) {
        return of[static_cast<std::size_t>(draws_.below(static_cast<std::int64_t>(of.size())))];
    };
    i128 target = 0;
    if (!sums.dropped.empty()) {
        const i128 half = i128{1} << (any(sums.dropped) - 1);
        target = (2 * draws_.below(std::int64_t{1} << draws_.below(10)) + 1) * half;
    }
    if (!sums.ends.empty() && (sums.dropped.empty() || draws_.below(3) == 0)) {
        const i128 end = i128{1} << any(sums.ends);
        target = draws_.coin() ? end - target : end + target;
    }
    if (draws_.below(4) == 0) target += draws_.below(3) - 1;
    if (draws_.coin()) target = -target;

    i128 left = target - terms.bias;
    for (std::size_t t = 0; t < terms.elements.size(); ++t)
        left -= terms.weights[t] * probe[g][static_cast<std::size_t>(terms.elements[t])];
    constexpr int kTries = 6;
    for (int i = 0; i < kTries && left != 0; ++i) approach(left, terms, probe[g], g);
    return probe;
}

}  // namespace bittrue::diagnose_detail
