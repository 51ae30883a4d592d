#include "search/one_type.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "changes/type_places.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {
namespace {

const Node* node_of(const Chain& chain, const std::string& name) {
    const auto at = std::find_if(chain.nodes.begin(), chain.nodes.end(), [&](const Node& n) { return n.name == name; });
    return at == chain.nodes.end() ? nullptr : &*at;
}

// The default modes too, which the notation leaves out, where they differ from the other type's.
std::string text_of(const FixedType& type, const FixedType& other) {
    const bool is_left_out = type.overflow == Overflow::Wrap;
    const bool is_alike = type.rounding == other.rounding && type.overflow == other.overflow;
    if (!is_left_out || is_alike) return print_type(type);
    const std::string overflow = mode_name(type.overflow, type.dialect);
    if (type.rounding != Rounding::Trn) return fmt::format("{} ({})", print_type(type), overflow);
    return fmt::format("{} ({}, {})", print_type(type), mode_name(type.rounding, type.dialect), overflow);
}

// The most telling of the causes: a format says more than a mode.
Cause cause_of(const TypePlace& place, const std::vector<const Candidate*>& changes) {
    const auto is_of_format = [&](const Candidate* c) { return c->change.cause == place.format; };
    return std::any_of(changes.begin(), changes.end(), is_of_format) ? place.format : changes.front()->change.cause;
}

}  // namespace

TypeSetting type_setting(const std::string& slot) {
    constexpr std::array<std::string_view, 7> kSettings{"integer",  "fraction", "point", "rounding",
                                                        "overflow", "modes",    "sign"};
    const std::size_t dot = slot.rfind('.');
    if (dot == std::string::npos) return {};
    const std::string_view what = std::string_view(slot).substr(dot + 1);
    const auto* const known = std::find(kSettings.begin(), kSettings.end(), what);
    if (known == kSettings.end()) return {};
    return {slot.substr(0, dot), *known};
}

std::optional<Change> as_one_type(const std::vector<const Candidate*>& changes, const Chain& expected,
                                  const Chain& changed) {
    if (changes.size() < 2 || expected.nodes.size() != changed.nodes.size()) return {};
    const std::string type = type_setting(changes.front()->slot).type;
    for (const Candidate* change : changes) {
        if (type.empty() || type_setting(change->slot).type != type) return {};
    }
    const Change& first = changes.front()->change;
    const Node *before = node_of(expected, first.node), *after = node_of(changed, first.node);
    if (before == nullptr || after == nullptr) return {};
    for (const TypePlace& place : type_places(*before, inputs_of(expected, *before))) {
        if (type != fmt::format("{}.{}{}", first.node, place.setting, place.at.size() > 1 ? "s" : "")) continue;
        const FixedType was = type_at(place, *before), is = type_at(place, *after);
        if (was == is) return {};
        return Change{.cause = cause_of(place, changes),
                      .node = first.node,
                      .setting = place.setting,
                      .expected = print_type(was),
                      .found = print_type(is),
                      .text = fmt::format("{} of '{}' {} {} where the network has {}", place.noun, first.node,
                                          place.plural ? "are" : "is", text_of(is, was), text_of(was, is))};
    }
    return {};
}

}  // namespace bittrue::diagnose_detail
