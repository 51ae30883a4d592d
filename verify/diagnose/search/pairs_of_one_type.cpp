#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "search/one_type.hpp"
#include "search/search.hpp"

namespace bittrue::diagnose_detail {
namespace {

constexpr double kShareOfTypes = 0.74;  // of the time
constexpr std::size_t kMost = 2000;     // pairs

constexpr std::size_t kBest = 8;     // of which a third setting is tried
constexpr double kSimpleBits = 6.5;  // of it

bool is_tried(std::string_view what) {
    return what == "integer" || what == "fraction" || what == "rounding" || what == "overflow";
}

}  // namespace

bool Searcher::try_together(const std::vector<std::vector<std::size_t>>& changes, double until,
                            std::vector<Tried>& good) {
    const std::vector<Outcome> outcomes = run_all(*sample_, changes, until, result_.pairs_tried);
    bool is_explained = false;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        Tried together = tried(changes[i], *sample_, outcomes[i]);
        const bool says_more = std::all_of(changes[i].begin(), changes[i].end(),
                                           [&](std::size_t c) { return together.bits < singles_[c].bits; });
        if (!together.outcome.applies || !says_more) continue;
        is_explained = is_explained || together.is_perfect;
        good.push_back(std::move(together));
    }
    return is_explained;
}

// Two settings of one type: a register declared with another type altogether. Alone each may explain nothing: the
// narrower accumulator still saturates, the one that wraps never overflows.
bool Searcher::try_pairs_of_one_type(std::vector<Tried>& good) {
    std::map<std::string, std::vector<std::size_t>> types;
    for (std::size_t c = 0; c < singles_.size(); ++c) {
        const TypeSetting setting = type_setting(result_.candidates[c].slot);
        if (is_tried(setting.what) && singles_[c].outcome.applies) types[setting.type].push_back(c);
    }
    const auto what = [this](std::size_t c) { return type_setting(result_.candidates[c].slot).what; };
    const auto try_sorted = [&](std::vector<std::vector<std::size_t>>& changes, std::vector<Tried>& found) {
        std::stable_sort(changes.begin(), changes.end(),
                         [this](const auto& a, const auto& b) { return change_bits(a) < change_bits(b); });
        if (changes.size() > kMost) changes.resize(kMost);
        return try_together(changes, limits_.seconds * kShareOfTypes, found);
    };
    std::vector<std::vector<std::size_t>> pairs;
    for (const auto& [type, settings] : types) {
        for (std::size_t i = 0; i < settings.size(); ++i) {
            for (std::size_t k = i + 1; k < settings.size(); ++k) {
                if (what(settings[i]) != what(settings[k])) pairs.push_back({settings[i], settings[k]});
            }
        }
    }
    std::vector<Tried> found;
    bool is_explained = try_sorted(pairs, found);
    std::stable_sort(found.begin(), found.end(), [](const Tried& a, const Tried& b) { return a.bits < b.bits; });
    std::vector<std::vector<std::size_t>> triples;
    std::set<std::vector<std::size_t>> seen;
    for (std::size_t i = 0; !is_explained && i < found.size() && i < kBest; ++i) {
        const std::vector<std::size_t>& pair = found[i].changes;
        for (const std::size_t third : types[type_setting(result_.candidates[pair[0]].slot).type]) {
            if (what(third) == what(pair[0]) || what(third) == what(pair[1])) continue;
            if (result_.candidates[third].bits > kSimpleBits) continue;
            std::vector<std::size_t> triple{pair[0], pair[1], third};
            std::sort(triple.begin(), triple.end());
            if (seen.insert(triple).second) triples.push_back(std::move(triple));
        }
    }
    is_explained = try_sorted(triples, found) || is_explained;
    good.insert(good.end(), found.begin(), found.end());
    return is_explained;
}

}  // namespace bittrue::diagnose_detail
