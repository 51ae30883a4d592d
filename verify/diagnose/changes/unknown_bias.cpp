#include "changes/unknown_bias.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "changes/fit.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr std::size_t kWordsPerChannel = 96;
constexpr int kFinest = 8;          // bits below the result's lsb that are looked at
constexpr std::int64_t kReach = 3;  // lsb of the result around the mean distance

struct Pair {
    i128 sum = 0;               // raw of the accumulator, without the bias
    std::int64_t actual = 0;    // word of the dump
    std::int64_t expected = 0;  // without the bias
};

// Some words of every channel that are known, spread over images and places.
std::vector<std::vector<Pair>> pairs_by_channel(const Subject& subject, const std::vector<std::int64_t>& sums,
                                                Format accumulator) {
    const Shape& shape = subject.last().shape;
    std::vector<std::vector<Pair>> pairs(static_cast<std::size_t>(shape.channels()));
    const auto size = static_cast<std::size_t>(shape.count());
    // A step that shares no factor with the number of words visits all of them.
    const std::size_t total = sums.size();
    std::size_t step = total > 7919 ? 7919 : 1;
    while (total % step == 0 && step > 1) ++step;
    for (std::size_t k = 0, i = 0; k < total; ++k, i = (i + step) % total) {
        if (!subject.masked.empty() && subject.masked[i] != 0) continue;
        auto& of = pairs[static_cast<std::size_t>(shape.channel_of(static_cast<std::int64_t>(i % size)))];
        if (of.size() >= kWordsPerChannel) continue;
        of.push_back({raw_from_word(sums[i], accumulator), subject.actual[i], subject.expected()[i]});
    }
    return pairs;
}

class Fit {
public:
    Fit(const Site& site, Format accumulator, int frac)
        : datapath_(site.maker().datapath), result_(site.node().result), accumulator_(accumulator), frac_(frac) {}

    // The bias, in lsb of 2^-frac, that gives most words; of several the one with the fewest fraction bits.
    [[nodiscard]] std::int64_t best(const std::vector<Pair>& pairs) const {
        const i128 low = range_min(result_), high = range_max(result_);
        double distance = 0;
        std::int64_t inside = 0;
        for (const Pair& p : pairs) {
            const i128 actual = raw_from_word(p.actual, result_.format);
            const i128 expected = raw_from_word(p.expected, result_.format);
            if (actual <= low || actual >= high || expected <= low || expected >= high) continue;
            distance += static_cast<double>(actual - expected);
            ++inside;
        }
        if (inside == 0) return 0;
        const int up = frac_ - result_.format.frac();
        const auto middle =
            static_cast<std::int64_t>(std::llround(std::ldexp(distance / static_cast<double>(inside), up)));
        const std::int64_t reach = up >= 0 ? kReach << up : kReach;
        std::int64_t most = -1, first = middle, last = middle;
        for (std::int64_t b = middle - reach; b <= middle + reach; ++b) {
            const std::int64_t count = given(pairs, b);
            if (count > most) first = b;
            if (count >= most) last = b;
            most = std::max(most, count);
        }
        return roundest(first, last);
    }

private:
    [[nodiscard]] static std::int64_t roundest(std::int64_t first, std::int64_t last) {
        for (std::int64_t step = std::int64_t{1} << 20; step > 1; step /= 2) {
            std::int64_t up = first / step * step;
            if (up < first) up += step;
            if (up <= last) return up;
        }
        return first;
    }

    [[nodiscard]] std::int64_t given(const std::vector<Pair>& pairs, std::int64_t bias) const {
        const int frac = std::max(accumulator_.frac(), frac_);
        std::int64_t count = 0;
        for (const Pair& p : pairs) {
            const i128 sum = (p.sum << (frac - accumulator_.frac())) + (i128{bias} << (frac - frac_));
            if (datapath_.quantize(sum, frac, result_).word == p.actual) ++count;
        }
        return count;
    }

    const Datapath& datapath_;
    FixedType result_;
    Format accumulator_;
    int frac_;
};

}  // namespace

void add_unknown_bias(const Site& site) {
    const AccumulatorSpec* spec = accumulator_of(site.node());
    if (spec == nullptr || !site.is_last() || site.maker().evidence.different == 0) return;
    const Subject& subject = site.maker().subject;
    Chain chain = subject.chain;
    chain.nodes.back().result = spec->type;
    const std::vector<std::int64_t> sums = site.maker().datapath.run(chain).back().words;
    if (sums.size() != subject.actual.size()) return;
    const int finest = std::min(spec->type.format.frac(), site.node().result.format.frac() + kFinest);
    if (std::abs(finest) > 60) return;
    const Fit fit(site, spec->type.format, finest);
    std::vector<std::int64_t> words;
    for (const std::vector<Pair>& pairs : pairs_by_channel(subject, sums, spec->type.format))
        words.push_back(fit.best(pairs));
    if (std::all_of(words.begin(), words.end(), [](std::int64_t w) { return w == 0; })) return;
    const FixedType type{.format = {48, 48 - finest, true}};
    for (const std::int64_t w : words) {
        if (raw_from_word(w, type.format) < raw_min(type.format) ||
            raw_from_word(w, type.format) > raw_max(type.format))
            return;
    }
    const double bits = 4 + 8 * static_cast<double>(words.size());
    const Parameter bias{.dims = {static_cast<std::int64_t>(words.size())}, .raw = std::move(words), .type = type};
    // Fitted numbers cost bits, but it is one likely cause, to be tried early.
    Proposal proposal{
        .cause = Cause::BiasMissing,
        .setting = "bias",
        .expected = "none",
        .found = "a bias of its own for every channel",
        .text = fmt::format("'{}' adds a bias, of its own for every channel, where the network has none", site.name()),
        .bits = bits,
        .fit = fits_bias(site.maker().evidence)};
    site.propose(std::move(proposal), [bias](Node& node) {
        std::optional<Parameter>* of = bias_of(node);
        if (of == nullptr || *of) return false;
        *of = bias;
        return true;
    });
    site.maker().candidates.back().priority = 20;
}

}  // namespace bittrue::diagnose_detail
