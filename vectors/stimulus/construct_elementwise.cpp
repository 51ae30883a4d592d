// Layers that work element by element: every goal is a word, and an image holds many.
#include <cmath>
#include <set>

#include "dyadic.hpp"
#include "stage.hpp"

namespace bittrue::corner {
namespace {

class Words {
public:
    explicit Words(const Strided& all) : all_(all) {}

    // The nearest members on both sides.
    void add(i128 raw) {
        const Target any = {all_.low, all_.high};
        if (const auto up = first_from(all_, any, raw)) words.insert(*up);
        if (const auto down = last_to(all_, any, raw)) words.insert(*down);
    }
    // Members that, times `factor`, reach each goal of the site.
    void add_goals(const Site& site, i128 factor) {
        if (factor == 0) return;
        const Strided in = scaled(all_, factor);
        for (const GoalTarget& t : site.targets) {
            if (!t.possible) continue;
            for (const auto& raw : {first_from(in, t.target, in.low), last_to(in, t.target, in.high),
                                    first_from(in, t.target, 0), last_to(in, t.target, 0)}) {
                if (raw) words.insert(*raw / factor);
            }
        }
    }

    std::set<i128> words{};

private:
    Strided all_;
};

// The words around every threshold.
void add_thresholds(const Stage& stage, Words& found) {
    for (const ParameterWords& p : stage.maker().probe().parameters()) {
        if (p.layer != stage.node().name || p.role != "thresholds") continue;
        for (const std::int64_t word : p.tensor.words) {
            const ExactDouble t{raw_from_word(word, p.tensor.format), p.tensor.format.frac()};
            const i128 at = raw_at_least(t, stage.format().frac());
            for (int k = -1; k <= 1; ++k) found.add(at + k);
        }
    }
}

}  // namespace

void construct_elementwise(const Stage& stage) {
    Strided all = stage.numbers().front();
    for (const Strided& s : stage.numbers()) all = joined(all, s);
    Words found(all);
    for (const i128 raw : {i128{0}, i128{1}, i128{-1}, all.low, all.high}) found.add(raw);
    i128 alpha = 1;
    for (const ParameterWords& p : stage.maker().probe().parameters()) {
        if (p.layer == stage.node().name && p.role == "alpha")
            alpha = raw_from_word(p.tensor.words.front(), p.tensor.format);
    }
    if (std::holds_alternative<Add>(stage.node().op)) alpha = std::ssize(stage.node().inputs);
    const int frac = stage.format().frac();
    for (const Site& site : stage.probe().sites) found.add_goals(site, alpha), found.add_goals(site, 1);
    if (const auto* clipped = std::get_if<ClippedRelu>(&stage.node().op)) {
        const double at = std::floor(std::ldexp(clipped->max, frac));
        for (int k = -1; k <= 2 && at < 0x1p62; ++k) found.add(static_cast<i128>(at) + k);
    }
    if (const auto* clip = std::get_if<Clip>(&stage.node().op)) {
        for (const double limit : {clip->min, clip->max}) {
            const double at = std::floor(std::ldexp(limit, frac));
            for (int k = -1; k <= 2 && std::abs(at) < 0x1p62; ++k) found.add(static_cast<i128>(at) + k);
        }
    }
    if (std::holds_alternative<Threshold>(stage.node().op)) add_thresholds(stage, found);
    stage.offer_packed({found.words.begin(), found.words.end()});
    std::set<i128> bins;
    for (const Bins& table : stage.probe().tables) {
        for (const Bin& bin : table.bins) {
            if (bin.tally.reachable) bins.insert({bin.words.low, bin.words.high});
        }
    }
    stage.offer_packed({bins.begin(), bins.end()});
    // What a table or two conversions in one make of words nobody can foresee.
    constexpr i128 kMostWords = 1 << 14;
    if (!stage.missing() || all.step == 0 || (all.high - all.low) / all.step >= kMostWords) return;
    Stage::Raws every;
    for (i128 raw = all.low; raw <= all.high; raw += all.step) every.push_back(raw);
    stage.offer_packed(every);
}

}  // namespace bittrue::corner
