#include "dump/stream_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/packing.hpp"
#include "dump/stream_layer.hpp"

namespace bittrue::dump {
namespace {

std::string place_of(const StreamPlan& plan, const DumpSource& source) {
    return plan.where + ": layer '" + source.layer + "'";
}

// The unit in which simulations are talked about, where no digit is lost.
std::string coarser(const std::string& unit) {
    return unit == "fs" ? "ps" : unit == "ps" ? "ns" : "";
}
void coarsen(VectorLayer& layer) {
    for (std::string unit = coarser(layer.time_unit); !unit.empty(); unit = coarser(unit)) {
        for (const std::uint64_t time : layer.beat_times) {
            if (time % 1000 != 0) return;
        }
        for (std::uint64_t& time : layer.beat_times) time /= 1000;
        layer.time_unit = unit;
    }
}

// What the qualifiers did, where it has to be said.
void say(const StreamPlan& plan, const BeatCollector& collector, const Beats& beats, const std::string& last,
         std::vector<std::string>& notes) {
    const DumpSource& source = collector.source();
    const std::string where = place_of(plan, source);
    const std::string edges =
        plan.time_unit == "sample" && collector.signals().clock.empty() ? "samples" : "clock edges";
    if (beats.undecided > 0) {
        notes.push_back(fmt::format("{}: {} x or z at {} of {} {}, first at {}; no beat is taken there", where,
                                    source.ready.empty()   ? "valid is"
                                    : source.valid.empty() ? "ready is"
                                                           : "valid or ready is",
                                    beats.undecided, beats.edges, edges,
                                    print_time(beats.first_undecided, plan.time_unit)));
    }
    if (beats.size() > 0) return;
    if (!beats.started) {
        notes.push_back(fmt::format("{}: '{}' is never 1, so there is no beat; the dump ends at {}", where,
                                    source.start_when, last));
    } else {
        notes.push_back(fmt::format("{}: no beat in {} {}; the dump ends at {}", where, beats.edges, edges, last));
    }
}

}  // namespace

bool StreamPlan::full() const {
    return std::all_of(collectors.begin(), collectors.end(), [](const BeatCollector& one) { return one.full(); });
}

std::string print_time(std::uint64_t time, const std::string& unit) {
    if (unit == "sample") return fmt::format("sample {}", time);
    if (time % 1000 == 0 && !coarser(unit).empty()) return print_time(time / 1000, coarser(unit));
    return unit.empty() ? fmt::format("time {}", time) : fmt::format("{} {}", time, unit);
}

std::string print_times(std::uint64_t count) {
    return count == 1 ? "once" : fmt::format("{} times", count);
}

void make_plan(StreamPlan& plan, const SignalNames& names, const DumpMap& map,
               const std::vector<const DumpSource*>& sources, const std::function<std::uint32_t(const Piece&)>& slot,
               bool may_sample, std::vector<std::string>& notes) {
    const auto slotted = [&](Piece piece) {
        piece.slot = slot(piece);
        return piece;
    };
    std::vector<std::string> said;
    for (const DumpSource* source : sources) {
        const std::string where = place_of(plan, *source);
        const std::string map_place = map.path.empty() ? where : where + " of " + map.path;
        if (source->signals.empty()) {
            throw InputError(map_place, "names no signal; write signal = \"tb.dut.data\"");
        }
        StreamSignals signals;
        std::int64_t width = 0;
        for (const std::string& name : source->signals) {
            const Signal signal = names.find(name, map_place);
            if (!signal.note.empty()) said.push_back(plan.where + ": " + signal.note);
            width += signal.width;
            if (width > kMaxPackedBits) {
                throw InputError(map_place, fmt::format("its signals have more than {} bits together", kMaxPackedBits));
            }
            for (const Piece& piece : signal.bits) signals.data.push_back(slotted(piece));
        }
        signals.width = static_cast<int>(width);
        const auto bit = [&](const std::string& name) {
            return name.empty() ? std::optional<Piece>() : std::optional(slotted(names.find_bit(name, map_place)));
        };
        signals.valid = bit(source->valid);
        signals.ready = bit(source->ready);
        signals.start = bit(source->start_when);
        signals.clock = source->clock.empty() ? map.clock : source->clock;
        const bool samples = signals.clock.empty();
        if (samples && !may_sample) {
            throw InputError(map_place, "has no clock; write clock = \"tb.clk\" in the map");
        }
        auto clock = std::find_if(plan.clocks.begin(), plan.clocks.end(),
                                  [&](const Clock& known) { return known.name == signals.clock; });
        if (clock == plan.clocks.end()) {
            Clock fresh;
            fresh.name = signals.clock;
            fresh.samples = samples;
            if (!samples) fresh.bit = slotted(names.find_bit(signals.clock, map_place));
            clock = plan.clocks.insert(plan.clocks.end(), fresh);
        }
        clock->collectors.push_back(plan.collectors.size());
        plan.collectors.emplace_back(*source, std::move(signals));
    }
    std::sort(said.begin(), said.end());
    said.erase(std::unique(said.begin(), said.end()), said.end());
    notes.insert(notes.end(), said.begin(), said.end());
}

std::vector<VectorLayer> finish_plan(StreamPlan& plan, const std::string& last, const VectorSet* schema,
                                     std::vector<std::string>& notes) {
    for (const Clock& clock : plan.clocks) {
        if (clock.lost > 0) {
            notes.push_back(fmt::format("{}: the clock '{}' becomes x or z {}; only {} is an edge", plan.where,
                                        clock.name, print_times(clock.lost), plan.falling ? "1 to 0" : "0 to 1"));
        }
        if (!clock.samples && clock.edges == 0) {
            notes.push_back(fmt::format("{}: the clock '{}' has no {} edge up to {}", plan.where, clock.name,
                                        plan.falling ? "falling" : "rising", last));
        }
    }
    std::vector<VectorLayer> layers;
    for (BeatCollector& collector : plan.collectors) {
        Beats beats = collector.take();
        say(plan, collector, beats, last, notes);
        VectorLayer layer = stream_layer(std::move(beats), collector.source(), layer_facts(collector.source(), schema),
                                         place_of(plan, collector.source()), notes);
        layer.time_unit = plan.time_unit;
        coarsen(layer);
        layers.push_back(std::move(layer));
    }
    return layers;
}

}  // namespace bittrue::dump
