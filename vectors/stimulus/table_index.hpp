// Which entry of a table a number leads to (rules T3, T4, L15), and which numbers lead to an entry.
#pragma once

#include "probe.hpp"

namespace bittrue::corner {

class TableIndexing {
public:
    TableIndexing() = default;
    [[nodiscard]] static TableIndexing by_bits(Format index, std::int64_t entries);
    // T3 with span; `centred`: plus N/2. Numbers up to 2^width of `index` in both directions.
    [[nodiscard]] static TableIndexing by_scale(Format index, std::int64_t entries, std::int64_t span, bool centred);

    [[nodiscard]] std::int64_t operator()(i128 raw) const;
    // Raws that lead to an entry; empty (low > high) where there are none.
    [[nodiscard]] std::pair<i128, i128> raws_of(std::int64_t entry) const;
    [[nodiscard]] std::int64_t entries() const { return entries_; }
    [[nodiscard]] bool scales() const { return scales_; }
    // Scaled only: -1 or 1 where the index had to be clamped, else 0.
    [[nodiscard]] int clamped(i128 raw) const;

private:
    [[nodiscard]] i128 unclamped(i128 raw) const;
    [[nodiscard]] i128 first_at_least(i128 index) const;

    Format format_{};
    std::int64_t entries_ = 1, span_ = 1, offset_ = 0;
    bool scales_ = false;
};

// The bins of one table of a layer: hit counts and, from the walk over all numbers, what is reachable.
class BinMarks {
public:
    BinMarks() = default;
    BinMarks(Probe& probe, const std::string& place, const TableIndexing& indexing);

    [[nodiscard]] std::size_t see(Concrete& d, Probe& probe, i128 raw) const;
    // Marks what is reachable from any of these numbers; returns the entries.
    std::vector<std::size_t> see(Abstract& d, Probe& probe, const Strided& raws) const;
    // The same for one number.
    std::size_t see_one(Probe& probe, i128 raw) const;
    [[nodiscard]] const TableIndexing& indexing() const { return indexing_; }

private:
    std::size_t table_ = 0, clamps_ = 0;
    TableIndexing indexing_{};
};

[[nodiscard]] std::vector<i128> raws_of(const Tensor& entries);

}  // namespace bittrue::corner
