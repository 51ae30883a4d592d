// The streams of one dump: which signals they need, at which clock they are sampled, and what they gave.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bittrue/vectors/dump.hpp"
#include "dump/beats.hpp"
#include "dump/signals.hpp"

namespace bittrue::dump {

struct Clock {
    std::string name{};
    bool samples = false;  // no signal: every sample is an edge
    Piece bit{};
    Bit last = Bit::X;
    bool edge = false;        // in this time step
    std::uint64_t edges = 0;  // active ones
    std::uint64_t lost = 0;   // changes to x or z
    std::vector<std::size_t> collectors{};
};

struct StreamPlan {
    std::string where{};
    std::string time_unit{};
    std::uint64_t time_factor = 1;
    bool falling = false;
    SignalStates states{};
    std::vector<Clock> clocks{};
    std::vector<BeatCollector> collectors{};

    // Nothing that is still to come can change the result.
    [[nodiscard]] bool full() const;
};

// Resolves the names of all sources. `slot` makes a slot of plan.states for the declared slot of a piece. Without a
// clock: every sample, where `may_sample`, otherwise an InputError.
void make_plan(StreamPlan& plan, const SignalNames& names, const DumpMap& map,
               const std::vector<const DumpSource*>& sources, const std::function<std::uint32_t(const Piece&)>& slot,
               bool may_sample, std::vector<std::string>& notes);

// The layers in the order of the sources, and notes on what happened to clocks and qualifiers. `last` is the time of
// the last change, in words.
[[nodiscard]] std::vector<VectorLayer> finish_plan(StreamPlan& plan, const std::string& last, const VectorSet* schema,
                                                   std::vector<std::string>& notes);

[[nodiscard]] std::string print_time(std::uint64_t time, const std::string& unit);  // "1250 ns", "sample 7"
[[nodiscard]] std::string print_times(std::uint64_t count);                         // "once", "3 times"

}  // namespace bittrue::dump
