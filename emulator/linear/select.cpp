#include "select.hpp"

#include <algorithm>

#include "bittrue/emulator/bounds.hpp"
#include "bittrue/model/notation.hpp"
#include "checked_group.hpp"
#include "dot_group.hpp"
#include "known_counts.hpp"
#include "saturate_group.hpp"
#include "vnni.hpp"

namespace bittrue::emulator::linear {
namespace {

// What runs a channel: channels of equal choices share a group.
struct Choice {
    Proof proof = Proof::Ordered;
    std::optional<DotMode> dot{};
    CellKind cells = CellKind::PairS16;
    std::optional<SaturatePlan> saturate{};
    InputRange sums{};
    std::vector<int> bounded{};  // channels that need none of it
    bool checks = false;         // counts overflows, which seldom happen
    std::string why_not{};
};

std::string print(i128 n) {
    return std::to_string(static_cast<std::int64_t>(n));
}

class Selector {
public:
    Selector(const LinearTerms& terms, const LinearOptions& options)
        : terms_(terms), options_(options), spec_(terms.mac.spec) {}

    // The first rule that holds.
    [[nodiscard]] Choice choose(int channel) const {
        const ChannelFacts facts(terms_, channel);
        Choice choice{.sums = {range_min(spec_.type), range_max(spec_.type)}};
        if (!facts.products_exact) {
            choice.why_not = "the product cast may change products";
        } else if (!dot_cells(facts, choice)) {
            choice.why_not = "operands are wider than 16 bits";
        } else if (dot_mode(facts, choice)) {
            choice.proof = proof_of(*choice.dot);
            return choice;
        }
        if (options_.count_events) {
            if (!choice.why_not.empty()) choice.why_not += "; ";
            choice.why_not += "overflows are counted";
            choice.checks = can_check(terms_, facts);
        } else {
            choice.saturate = plan_saturation(terms_, facts, options_.isa);
        }
        return choice;
    }

    [[nodiscard]] std::optional<SaturatePlan> saturation(int channel) const {
        return plan_saturation(terms_, ChannelFacts(terms_, channel), options_.isa);
    }

private:
    static Proof proof_of(DotMode mode) {
        switch (mode) {
            case DotMode::Bounded: return Proof::Bounded;
            case DotMode::Modular: return Proof::Modular;
            case DotMode::AtEnd: return Proof::AtEnd;
        }
        return Proof::Ordered;
    }

    // Whether the operands fit a dot product, and which.
    bool dot_cells(const ChannelFacts& facts, Choice& choice) const {
        const LaneType type = lane_type(terms_.input);
        const bool bytes = facts.low_weight >= -128 && facts.high_weight <= 127;
        const bool quads = has_vnni(options_.isa) && bytes && CellFormat{CellKind::QuadU8}.holds(type);
        choice.cells = quads ? CellKind::QuadU8 : CellKind::PairS16;
        const bool words = facts.low_weight >= -32768 && facts.high_weight <= 32767;
        return words && CellFormat{choice.cells}.holds(type);
    }

    bool dot_mode(const ChannelFacts& facts, Choice& choice) const {
        constexpr i128 kLimit = i128{1} << 31;
        const FixedType& to = spec_.type;
        const int up = to.format.frac() - terms_.product_frac();
        if (spec_.quantize == QuantizeAt::End) {
            if (facts.largest_sum < kLimit) {
                choice.dot = DotMode::AtEnd;
                return true;
            }
            choice.why_not = "the exact sum may need more than 32 bits";
            return false;
        }
        if (up < 0) {
            choice.why_not = "bits are dropped at each step";
            return false;
        }
        const std::vector<std::int64_t> weights = terms_.weights_of(facts.channel);
        const Format bias = terms_.mac.bias ? terms_.mac.bias->format : Format{};
        const auto bound = prefix_bound(weights, terms_.mac.weights.format, terms_.input, facts.inputs, spec_,
                                        terms_.bias_of(facts.channel), bias);
        std::optional<int> bias_frac;
        if (terms_.mac.bias) bias_frac = spec_.bias_cast ? spec_.bias_cast->format.frac() : bias.frac();
        if (bound && is_safe(*bound, spec_, terms_.product_frac(), bias_frac) &&
            fits_lane(*bound, to.format.frac(), kLimit)) {
            choice.dot = DotMode::Bounded;
            const int shift = to.format.frac() - bound->frac;
            choice.sums = {bound->low * (i128{1} << shift), bound->high * (i128{1} << shift)};
            return true;
        }
        const bool bias_exact = !bias_frac || *bias_frac <= to.format.frac() || starts_with_bias(terms_);
        const bool modular =
            to.overflow == Overflow::Wrap && to.saturated_bits == 0 && bias_exact && signed_width(to.format) <= 32;
        if (modular && !options_.count_events) {
            choice.dot = DotMode::Modular;
            return true;
        }
        if (bound) {
            const int shift = to.format.frac() - bound->frac;
            const bool below = range_min(to) << std::max(0, -shift) > bound->low << std::max(0, shift);
            const i128 reached = below ? bound->low : bound->high;
            choice.why_not = "a partial sum may reach " + print(reached) + " at " + std::to_string(bound->frac) +
                             " fraction bits, the accumulator ends at " + print(below ? range_min(to) : range_max(to)) +
                             " at " + std::to_string(to.format.frac());
        } else {
            choice.why_not = "no bound of the partial sums";
        }
        return false;
    }

    static bool fits_lane(const PrefixBound& bound, int frac, i128 limit) {
        const int up = frac - bound.frac;
        const i128 largest = std::max(bound.high, -bound.low);
        if (up < 0) return (largest >> std::min(-up, 126)) + 1 < limit;
        return up < 64 && largest < limit && (largest << up) < limit;
    }

    const LinearTerms& terms_;
    const LinearOptions& options_;
    const AccumulatorSpec& spec_;
};

// Groups and their channels.
struct Choices {
    std::vector<Choice> all{};
    std::vector<std::vector<int>> channels{};

    void add(const Choice& choice, int channel) {
        const auto same = [&](const Choice& c) {
            return c.proof == choice.proof && c.dot == choice.dot && c.saturate == choice.saturate &&
                   c.checks == choice.checks && (!c.dot || c.cells == choice.cells);
        };
        const auto at = static_cast<std::size_t>(std::find_if(all.begin(), all.end(), same) - all.begin());
        if (at == all.size()) {
            all.push_back(choice);
            channels.emplace_back();
        }
        all[at].sums.low = std::min(all[at].sums.low, choice.sums.low);
        all[at].sums.high = std::max(all[at].sums.high, choice.sums.high);
        channels[at].push_back(channel);
    }
    void move(std::size_t from, std::size_t to) {
        channels[to].insert(channels[to].end(), channels[from].begin(), channels[from].end());
        std::sort(channels[to].begin(), channels[to].end());
        all[to].bounded.insert(all[to].bounded.end(), channels[from].begin(), channels[from].end());
        std::sort(all[to].bounded.begin(), all[to].bounded.end());
        all[to].sums.low = std::min(all[to].sums.low, all[from].sums.low);
        all[to].sums.high = std::max(all[to].sums.high, all[from].sums.high);
        channels[from].clear();
    }
    void remove_empty() {
        for (std::size_t i = all.size(); i-- > 0;) {
            if (!channels[i].empty()) continue;
            channels.erase(channels.begin() + static_cast<std::ptrdiff_t>(i));
            all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
};

// What cannot overflow may as well wrap or saturate: beside channels that do, they share their group where that runs
// faster than a small group of their own.
void join_bounded(const Selector& selector, Choices& choices) {
    for (std::size_t i = 0; i < choices.all.size(); ++i) {
        const Choice& bounded = choices.all[i];
        if (bounded.dot != DotMode::Bounded) continue;
        const auto takes = [&](const Choice& c) {
            if (c.dot == DotMode::Modular) return c.cells == bounded.cells;
            if (!c.saturate || choices.channels[i].size() >= kSaturateJobs) return false;
            return std::all_of(choices.channels[i].begin(), choices.channels[i].end(),
                               [&](int channel) { return selector.saturation(channel) == c.saturate; });
        };
        const auto other = std::find_if(choices.all.begin(), choices.all.end(), takes);
        if (other != choices.all.end()) choices.move(i, static_cast<std::size_t>(other - choices.all.begin()));
    }
    choices.remove_empty();
}

std::string dot_name(const LinearTerms& terms, CellKind cells) {
    if (cells == CellKind::PairS16) return "dot s16s16";
    return lane_type(terms.input) == LaneType::U8 ? "dot u8s8" : "dot s8s8";
}

}  // namespace

std::vector<Selected> select_kernels(const LinearTerms& terms, const LinearOptions& options) {
    const Selector selector(terms, options);
    Choices choices;
    for (int o = 0; o < static_cast<int>(terms.mac.channels); ++o) choices.add(selector.choose(o), o);
    join_bounded(selector, choices);
    std::vector<Selected> selected;
    for (std::size_t i = 0; i < choices.all.size(); ++i) {
        const Choice& c = choices.all[i];
        const std::vector<int>& channels = choices.channels[i];
        Selected s{.group = {.channels = channels, .bounded = c.bounded, .proof = c.proof, .why_not = c.why_not},
                   .sums = c.sums};
        if (c.dot) {
            s.group.kernel = dot_name(terms, c.cells);
            s.group.steps = dot_steps(terms, c.cells);
            s.kernel = make_dot(terms, channels, options.isa, c.cells, *c.dot, i);
        } else if (c.saturate) {
            s.group.kernel = print(*c.saturate);
            s.kernel = make_saturating(terms, channels, options.isa, *c.saturate, i, s.group.steps);
        } else if (c.checks) {
            s.group.kernel = "prefix range, ordered int32";
            s.group.steps = static_cast<int>(terms.mac.terms);
            s.kernel = make_checked(terms, channels, options.isa, i);
        } else {
            s.group.kernel = "ordered int" + std::to_string(ordered_lane_bits(terms));
            s.group.steps = static_cast<int>(terms.mac.terms);
            s.kernel = make_ordered(terms, channels, options.isa);
        }
        selected.push_back(std::move(s));
    }
    return selected;
}

}  // namespace bittrue::emulator::linear
