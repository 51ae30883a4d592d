// Layers that accumulate: dense, conv2d and average_pool. The wanted number of a conversion is solved for exactly and
// then corrected by what the layer really makes of it.
#include <algorithm>

#include "adjust.hpp"
#include "stage.hpp"

namespace bittrue::corner {
namespace {

class LinearConstruction {
public:
    explicit LinearConstruction(const Stage& stage)
        : stage_(stage), probe_(stage.probe()), layer_(*probe_.accumulating()), random_(stage.maker().random()) {
        quiet_.counts = false;
        quiet_.trace = &trace_;
    }

    void run() {
        products();
        for (Site& site : probe_.sites) {
            for (std::size_t g = 0; g < kGoals; ++g) {
                if (!stage_.missing()) return;
                if (site.tallies[g].reachable && site.tallies[g].hits == 0) solve(site, g);
            }
        }
        scatter();
        sums();
    }

private:
    enum class Base : std::uint8_t { Zero, Low, High, Random, Extremes };
    static constexpr int kBases = 5;

    [[nodiscard]] i128 base_of(const Strided& s, Base base) {
        const i128 zero = within(s, 0, s.high).value_or(s).low;
        switch (base) {
            case Base::Zero: return zero;
            case Base::Low: return s.low;
            case Base::High: return s.high;
            case Base::Random: {
                if (s.step == 0) return s.low;
                const u128 count = static_cast<u128>((s.high - s.low) / s.step) + 1;
                return s.low + static_cast<i128>(u128{random_.next()} % count) * s.step;
            }
            case Base::Extremes: return random_.below(2) == 0 ? s.low : s.high;
        }
        return zero;
    }

    [[nodiscard]] Stage::Raws image_of(Base base) {
        Stage::Raws raws;
        for (const Strided& s : stage_.numbers()) raws.push_back(base_of(s, base));
        return raws;
    }

    // Single products: a weight and a word that together are wanted.
    void products() {
        std::vector<Stage::Raws> images;
        const Marks marks = product_marks();
        std::array<bool, kGoals> done{};
        std::array<bool, 3> found{};
        for (std::int64_t o = 0; o < layer_.outputs(); ++o) {
            const Terms terms = layer_.terms(o);
            for (std::size_t t = 0; t < terms.sources.size(); ++t) {
                if (terms.sources[t] < 0) continue;
                const auto source = static_cast<std::size_t>(terms.sources[t]);
                const Strided& x = stage_.numbers()[source];
                const i128 w = terms.weights[t];
                const auto put = [&](i128 word) {
                    images.push_back(image_of(Base::Zero));
                    images.back()[source] = word;
                };
                for (std::size_t m = 1; m < 3 && marks.first != nullptr; ++m) {
                    if (found[m]) continue;
                    for (const i128 word : {x.low, x.high}) {
                        if (found[m] || word * w != marks.first[m].value) continue;
                        put(word);
                        found[m] = true;
                    }
                }
                if (!found[0] && w == marks.lowest_weight && w < 0 && x.low < 0) {
                    put(x.low);
                    found[0] = true;
                }
                if (marks.product == nullptr || w == 0) continue;
                for (std::size_t g = 0; g < kGoals; ++g) {
                    if (done[g] || !marks.product->targets[g].possible) continue;
                    const Strided all = scaled(x, w);
                    if (const auto p = first_from(all, marks.product->targets[g].target, all.low)) {
                        put(*p / w);
                        done[g] = true;
                    }
                }
            }
        }
        stage_.offer(images);
    }

    struct Marks {
        const Mark* first = nullptr;  // most negative, largest, smallest product
        const Site* product = nullptr;
        i128 lowest_weight = 0;
    };
    [[nodiscard]] Marks product_marks() const {
        Marks m;
        for (const Mark& mark : probe_.marks) {
            if (mark.place == "product" && m.first == nullptr) m.first = &mark;
        }
        if (probe_.sites.front().kind == EventClass::Product) m.product = &probe_.sites.front();
        const auto* dense = std::get_if<Dense>(&stage_.node().op);
        const auto* conv = std::get_if<Conv2d>(&stage_.node().op);
        if (dense != nullptr) m.lowest_weight = range_min(dense->weights.type);
        if (conv != nullptr) m.lowest_weight = range_min(conv->weights.type);
        return m;
    }

    [[nodiscard]] bool corners_missing() const {
        return std::any_of(probe_.sites.begin(), probe_.sites.end(), [](const Site& s) {
            return std::any_of(s.tallies.begin(), s.tallies.end(),
                               [](const Tally& t) { return t.reachable && t.hits == 0; });
        });
    }

    // What could not be solved for, by chance: numbers of every magnitude.
    void scatter() {
        for (int round = 0; round < 8 && corners_missing() && stage_.missing(); ++round) {
            std::vector<Stage::Raws> images;
            for (int k = 0; k < 32; ++k) {
                images.push_back(image_of(k % 2 == 0 ? Base::Random : Base::Extremes));
                const std::int64_t zeros = random_.below(4);
                const std::int64_t small = random_.below(8);
                for (std::size_t i = 0; i < images.back().size(); ++i) {
                    const Strided& s = stage_.numbers()[i];
                    if (random_.below(4) < zeros) images.back()[i] = base_of(s, Base::Zero);
                    if (small > 2) images.back()[i] = nearest_member(s, images.back()[i] >> small);
                }
            }
            stage_.offer(images);
        }
    }

    [[nodiscard]] static i128 nearest_member(const Strided& s, i128 raw) {
        return within(s, raw, s.high).value_or(Strided{s.high, s.high, 0}).low;
    }

    // The end of its range for every input, by the signs of the weights.
    void sums() {
        struct Best {
            std::int64_t output = -1;
            i128 sum = 0;
        };
        std::map<std::int64_t, std::array<Best, 2>> channels;
        for (std::int64_t o = 0; o < layer_.outputs(); ++o) {
            const Terms terms = layer_.terms(o);
            std::array<Best, 2>& best = channels[terms.channel];
            for (std::size_t which = 0; which < 2; ++which) {
                i128 sum = 0;
                for (std::size_t t = 0; t < terms.sources.size(); ++t) {
                    if (terms.sources[t] >= 0) sum += terms.weights[t] * end_of(terms, t, which == 0);
                }
                const bool better = which == 0 ? sum > best[which].sum : sum < best[which].sum;
                if (best[which].output < 0 || better) best[which] = {o, sum};
            }
        }
        std::vector<Stage::Raws> images;
        for (const auto& [channel, best] : channels) {
            for (std::size_t which = 0; which < 2; ++which) {
                const Terms terms = layer_.terms(best[which].output);
                images.push_back(image_of(Base::Zero));
                for (std::size_t t = 0; t < terms.sources.size(); ++t) {
                    if (terms.sources[t] < 0) continue;
                    images.back()[static_cast<std::size_t>(terms.sources[t])] = end_of(terms, t, which == 0);
                }
            }
        }
        stage_.offer(images);
    }

    [[nodiscard]] i128 end_of(const Terms& terms, std::size_t t, bool up) const {
        const Strided& x = stage_.numbers()[static_cast<std::size_t>(terms.sources[t])];
        return (terms.weights[t] > 0) == up ? x.high : x.low;
    }

    void solve(Site& site, std::size_t goal) {
        constexpr int kAttempts = 60;
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            const auto base = static_cast<Base>(attempt % kBases);
            std::int64_t output = random_.below(std::min<std::int64_t>(layer_.outputs(), std::int64_t{1} << 30));
            if (layer_.outputs() <= kAttempts / kBases) output = attempt / kBases % layer_.outputs();
            Stage::Raws raws = image_of(base);
            const bool last = attempt % 2 == 0 || attempt < kBases;
            if (!reach(site, site.targets[goal].target, output, last, raws)) continue;
            stage_.offer({raws});
            if (site.tallies[goal].hits > 0) return;
        }
    }

    // Numbers of the conversions of one output at this site.
    [[nodiscard]] std::vector<i128> numbers_at(const Site& site, const Stage::Raws& raws, std::int64_t output) {
        trace_.clear();
        layer_.walk_output(quiet_, raws, output);
        std::vector<i128> numbers;
        for (const Seen& seen : trace_) {
            if (seen.site == &site) numbers.push_back(seen.raw);
        }
        return numbers;
    }

    bool reach(const Site& site, const Target& target, std::int64_t output, bool last, Stage::Raws& raws) {
        constexpr int kCorrections = 12;
        const Terms terms = layer_.terms(output);
        std::vector<i128> numbers = numbers_at(site, raws, output);
        if (numbers.empty()) return false;
        const auto count = std::ssize(numbers);
        const std::int64_t k = last ? count - 1 : random_.below(count);
        const std::vector<std::int64_t> involved = layer_.terms_before(&site, k);
        for (int correction = 0; correction < kCorrections; ++correction) {
            if (std::any_of(numbers.begin(), numbers.end(), [&](i128 n) { return contains(target, n); })) return true;
            const auto wanted = nearest(site, target, numbers[static_cast<std::size_t>(k)]);
            if (!wanted) return false;
            if (!grow(site, terms, involved, *wanted - numbers[static_cast<std::size_t>(k)], raws)) return false;
            numbers = numbers_at(site, raws, output);
        }
        return false;
    }

    // A number of the target near `from`; the steps of this output are not known, so any of a few.
    [[nodiscard]] std::optional<i128> nearest(const Site& site, const Target& target, i128 from) {
        const auto up = first_from(site.values, target, from);
        const auto down = last_to(site.values, target, from);
        std::optional<i128> chosen = !down ? up : !up ? down : *up - from < from - *down ? up : down;
        if (up && down && random_.below(3) == 0) chosen = chosen == up ? down : up;
        for (std::int64_t further = random_.below(4); chosen && further > 0; --further) {
            const auto next = *chosen >= from ? first_from(site.values, target, *chosen + 1)
                                              : last_to(site.values, target, *chosen - 1);
            if (next) chosen = next;
        }
        return chosen;
    }

    // Changes inputs of the involved terms so that the number at the site grows by about `difference`.
    bool grow(const Site& site, const Terms& terms, const std::vector<std::int64_t>& involved, i128 difference,
              Stage::Raws& raws) {
        std::map<std::size_t, Knob> knobs;
        for (const std::int64_t term : involved) {
            const auto t = static_cast<std::size_t>(term);
            if (terms.sources[t] < 0) continue;
            const auto source = static_cast<std::size_t>(terms.sources[t]);
            const Strided& x = stage_.numbers()[source];
            if (x.step == 0) continue;
            knobs[source] = {.weight = terms.weights[t] * x.step,
                             .position = (raws[source] - x.low) / x.step,
                             .last = (x.high - x.low) / x.step};
        }
        // One step of the sum of products is 2^-product_frac.
        const i128 divided = divisor_behind(site);
        const int up = layer_.product_frac() - site.conversion.frac;
        const i128 scaled_up = up >= 0 ? shift_up(difference, up) : round_to(difference, -up);
        std::vector<Knob> turned;
        for (const auto& [source, knob] : knobs) turned.push_back(knob);
        if (!adjust(turned, scaled_up * divided, random_)) return false;
        std::size_t i = 0;
        for (const auto& [source, knob] : knobs) {
            const Strided& x = stage_.numbers()[source];
            raws[source] = x.low + turned[i++].position * x.step;
        }
        return true;
    }

    static i128 round_to(i128 difference, int down) {
        const i128 q = down > kExactBits ? 0 : difference / (i128{1} << down);
        return q != 0 ? q : difference > 0 ? 1 : -1;
    }

    // The result of an average is smaller than the sum by the divisor.
    [[nodiscard]] i128 divisor_behind(const Site& site) const {
        if (site.kind != EventClass::Result) return 1;
        i128 divisor = 1;
        for (const Site& s : probe_.sites) divisor = std::max<i128>(divisor, s.conversion.divisor);
        return divisor;
    }

    const Stage& stage_;
    Probe& probe_;
    Accumulating& layer_;
    SplitMix64& random_;
    Concrete quiet_{};
    std::vector<Seen> trace_{};
};

}  // namespace

void construct_linear(const Stage& stage) {
    LinearConstruction(stage).run();
}

}  // namespace bittrue::corner
