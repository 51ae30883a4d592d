#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "search.hpp"

namespace bittrue::diagnose_detail {
namespace {

constexpr double kShareOfTypes = 0.4;  // of the time
constexpr std::size_t kMost = 2000;    // pairs

// "dense.accumulator.overflow": setting of a type, and the type. Empty: none of one.
struct TypeSetting {
    std::string type{};
    std::string_view what{};
};
TypeSetting setting_of(const std::string& slot) {
    constexpr std::array<std::string_view, 4> kSettings{"integer", "fraction", "rounding", "overflow"};
    const std::size_t dot = slot.rfind('.');
    if (dot == std::string::npos) return {};
    const std::string_view what = std::string_view(slot).substr(dot + 1);
    if (std::find(kSettings.begin(), kSettings.end(), what) == kSettings.end()) return {};
    return {slot.substr(0, dot), what};
}

}  // namespace

// Two settings of one type: a register declared with another type altogether. Alone each may explain nothing: the
// narrower accumulator still saturates, the one that wraps never overflows.
bool Searcher::try_pairs_of_one_type(std::vector<Tried>& good) {
    std::map<std::string, std::vector<std::size_t>> types;
    for (std::size_t c = 0; c < singles_.size(); ++c) {
        const TypeSetting setting = setting_of(result_.candidates[c].slot);
        if (!setting.type.empty() && singles_[c].outcome.applies) types[setting.type].push_back(c);
    }
    std::vector<std::vector<std::size_t>> pairs;
    for (const auto& [type, settings] : types) {
        for (std::size_t i = 0; i < settings.size(); ++i) {
            for (std::size_t k = i + 1; k < settings.size(); ++k) {
                const auto what = [&](std::size_t n) { return setting_of(result_.candidates[settings[n]].slot).what; };
                if (what(i) != what(k)) pairs.push_back({settings[i], settings[k]});
            }
        }
    }
    const auto bits = [this](const std::vector<std::size_t>& pair) {
        return result_.candidates[pair[0]].bits + result_.candidates[pair[1]].bits;
    };
    std::stable_sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return bits(a) < bits(b); });
    if (pairs.size() > kMost) pairs.resize(kMost);
    const std::vector<Outcome> outcomes =
        run_all(*sample_, pairs, limits_.seconds * kShareOfTypes, result_.pairs_tried);
    bool is_explained = false;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        Tried two = tried(pairs[i], *sample_, outcomes[i]);
        const bool says_more = two.bits < std::min(singles_[pairs[i][0]].bits, singles_[pairs[i][1]].bits);
        if (!two.outcome.applies || !says_more) continue;
        is_explained = is_explained || two.is_perfect;
        good.push_back(std::move(two));
    }
    return is_explained;
}

}  // namespace bittrue::diagnose_detail
