#include "changes/index_rules.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "changes/fit.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr int kWidest = 16;  // bits of a word for which a table is made

// x * N / span of a raw, in halves: floor and whether it is exact. Widths are small, fracs within what words have.
struct Quotient {
    i128 floor = 0;
    i128 rest = 0, divisor = 1;  // x * N / span = floor + rest / divisor, 0 <= rest < divisor
};

Quotient quotient_of(i128 raw, int frac, std::int64_t n, int span) {
    i128 numerator = raw * n, divisor = span;
    if (frac >= 0)
        divisor <<= std::min(frac, 62);
    else
        numerator <<= std::min(-frac, 40);
    i128 floor = numerator / divisor;
    if (floor * divisor > numerator) --floor;
    return {floor, numerator - floor * divisor, divisor};
}

enum class IndexRounding { Truncate, Floor, Nearest, Ceil };

i128 rounded(const Quotient& q, IndexRounding rounding) {
    switch (rounding) {
        case IndexRounding::Truncate: return q.floor < 0 && q.rest != 0 ? q.floor + 1 : q.floor;
        case IndexRounding::Floor: return q.floor;
        case IndexRounding::Nearest: return q.floor + (2 * q.rest >= q.divisor ? 1 : 0);
        case IndexRounding::Ceil: return q.floor + (q.rest != 0 ? 1 : 0);
    }
    return q.floor;
}

// The table with an entry for every word, indexed by all of its bits (rule T4).
void spread(Lookup& op, Format in, const std::function<std::int64_t(std::int64_t word)>& index) {
    const Parameter old = op.table.entries;
    Parameter& entries = op.table.entries;
    entries.real.clear();
    entries.raw.clear();
    const std::int64_t words = std::int64_t{1} << in.width;
    for (std::int64_t pattern = 0; pattern < words; ++pattern) {
        const auto i = static_cast<std::size_t>(index(word_from_pattern(static_cast<std::uint64_t>(pattern), in)));
        if (old.is_raw())
            entries.raw.push_back(old.raw[i]);
        else
            entries.real.push_back(old.real[i]);
    }
    entries.dims = {words};
    op.index = TableIndex::Bits;
}

class Indices {
public:
    Indices(const Site& site, const Lookup& op)
        : site_(site),
          op_(op),
          in_(site.inputs()[0].type.format),
          n_(element_count(op.table.entries.dims)),
          fit_(std::max(0.4, fits_many(site.maker().evidence))) {}

    void propose() const {
        if (in_.width > kWidest) return;
        if (op_.index == TableIndex::Scaled) {
            scaled(IndexRounding::Floor, op_.span, 0, true, "is rounded down (floor), not toward zero", 3.5);
            scaled(IndexRounding::Nearest, op_.span, 0, true, "is rounded to nearest", 4);
            scaled(IndexRounding::Ceil, op_.span, 0, true, "is rounded up", 7);
            scaled(IndexRounding::Truncate, op_.span, 0, false,
                   "wraps beyond the table's ends instead of stopping there", 4);
            scaled(IndexRounding::Truncate, op_.span, 1, true, "is one too high", 4);
            scaled(IndexRounding::Truncate, op_.span, -1, true, "is one too low", 4);
            scaled(IndexRounding::Truncate, op_.span, 1, false, "is one too high and wraps", 6);
            scaled(IndexRounding::Truncate, op_.span, -1, false, "is one too low and wraps", 6);
            scaled(IndexRounding::Truncate, op_.span, static_cast<int>(-(n_ / 2)), false,
                   "has no middle of the table added", 6);
            return;
        }
        bits(1, true, "is one too high", 4);
        bits(-1, true, "is one too low", 4);
        bits(1, false, "is one too high and wraps", 5);
        bits(-1, false, "is one too low and wraps", 5);
        bits(0, true, "has its low bits rounded, not cut off", 5, true);
        if (in_.is_signed) bits(static_cast<int>(n_ / 2), false, "begins at the most negative word, not at zero", 5);
    }

private:
    void add(const std::string& clause, double prior, std::function<std::int64_t(std::int64_t)> index) const {
        site_.propose({.cause = Cause::TableIndex,
                       .setting = "index",
                       .expected = op_.index == TableIndex::Scaled ? "scaled" : "bits",
                       .found = clause,
                       .text = fmt::format("the index into the table of '{}' {}", site_.name(), clause),
                       .bits = prior,
                       .fit = fit_,
                       .slot = "index"},
                      [in = in_, n = n_, index = std::move(index)](Node& node) {
                          auto* op = std::get_if<Lookup>(&node.op);
                          if (op == nullptr || element_count(op->table.entries.dims) != n) return false;
                          spread(*op, in, index);
                          return true;
                      });
    }

    [[nodiscard]] static std::int64_t within(i128 i, std::int64_t n, bool clamps) {
        if (clamps) return static_cast<std::int64_t>(std::clamp<i128>(i, 0, n - 1));
        const i128 rest = i % n;
        return static_cast<std::int64_t>(rest < 0 ? rest + n : rest);
    }

    // T3 with another rounding, and an offset to the index.
    void scaled(IndexRounding rounding, int span, int offset, bool clamps, const std::string& clause,
                double prior) const {
        add(clause, prior, [=, in = in_, n = n_](std::int64_t word) {
            const Quotient q = quotient_of(raw_from_word(word, in), in.frac(), n, span);
            return within(rounded(q, rounding) + n / 2 + offset, n, clamps);
        });
    }

    // T4 likewise.
    void bits(int offset, bool clamps, const std::string& clause, double prior, bool rounds = false) const {
        int top = 0;
        while ((std::int64_t{1} << top) < n_) ++top;
        const int low = in_.width - top;
        if (rounds && low < 1) return;
        add(clause, prior, [=, in = in_, n = n_](std::int64_t word) {
            i128 pattern = pattern_from_word(word, in);
            if (rounds) pattern += i128{1} << (low - 1);
            return within((pattern >> low) + offset, n, clamps && !rounds);
        });
    }

    const Site& site_;
    const Lookup& op_;
    Format in_;
    std::int64_t n_;
    double fit_;
};

}  // namespace

void add_index_changes(const Site& site) {
    if (const auto* op = std::get_if<Lookup>(&site.node().op)) Indices(site, *op).propose();
}

}  // namespace bittrue::diagnose_detail
