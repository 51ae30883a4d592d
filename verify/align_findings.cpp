#include "align_findings.hpp"

#include <algorithm>

namespace bittrue {
namespace {

constexpr std::size_t kPlacesNamed = 4;

std::string count_text(std::int64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// Beats where they are whole, words otherwise.
std::int64_t amount_of(std::int64_t words, int lanes) {
    return words % lanes == 0 ? words / lanes : words;
}
std::string amount_text(std::int64_t words, int lanes) {
    return count_text(amount_of(words, lanes), words % lanes == 0 ? "beat" : "word");
}

Finding edit_finding(const Edit& edit, const LayerShape& shape, const Order& order) {
    Finding finding;
    finding.from = edit.place;
    if (edit.place < shape.words) {
        // Of the words of a beat the first expected one, in whichever lane it is.
        finding.from = order.to_expected(edit.place);
        const std::int64_t beat = std::min(edit.place + shape.lanes, shape.words);
        for (std::int64_t i = edit.place; i < beat; ++i) finding.from = std::min(finding.from, order.to_expected(i));
    }
    const std::int64_t words = edit.removed + edit.inserted;
    finding.amount = amount_of(words, shape.lanes);
    const std::string amount = amount_text(words, shape.lanes);
    const std::string place = place_text(shape, finding.from);
    if (edit.place == 0) {
        finding.kind = FindingKind::Offset;
        finding.text = edit.removed > 0
                           ? amount + " early: the first " +
                                 (finding.amount == 1 ? amount.substr(2) + " is" : amount + " are") + " missing"
                           : amount + " late from word " + std::to_string(finding.from) + " on";
    } else if (edit.removed > 0) {
        finding.kind = FindingKind::Dropped;
        finding.text = amount + " missing at " + place;
    } else if (edit.repeated) {
        finding.kind = FindingKind::Duplicated;
        finding.text = amount + " repeated at " + place;
    } else {
        finding.kind = FindingKind::Offset;
        finding.text = amount + " late from " + place + " on";
    }
    return finding;
}

}  // namespace

Finding map_finding(const WordMap& map) {
    Finding finding;
    finding.text = map.text();
    finding.from = -1;
    finding.amount = map.width;
    switch (map.kind) {
        case WordMap::Kind::Same:
        case WordMap::Kind::Bits: finding.kind = FindingKind::Bits; break;
        case WordMap::Kind::Bytes: finding.kind = FindingKind::Bytes; break;
        case WordMap::Kind::Shifted:
            finding.kind = FindingKind::Shifted;
            finding.amount = map.shift;
            break;
    }
    return finding;
}

std::vector<Finding> order_and_map(const std::vector<Finding>& order, const WordMap& map) {
    if (map.kind == WordMap::Kind::Same) return order;
    std::vector<Finding> both = order;
    both.push_back(map_finding(map));
    const int lanes = static_cast<int>(order.front().amount);
    const bool whole_beats = order.size() == 1 && order.front().kind == FindingKind::Lanes &&
                             order.front().text == lanes_text(reversed_lanes(lanes)) &&
                             map.kind != WordMap::Kind::Shifted;
    if (!whole_beats) return both;
    both.erase(both.begin());
    both[0].text = std::string(map.kind == WordMap::Kind::Bits ? "bits" : "bytes") + " of each beat reversed (" +
                   std::to_string(lanes) + " lanes of " + std::to_string(map.width) + " bits)";
    both[0].amount = std::int64_t{lanes} * map.width;
    return both;
}

void append_edits(std::vector<Finding>& findings, const std::vector<Edit>& edits, const LayerShape& shape,
                  const Order& order) {
    const std::size_t named = edits.size() <= kPlacesNamed + 1 ? edits.size() : kPlacesNamed;
    for (std::size_t i = 0; i < named; ++i) findings.push_back(edit_finding(edits[i], shape, order));
    if (named == edits.size()) return;
    std::int64_t removed = 0, inserted = 0;
    for (std::size_t i = named; i < edits.size(); ++i) {
        removed += edits[i].removed;
        inserted += edits[i].inserted;
    }
    Finding rest = edit_finding(edits[named], shape, order);
    rest.kind = removed >= inserted ? FindingKind::Dropped : FindingKind::Duplicated;
    rest.amount = amount_of(removed + inserted, shape.lanes);
    rest.text = "and " + std::to_string(edits.size() - named) + " more places: ";
    if (removed > 0) rest.text += amount_text(removed, shape.lanes) + " missing";
    if (removed > 0 && inserted > 0) rest.text += ", ";
    if (inserted > 0) rest.text += amount_text(inserted, shape.lanes) + " too many";
    findings.push_back(rest);
}

}  // namespace bittrue
