#include "goals.hpp"

#include "bittrue/model/notation.hpp"

namespace bittrue::corner {
namespace {

constexpr i128 kFar = i128{1} << (kExactBits + 1);

constexpr std::uint32_t bit(Goal goal) {
    return std::uint32_t{1} << static_cast<unsigned>(goal);
}

// The smallest raw whose rounded number is at least `wanted`; kFar where that is beyond every exact number.
i128 first_rounding_to(i128 wanted, const Conversion& c) {
    if (round_raw(kFar, c) < wanted) return kFar;
    if (round_raw(-kFar, c) >= wanted) return -kFar;
    i128 below = -kFar, at_least = kFar;  // rounding is monotone
    while (at_least - below > 1) {
        const i128 middle = below + (at_least - below) / 2;
        (round_raw(middle, c) >= wanted ? at_least : below) = middle;
    }
    return at_least;
}

class Targets {
public:
    explicit Targets(const Conversion& c) : c_(c) {
        add_values();
        if (c.divisor > 1) {
            add_rounding(c.divisor, c.divisor % 2 == 0 ? c.divisor / 2 : 0);
            return;
        }
        const int drop = c.dropped();
        if (drop > 0) {
            // Beyond kExactBits nothing but zero is exact and nothing is a tie.
            const i128 whole = i128{1} << std::min(drop, kExactBits + 2);
            add_rounding(whole, drop <= kExactBits ? whole / 2 : 0);
        } else {
            put(Goal::Exact, -kFar, kFar);
        }
        add_edges();
    }

    std::array<GoalTarget, kGoals> all{};

private:
    void put(Goal goal, i128 low, i128 high, i128 modulus = 1, i128 residue = 0, bool differs = false) {
        if (low > high) return;
        all[static_cast<std::size_t>(goal)] = {true, {low, high, modulus, residue, differs}};
    }

    void add_values() {
        put(Goal::Zero, 0, 0);
        put(Goal::Positive, 1, kFar);
        put(Goal::Negative, -kFar, -1);
    }

    // `half` is 0 where there is no tie.
    void add_rounding(i128 whole, i128 half) {
        put(Goal::Exact, -kFar, kFar, whole, 0);
        put(Goal::RoundedPositive, 1, kFar, whole, 0, true);
        put(Goal::RoundedNegative, -kFar, -1, whole, 0, true);
        if (half != 0) {
            put(Goal::TiePositive, 1, kFar, whole, half);
            put(Goal::TieNegative, -kFar, -1, whole, half);
        }
        const bool truncates = c_.to.rounding == Rounding::Trn || c_.to.rounding == Rounding::TrnZero;
        if (truncates && whole < kFar) put(Goal::DroppedOnes, -kFar, kFar, whole, whole - 1);
        put(Goal::NegativeToZero, first_rounding_to(0, c_), -1);
    }

    void add_edges() {
        const i128 low = range_min(c_.to), high = range_max(c_.to);
        const int drop = c_.dropped();
        const i128 above = first_rounding_to(high + 1, c_);
        put(Goal::Largest, first_rounding_to(high, c_), above - 1);
        if (above < kFar) {
            put(Goal::OneAbove, above, first_rounding_to(high + 2, c_) - 1);
            put(Goal::Above, above, kFar);
            if (drop > 0) put(Goal::AboveByRounding, above, shift_up(high + 1, drop) - 1);
        }
        const i128 inside = first_rounding_to(low, c_);
        put(Goal::Smallest, inside, first_rounding_to(low + 1, c_) - 1);
        if (inside > -kFar) {
            put(Goal::OneBelow, first_rounding_to(low - 1, c_), inside - 1);
            put(Goal::Below, -kFar, inside - 1);
            if (drop > 0) put(Goal::BelowByRounding, shift_up(low - 1, drop) + 1, inside - 1);
        }
    }

    const Conversion& c_;
};

std::string value(i128 raw, const Conversion& c) {
    return print_value(raw, c.frac);
}

std::string range_text(const Conversion& c, const Strided& values) {
    if (values.step == 0) return "the number always is " + value(values.low, c);
    return "the number stays within " + value(values.low, c) + " .. " + value(values.high, c);
}

}  // namespace

const char* name_of(Goal goal) {
    switch (goal) {
        case Goal::Exact: return "exact";
        case Goal::RoundedPositive: return "rounded, positive";
        case Goal::RoundedNegative: return "rounded, negative";
        case Goal::TiePositive: return "tie, positive";
        case Goal::TieNegative: return "tie, negative";
        case Goal::DroppedOnes: return "just below the next word";
        case Goal::NegativeToZero: return "negative rounded to zero";
        case Goal::Zero: return "zero";
        case Goal::Positive: return "positive";
        case Goal::Negative: return "negative";
        case Goal::Largest: return "largest word";
        case Goal::OneAbove: return "one above the largest";
        case Goal::Above: return "above";
        case Goal::AboveByRounding: return "above by rounding alone";
        case Goal::Smallest: return "smallest word";
        case Goal::OneBelow: return "one below the smallest";
        case Goal::Below: return "below";
        case Goal::BelowByRounding: return "below by rounding alone";
    }
    return "";
}

std::uint32_t reached(i128 raw, const Conversion& c, const Outcome& o) {
    const bool positive = raw > 0, negative = raw < 0;
    std::uint32_t goals = positive ? bit(Goal::Positive) : negative ? bit(Goal::Negative) : bit(Goal::Zero);
    if (!o.events.inexact) {
        goals |= bit(Goal::Exact);
    } else {
        goals |= bit(positive ? Goal::RoundedPositive : Goal::RoundedNegative);
        if (o.tie) goals |= bit(positive ? Goal::TiePositive : Goal::TieNegative);
        if (negative && o.rounded == 0) goals |= bit(Goal::NegativeToZero);
        if (c.to.rounding == Rounding::Trn || c.to.rounding == Rounding::TrnZero) {
            const i128 whole = c.divisor > 1 ? i128{c.divisor} : c.dropped() <= kExactBits ? i128{1} << c.dropped() : 0;
            if (whole != 0 && floor_div(raw, whole) * whole + whole - 1 == raw) goals |= bit(Goal::DroppedOnes);
        }
    }
    if (c.divisor > 1) return goals;
    const i128 low = range_min(c.to), high = range_max(c.to);
    if (o.rounded == high) goals |= bit(Goal::Largest);
    if (o.rounded == low) goals |= bit(Goal::Smallest);
    if (o.events.above) {
        goals |= bit(Goal::Above);
        if (o.rounded == high + 1) goals |= bit(Goal::OneAbove);
        if (o.events.inexact && raw < shift_up(high + 1, c.dropped())) goals |= bit(Goal::AboveByRounding);
    }
    if (o.events.below) {
        goals |= bit(Goal::Below);
        if (o.rounded == low - 1) goals |= bit(Goal::OneBelow);
        if (o.events.inexact && raw > shift_up(low - 1, c.dropped())) goals |= bit(Goal::BelowByRounding);
    }
    return goals;
}

std::array<GoalTarget, kGoals> targets_of(const Conversion& c) {
    return Targets(c).all;
}

std::string why_unreachable(Goal goal, const Conversion& c, const Strided& values) {
    const GoalTarget t = targets_of(c)[static_cast<std::size_t>(goal)];
    switch (goal) {
        case Goal::RoundedPositive:
        case Goal::RoundedNegative:
        case Goal::TiePositive:
        case Goal::TieNegative:
        case Goal::DroppedOnes:
        case Goal::AboveByRounding:
        case Goal::BelowByRounding:
            if (c.divisor == 1 && c.dropped() <= 0) {
                return "the number has no more fraction bits (" + std::to_string(c.frac) + ") than the type (" +
                       std::to_string(c.to.format.frac()) + "): nothing is dropped";
            }
            break;
        case Goal::Exact:
        case Goal::NegativeToZero:
        case Goal::Zero:
        case Goal::Positive:
        case Goal::Negative:
        case Goal::Largest:
        case Goal::OneAbove:
        case Goal::Above:
        case Goal::Smallest:
        case Goal::OneBelow:
        case Goal::Below: break;
    }
    if (!t.possible) {
        if (c.divisor > 1) return "a quotient by " + std::to_string(c.divisor) + " never does this";
        if (c.dropped() < 0) return "the number has fewer fraction bits than the type: such a word does not come out";
        return print_rounding(c.to.rounding) + " never does this";
    }
    if (!within(values, t.target.low, t.target.high)) return range_text(c, values);
    if (!meets(values, t.target))
        return range_text(c, values) + " in steps of " + value(values.step, c) + " that miss it";
    return range_text(c, values) + ", each output in steps of its own that miss it";
}

}  // namespace bittrue::corner
