// Beats of a stream, taken at clock edges from the states of signals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/dump.hpp"
#include "dump/signals.hpp"

namespace bittrue::dump {

// What the map says of one layer, as bits of slots.
struct StreamSignals {
    std::vector<Piece> data{};
    int width = 0;
    std::optional<Piece> valid{}, ready{}, start{};
    std::string clock{};
};

struct Beats {
    int bits = 1;
    std::vector<std::uint64_t> limbs{};      // as PackedWords; undefined bits hold 0 for x, 1 for z
    std::vector<std::uint64_t> times{};      // one per beat, or none
    std::vector<std::uint64_t> undefined{};  // beats with x or z, ascending
    std::vector<std::uint64_t> unknown{};    // their masks, limbs as above

    std::uint64_t edges = 0;            // clock edges seen
    std::uint64_t undecided = 0;        // edges at which valid or ready was x or z, and no beat was taken
    std::uint64_t first_undecided = 0;  // when
    bool started = true;

    [[nodiscard]] std::size_t limbs_per_beat() const { return (static_cast<std::size_t>(bits) + 63) / 64; }
    [[nodiscard]] std::size_t size() const { return limbs.size() / limbs_per_beat(); }
};

class BeatCollector {
public:
    BeatCollector(const DumpSource& source, StreamSignals signals);

    // An active edge: looks at the states before the time step.
    void edge(const SignalStates& states, std::uint64_t time);
    // The end of a time step: looks at the states now.
    void step(const SignalStates& states) {
        if (!beats_.started && states.now(*signals_.start) == Bit::One) beats_.started = true;
    }
    // All that the map asks for has been taken.
    [[nodiscard]] bool full() const { return left_ == 0; }
    [[nodiscard]] const StreamSignals& signals() const { return signals_; }
    [[nodiscard]] const DumpSource& source() const { return source_; }
    [[nodiscard]] Beats take() { return std::move(beats_); }

private:
    const DumpSource& source_;
    StreamSignals signals_;
    std::int64_t skip_ = 0;
    std::int64_t left_ = -1;  // -1: no limit
    Beats beats_{};
};

}  // namespace bittrue::dump
