#include "table_index.hpp"

#include <algorithm>

namespace bittrue::corner {
namespace {

constexpr i128 kBeyond = i128{1} << 60;

i128 mask(int bits) {
    return (i128{1} << bits) - 1;
}

}  // namespace

TableIndexing TableIndexing::by_bits(Format index, std::int64_t entries) {
    TableIndexing t;
    t.format_ = index;
    t.entries_ = entries;
    return t;
}

TableIndexing TableIndexing::by_scale(Format index, std::int64_t entries, std::int64_t span, bool centred) {
    TableIndexing t;
    t.format_ = index;
    t.entries_ = entries;
    t.span_ = span;
    t.offset_ = centred ? entries / 2 : 0;
    t.scales_ = true;
    return t;
}

// trunc(raw * N / span) at the raw's own lsb, then to an integer.
i128 TableIndexing::unclamped(i128 raw) const {
    const i128 at_lsb = raw * entries_ / span_;  // both divisions truncate toward zero
    const int frac = format_.frac();
    if (frac <= 0) return std::clamp(shift_up(at_lsb, -frac), -kBeyond, kBeyond) + offset_;
    return (frac > kExactBits ? 0 : at_lsb / (i128{1} << frac)) + offset_;
}

std::int64_t TableIndexing::operator()(i128 raw) const {
    if (scales_) return static_cast<std::int64_t>(std::clamp<i128>(unclamped(raw), 0, entries_ - 1));
    return static_cast<std::int64_t>((raw & mask(format_.width)) >> (format_.width - ceil_log2(entries_)));
}

int TableIndexing::clamped(i128 raw) const {
    if (!scales_) return 0;
    const i128 index = unclamped(raw);
    return index < 0 ? -1 : index >= entries_ ? 1 : 0;
}

// The index never falls when the number grows.
i128 TableIndexing::first_at_least(i128 index) const {
    i128 below = -(i128{1} << (format_.width + 1)), at_least = -below;
    while (at_least - below > 1) {
        const i128 middle = below + (at_least - below) / 2;
        ((*this)(middle) >= index ? at_least : below) = middle;
    }
    return at_least;
}

std::pair<i128, i128> TableIndexing::raws_of(std::int64_t entry) const {
    const i128 far = i128{1} << (format_.width + 1);
    if (scales_) {
        return {entry == 0 ? -far : first_at_least(entry), entry + 1 == entries_ ? far : first_at_least(entry + 1) - 1};
    }
    if (entries_ == 1) return {raw_min(format_), raw_max(format_)};
    const int down = format_.width - ceil_log2(entries_);
    const bool negative = format_.is_signed && entry >= entries_ / 2;
    const i128 first = (i128{entry} << down) - (negative ? i128{1} << format_.width : 0);
    return {first, first + mask(down)};
}

BinMarks::BinMarks(Probe& probe, const std::string& place, const TableIndexing& indexing)
    : table_(probe.tables.size()), clamps_(probe.marks.size()), indexing_(indexing) {
    probe.tables.push_back({place, std::vector<Bin>(static_cast<std::size_t>(indexing.entries()))});
    if (!indexing.scales()) return;
    for (const char* goal : {"below the first bin", "above the last bin"})
        probe.marks.push_back({.place = place, .goal = goal, .why = "the index never has to be clamped there"});
}

std::size_t BinMarks::see(Concrete& d, Probe& probe, i128 raw) const {
    const auto entry = static_cast<std::size_t>(indexing_(raw));
    Bin& bin = probe.tables[table_].bins[entry];
    d.hit(bin.tally);
    if (raw == bin.words.low) d.hit(bin.lowest);
    if (raw == bin.words.high) d.hit(bin.highest);
    const int clamped = indexing_.clamped(raw);
    if (clamped != 0) d.hit(probe.marks[clamps_ + (clamped > 0 ? 1 : 0)].tally);
    return entry;
}

std::vector<std::size_t> BinMarks::see(Abstract& /*d*/, Probe& probe, const Strided& raws) const {
    std::vector<std::size_t> entries;
    for (std::size_t k = 0; k < probe.tables[table_].bins.size(); ++k) {
        const auto [low, high] = indexing_.raws_of(static_cast<std::int64_t>(k));
        const auto part = within(raws, low, high);
        if (!part) continue;
        entries.push_back(k);
        Bin& bin = probe.tables[table_].bins[k];
        bin.words = bin.tally.reachable ? joined(bin.words, *part) : *part;
        bin.tally.reachable = true;
        bin.lowest.reachable = bin.highest.reachable = bin.words.low != bin.words.high;
    }
    if (indexing_.clamped(raws.low) < 0) probe.marks[clamps_].tally.reachable = true;
    if (indexing_.clamped(raws.high) > 0) probe.marks[clamps_ + 1].tally.reachable = true;
    return entries;
}

std::size_t BinMarks::see_one(Probe& probe, i128 raw) const {
    const auto entry = static_cast<std::size_t>(indexing_(raw));
    Bin& bin = probe.tables[table_].bins[entry];
    bin.words = bin.tally.reachable ? joined(bin.words, single(raw)) : single(raw);
    bin.tally.reachable = true;
    bin.lowest.reachable = bin.highest.reachable = bin.words.low != bin.words.high;
    const int clamped = indexing_.clamped(raw);
    if (clamped != 0) probe.marks[clamps_ + (clamped > 0 ? 1 : 0)].tally.reachable = true;
    return entry;
}

std::vector<i128> raws_of(const Tensor& entries) {
    std::vector<i128> all;
    for (const std::int64_t word : entries.words) all.push_back(raw_from_word(word, entries.format));
    return all;
}

}  // namespace bittrue::corner
