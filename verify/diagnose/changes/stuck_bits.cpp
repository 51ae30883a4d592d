// Multipliers of which a bit is stuck.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "changes/channel_set.hpp"
#include "changes/mac_faults.hpp"
#include "changes/word_probe.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr std::int64_t kLong = 512;  // terms
constexpr std::size_t kWrongWords = 18, kRightWords = 6, kOffered = 20;

std::string what(MacFault::At at) {
    switch (at) {
        case MacFault::At::Product: return "products";
        case MacFault::At::Weight: return "weights";
        case MacFault::At::Input: return "inputs";
    }
    return {};
}

std::string text_of(const MacFault::StuckBit& stuck, const std::string& node, std::int64_t channels) {
    std::string text = fmt::format("bit {} of the {}", stuck.bit, what(stuck.at));
    if (stuck.lanes > 1) text += fmt::format(" of multiplier lane {} of {}", stuck.lane, stuck.lanes);
    if (stuck.outputs > 1) {
        const ChannelSet where{.lanes = stuck.outputs, .lane = stuck.output};
        text += (stuck.lanes > 1 ? "," : "") + where.text(channels) + (stuck.lanes > 1 ? "," : "");
    }
    return text + fmt::format(" in '{}' is stuck at {}", node, int{stuck.value});
}

// Numbers of multipliers that may share the terms of a sum: what divides them, powers of two, the schedule's.
std::set<std::int64_t> lane_counts(const SumTerms& terms) {
    constexpr std::int64_t kMost = 16;
    std::set<std::int64_t> counts{1, 2, 4, 8, 16};
    for (std::int64_t n = 3; n <= kMost; ++n) {
        if (terms.terms() % n == 0) counts.insert(n);
    }
    if (terms.spec().group <= 4 * kMost) counts.insert(terms.spec().group);
    std::erase_if(counts, [&](std::int64_t n) { return n < 1 || n > terms.terms(); });
    return counts;
}

std::vector<MacFault> all_stuck_bits(const SumTerms& terms, const MacOperands& formats, const ChannelSet& where) {
    const Format product =
        terms.spec().product ? terms.spec().product->format : product_format(formats.weight, formats.input);
    std::vector<MacFault> faults;
    for (const std::int64_t lanes : lane_counts(terms)) {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
            for (const MacFault::At at : {MacFault::At::Product, MacFault::At::Weight, MacFault::At::Input}) {
                // Long sums take their time: of their operands only whole ones.
                if (at != MacFault::At::Product && lanes > 1 && terms.terms() > kLong) continue;
                const int width = at == MacFault::At::Product  ? product.width
                                  : at == MacFault::At::Weight ? formats.weight.width
                                                               : formats.input.width;
                for (int bit = 0; bit < width; ++bit) {
                    for (const bool value : {false, true}) {
                        MacFault fault;
                        fault.stuck = {.bit = bit,
                                       .value = value,
                                       .lanes = lanes,
                                       .lane = lane,
                                       .at = at,
                                       .outputs = where.lanes,
                                       .output = where.lane};
                        faults.push_back(fault);
                    }
                }
            }
        }
    }
    return faults;
}

void offer(const Maker& maker, std::size_t node, Candidate candidate, const MacFault& fault) {
    candidate.change.node = maker.subject.chain.nodes[node].name;
    candidate.slot = candidate.change.node + ".mac";
    candidate.apply = with_mac_fault(node, fault);
    maker.candidates.push_back(std::move(candidate));
}

// The layer with another fault beside the stuck bit: such a bit is offered for pairs.
struct Beside {
    AccumulatorSpec spec{};
    bool has_bias = true;
};
std::vector<Beside> other_faults(const SumTerms& terms) {
    std::vector<Beside> list;
    const AccumulatorSpec& own = terms.spec();
    for (const Overflow overflow : {Overflow::Wrap, Overflow::Sat, Overflow::SatSym}) {
        if (own.type.overflow == overflow) continue;
        AccumulatorSpec spec = own;
        spec.type.overflow = overflow;
        spec.type.saturated_bits = 0;
        list.push_back({spec, true});
    }
    if (terms.has_bias()) list.push_back({own, false});
    return list;
}

class StuckBits {
public:
    StuckBits(const Maker& maker, std::size_t node, const ChannelSet& where, const WordProbe& probe)
        : maker_(maker),
          node_(node),
          layer_(maker.subject.chain.nodes[node]),
          where_(where),
          probe_(probe),
          faults_(all_stuck_bits(probe.terms(), probe.words()[0].sums[0], where)) {}

    void add() {
        const auto words = static_cast<int>(probe_.words().size());
        constexpr std::size_t kForPairs = 8, kEarly = 3;
        bool is_found = false;
        const std::vector<int> alone = hits({probe_.terms().spec(), true});
        std::size_t partly = 0;
        for (const std::size_t i : best(alone, kOffered)) {
            const bool all = alone[i] == words;
            is_found = is_found || all;
            // Those that miss words are for pairs, where nothing gives all.
            if (!all && (is_found || ++partly > kForPairs)) break;
            const bool early = all ? offered_.size() < kEarly : alone[i] * 5 >= words * 4;
            offer_bit(i, priority_of(early ? 5 : 10, 1));
        }
        if (is_found || probe_.terms().terms() > kLong || is_no_order(maker_.evidence)) return;
        for (const Beside& beside : other_faults(probe_.terms())) {
            const std::vector<int> together = hits(beside);
            for (const std::size_t i : best(together, kForPairs)) {
                if (alone[i] <= 0 && together[i] * 10 >= words * 9) offer_bit(i, 70);
            }
        }
    }

private:
    [[nodiscard]] std::vector<int> hits(const Beside& beside) const {
        return probe_.hits(faults_.size(), [&](std::size_t i, const MacOperands& sum, const WordProbe::Word&) {
            if (beside.has_bias || !sum.has_bias) return maker_.datapath.accumulate(sum, beside.spec, faults_[i]);
            MacOperands without = sum;
            without.has_bias = false;
            return maker_.datapath.accumulate(without, beside.spec, faults_[i]);
        });
    }

    [[nodiscard]] static std::vector<std::size_t> best(const std::vector<int>& hits, std::size_t most) {
        std::vector<std::size_t> best;
        for (std::size_t i = 0; i < hits.size(); ++i) {
            if (hits[i] > 0) best.push_back(i);
        }
        std::stable_sort(best.begin(), best.end(), [&](std::size_t a, std::size_t b) { return hits[a] > hits[b]; });
        if (best.size() > most) best.resize(most);
        return best;
    }

    void offer_bit(std::size_t number, int priority) {
        if (!offered_.insert(number).second) return;
        const MacFault::StuckBit& stuck = *faults_[number].stuck;
        Candidate candidate;
        candidate.change = {.cause = Cause::StuckBit,
                            .setting = what(stuck.at),
                            .expected = fmt::format("bit {}", stuck.bit),
                            .found = fmt::format("stuck at {}", int{stuck.value}),
                            .text = text_of(stuck, layer_.name, layer_.shape.channels())};
        candidate.bits = 8 + (stuck.lanes > 1 ? 4 : 0) + (where_.is_all() ? 0 : 3);
        candidate.priority = priority;
        offer(maker_, node_, std::move(candidate), faults_[number]);
    }

    const Maker& maker_;
    std::size_t node_;
    const Node& layer_;
    ChannelSet where_;
    const WordProbe& probe_;
    std::vector<MacFault> faults_;
    std::set<std::size_t> offered_{};
};

}  // namespace

void add_stuck_bits(const Maker& maker, std::size_t node) {
    if (weights_of(maker.subject.chain.nodes[node]) == nullptr) return;
    ChannelSet where;
    if (keeps_channels(maker.subject, node)) where = wrong_channel_set(maker);
    const auto probe =
        WordProbe::of(maker, node, kWrongWords, kRightWords, [&](std::int64_t channel) { return where.has(channel); });
    if (probe && !probe->words().empty()) StuckBits(maker, node, where, *probe).add();
}

}  // namespace bittrue::diagnose_detail
