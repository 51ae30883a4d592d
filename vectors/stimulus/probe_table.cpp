// L12 and the legacy softmax (L15): entries indexed by a scaled number.
#include "table_index.hpp"

namespace bittrue::corner {
namespace {

// The join of every element's set.
Strided all_of(const std::vector<Strided>& values) {
    Strided all = values.front();
    for (const Strided& v : values) all = joined(all, v);
    return all;
}

class LookupProbe : public ProbeOf<LookupProbe> {
public:
    LookupProbe(const ProbeSetup& setup, const Lookup& op) {
        const Tensor& table = *setup.parameter("table");
        entries_ = raws_of(table);
        const std::int64_t n = std::ssize(entries_);
        bins_ = BinMarks(*this, "table",
                         op.index == TableIndex::Bits ? TableIndexing::by_bits(setup.format(), n)
                                                      : TableIndexing::by_scale(setup.format(), n, op.span, true));
        sites.push_back(
            make_site("result", EventClass::Result, {.to = setup.node.result, .frac = table.format.frac()}));
    }

    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.clear();
        if constexpr (D::is_abstract) {
            std::optional<Strided> results;
            for (const std::size_t k : bins_.see(d, *this, all_of(*inputs[0]))) {
                const Strided r = d.convert(sites[0], single(entries_[k]));
                results = results ? joined(*results, r) : r;
            }
            out.assign(inputs[0]->size(), results.value());
        } else {
            for (const i128 x : *inputs[0]) out.push_back(d.convert(sites[0], entries_[bins_.see(d, *this, x)]));
        }
    }

private:
    std::vector<i128> entries_{};
    BinMarks bins_{};
};

class LegacySoftmaxProbe : public ProbeOf<LegacySoftmaxProbe> {
public:
    LegacySoftmaxProbe(const ProbeSetup& setup, const Softmax& op) {
        const Tensor& exp_table = *setup.parameter("exp_table");
        const Tensor& inv_table = *setup.parameter("inv_table");
        exps_ = raws_of(exp_table);
        inverses_ = raws_of(inv_table);
        const Format acc = op.accumulator.format, entry = exp_table.format;
        one_ = convert(1, {.to = op.exp_table.entries.type, .frac = 0}).raw;
        const int frac = std::max(acc.frac(), entry.frac());
        acc_up_ = frac - acc.frac();
        entry_up_ = frac - entry.frac();
        require_exact(setup, std::max(bits_at(acc, frac), bits_at(entry, frac)) + 2);
        exp_bins_ = BinMarks(*this, "exp_table", TableIndexing::by_scale(setup.format(), std::ssize(exps_), 16, true));
        inv_bins_ = BinMarks(*this, "inv_table", TableIndexing::by_scale(acc, std::ssize(inverses_), 64, false));
        sites.push_back(make_site("sum", EventClass::Accumulator, {.to = op.accumulator, .frac = frac}));
        sites.push_back(
            make_site("result", EventClass::Result, {.to = setup.node.result, .frac = inv_table.format.frac()}));
    }

    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        const Values<D>& x = *inputs[0];
        out.resize(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            typename D::Value sum = D::number(0);
            for (std::size_t j = 0; j < x.size(); ++j)
                sum = d.convert(sites[0], d.add(d.scale(sum, i128{1} << acc_up_), term(d, x, i, j)));
            out[i] = inverse(d, sum);
        }
    }

private:
    i128 term(Concrete& d, const std::vector<i128>& x, std::size_t i, std::size_t j) {
        const i128 entry = i == j ? one_ : exps_[exp_bins_.see(d, *this, x[j] - x[i])];
        return entry << entry_up_;
    }
    Strided term(Abstract& d, const std::vector<Strided>& x, std::size_t i, std::size_t j) {
        if (i == j) return single(one_ << entry_up_);
        return scaled(entries(exp_bins_.see(d, *this, sum(x[j], scaled(x[i], -1))), exps_), i128{1} << entry_up_);
    }
    static Strided entries(const std::vector<std::size_t>& which, const std::vector<i128>& table) {
        Strided all = single(table[which.front()]);
        for (const std::size_t k : which) all = joined(all, single(table[k]));
        return all;
    }
    i128 inverse(Concrete& d, i128 sum) { return d.convert(sites[1], inverses_[inv_bins_.see(d, *this, sum)]); }
    Strided inverse(Abstract& d, const Strided& sum) {
        std::optional<Strided> results;
        for (const std::size_t k : inv_bins_.see(d, *this, sum)) {
            const Strided r = d.convert(sites[1], single(inverses_[k]));
            results = results ? joined(*results, r) : r;
        }
        return results.value();
    }

    std::vector<i128> exps_{}, inverses_{};
    i128 one_ = 0;
    int acc_up_ = 0, entry_up_ = 0;
    BinMarks exp_bins_{}, inv_bins_{};
};

}  // namespace

ProbePtr probe_of(const ProbeSetup& setup, const Lookup& op) {
    return std::make_unique<LookupProbe>(setup, op);
}

ProbePtr legacy_softmax_probe(const ProbeSetup& setup, const Softmax& op) {
    return std::make_unique<LegacySoftmaxProbe>(setup, op);
}

}  // namespace bittrue::corner
