#include "channel_report.hpp"

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/emulator/plan.hpp"
#include "run_report.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

const AccumulatorSpec* accumulator_of(const Operation& op) {
    if (const auto* dense = std::get_if<Dense>(&op)) return &dense->accumulator;
    if (const auto* conv = std::get_if<Conv2d>(&op)) return &conv->accumulator;
    return nullptr;
}

// A cast is monotone up to where it overflows, so the ends decide.
bool holds_all(const FixedType& to, Format from) {
    for (const i128 end : {raw_min(from), raw_max(from)})
        if (emulator::quantize(end, from.frac(), to).events.overflow()) return false;
    return true;
}

// Channels of a layer whose bias leaves the type that it is cast to, on every image.
std::vector<bool> clipped_biases(const Node& node, const AccumulatorSpec& spec,
                                 const std::vector<ParameterWords>& parameters) {
    std::vector<bool> clipped(static_cast<std::size_t>(node.shape.channels()));
    if (!spec.bias_cast) return clipped;
    for (const ParameterWords& p : parameters) {
        if (p.layer != node.name || p.role != "bias") continue;
        for (std::size_t c = 0; c < clipped.size(); ++c) {
            const i128 raw = raw_from_word(p.tensor.words[c], p.tensor.format);
            clipped[c] = emulator::quantize(raw, p.tensor.format.frac(), *spec.bias_cast).events.overflow();
        }
    }
    return clipped;
}

std::string share(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return "-";
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return part != 0 && percent < 0.01 ? "< 0.01 %" : fmt::format("{:.2f} %", percent);
}

std::string channel_table(const RunResult& result) {
    Table table({{"layer", Align::Left},
                 {"channel"},
                 {"in product"},
                 {"accumulator above"},
                 {"below"},
                 {"of steps"},
                 {"result above"},
                 {"below"},
                 {"of words"}});
    bool any = false;
    for (const LayerResult& layer : result.layers) {
        for (std::size_t c = 0; c < layer.events.channels.size(); ++c) {
            const ChannelEvents& e = layer.events.channels[c];
            if (e.overflows() == 0) continue;
            any = true;
            table.row({layer.name, std::to_string(c), std::to_string(e.product.overflows()),
                       std::to_string(e.accumulator.above), std::to_string(e.accumulator.below),
                       share(e.accumulator.overflows(), e.accumulator.conversions), std::to_string(e.result.above),
                       std::to_string(e.result.below), share(e.result.overflows(), e.result.conversions)});
        }
    }
    return any ? table.text() + "\n" : "";
}

// Of channels or of their accumulators.
struct Quiet {
    std::size_t all = 0, never = 0, proven = 0;

    void add(bool overflowed, bool is_proven) {
        ++all;
        never += overflowed ? 0U : 1U;
        proven += is_proven ? 1U : 0U;
    }
    [[nodiscard]] std::string text(const char* what) const {
        return fmt::format("{} of {} {} never overflowed ({} by proof)", never, all, what, proven);
    }
};

}  // namespace

ChannelProofs channel_proofs(const Graph& graph, emulator::Isa isa, const std::vector<ParameterWords>& parameters) {
    const emulator::Plan plan = emulator::plan_of(graph, {.isa = isa});
    ChannelProofs proofs(graph.nodes.size() + 1);
    for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
        const AccumulatorSpec* const spec = accumulator_of(graph.nodes[node].op);
        if (spec == nullptr) continue;
        std::vector<ChannelProof>& channels = proofs[node + 1];
        channels.resize(static_cast<std::size_t>(graph.nodes[node].shape.channels()));
        const std::vector<bool> clipped = clipped_biases(graph.nodes[node], *spec, parameters);
        const bool held = holds_all(graph.nodes[node].result, spec->type.format);
        for (const emulator::ChannelGroup& group : plan.layers[node].groups) {
            if (group.proof != emulator::Proof::Bounded) continue;
            for (const int c : group.channels) {
                const auto channel = static_cast<std::size_t>(c);
                if (!clipped[channel]) channels[channel] = {true, held};
            }
        }
    }
    return proofs;
}

std::string channel_report_text(const RunResult& result, const ChannelProofs& proofs) {
    Quiet channels, accumulators;
    for (std::size_t t = 0; t < result.layers.size(); ++t) {
        const auto& events = result.layers[t].events.channels;
        for (std::size_t c = 0; c < events.size(); ++c) {
            channels.add(events[c].overflows() != 0, proofs[t][c].all);
            accumulators.add(events[c].accumulator.overflows() != 0, proofs[t][c].accumulator);
        }
    }
    if (channels.all == 0) return "no layer has output channels\n";
    return channel_table(result) + channels.text("channels") + "; " + accumulators.text("accumulators") + "\n";
}

void add_channels(nlohmann::ordered_json& layers, const RunResult& result, const ChannelProofs& proofs) {
    for (std::size_t t = 0; t < result.layers.size(); ++t) {
        nlohmann::ordered_json channels = nlohmann::ordered_json::array();
        const auto& events = result.layers[t].events.channels;
        for (std::size_t c = 0; c < events.size(); ++c) {
            channels.push_back({{"channel", c},
                                {"overflows", events[c].overflows()},
                                {"accumulator_proven", proofs[t][c].accumulator},
                                {"proven", proofs[t][c].all},
                                {"events",
                                 {{"product", json_of(events[c].product)},
                                  {"accumulator", json_of(events[c].accumulator)},
                                  {"result", json_of(events[c].result)}}}});
        }
        layers[t]["channels"] = std::move(channels);
    }
}

}  // namespace bittrue::cli
