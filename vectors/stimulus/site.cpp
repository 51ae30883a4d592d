#include "site.hpp"

#include <bit>

namespace bittrue::corner {

Site make_site(std::string place, EventClass kind, const Conversion& conversion) {
    return {.place = std::move(place), .kind = kind, .conversion = conversion, .targets = targets_of(conversion)};
}

i128 Concrete::convert(Site& site, i128 raw) {
    const Outcome outcome = corner::convert(raw, site.conversion);
    if (trace != nullptr) trace->push_back({&site, raw});
    if (!counts) return outcome.raw;
    site.counts.add(outcome.events);
    for (std::uint32_t goals = reached(raw, site.conversion, outcome); goals != 0; goals &= goals - 1)
        hit(site.tallies[static_cast<std::size_t>(std::countr_zero(goals))]);
    return outcome.raw;
}

Strided Abstract::convert(Site& site, const Strided& values) {
    for (std::size_t g = 0; g < kGoals; ++g) {
        const GoalTarget& target = site.targets[g];
        bool& reachable = site.tallies[g].reachable;
        if (!reachable && target.possible) reachable = meets(values, target.target);
    }
    site.values = site.used ? joined(site.values, values) : values;
    site.used = true;
    return converted(values, site.conversion);
}

}  // namespace bittrue::corner
