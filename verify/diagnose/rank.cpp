#include "rank.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace bittrue::diagnose_detail {
namespace {

// A change is reported only where it makes the dump shorter to say by so many bits: chance makes some.
constexpr double kMargin = 6;

// Both changes of a pair are told where each says something that the other alone does not.
bool adds_nothing(const Found& pair, const std::vector<Found>& found) {
    return std::any_of(found.begin(), found.end(), [&pair](const Found& single) {
        return single.changes.size() < pair.changes.size() && single.bits <= pair.bits &&
               (single.outcome.print == pair.outcome.print ||
                std::find(pair.changes.begin(), pair.changes.end(), single.changes.front()) != pair.changes.end());
    });
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

}  // namespace

Ranked rank(const Subject& subject, const SearchResult& result, const Datapath& datapath, std::size_t keep) {
    Ranked ranked;
    std::map<std::uint64_t, int> groups;
    std::set<std::string> said;
    const Trial all(subject, datapath, all_images(subject));
    for (const Found& found : result.found) {
        if (ranked.hypotheses.size() >= keep) break;
        if (found.bits + kMargin > result.null_bits) break;
        if (found.changes.size() > 1 && adds_nothing(found, result.found)) continue;
        Hypothesis h;
        std::string text;
        std::vector<const Candidate*> applied;
        for (const std::size_t c : found.changes) {
            const Candidate& candidate = result.candidates[c];
            h.changes.push_back(candidate.change);
            applied.push_back(&candidate);
            text += candidate.change.node + candidate.change.text + '\n';
        }
        if (!said.insert(text).second) continue;
        h.explained = found.outcome.explained;
        h.spoiled = found.outcome.spoiled;
        h.first_unexplained = first_unexplained(subject, found.outcome);
        h.bits = found.bits;
        h.group = groups.emplace(found.outcome.print, static_cast<int>(groups.size())).first->second;
        if (auto variant = all.variant(applied)) {
            h.chain = std::move(variant->chain);
            h.fault = variant->fault;
            h.fault_node = variant->fault_node;
            h.is_network = variant->after.empty() && !variant->instead;
        }
        ranked.hypotheses.push_back(std::move(h));
        ranked.changes.push_back(found.changes);
    }
    return ranked;
}

}  // namespace bittrue::diagnose_detail
