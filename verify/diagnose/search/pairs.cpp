#include <algorithm>
#include <map>
#include <set>

#include "search/description.hpp"
#include "search/search.hpp"
#include "search/verdict.hpp"

namespace bittrue::diagnose_detail {
namespace {

constexpr std::size_t kBest = 6;             // singles that pairs are made with: the best,
constexpr std::size_t kConfirmedPairs = 16;  // on all words
constexpr std::size_t kSimple = 8;           // simple ones,
constexpr std::size_t kPartial = 10;         // and others
constexpr double kSimpleBits = 4;
constexpr std::size_t kUsual = 20;  // and at last usual ones
constexpr double kUsualBits = 6;
constexpr std::size_t kParts = 10;
constexpr std::size_t kSimplest = 20;
constexpr double kSimplestBits = 4.5;
constexpr double kShareOfSimple = 0.76;
constexpr std::size_t kAlike = 48;
constexpr double kShareOfPairs = 0.8, kShareOfSampling = 0.85, kShareOfAll = 0.9;  // of the time

}  // namespace

// Those that shorten the sample's description, by whole words or by their distances, and those that touch every wrong
// word: a second fault may hide what they explain.
std::vector<std::size_t> Searcher::partial_singles() const {
    struct Promise {
        std::size_t candidate = 0;
        double bits = 0;
    };
    std::vector<Promise> promises;
    const double null = sample_->null_residual();
    for (std::size_t c = 0; c < singles_.size(); ++c) {
        const Outcome& o = singles_[c].outcome;
        if (!o.applies || (o.moved == 0 && o.spoiled == 0)) continue;
        const double residual = o.residual + change_bits(singles_[c].changes);
        // Words given exactly say more than distances that shrink.
        const double exact = static_cast<double>(o.explained - o.spoiled) * sample_->width();
        if (residual < null || o.explained > o.spoiled) promises.push_back({c, residual - null - exact});
    }
    std::stable_sort(promises.begin(), promises.end(),
                     [](const Promise& a, const Promise& b) { return a.bits < b.bits; });
    // Of those that give the same words one is enough, and not too many of one setting. Simple changes that touch most
    // wrong words are among them: the second fault may hide what they are good for.
    std::vector<std::size_t> chosen;
    std::map<std::string, int> by_slot;
    std::set<std::uint64_t> prints;
    const auto choose = [&](std::size_t c, int most_of_slot) {
        if (prints.contains(singles_[c].outcome.print)) return;
        if (by_slot[result_.candidates[c].slot] >= most_of_slot) return;
        ++by_slot[result_.candidates[c].slot];
        prints.insert(singles_[c].outcome.print);
        chosen.push_back(c);
    };
    for (const Promise& p : promises) {
        if (chosen.size() < kBest) choose(p.candidate, 3);
    }
    const std::size_t simple = chosen.size() + kSimple;
    for (std::size_t c = 0; c < singles_.size() && chosen.size() < simple; ++c) {
        const Outcome& o = singles_[c].outcome;
        const bool is_simple = result_.candidates[c].bits <= kSimpleBits;
        if (o.applies && is_simple && o.moved * 2 > sample_->different()) choose(c, 4);
    }
    const std::size_t most = chosen.size() + kPartial;
    for (const Promise& p : promises) {
        if (chosen.size() < most) choose(p.candidate, 5);
    }
    // While time is left: whatever is simple and touches anything wrong. No setting gives noise.
    if (looks_like_noise(evidence_, subject_.last().result.format.width)) return chosen;
    std::vector<std::size_t> others;
    for (std::size_t c = 0; c < singles_.size(); ++c) {
        const Outcome& o = singles_[c].outcome;
        if (o.applies && o.moved > 0 && result_.candidates[c].bits <= kUsualBits) others.push_back(c);
    }
    std::stable_sort(others.begin(), others.end(), [this](std::size_t a, std::size_t b) {
        return result_.candidates[a].bits < result_.candidates[b].bits;
    });
    const std::size_t last = chosen.size() + kUsual;
    for (const std::size_t c : others) {
        if (chosen.size() < last) choose(c, 7);
    }
    return chosen;
}

// A change that rebuilds the chain comes last: others name its nodes as they were.
std::vector<std::size_t> Searcher::in_order(std::size_t first, std::size_t second) const {
    const bool exchange = singles_[first].outcome.rebuilds && !singles_[second].outcome.rebuilds;
    return exchange ? std::vector{second, first} : std::vector{first, second};
}

// What the first change leaves wrong is where a second one must show: images and channels are chosen by that. One
// image tells most second changes from none.
bool Searcher::try_pairs_with(std::size_t first, std::vector<Tried>& good) {
    const Candidate* const alone[] = {&result_.candidates[first]};
    Left left;
    if (!all_->count_left(alone, left)) return false;
    const std::vector<std::int64_t> channels = sample_channels(subject_, left);
    const Trial image(subject_, datapath_, sample_images(subject_, left, true), channels);
    const Trial images(subject_, datapath_, sample_images(subject_, left, false), channels);
    std::vector<std::vector<std::size_t>> pairs;
    const std::string& slot = result_.candidates[first].slot;
    for (std::size_t second = 0; second < singles_.size(); ++second) {
        if (second == first || !singles_[second].outcome.applies ||
            (!slot.empty() && result_.candidates[second].slot == slot))
            continue;
        pairs.push_back(in_order(first, second));
    }
    const auto gain = [](const Outcome& o) { return o.explained - o.spoiled; };
    const std::int64_t before = gain(image.run(alone));
    const std::vector<Outcome> outcomes = run_all(image, pairs, limits_.seconds * kShareOfPairs, result_.pairs_tried);
    std::vector<std::vector<std::size_t>> better;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (outcomes[i].applies && gain(outcomes[i]) > before) better.push_back(pairs[i]);
    }
    std::int64_t done = 0;
    const double until = limits_.seconds * kShareOfSampling;
    const std::vector<Outcome> by_left = run_all(images, better, until, done);
    const std::vector<Outcome> by_wrong = run_all(*sample_, better, until, done);
    const double alone_bits = singles_[first].bits + bits_of(images, {first}, images.run(alone));
    bool is_explained = false;
    for (std::size_t i = 0; i < better.size(); ++i) {
        const Tried one = tried(better[i], images, by_left[i]);
        Tried two = tried(better[i], *sample_, by_wrong[i]);
        if (!one.outcome.applies || !two.outcome.applies) continue;
        two.bits += one.bits;
        if (two.bits >= alone_bits) continue;  // the second change says nothing
        two.is_perfect = one.is_perfect && two.is_perfect;
        is_explained = is_explained || two.is_perfect;
        good.push_back(std::move(two));
    }
    return is_explained;
}

// Of singles that give the same words only one was tried in pairs: the others stand for it where a pair gives all.
void Searcher::add_alike(std::vector<Tried>& good) {
    std::vector<std::vector<std::size_t>> pairs;
    for (const Tried& pair : good) {
        if (!pair.is_perfect || pair.changes.size() != 2) continue;
        for (const std::size_t one : pair.changes) {
            const std::size_t kept = one == pair.changes[0] ? pair.changes[1] : pair.changes[0];
            for (std::size_t c = 0; c < singles_.size() && pairs.size() < kAlike; ++c) {
                const Outcome& other = singles_[c].outcome;
                if (c != one && c != kept && other.applies && other.print == singles_[one].outcome.print)
                    pairs.push_back(in_order(c, kept));
            }
        }
    }
    const std::vector<Outcome> outcomes =
        run_all(*sample_, pairs, limits_.seconds * kShareOfSampling, result_.pairs_tried);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        Tried alike = tried(pairs[i], *sample_, outcomes[i]);
        if (alike.is_perfect) good.push_back(std::move(alike));
    }
}

// Two faults at different places: none of them is in the other's way.
bool Searcher::try_pairs_of_parts(std::vector<Tried>& good) {
    std::vector<std::size_t> parts;
    for (std::size_t c = 0; c < singles_.size(); ++c) {
        const Outcome& o = singles_[c].outcome;
        if (o.applies && o.explained > 0 && o.spoiled == 0) parts.push_back(c);
    }
    std::stable_sort(parts.begin(), parts.end(),
                     [this](std::size_t a, std::size_t b) { return singles_[a].bits < singles_[b].bits; });
    std::set<std::uint64_t> prints;
    std::erase_if(parts, [&](std::size_t c) { return !prints.insert(singles_[c].outcome.print).second; });
    if (parts.size() > kParts) parts.resize(kParts);
    std::vector<std::vector<std::size_t>> pairs;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        for (std::size_t k = i + 1; k < parts.size(); ++k) pairs.push_back(in_order(parts[i], parts[k]));
    }
    return try_together(pairs, limits_.seconds * kShareOfPairs, good);
}

// Two of the likeliest changes, whatever they do alone.
bool Searcher::try_pairs_of_simple(std::vector<Tried>& good) {
    std::vector<std::size_t> simple;
    std::set<std::uint64_t> prints;
    for (std::size_t c = 0; c < singles_.size() && simple.size() < kSimplest; ++c) {
        const Outcome& o = singles_[c].outcome;
        if (!o.applies || o.moved + o.spoiled == 0 || result_.candidates[c].bits > kSimplestBits) continue;
        if (prints.insert(o.print).second) simple.push_back(c);
    }
    std::vector<std::vector<std::size_t>> pairs;
    for (std::size_t i = 0; i < simple.size(); ++i) {
        for (std::size_t k = i + 1; k < simple.size(); ++k) {
            if (result_.candidates[simple[i]].slot != result_.candidates[simple[k]].slot)
                pairs.push_back(in_order(simple[i], simple[k]));
        }
    }
    std::stable_sort(pairs.begin(), pairs.end(),
                     [this](const auto& a, const auto& b) { return change_bits(a) < change_bits(b); });
    return try_together(pairs, limits_.seconds * kShareOfSimple, good);
}

// Those that give all words of the samples, on all words: true where one of them gives these, too.
bool Searcher::is_confirmed(std::vector<Tried>& good) {
    const auto others = std::stable_partition(good.begin(), good.end(), [](const Tried& t) { return t.is_perfect; });
    std::vector<Tried> perfect(good.begin(), others);
    good.erase(good.begin(), others);
    if (perfect.empty()) return false;
    add_alike(perfect);
    confirm(perfect, 0, limits_.seconds * kShareOfAll);
    return is_solved();
}

void Searcher::try_pairs() {
    std::vector<Tried> good;
    bool is_done = try_pairs_of_parts(good) && is_confirmed(good);
    is_done = is_done || (try_pairs_of_one_type(good) && is_confirmed(good));
    is_done = is_done || (try_pairs_of_simple(good) && is_confirmed(good));
    for (const std::size_t first : is_done ? std::vector<std::size_t>{} : partial_singles()) {
        if (seconds() > limits_.seconds * kShareOfPairs) {
            result_.out_of_time = true;
            break;
        }
        if (try_pairs_with(first, good) && is_confirmed(good)) break;
    }
    confirm(good, kConfirmedPairs, limits_.seconds * kShareOfAll);
}

}  // namespace bittrue::diagnose_detail
