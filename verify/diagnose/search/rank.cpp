#include "search/rank.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "search/one_type.hpp"

namespace bittrue::diagnose_detail {
namespace {

// A change is reported only where it makes the dump shorter to say by so many bits: chance makes some.
constexpr double kMargin = 6;
constexpr double kDoubt = 8;

// Both changes of a pair are told where each says something that the other alone does not.
bool adds_nothing(const Found& pair, const std::vector<Found>& found) {
    return std::any_of(found.begin(), found.end(), [&pair](const Found& single) {
        return single.changes.size() < pair.changes.size() && single.bits <= pair.bits &&
               (single.outcome.print == pair.outcome.print ||
                std::find(pair.changes.begin(), pair.changes.end(), single.changes.front()) != pair.changes.end());
    });
}

// A change that gives every word and spoils none is told even where a few flipped bits would be as likely: the verdict
// says which it is.
double limit_of(const Found& found, const SearchResult& result) {
    const bool gives_all = found.outcome.explained == result.different && found.outcome.spoiled == 0;
    return gives_all && found.changes.size() == 1 ? result.null_bits + kDoubt : result.null_bits - kMargin;
}

std::optional<Unexplained> first_unexplained(const Subject& subject, const Outcome& outcome) {
    if (outcome.first < 0) return {};
    const auto at = static_cast<std::size_t>(outcome.first);
    const std::int64_t size = subject.per_image();
    const Format format = subject.last().result.format;
    return Unexplained{.image = subject.image_numbers[at / static_cast<std::size_t>(size)],
                       .element = outcome.first % size,
                       .expected = raw_from_word(subject.expected()[at], format),
                       .predicted = raw_from_word(outcome.first_word, format),
                       .actual = raw_from_word(subject.actual[at], format)};
}

// Which setting a hypothesis changes, whatever to.
std::string setting_of(const Found& found, const SearchResult& result) {
    std::string text;
    for (const std::size_t c : found.changes) {
        const Candidate& candidate = result.candidates[c];
        text += (candidate.slot.empty() ? candidate.change.node + cause_name(candidate.change.cause) : candidate.slot);
        text += '\n';
    }
    return text;
}

// The same changes, in any order.
std::string said_of(const std::vector<Change>& changes) {
    std::set<std::string> texts;
    for (const Change& change : changes) texts.insert(change.node + '\n' + change.text + '\n');
    std::string all;
    for (const std::string& text : texts) all += text;
    return all;
}

// What is worth to be told, the best first. Of hypotheses that give the same words, one of each setting stands before a
// second one of any: a list of a few then shows how far the data leaves it open.
std::vector<const Found*> chosen_of(const SearchResult& result) {
    struct Place {
        std::size_t group = 0;
        int of_setting = 0;
        const Found* found = nullptr;
    };
    std::vector<Place> places;
    std::map<std::uint64_t, std::size_t> groups;
    std::map<std::pair<std::size_t, std::string>, int> count;
    for (const Found& found : result.found) {
        if (found.bits >= limit_of(found, result)) continue;
        if (found.changes.size() > 1 && adds_nothing(found, result.found)) continue;
        const std::size_t group = groups.emplace(found.outcome.print, groups.size()).first->second;
        const int of_setting = count[{group, setting_of(found, result)}]++;
        places.push_back({group, of_setting, &found});
    }
    std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
        return a.group != b.group ? a.group < b.group : a.of_setting < b.of_setting;
    });
    std::vector<const Found*> chosen;
    for (const Place& place : places) chosen.push_back(place.found);
    return chosen;
}

}  // namespace

Ranked rank(const Subject& subject, const SearchResult& result, const Datapath& datapath, std::size_t keep) {
    Ranked ranked;
    std::map<std::uint64_t, int> groups;
    std::optional<Trial> all;
    std::set<std::string> said;
    const std::vector<const Found*> chosen = chosen_of(result);
    for (const Found* found : chosen) {
        const bool is_as_good = found->outcome.print == chosen.front()->outcome.print;
        if (ranked.hypotheses.size() >= (is_as_good ? 2 * keep : keep)) break;
        if (!all) all.emplace(subject, datapath, all_images(subject));
        Hypothesis h;
        std::vector<const Candidate*> applied;
        for (const std::size_t c : found->changes) {
            h.changes.push_back(result.candidates[c].change);
            applied.push_back(&result.candidates[c]);
        }
        if (auto variant = all->variant(applied)) {
            if (auto one = as_one_type(applied, subject.chain, variant->chain)) h.changes = {*std::move(one)};
            h.chain = std::move(variant->chain);
            h.fault = variant->fault;
            h.fault_node = variant->fault_node;
            h.is_network = variant->after.empty() && !variant->instead;
        }
        if (!said.insert(said_of(h.changes)).second) continue;
        h.explained = found->outcome.explained;
        h.spoiled = found->outcome.spoiled;
        h.first_unexplained = first_unexplained(subject, found->outcome);
        h.bits = found->bits;
        h.group = groups.emplace(found->outcome.print, static_cast<int>(groups.size())).first->second;
        ranked.hypotheses.push_back(std::move(h));
        ranked.changes.push_back(found->changes);
    }
    return ranked;
}

}  // namespace bittrue::diagnose_detail
