#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "dump/beats.hpp"
#include "dump/stream_plan.hpp"
#include "dump/vcd.hpp"
#include "dump/vcd_header.hpp"
#include "dump/vcd_scan.hpp"

namespace bittrue::dump {
namespace {

// Samples of a logic analyser whose clock is not in the file; those of Vivado hold 2^17.
constexpr std::uint64_t kMostSamples = std::uint64_t{1} << 24;

// Applies changes to the states and tells the collectors of edges.
class Sampler {
public:
    Sampler(const VcdHeader& header, StreamPlan& plan, std::vector<std::uint32_t> codes_of)
        : header_(header), plan_(plan), codes_of_(std::move(codes_of)), clocked_(plan.states.size(), false) {
        for (const Clock& clock : plan.clocks) {
            if (!clock.samples) clocked_[clock.bit.slot] = true;
        }
    }

    void time(std::uint64_t time) {
        if (time == now_) return;
        flush(time);
        now_ = time;
    }
    bool change(std::uint32_t slot, std::string_view digits) {
        if (!clocked_[slot]) return plan_.states.assign(slot, digits);
        for (Clock& clock : plan_.clocks) clock.last = plan_.states.now(clock.bit);
        if (!plan_.states.assign(slot, digits)) return false;
        for (Clock& clock : plan_.clocks) {
            if (!clock.samples && clock.bit.slot == slot) edge_of(clock);
        }
        return true;
    }
    static bool real(std::uint32_t) { return false; }
    void block(std::string_view keyword) {
        if (keyword == "$dumpoff") ++dump_off_;
    }
    [[nodiscard]] bool done() const { return plan_.full(); }
    [[nodiscard]] bool could_grow(std::string_view code) const {
        return std::any_of(header_.codes.begin(), header_.codes.end(), [&](const std::string& other) {
            return other.size() > code.size() && other.starts_with(code);
        });
    }
    [[nodiscard]] std::string name(std::uint32_t slot) const {
        for (const Variable& variable : header_.variables) {
            if (variable.slot == codes_of_[slot]) {
                return fmt::format("{} ({} bits)", variable.name, plan_.states.width(slot));
            }
        }
        return "a signal";
    }

    void finish() { flush(now_ + 1); }
    [[nodiscard]] std::uint64_t now() const { return now_; }
    [[nodiscard]] std::uint64_t dump_off() const { return dump_off_; }

private:
    void edge_of(Clock& clock) const {
        const Bit now = plan_.states.now(clock.bit);
        if (now == clock.last) return;
        if (clock.last == (plan_.falling ? Bit::One : Bit::Zero) && now == (plan_.falling ? Bit::Zero : Bit::One)) {
            clock.edge = true;
        } else if (now == Bit::X || now == Bit::Z) {
            ++clock.lost;
        }
    }

    // The end of the step at now_; the next one is at `next`.
    void flush(std::uint64_t next) {
        const std::uint64_t time = now_ * plan_.time_factor;
        for (Clock& clock : plan_.clocks) {
            if (!clock.edge) continue;
            clock.edge = false;
            ++clock.edges;
            for (const std::size_t index : clock.collectors) plan_.collectors[index].edge(plan_.states, time);
        }
        if (plan_.states.touched()) {
            plan_.states.settle();
            for (BeatCollector& collector : plan_.collectors) collector.step(plan_.states);
        }
        for (Clock& clock : plan_.clocks) {
            if (!clock.samples) continue;
            if (next - now_ > kMostSamples - clock.edges) {
                throw InputError(plan_.where, fmt::format("without a clock every unit of time is a sample, and these "
                                                          "are more than {}; name the clock in the map",
                                                          kMostSamples));
            }
            for (std::uint64_t sample = now_; sample < next; ++sample, ++clock.edges) {
                for (const std::size_t index : clock.collectors) plan_.collectors[index].edge(plan_.states, sample);
            }
        }
    }

    const VcdHeader& header_;
    StreamPlan& plan_;
    std::vector<std::uint32_t> codes_of_;
    std::vector<bool> clocked_;
    std::uint64_t now_ = 0;
    std::uint64_t dump_off_ = 0;
};

}  // namespace

std::vector<VectorLayer> read_vcd(const std::string& path, const DumpMap& map,
                                  const std::vector<const DumpSource*>& sources, const DumpOptions& options,
                                  std::vector<std::string>& notes) {
    Chunks chunks(path, options);
    const char* rest = nullptr;
    const VcdHeader header = read_vcd_header(chunks, rest);
    const SignalNames names(header.variables);

    // Slots are made for mapped codes only.
    std::map<std::uint32_t, std::uint32_t> slot_of;
    std::vector<std::uint32_t> codes_of;
    StreamPlan plan;
    plan.where = path;
    plan.time_unit = header.samples ? "sample" : header.time_unit;
    plan.time_factor = header.samples ? 1 : header.time_factor;
    plan.falling = map.falling;
    const auto slot = [&](const Piece& piece) {
        const auto [entry, fresh] = slot_of.try_emplace(piece.slot, 0);
        if (fresh) {
            if (header.widths[piece.slot] > kMaxPackedBits) {
                throw InputError(path,
                                 fmt::format("the code '{}' has {} bits; words of 1 to {} bits can be compared",
                                             header.codes[piece.slot], header.widths[piece.slot], kMaxPackedBits));
            }
            entry->second = plan.states.add(header.widths[piece.slot]);
            codes_of.push_back(piece.slot);
        }
        return entry->second;
    };
    make_plan(plan, names, map, sources, slot, header.samples, notes);

    CodeTable codes(slot_of.size());
    for (const auto& [code, number] : slot_of) codes.add(header.codes[code], number);
    Sampler sampler(header, plan, codes_of);
    const VcdEnd end = VcdScanner<Sampler>(chunks, rest, codes, sampler).scan();
    sampler.finish();

    const std::string last = print_time(sampler.now() * plan.time_factor, plan.time_unit);
    if (end.cut) notes.push_back(fmt::format("{}: ends within a value change; read as far as {}", path, last));
    if (sampler.dump_off() > 0) {
        notes.push_back(fmt::format("{}: the dump is switched off {}; beats in between are not in it", path,
                                    print_times(sampler.dump_off())));
    }
    if (header.samples) {
        const bool sampled =
            std::any_of(plan.clocks.begin(), plan.clocks.end(), [](const Clock& clock) { return clock.samples; });
        if (sampled) {
            notes.push_back(
                fmt::format("{}: has no clock in the map, so every unit of time is a sample, up to the "
                            "last change at {}; the end of the capture is not in such a file",
                            path, last));
        }
    }
    return finish_plan(plan, last, options.schema, notes);
}

}  // namespace bittrue::dump
