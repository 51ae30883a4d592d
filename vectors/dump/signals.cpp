#include "dump/signals.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/packing.hpp"
#include "dump/names.hpp"

namespace bittrue::dump {
namespace {

std::optional<std::int64_t> index_of(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    std::int32_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string print_range(const Range& range) {
    return range.left == range.right ? fmt::format("[{}]", range.left)
                                     : fmt::format("[{}:{}]", range.left, range.right);
}

}  // namespace

std::optional<Range> cut_range(std::string_view& text) {
    if (text.empty() || text.back() != ']') return std::nullopt;
    const std::size_t open = text.rfind('[');
    if (open == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    const std::size_t colon = inside.find(':');
    const std::optional<std::int64_t> left = index_of(inside.substr(0, colon));
    const std::optional<std::int64_t> right =
        colon == std::string_view::npos ? left : index_of(inside.substr(colon + 1));
    if (!left || !right) return std::nullopt;
    text = text.substr(0, open);
    return Range{.left = *left, .right = *right};
}

SignalNames::SignalNames(const std::vector<Variable>& variables) : variables_(variables) {
    for (const Variable& variable : variables) {
        by_name_[variable.name].push_back(&variable);
        std::string_view base = variable.name;
        const std::optional<Range> index = cut_range(base);
        if (index && variable.width == 1 && !variable.range && index->left == index->right) {
            elements_[std::string(base)].push_back(&variable);
        }
    }
}

std::optional<SignalNames::Found> SignalNames::whole(const std::string& name, const std::string& where) const {
    const auto group = by_name_.find(name);
    struct Slice {
        Range range{};
        const Variable* variable = nullptr;
    };
    std::vector<Slice> slices;
    if (group != by_name_.end()) {
        const Variable& first = *group->second.front();
        if (first.real) throw InputError(where, fmt::format("'{}' is a real, text or event, not a word", name));
        if (first.width < 1 || first.width > kMaxPackedBits) {
            throw InputError(where, fmt::format("'{}' has {} bits; words of 1 to {} bits can be compared", name,
                                                first.width, kMaxPackedBits));
        }
        const bool one = std::all_of(group->second.begin(), group->second.end(), [&](const Variable* other) {
            return other->slot == first.slot || other->range == first.range;
        });
        if (one) {
            return Found{.bits = {{.slot = first.slot, .low = 0, .count = first.width}}, .range = first.range};
        }
        for (const Variable* variable : group->second) {
            if (variable->range && !variable->real) slices.push_back({*variable->range, variable});
        }
    } else if (const auto bits = elements_.find(name); bits != elements_.end()) {
        for (const Variable* variable : bits->second) {
            std::string_view text = variable->name;
            slices.push_back({*cut_range(text), variable});
        }
    }
    if (slices.empty()) return std::nullopt;
    std::stable_sort(slices.begin(), slices.end(),
                     [](const Slice& a, const Slice& b) { return a.range.low() < b.range.low(); });
    const bool upwards = std::any_of(slices.begin(), slices.end(),
                                     [](const Slice& slice) { return slice.range.left < slice.range.right; });
    Found found;
    std::int64_t next = slices.front().range.low();
    const std::int64_t lowest = next;
    for (const Slice& slice : slices) {
        if (slice.range.low() == next - slice.range.width()) continue;  // the same slice once more
        if (slice.range.low() != next || slice.range.width() != slice.variable->width) {
            throw InputError(where, fmt::format("'{}' is written in parts, and they leave out or repeat {}[{}]; map "
                                                "the parts one by one",
                                                name, name, std::min(next, slice.range.low())));
        }
        next += slice.range.width();
        if (next - lowest > kMaxPackedBits) {
            throw InputError(where, fmt::format("'{}' has more than {} bits", name, kMaxPackedBits));
        }
        found.bits.push_back({.slot = slice.variable->slot, .low = 0, .count = slice.variable->width});
    }
    if (upwards) std::reverse(found.bits.begin(), found.bits.end());
    found.range = upwards ? Range{.left = lowest, .right = next - 1} : Range{.left = next - 1, .right = lowest};
    return found;
}

std::optional<SignalNames::Found> SignalNames::find_exact(const std::string& name, const std::string& where) const {
    if (std::optional<Found> found = whole(name, where)) return found;
    std::string_view base = name;
    const std::optional<Range> select = cut_range(base);
    if (!select) return std::nullopt;
    const std::optional<Found> outer = whole(std::string(base), where);
    if (!outer) return std::nullopt;
    std::int64_t width = 0;
    for (const Piece& piece : outer->bits) width += piece.count;
    const Range range = outer->range.value_or(Range{.left = width - 1, .right = 0});
    const bool up = range.left < range.right;
    const std::int64_t low = up ? range.right - select->right : select->right - range.right;
    const std::int64_t high = up ? range.right - select->left : select->left - range.right;
    if (low < 0 || high >= width || low > high) {
        throw InputError(where, fmt::format("'{}' has the bits {}, not {}", std::string(base), print_range(range),
                                            print_range(*select)));
    }
    Found part;
    std::int64_t at = 0;
    for (const Piece& piece : outer->bits) {
        const std::int64_t from = std::max(low, at);
        const std::int64_t to = std::min(high + 1, at + piece.count);
        if (from < to) {
            part.bits.push_back({.slot = piece.slot,
                                 .low = piece.low + static_cast<int>(from - at),
                                 .count = static_cast<int>(to - from)});
        }
        at += piece.count;
    }
    return part;
}

// The declared name whose end is `name`, in any case.
std::optional<std::string> SignalNames::full_name(const std::string& name, const std::string& where) const {
    const std::string wanted = lower(name);
    std::set<std::string> names;
    std::set<std::uint32_t> slots;
    for (const Variable& variable : variables_) {
        std::string_view declared = variable.name;
        if (declared.size() < wanted.size()) continue;
        const auto matches = [&](std::string_view text) {
            if (text.size() < wanted.size() || lower(text.substr(text.size() - wanted.size())) != wanted) return false;
            return text.size() == wanted.size() || text[text.size() - wanted.size() - 1] == '.';
        };
        if (!matches(declared)) {
            if (variable.width != 1 || !cut_range(declared) || !matches(declared)) continue;
        }
        names.insert(std::string(declared));
        slots.insert(variable.slot);
    }
    if (names.empty()) return std::nullopt;
    if (names.size() > 1 && slots.size() > 1) {
        throw InputError(where, fmt::format("'{}' may be {} or {}; write the whole name", name, *names.begin(),
                                            *std::next(names.begin())));
    }
    return *names.begin();
}

Signal SignalNames::find(const std::string& name, const std::string& where) const {
    std::string wanted = name;
    if (!wanted.empty() && wanted.front() == '\\') wanted.erase(0, 1);
    std::optional<Found> found = find_exact(wanted, where);
    Signal signal;
    if (!found) {
        if (wanted.find('.') == std::string::npos) std::replace(wanted.begin(), wanted.end(), '/', '.');
        if (!wanted.empty() && wanted.front() == '.') wanted.erase(0, 1);
        std::optional<std::string> full = full_name(wanted, where);
        if (!full) {
            std::string_view base = wanted;
            if (cut_range(base)) {
                full = full_name(std::string(base), where);
                if (full) *full += wanted.substr(base.size());
            }
        }
        if (full) found = find_exact(*full, where);
        if (!found) throw InputError(where, fmt::format("has no signal '{}'{}", name, alike(name)));
        if (*full != name && *full != "TOP." + name) signal.note = fmt::format("'{}' is taken as {}", name, *full);
    }
    signal.bits = std::move(found->bits);
    for (const Piece& piece : signal.bits) signal.width += piece.count;
    return signal;
}

Piece SignalNames::find_bit(const std::string& name, const std::string& where) const {
    const Signal signal = find(name, where);
    if (signal.width != 1) {
        throw InputError(where, fmt::format("'{}' has {} bits where one is needed; name one bit, '{}[0]'", name,
                                            signal.width, name));
    }
    return signal.bits.front();
}

std::string SignalNames::alike(const std::string& name) const {
    std::vector<std::string> names;
    for (const Variable& variable : variables_) {
        if (names.size() < 20000) names.push_back(variable.name);  // enough of a hint
    }
    const std::vector<std::string> best = nearest_names(name, names, 3);
    return best.empty() ? "" : fmt::format("; alike are {}", fmt::join(best, ", "));
}

}  // namespace bittrue::dump
