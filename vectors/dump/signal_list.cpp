#include <limits>
#include <set>
#include <unordered_map>

#include "dump/signals.hpp"

namespace bittrue::dump {

std::vector<SignalActivity> list_variables(const std::vector<Variable>& variables,
                                           const std::function<void(std::uint32_t, SignalActivity&)>& count) {
    std::vector<SignalActivity> list;
    std::unordered_map<std::string, std::size_t> places;
    std::vector<std::set<std::uint32_t>> slots;
    for (const Variable& variable : variables) {
        std::string_view name = variable.name;
        // "out[3]" of one bit is a bit of "out".
        if (variable.width == 1 && !variable.range && !variable.real) static_cast<void>(cut_range(name));
        const auto [place, fresh] = places.try_emplace(std::string(name), list.size());
        if (fresh) {
            list.push_back({.name = std::string(name), .width = 0, .real = variable.real});
            slots.emplace_back();
        }
        SignalActivity& activity = list[place->second];
        if (!slots[place->second].insert(variable.slot).second) continue;
        if (activity.width <= std::numeric_limits<int>::max() - variable.width) activity.width += variable.width;
        count(variable.slot, activity);
    }
    return list;
}

}  // namespace bittrue::dump
