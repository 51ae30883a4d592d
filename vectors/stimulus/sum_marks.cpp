#include "sum_marks.hpp"

#include <algorithm>

namespace bittrue::corner {
namespace {

// |seen| of |bound| in per mille; a bound that is not beyond zero on its side is reached or not.
int per_mille(i128 seen, i128 bound) {
    if (seen == bound) return 1000;
    if (bound == 0 || seen == 0 || (seen < 0) != (bound < 0)) return 0;
    i128 s = seen < 0 ? -seen : seen, b = bound < 0 ? -bound : bound;
    for (; b > i128{1} << 100; b /= 2) s /= 2;
    return static_cast<int>(std::min<i128>(s * 1000 / b, 999));
}

}  // namespace

SumMarks::SumMarks(Probe& probe, std::int64_t channels)
    : first_(probe.marks.size()),
      seen_(2 * static_cast<std::size_t>(channels), 0),
      bounded_(static_cast<std::size_t>(channels), false) {
    for (std::int64_t k = 0; k < channels; ++k) {
        for (const char* which : {"largest", "smallest"}) {
            probe.marks.push_back({.place = "accumulator",
                                   .goal = std::string(which) + " sum, channel " + std::to_string(k),
                                   .tally = {.reachable = true},
                                   .channel = static_cast<int>(k)});
        }
    }
}

void SumMarks::see(Abstract& /*d*/, Probe& probe, std::int64_t channel, const Strided& exact) {
    Mark& largest = mark(probe, channel, 0);
    Mark& smallest = mark(probe, channel, 1);
    const auto c = static_cast<std::size_t>(channel);
    largest.value = bounded_[c] ? std::max(largest.value, exact.high) : exact.high;
    smallest.value = bounded_[c] ? std::min(smallest.value, exact.low) : exact.low;
    bounded_[c] = true;
    seen_[2 * c] = smallest.value;
    seen_[2 * c + 1] = largest.value;
}

void SumMarks::see(Concrete& d, Probe& probe, std::int64_t channel, i128 exact) {
    if (!d.counts) return;
    const auto c = static_cast<std::size_t>(channel);
    any_ = true;
    if (exact == mark(probe, channel, 0).value) d.hit(mark(probe, channel, 0).tally);
    if (exact == mark(probe, channel, 1).value) d.hit(mark(probe, channel, 1).tally);
    if (exact > seen_[2 * c]) {
        seen_[2 * c] = exact;
        mark(probe, channel, 0).nearest_image = d.image;
    }
    if (exact < seen_[2 * c + 1]) {
        seen_[2 * c + 1] = exact;
        mark(probe, channel, 1).nearest_image = d.image;
    }
}

int SumMarks::reach(Probe& probe) const {
    int best = any_ ? 0 : -1;
    for (std::size_t i = 0; any_ && i < seen_.size(); ++i) {
        Mark& m = probe.marks[first_ + i];
        m.reach_per_mille = per_mille(seen_[i], m.value);
        best = std::max(best, m.reach_per_mille);
    }
    return best;
}

}  // namespace bittrue::corner
