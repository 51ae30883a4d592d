#include "input_probe.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "bittrue/model/exact_double.hpp"

namespace bittrue::corner {
namespace {

constexpr int kMoreBits = 2;

// The double with this value, if there is one.
std::optional<double> double_of(i128 raw, int frac) {
    const u128 magnitude = static_cast<u128>(raw < 0 ? -raw : raw);
    if (magnitude == 0) return 0.0;
    const u128 lowest = magnitude & (~magnitude + 1);
    if (magnitude / lowest >= u128{1} << 53) return std::nullopt;
    const double value = std::ldexp(static_cast<double>(raw), -frac);
    const bool ordinary = std::isfinite(value) && std::ldexp(value, frac) == static_cast<double>(raw);
    return ordinary ? std::optional(value) : std::nullopt;
}

}  // namespace

InputProbe::InputProbe(const InputSpec& input)
    : site(make_site("input", EventClass::Result, {.to = input.type, .frac = input.type.format.frac() + kMoreBits})) {
    if (input.range) declared_ = input_raws(input);
    for (std::size_t g = 0; g < kGoals; ++g) {
        site.tallies[g].reachable = site.targets[g].possible && value_in(site.targets[g].target).has_value();
    }
    const i128 far = i128{1} << kExactBits;
    site.values = {-far, far, 1};
    site.used = true;
    site.any_frac = true;
}

i128 InputProbe::see(Concrete& d, double value) {
    const ExactDouble exact = exact_double(value);
    const Conversion conversion{.to = site.conversion.to, .frac = exact.frac};
    const Outcome outcome = convert(exact.raw, conversion);
    site.counts.add(outcome.events);
    std::uint32_t goals = reached(exact.raw, conversion, outcome);
    for (; goals != 0; goals &= goals - 1) d.hit(site.tallies[static_cast<std::size_t>(std::countr_zero(goals))]);
    return outcome.raw;
}

Strided InputProbe::words() const {
    if (declared_) return normalised(declared_->low, declared_->high, 1);
    const FixedType& type = site.conversion.to;
    const bool wraps = type.overflow == Overflow::Wrap || type.overflow == Overflow::WrapSm;
    return normalised(wraps ? raw_min(type.format) : range_min(type), range_max(type), 1);
}

double InputProbe::within(double value) const {
    if (!declared_) return value;
    const ExactDouble exact = exact_double(value);
    const i128 raw = convert(exact.raw, {.to = site.conversion.to, .frac = exact.frac}).raw;
    const i128 nearest = std::clamp(raw, declared_->low, declared_->high);
    return nearest == raw ? value : value_of(nearest, site.conversion.to.format.frac());
}

// Near the ends of a wide type doubles are further apart than a quarter of an lsb: looking at quarters misses none.
std::optional<double> InputProbe::value_in(const Target& target) const {
    const Strided all =
        site.values.step != 0 ? site.values : Strided{-(i128{1} << kExactBits), i128{1} << kExactBits, 1};
    const bool upward = target.high > 0;
    auto next = upward ? first_from(all, target, target.low) : last_to(all, target, target.high);
    const int width = site.conversion.to.format.width + kMoreBits;
    for (int tries = 0; next && tries < 64; ++tries) {
        if (const auto value = double_of(*next, site.conversion.frac)) return value;
        const i128 power = i128{1} << width;  // a double wherever the type reaches
        if (upward && *next < power && contains(target, power)) return double_of(power, site.conversion.frac);
        if (!upward && *next > -power && contains(target, -power)) return double_of(-power, site.conversion.frac);
        next = upward ? first_from(all, target, *next + 1) : last_to(all, target, *next - 1);
    }
    return std::nullopt;
}

std::vector<double> InputProbe::values_for_goals() const {
    std::vector<double> values;
    for (const GoalTarget& t : site.targets) {
        if (!t.possible) continue;
        if (const auto value = value_in(t.target)) values.push_back(*value);
    }
    return values;
}

}  // namespace bittrue::corner
