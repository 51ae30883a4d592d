// L13, L14 and L16: softmax by tables of exponentials and inverses, and argmax.
#include <algorithm>
#include <set>
#include <stdexcept>

#include "sum_sets.hpp"
#include "table_index.hpp"

namespace bittrue::corner {

ProbePtr legacy_softmax_probe(const ProbeSetup& setup, const Softmax& op);

namespace {

// Which element is the largest.
class LargestMarks {
public:
    LargestMarks() = default;
    LargestMarks(Probe& probe, std::int64_t count) : first_(probe.marks.size()), count_(count) {
        for (std::int64_t i = 0; i < count; ++i) {
            probe.marks.push_back({.place = "largest",
                                   .goal = "element " + std::to_string(i) + " alone",
                                   .why = "another element always is at least as large"});
        }
        probe.marks.push_back({.place = "largest", .goal = "several", .why = "no two elements can be equal"});
    }
    void see(Concrete& d, Probe& probe, const std::vector<i128>& x) const {
        const auto best = std::max_element(x.begin(), x.end());
        const bool alone = std::count(x.begin(), x.end(), *best) == 1;
        d.hit(probe.marks[first_ + static_cast<std::size_t>(alone ? best - x.begin() : count_)].tally);
    }
    void see(Abstract& /*d*/, Probe& probe, const std::vector<Strided>& x) const {
        for (std::size_t i = 0; i < x.size(); ++i) {
            bool wins = true;
            for (std::size_t k = 0; k < x.size(); ++k) wins &= k == i || x[k].low < x[i].high;
            probe.marks[first_ + i].tally.reachable |= wins;
            for (std::size_t k = 0; k < i; ++k) {
                probe.marks[first_ + x.size()].tally.reachable |= x[k].low <= x[i].high && x[i].low <= x[k].high;
            }
        }
    }

private:
    std::size_t first_ = 0;
    std::int64_t count_ = 0;
};

class TableSoftmaxProbe : public ProbeOf<TableSoftmaxProbe> {
public:
    TableSoftmaxProbe(const ProbeSetup& setup, const Softmax& op) : stable_(op.kind == SoftmaxKind::Stable) {
        const Tensor& exp_table = *setup.parameter("exp_table");
        const Tensor& inv_table = *setup.parameter("inv_table");
        exps_ = raws_of(exp_table);
        inverses_ = raws_of(inv_table);
        const Format acc = op.accumulator.format, in = setup.format();
        require_exact(setup, acc.width + inv_table.format.width + 3);
        sites.push_back(make_site("difference", EventClass::Accumulator,
                                  {.to = stable_ ? op.difference : setup.input_types.front(), .frac = in.frac()}));
        sites.push_back(
            make_site("exponential", EventClass::Accumulator, {.to = op.accumulator, .frac = exp_table.format.frac()}));
        sites.push_back(make_site("sum", EventClass::Accumulator, {.to = op.accumulator, .frac = acc.frac()}));
        sites.push_back(make_site("inverse index", EventClass::Accumulator, {.to = op.inv_input, .frac = acc.frac()}));
        sites.push_back(make_site("result", EventClass::Result,
                                  {.to = setup.node.result, .frac = acc.frac() + inv_table.format.frac()}));
        exp_bins_ = BinMarks(*this, "exp_table",
                             TableIndexing::by_bits(stable_ ? op.difference.format : in, std::ssize(exps_)));
        inv_bins_ = BinMarks(*this, "inv_table", TableIndexing::by_bits(op.inv_input.format, std::ssize(inverses_)));
        largest_ = LargestMarks(*this, setup.shape().count());
    }

    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        walk_vector(d, *inputs[0], out);
    }

private:
    enum : std::size_t { kDifference, kExponential, kSum, kInverse, kResult };

    void walk_vector(Concrete& d, const std::vector<i128>& x, std::vector<i128>& out) {
        largest_.see(d, *this, x);
        const i128 most = *std::max_element(x.begin(), x.end());
        std::vector<i128> e;
        for (const i128 element : x) {
            const i128 index = stable_ ? d.convert(sites[kDifference], most - element) : element;
            e.push_back(d.convert(sites[kExponential], exps_[exp_bins_.see(d, *this, index)]));
        }
        const i128 index = d.convert(sites[kInverse], tree_sum(d, e));
        const i128 inverse = inverses_[inv_bins_.see(d, *this, index)];
        out.clear();
        for (const i128 element : e) out.push_back(d.convert(sites[kResult], element * inverse));
    }

    template <class D>
    typename D::Value tree_sum(D& d, Values<D> nodes) {
        while (nodes.size() > 1) {
            Values<D> level;
            for (std::size_t i = 0; i + 1 < nodes.size(); i += 2)
                level.push_back(d.convert(sites[kSum], d.add(nodes[i], nodes[i + 1])));
            if (nodes.size() % 2 != 0) level.push_back(nodes.back());
            nodes = std::move(level);
        }
        return nodes[0];
    }

    void walk_vector(Abstract& d, const std::vector<Strided>& x, std::vector<Strided>& out) {
        largest_.see(d, *this, x);
        const std::set<i128> entries = exponentials(d, x);
        Strided each = single(*entries.begin());
        for (const i128 e : entries) each = joined(each, single(e));
        const Strided total = tree_sum<Abstract>(d, std::vector<Strided>(x.size(), each));
        std::vector<std::size_t> bins;
        if (const auto sums = exact_sums(entries, std::ssize(x))) {
            std::set<std::size_t> found;
            for (const i128 s : *sums)
                found.insert(inv_bins_.see_one(*this, d.convert(sites[kInverse], single(s)).low));
            bins.assign(found.begin(), found.end());
        } else {
            bins = inv_bins_.see(d, *this, d.convert(sites[kInverse], total));
        }
        out.assign(x.size(), results(d, entries, bins, std::ssize(x)));
    }

    // Every sum of the exponentials, where no addition of two of them can leave the accumulator. With a stable softmax
    // one of them, that of the largest element, has difference zero.
    [[nodiscard]] std::optional<std::vector<i128>> exact_sums(const std::set<i128>& entries, std::int64_t count) const {
        constexpr std::size_t kMost = std::size_t{1} << 21;
        if (overflows(sites[kSum])) return std::nullopt;
        const std::int64_t others = stable_ ? count - 1 : count;
        const auto sets = SumSets::of({entries.begin(), entries.end()}, others);
        if (!sets) return std::nullopt;
        std::vector<i128> sums = sets->sums(others);
        if (sums.size() > kMost) return std::nullopt;
        if (stable_) {
            const i128 first = exponential_of_zero();
            for (i128& s : sums) s += first;
        }
        return sums;
    }

    std::set<i128> exponentials(Abstract& d, const std::vector<Strided>& x) {
        std::optional<Strided> index;
        for (const Strided& element : x) {
            const Strided i = stable_ ? d.convert(sites[kDifference], difference(x, element)) : element;
            index = index ? joined(*index, i) : i;
        }
        std::set<i128> entries;
        for (const std::size_t k : exp_bins_.see(d, *this, index.value()))
            entries.insert(d.convert(sites[kExponential], single(exps_[k])).low);
        return entries;
    }

    static Strided difference(const std::vector<Strided>& x, const Strided& element) {
        if (x.size() == 1) return single(0);
        Strided most = x.front();
        for (const Strided& other : x) most = larger_of(most, other);
        const Strided all = sum(most, scaled(element, -1));
        return within(joined(all, single(0)), 0, all.high).value();
    }

    static bool overflows(const Site& site) {
        return site.tallies[static_cast<std::size_t>(Goal::Above)].reachable ||
               site.tallies[static_cast<std::size_t>(Goal::Below)].reachable;
    }

    [[nodiscard]] i128 exponential_of_zero() const {
        const i128 zero = convert(0, sites[kDifference].conversion).raw;
        return convert(exps_[static_cast<std::size_t>(exp_bins_.indexing()(zero))], sites[kExponential].conversion).raw;
    }

    // Every exponential with every inverse that can meet it.
    Strided results(Abstract& d, const std::set<i128>& entries, const std::vector<std::size_t>& bins, i128 count) {
        constexpr std::size_t kMostPairs = std::size_t{1} << 24;
        std::optional<Strided> all;
        if (entries.size() * bins.size() > kMostPairs) {
            Strided e = single(*entries.begin()), k = single(inverses_[bins.front()]);
            for (const i128 entry : entries) e = joined(e, single(entry));
            for (const std::size_t bin : bins) k = joined(k, single(inverses_[bin]));
            return d.convert(sites[kResult], product(e, k));
        }
        for (const i128 e : entries) {
            const auto [low, high] = bins_beside(e, *entries.begin(), *entries.rbegin(), count);
            std::set<i128> met;
            for (const std::size_t bin : bins) {
                const auto index = static_cast<i128>(bin);
                if (index >= low && index <= high) met.insert(inverses_[bin]);
            }
            for (const i128 k : met) {
                const Strided r = d.convert(sites[kResult], single(e * k));
                all = all ? joined(*all, r) : r;
            }
        }
        if (!all) throw std::logic_error("softmax: no inverse meets any exponential");
        return *all;
    }

    // The bins of sums that have e as one part: all of them, unless sums are exact and the index grows with them.
    [[nodiscard]] std::pair<i128, i128> bins_beside(i128 e, i128 least, i128 most, i128 count) const {
        const std::pair<i128, i128> any = {0, std::ssize(inverses_)};
        const Conversion& c = sites[kInverse].conversion;
        const bool grows = !overflows(sites[kInverse]) || c.to.overflow == Overflow::Sat;
        if (!stable_ || overflows(sites[kSum]) || !grows || least < 0) return any;
        const i128 first = exponential_of_zero();
        i128 low = e + first + (count - 2) * least, high = e + first + (count - 2) * most;
        if (e == first || count == 1) {  // it may be the largest itself
            low = std::min(low, e + (count - 1) * least);
            high = std::max(high, e + (count - 1) * most);
        }
        const TableIndexing& index = inv_bins_.indexing();
        return {index(convert(std::max<i128>(low, 0), c).raw), index(convert(high, c).raw)};
    }

    bool stable_;
    std::vector<i128> exps_{}, inverses_{};
    BinMarks exp_bins_{}, inv_bins_{};
    LargestMarks largest_{};
};

class ArgmaxProbe : public ProbeOf<ArgmaxProbe> {
public:
    explicit ArgmaxProbe(const ProbeSetup& setup) : largest_(*this, setup.shape().count()) {
        sites.push_back(make_site("result", EventClass::Result, {.to = setup.node.result, .frac = 0}));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        const Values<D>& x = *inputs[0];
        largest_.see(d, *this, x);
        out.clear();
        if constexpr (D::is_abstract) {
            const Strided one = d.convert(sites[0], single(1));
            const Strided zero = x.size() > 1 ? d.convert(sites[0], single(0)) : one;
            out.assign(x.size(), joined(one, zero));
        } else {
            const auto best = static_cast<std::size_t>(std::max_element(x.begin(), x.end()) - x.begin());
            for (std::size_t i = 0; i < x.size(); ++i) out.push_back(d.convert(sites[0], i == best ? 1 : 0));
        }
    }

private:
    LargestMarks largest_;
};

}  // namespace

ProbePtr probe_of(const ProbeSetup& setup, const Softmax& op) {
    switch (op.kind) {
        case SoftmaxKind::Stable:
        case SoftmaxKind::Latency: return std::make_unique<TableSoftmaxProbe>(setup, op);
        case SoftmaxKind::Legacy: return legacy_softmax_probe(setup, op);
        case SoftmaxKind::Argmax: return std::make_unique<ArgmaxProbe>(setup);
    }
    return nullptr;
}

}  // namespace bittrue::corner
