#include "dump/ila.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "dump/ila_table.hpp"
#include "dump/stream_plan.hpp"

namespace bittrue::dump {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

// Where one capture ends and the next begins, and where samples are missing.
class Windows {
public:
    explicit Windows(const IlaTable& table) : window_(table.column("sample in window")) {
        for (const char* name : {"gap", "_gap", "gap in capture"}) {
            if (!gap_) gap_ = table.column(name);
        }
    }

    // True when the row does not follow the one before it.
    bool broken(const IlaTable& table) {
        bool result = false;
        const std::optional<std::uint64_t> sample = window_ ? number_of(table.cell(*window_)) : std::nullopt;
        if (sample && any_ && *sample <= last_) {
            ++windows_;
            result = true;
        }
        if (sample) {
            last_ = *sample;
            any_ = true;
        }
        if (gap_ && number_of(table.cell(*gap_)).value_or(0) != 0) {
            ++gaps_;
            result = true;
        }
        return result;
    }
    [[nodiscard]] std::uint64_t windows() const { return windows_; }
    [[nodiscard]] std::uint64_t gaps() const { return gaps_; }

private:
    std::optional<std::size_t> window_{}, gap_{};
    bool any_ = false;
    std::uint64_t last_ = 0;
    std::uint64_t windows_ = 1;
    std::uint64_t gaps_ = 0;
};

void sample_row(StreamPlan& plan, bool broken, std::uint64_t sample) {
    for (Clock& clock : plan.clocks) {
        if (clock.samples) continue;
        const Bit now = plan.states.now(clock.bit);
        const Bit from = plan.falling ? Bit::One : Bit::Zero;
        const Bit to = plan.falling ? Bit::Zero : Bit::One;
        if (!broken && clock.last == from && now == to) {
            ++clock.edges;
            for (const std::size_t index : clock.collectors) plan.collectors[index].edge(plan.states, sample);
        }
        if (now != clock.last && (now == Bit::X || now == Bit::Z)) ++clock.lost;
        clock.last = now;
    }
    plan.states.settle();
    for (Clock& clock : plan.clocks) {
        if (!clock.samples) continue;
        ++clock.edges;
        for (const std::size_t index : clock.collectors) plan.collectors[index].edge(plan.states, sample);
    }
    for (BeatCollector& collector : plan.collectors) collector.step(plan.states);
}

}  // namespace

std::vector<VectorLayer> read_ila(const std::string& path, const DumpMap& map,
                                  const std::vector<const DumpSource*>& sources, const DumpOptions& options,
                                  std::vector<std::string>& notes) {
    Chunks chunks(path, options);
    IlaTable table(chunks);
    const SignalNames names(table.variables());
    StreamPlan plan;
    plan.where = path;
    plan.time_unit = "sample";
    plan.falling = map.falling;
    std::map<std::uint32_t, std::uint32_t> slot_of;
    const auto slot = [&](const Piece& piece) {
        const auto [entry, fresh] = slot_of.try_emplace(piece.slot, 0);
        if (fresh) entry->second = plan.states.add(table.variables()[piece.slot].width);
        return entry->second;
    };
    make_plan(plan, names, map, sources, slot, true, notes);

    Windows windows(table);
    std::uint64_t rows = 0;
    std::uint64_t last = 0;
    while (!plan.full() && table.next()) {
        last = number_of(table.cell(0)).value_or(rows);
        ++rows;
        for (const auto& [column, number] : slot_of) table.assign(plan.states, number, column);
        sample_row(plan, windows.broken(table), last);
    }
    if (table.cut()) {
        notes.push_back(
            fmt::format("{}: ends within a row, which is left out; the last whole one is sample {}", path, last));
    }
    if (!table.has_radices()) notes.push_back(path + ": has no row of radices; its values are taken as hexadecimal");
    if (windows.windows() > 1) {
        notes.push_back(
            fmt::format("{}: holds {} capture windows; their beats follow each other, and what happened "
                        "between them is not in the file",
                        path, windows.windows()));
    }
    if (windows.gaps() > 0) {
        notes.push_back(fmt::format("{}: marks {} gaps between samples; beats within them are not in the file", path,
                                    windows.gaps()));
    }
    return finish_plan(plan, print_time(last, "sample"), options.schema, notes);
}

std::vector<SignalActivity> list_ila(const std::string& path, const DumpOptions& options) {
    Chunks chunks(path, options);
    IlaTable table(chunks);
    const std::size_t columns = table.variables().size();
    std::vector<std::string> before(columns);
    std::vector<std::uint64_t> changes(columns, 0), undefined(columns, 0);
    for (bool first = true; table.next(); first = false) {
        for (std::size_t i = 0; i < columns; ++i) {
            if (!first && table.cell(i) != before[i]) {
                ++changes[i];
                if (table.is_undefined(i)) ++undefined[i];
            }
            before[i] = table.cell(i);
        }
    }
    std::vector<Variable> probes;
    for (const Variable& variable : table.variables()) {
        const std::string_view name = variable.name;
        if (name != "Sample in Buffer" && name != "Sample in Window" && name != "TRIGGER") probes.push_back(variable);
    }
    return list_variables(probes, [&](std::uint32_t column, SignalActivity& activity) {
        activity.changes += changes[column];
        activity.undefined_changes += undefined[column];
    });
}

}  // namespace bittrue::dump
