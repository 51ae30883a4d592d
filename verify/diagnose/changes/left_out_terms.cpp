// Sums that begin late or end early: a loop's bound is off.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "changes/mac_faults.hpp"
#include "changes/word_probe.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr std::size_t kWrongWords = 18, kRightWords = 6, kOffered = 4;

// How many may be left out: any few, and whole rows and channels of a kernel.
std::vector<MacFault> faults_of(const Node& layer, std::int64_t terms) {
    constexpr std::int64_t kFew = 32;
    std::set<std::int64_t> counts;
    for (std::int64_t n = 1; n <= kFew; ++n) counts.insert(n);
    const Dims& dims = weights_of(layer)->dims;
    if (std::holds_alternative<Conv2d>(layer.op)) {
        for (const std::int64_t n : {dims[2], dims[1], dims[1] * dims[2], dims[0] * dims[1]}) counts.insert(n);
    }
    counts.insert(accumulator_of(layer)->group);
    std::vector<MacFault> faults;
    for (const std::int64_t count : counts) {
        if (count >= terms) continue;
        faults.push_back({.skip_first = count});
        faults.push_back({.skip_last = count});
    }
    return faults;
}

// Where terms are added one by one, a weight of zero leaves its term out: a network says that, and it runs faster.
bool can_be_zero(const AccumulatorSpec& spec) {
    return spec.schedule == Schedule::Sequential;
}

// Rows of the array of weights, each with a weight for every channel.
std::vector<std::size_t> rows_of(const SumTerms& terms, std::int64_t channels, const MacFault& fault) {
    std::vector<std::size_t> rows;
    for (std::int64_t t = 0; t < terms.terms(); ++t) {
        if (t < fault.skip_first || t >= terms.terms() - fault.skip_last)
            rows.push_back(terms.weight_place(0, t) / static_cast<std::size_t>(channels));
    }
    return rows;
}

void offer(const Maker& maker, std::size_t node, const SumTerms& terms, const MacFault& fault, int priority) {
    const Node& layer = maker.subject.chain.nodes[node];
    const bool first = fault.skip_first > 0;
    const std::int64_t count = first ? fault.skip_first : fault.skip_last;
    const char* side = first ? "first" : "last";
    const std::string ones = count == 1 ? "term" : fmt::format("{} terms", count);
    Candidate candidate;
    candidate.change = {
        .cause = Cause::TermsLeftOut,
        .node = layer.name,
        .setting = "terms",
        .expected = fmt::format("{}", terms.terms()),
        .found = fmt::format("without the {} {}", side, ones),
        .text = fmt::format("the {} {} of every sum {} left out", side, ones, count == 1 ? "is" : "are")};
    candidate.bits = count == 1 ? 4 : 7;
    candidate.priority = priority;
    candidate.slot = layer.name + ".mac";
    if (can_be_zero(terms.spec())) {
        candidate.apply = [node, kind = layer.op.index(), input = layer.inputs[0], subject = &maker.subject,
                           datapath = &maker.datapath,
                           rows = rows_of(terms, layer.shape.channels(), fault)](Variant& variant) {
            Node& changed = variant.chain.nodes[node];
            if (changed.op.index() != kind) return false;
            Parameter& weights = *weights_of(changed);
            make_raw(weights, changed, "weights", subject->tensor(input), *datapath);
            // Some of the channels may be left out.
            const auto channels = static_cast<std::size_t>(weights.dims.back());
            for (const std::size_t row : rows) {
                const auto from = weights.raw.begin() + static_cast<std::ptrdiff_t>(row * channels);
                std::fill(from, from + static_cast<std::ptrdiff_t>(channels), 0);
            }
            return true;
        };
    } else {
        candidate.apply = with_mac_fault(node, fault);
    }
    maker.candidates.push_back(std::move(candidate));
}

}  // namespace

void add_left_out_terms(const Maker& maker, std::size_t node) {
    const Node& layer = maker.subject.chain.nodes[node];
    if (weights_of(layer) == nullptr) return;
    std::optional<SumTerms> terms = SumTerms::of(layer, maker.subject.tensor(layer.inputs[0]), maker.datapath);
    if (!terms) return;
    const std::vector<MacFault> faults = faults_of(layer, terms->terms());
    std::vector<int> hits(faults.size(), 0);
    int words = 0;
    if (const auto probe = WordProbe::of(maker, node, kWrongWords, kRightWords)) {
        words = static_cast<int>(probe->words().size());
        hits = probe->hits(faults.size(), [&](std::size_t i, const MacOperands& sum, const WordProbe::Word&) {
            return maker.datapath.accumulate(sum, terms->spec(), faults[i]);
        });
    }
    std::vector<std::size_t> order(faults.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return hits[a] > hits[b]; });
    for (std::size_t n = 0; n < order.size(); ++n) {
        const std::size_t i = order[n];
        const bool is_one = faults[i].skip_first + faults[i].skip_last == 1;
        const bool fits = words > 0 && hits[i] == words;
        if (fits || is_one || (n < kOffered && hits[i] > 0) || words == 0)
            offer(maker, node, *terms, faults[i], priority_of(fits ? 4 : 9, 1));
    }
}

}  // namespace bittrue::diagnose_detail
