#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bittrue/vectors/dump.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "dump/names.hpp"

namespace bittrue {
namespace {

using dump::lower;

std::string tail_of(const std::string& name) {
    return name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
}
std::string scope_of(const std::string& name) {
    return name.rfind('.') == std::string::npos ? "" : name.substr(0, name.rfind('.') + 1);
}

// "m_axis_conv2d_tdata" and "conv2d_out_data" are about conv2d.
std::string stem_of(const std::string& signal) {
    std::string stem = lower(tail_of(signal));
    for (bool cut = true; cut;) {
        cut = false;
        for (const std::string_view end :
             {"_tdata", "_data", "_dout", "_din", "_word", "_out", "_output", "_result", "_q", "_d", "_r", "_reg", "_o",
              "_i", "_v", "_wdata", "_d0", "_q0", "_obuf"}) {
            if (stem.size() > end.size() && stem.ends_with(end)) {
                stem.resize(stem.size() - end.size());
                cut = true;
            }
        }
        for (const std::string_view begin : {"m_axis_", "s_axis_", "axis_", "i_", "o_", "w_", "r_", "reg_"}) {
            if (stem.size() > begin.size() && stem.starts_with(begin)) {
                stem.erase(0, begin.size());
                cut = true;
            }
        }
    }
    return stem;
}

// 0..100: how alike the name of a signal and that of a layer are; 50 is the least that counts.
int likeness(const std::string& signal, const std::string& layer) {
    const std::string tail = lower(tail_of(signal));
    const std::string stem = stem_of(signal);
    const std::string wanted = lower(layer);
    if (tail == wanted) return 95;
    if (stem == wanted) return 100;
    // Data that lie in an instance named as the layer.
    const std::string scope = lower(scope_of(signal));
    if (scope.ends_with("." + wanted + ".") || scope == wanted + ".") {
        const bool out = tail.find("out") != std::string::npos || tail.find("data") != std::string::npos ||
                         tail.find("result") != std::string::npos;
        return out && tail.find("in") != 0 ? 80 : 55;
    }
    if (tail.find(wanted) != std::string::npos && wanted.size() > 1) return 70;
    const std::size_t distance = dump::edit_distance(stem, wanted);
    const std::size_t length = std::max(stem.size(), wanted.size());
    return length >= 4 && distance * 4 <= length ? 60 - static_cast<int>(distance) : 0;
}

// The signal beside the data that says when they are valid, or that they are taken.
const SignalActivity* beside(const std::vector<SignalActivity>& signals, const std::string& data,
                             const std::vector<std::string>& endings) {
    const std::string scope = scope_of(data);
    const std::string tail = tail_of(data);
    const std::string stem = stem_of(data);
    std::vector<std::string> names;
    for (const std::string& ending : endings) {
        for (const std::string_view end : {"_tdata", "_wdata", "_data", "_dout", "_word", "data", "_d0", "_q0"}) {
            if (lower(tail).ends_with(end)) {
                names.push_back(tail.substr(0, tail.size() - end.size()) + "_" + ending);
                names.push_back(tail.substr(0, tail.size() - end.size()) + ending);
            }
        }
        names.push_back(tail + "_" + ending);
        names.push_back(stem + "_" + ending);
        if (stem != tail) names.push_back(stem + ending);
        names.push_back(ending);
    }
    for (const std::string& name : names) {
        for (const SignalActivity& signal : signals) {
            if (signal.width == 1 && !signal.real && lower(signal.name) == lower(scope + name)) return &signal;
        }
    }
    return nullptr;
}

const SignalActivity* clock_of(const std::vector<SignalActivity>& signals) {
    const SignalActivity* best = nullptr;
    const auto named = [](const SignalActivity& signal) {
        const std::string tail = lower(tail_of(signal.name));
        return tail.find("clk") != std::string::npos || tail.find("clock") != std::string::npos;
    };
    for (const SignalActivity& signal : signals) {
        if (signal.width != 1 || signal.real || signal.changes < 2) continue;
        const bool more = best != nullptr && signal.changes > best->changes;
        const bool better = best != nullptr && signal.changes == best->changes && named(signal) && !named(*best);
        if (best == nullptr || more || better) best = &signal;
    }
    return best;
}

}  // namespace

MapProposal propose_map(const std::vector<SignalActivity>& signals, const VectorSet* expected) {
    MapProposal proposal;
    const SignalActivity* clock = clock_of(signals);
    if (clock != nullptr) {
        proposal.map.clock = clock->name;
        proposal.notes.push_back(
            fmt::format("clock: '{}', the 1-bit signal with most changes ({})", clock->name, clock->changes));
    } else {
        proposal.notes.push_back(
            "clock: no 1-bit signal changes; without a clock only a logic analyser's samples "
            "can be read");
    }
    if (expected == nullptr) {
        proposal.notes.push_back("layers: the expected side is not known, so none is proposed");
        return proposal;
    }
    std::vector<std::string> names;
    for (const VectorLayer& layer : expected->layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    std::set<std::string> used;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const VectorLayer& layer = expected->layers[i];
        const Format format = layer.type ? layer.type->format : layer.stored;
        struct Candidate {
            int score = 0;
            const SignalActivity* signal = nullptr;
            const SignalActivity* valid = nullptr;
        };
        Candidate best;
        for (const SignalActivity& signal : signals) {
            if (signal.real || signal.width < format.width || signal.width % format.width != 0) continue;
            if (&signal == clock || signal.changes == 0 || used.contains(signal.name)) continue;
            int score = std::max(likeness(signal.name, names[i]), likeness(signal.name, stems[i]));
            const bool last = i + 1 == names.size();
            if (i == 0) score = std::max(score, likeness(signal.name, "in") - 10);
            if (last) score = std::max(score, likeness(signal.name, "out") - 10);
            if (score < 50) continue;
            const SignalActivity* valid =
                beside(signals, signal.name, {"tvalid", "valid", "vld", "ap_vld", "we", "we0", "wr_en", "en", "ce"});
            score = 4 * score + (valid != nullptr ? 20 : 0) + (signal.width == format.width ? 2 : 0);
            const bool shorter =
                best.signal != nullptr && score == best.score && signal.name.size() < best.signal->name.size();
            if (best.signal == nullptr || score > best.score || shorter) best = {score, &signal, valid};
        }
        if (best.signal == nullptr) {
            proposal.notes.push_back(fmt::format("layer '{}': no signal with a name like it and {} bits or a multiple",
                                                 names[i], format.width));
            continue;
        }
        used.insert(best.signal->name);
        DumpSource source;
        source.layer = names[i];
        source.signals = {best.signal->name};
        std::string with;
        if (best.valid != nullptr) {
            source.valid = best.valid->name;
            with += fmt::format(", valid '{}'", source.valid);
        }
        if (const SignalActivity* ready = beside(signals, best.signal->name, {"tready", "ready", "rdy"})) {
            source.ready = ready->name;
            with += fmt::format(", ready '{}'", source.ready);
        }
        if (best.signal->width != format.width) {
            source.packing.lanes = best.signal->width / format.width;
            with += fmt::format(", {} words a beat", source.packing.lanes);
        }
        if (best.valid == nullptr) with += "; found no valid beside it, so every clock edge is a beat";
        proposal.notes.push_back(fmt::format("layer '{}': '{}' ({} bits, {} changes){}", names[i], best.signal->name,
                                             best.signal->width, best.signal->changes, with));
        proposal.map.sources.push_back(std::move(source));
    }
    return proposal;
}

}  // namespace bittrue
