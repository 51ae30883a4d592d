// How far the exact sums of an accumulating layer went, channel by channel.
#pragma once

#include "probe.hpp"

namespace bittrue::corner {

class SumMarks {
public:
    SumMarks(Probe& probe, std::int64_t channels);

    void see(Abstract& d, Probe& probe, std::int64_t channel, const Strided& exact);
    void see(Concrete& d, Probe& probe, std::int64_t channel, i128 exact);
    // Sets the marks' reach; the largest of all.
    int reach(Probe& probe) const;

private:
    [[nodiscard]] Mark& mark(Probe& probe, std::int64_t channel, std::size_t which) const {
        return probe.marks[first_ + 2 * static_cast<std::size_t>(channel) + which];
    }
    std::size_t first_;
    std::vector<i128> seen_{};  // largest and smallest of each channel
    std::vector<bool> bounded_{};
    bool any_ = false;
};

}  // namespace bittrue::corner
