#include <algorithm>
#include <map>

#include "search.hpp"

namespace bittrue::diagnose_detail {
namespace {

constexpr std::size_t kPartial = 14;         // singles that pairs are made with
constexpr std::size_t kConfirmedPairs = 16;  // on all words

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
    std::vector<std::size_t> chosen;
    // Of those that give the same words one is enough, and not too many of one setting.
    std::map<std::string, int> by_slot;
    std::vector<std::uint64_t> prints;
    for (const Promise& p : promises) {
        if (chosen.size() >= kPartial) break;
        const std::uint64_t print = singles_[p.candidate].outcome.print;
        if (std::find(prints.begin(), prints.end(), print) != prints.end()) continue;
        if (++by_slot[result_.candidates[p.candidate].slot] > 3) continue;
        prints.push_back(print);
        chosen.push_back(p.candidate);
    }
    return chosen;
}

void Searcher::try_pairs() {
    const std::vector<std::size_t> partial = partial_singles();
    std::vector<Tried> good;
    for (const std::size_t first : partial) {
        if (seconds() > limits_.seconds * 0.9) {
            result_.out_of_time = true;
            break;
        }
        std::vector<std::vector<std::size_t>> pairs;
        const std::string& slot = result_.candidates[first].slot;
        for (std::size_t second = 0; second < singles_.size(); ++second) {
            const Candidate& other = result_.candidates[second];
            if (second == first || (!slot.empty() && other.slot == slot)) continue;
            pairs.push_back({first, second});
        }
        // One image tells most of them apart from the first change alone.
        const std::vector<Outcome> alone = run_all(*first_image_, {{first}}, limits_.seconds, result_.pairs_tried);
        const std::vector<Outcome> outcomes = run_all(*first_image_, pairs, limits_.seconds * 0.9, result_.pairs_tried);
        std::vector<std::vector<std::size_t>> better;
        const auto gain = [](const Outcome& o) { return o.explained - o.spoiled; };
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            if (outcomes[i].applies && gain(outcomes[i]) > gain(alone.front())) better.push_back(pairs[i]);
        }
        std::int64_t done = 0;
        const std::vector<Outcome> sampled = run_all(*sample_, better, limits_.seconds * 0.95, done);
        for (std::size_t i = 0; i < better.size(); ++i)
            good.push_back({better[i], sampled[i], bits_of(*sample_, better[i], sampled[i])});
        const bool is_explained = std::any_of(good.begin(), good.end(), [this](const Tried& t) {
            return t.outcome.explained == sample_->different() && t.outcome.spoiled == 0;
        });
        if (is_explained) break;
    }
    // A pair must say more than each of its changes.
    std::erase_if(good, [this](const Tried& t) {
        return std::any_of(t.changes.begin(), t.changes.end(),
                           [&](std::size_t c) { return singles_[c].outcome.applies && singles_[c].bits <= t.bits; });
    });
    confirm(good, kConfirmedPairs, limits_.seconds);
}

}  // namespace bittrue::diagnose_detail
