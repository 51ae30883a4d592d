#include <algorithm>
#include <map>
#include <set>

#include "description.hpp"
#include "search.hpp"

namespace bittrue::diagnose_detail {
namespace {

constexpr std::size_t kBest = 6;             // singles that pairs are made with: the best,
constexpr std::size_t kConfirmedPairs = 16;  // on all words
constexpr std::size_t kSimple = 8;           // simple ones,
constexpr std::size_t kPartial = 10;         // and others
constexpr double kSimpleBits = 4;
constexpr double kSimpleSecond = 5;
constexpr std::size_t kAlike = 48;
constexpr double kShareOfPairs = 0.75, kShareOfSampling = 0.82, kShareOfAll = 0.9;  // of the time

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
    return chosen;
}

// A change that rebuilds the chain comes last: others name its nodes as they were.
std::vector<std::size_t> Searcher::in_order(std::size_t first, std::size_t second) const {
    const bool exchange = singles_[first].outcome.rebuilds && !singles_[second].outcome.rebuilds;
    return exchange ? std::vector{second, first} : std::vector{first, second};
}

// What the first change leaves wrong is where a second one must show: images and channels are chosen by that. One
// image tells most second changes from none.
bool Searcher::try_pairs_with(std::size_t first, bool with_simple, std::vector<Tried>& good) {
    const Candidate* const alone[] = {&result_.candidates[first]};
    const auto [at, is_new] = left_.try_emplace(first);
    Left& left = at->second;
    if (is_new && !all_->count_left(alone, left)) left = {};
    if (left.by_image.empty()) return false;
    const std::vector<std::int64_t> channels = sample_channels(subject_, left);
    const Trial image(subject_, datapath_, sample_images(subject_, left, true), channels);
    const Trial images(subject_, datapath_, sample_images(subject_, left, false), channels);
    std::vector<std::vector<std::size_t>> pairs;
    const std::string& slot = result_.candidates[first].slot;
    for (std::size_t second = 0; second < singles_.size(); ++second) {
        if (second == first || !singles_[second].outcome.applies ||
            (!slot.empty() && result_.candidates[second].slot == slot))
            continue;
        if ((result_.candidates[second].bits <= kSimpleSecond) != with_simple) continue;
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
        if (!pair.is_perfect) continue;
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

void Searcher::try_pairs() {
    std::vector<Tried> good;
    const bool is_explained = try_pairs_of_one_type(good);
    // First each with the simple ones: two common faults are likelier than a common and a rare one.
    const std::vector<std::size_t> firsts = is_explained ? std::vector<std::size_t>{} : partial_singles();
    const auto try_all = [&](bool with_simple) {
        for (const std::size_t first : firsts) {
            if (seconds() > limits_.seconds * kShareOfPairs) {
                result_.out_of_time = true;
                return true;
            }
            if (try_pairs_with(first, with_simple, good)) return true;
        }
        return false;
    };
    if (!try_all(true)) try_all(false);
    add_alike(good);
    confirm(good, kConfirmedPairs, limits_.seconds * kShareOfAll);
}

}  // namespace bittrue::diagnose_detail
