#include "dump/beats.hpp"

namespace bittrue::dump {

BeatCollector::BeatCollector(const DumpSource& source, StreamSignals signals)
    : source_(source), signals_(std::move(signals)), skip_(source.skip), left_(source.count) {
    beats_.bits = signals_.width;
    beats_.started = !signals_.start;
}

void BeatCollector::edge(const SignalStates& states, std::uint64_t time) {
    if (full() || !beats_.started) return;
    ++beats_.edges;
    // 0 and nothing else ends it: valid 0 beside ready x is no beat, and nothing is undecided.
    bool taken = true;
    bool known = true;
    for (const auto& [piece, low] :
         {std::pair{&signals_.valid, source_.valid_low}, {&signals_.ready, source_.ready_low}}) {
        if (!*piece) continue;
        const Bit bit = states.before(**piece);
        if (bit == (low ? Bit::One : Bit::Zero)) taken = false;
        if (bit == Bit::X || bit == Bit::Z) known = false;
    }
    if (!taken) return;
    if (!known) {
        if (beats_.undecided++ == 0) beats_.first_undecided = time;
        return;
    }
    if (skip_ > 0) {
        --skip_;
        return;
    }
    const std::size_t limbs = beats_.limbs_per_beat();
    const std::size_t at = beats_.limbs.size();
    const std::size_t masks = beats_.unknown.size();
    beats_.limbs.resize(at + limbs);
    beats_.unknown.resize(masks + limbs);
    const bool undefined =
        states.before(signals_.data, std::span(beats_.limbs).subspan(at), std::span(beats_.unknown).subspan(masks));
    if (undefined) {
        beats_.undefined.push_back(beats_.size() - 1);
    } else {
        beats_.unknown.resize(masks);
    }
    beats_.times.push_back(time);
    if (left_ > 0) --left_;
}

}  // namespace bittrue::dump
