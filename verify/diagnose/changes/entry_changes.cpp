#include "changes/entry_changes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "changes/arrangement.hpp"

namespace bittrue::diagnose_detail {

namespace {

double bits_of_choice(std::int64_t alternatives) {
    return std::log2(static_cast<double>(std::max<std::int64_t>(alternatives, 2)));
}

Candidate candidate_of(const Node& layer, Cause cause, const std::string& setting, const std::string& expected,
                       const std::string& found, const std::string& text, double bits, const std::string& slot) {
    Candidate candidate;
    candidate.change = {
        .cause = cause, .node = layer.name, .setting = setting, .expected = expected, .found = found, .text = text};
    candidate.bits = bits;
    candidate.priority = 30;
    candidate.slot = fmt::format("{}.{}.{}", layer.name, setting, slot);
    return candidate;
}

bool is_wrong(const Subject& subject, std::size_t flat) {
    return (subject.masked.empty() || subject.masked[flat] == 0) && subject.actual[flat] != subject.expected()[flat];
}

// The entry that each word of the input leads to: what the layer gives with a table of numbers 0, 1, 2, ...
std::vector<std::int64_t> entries_of(const Maker& maker, const Node& layer) {
    const TensorWords& input = maker.subject.tensor(layer.inputs[0]);
    Chain chain{.given = {input}, .nodes = {layer}};
    chain.given[0].type = {.format = input.type.format};
    auto& table = std::get<Lookup>(chain.nodes[0].op).table.entries;
    const std::int64_t count = element_count(table.dims);
    const FixedType number{.format = {.width = 32, .integer = 32}};
    table.real.clear();
    table.raw.clear();
    for (std::int64_t i = 0; i < count; ++i) table.raw.push_back(i);
    table.type = number;
    table.quantizer = WeightQuantizer::Cast;
    chain.nodes[0].result = number;
    return std::move(maker.datapath.run(chain).back().words);
}

// Raws of the table's type that the layer gives as `word`: one bit away from what the table has, or at the middle, the
// lower and the upper end of those that are rounded to it.
std::vector<std::int64_t> entries_that_give(const Maker& maker, std::int64_t word, std::int64_t stored, Format table,
                                            const FixedType& result) {
    const auto gives = [&](std::int64_t entry) {
        return maker.datapath.quantize(raw_from_word(entry, table), table.frac(), result).word == word;
    };
    std::vector<std::int64_t> found;
    for (int bit = 0; bit < table.width; ++bit) {
        const std::int64_t entry = word_from_pattern(pattern_from_word(stored, table) ^ std::uint64_t{1} << bit, table);
        if (gives(entry)) found.push_back(entry);
    }
    const int up = table.frac() - result.format.frac();
    if (up > 60 || up < -60) return found;
    const i128 raw = raw_from_word(word, result.format);
    const i128 middle = up >= 0 ? raw << up : raw >> -up;
    const i128 half = up > 0 ? i128{1} << (up - 1) : 0;
    for (const i128 near : {middle, middle - half, middle + half}) {
        if (near < raw_min(table) || near > raw_max(table)) continue;
        if (gives(word_from_raw(near))) {
            found.push_back(word_from_raw(near));
            break;
        }
    }
    return found;
}

}  // namespace

void add_entry_changes(const Maker& maker, std::size_t node) {
    const Subject& subject = maker.subject;
    const Node& layer = subject.chain.nodes[node];
    const auto* lookup = std::get_if<Lookup>(&layer.op);
    if (lookup == nullptr || node + 1 != subject.chain.nodes.size()) return;
    constexpr std::size_t kMostEntries = 4;
    const std::vector<std::int64_t> entries = entries_of(maker, layer);
    std::map<std::int64_t, std::int64_t> wrong;  // entry: the word that it gives instead
    for (std::size_t flat = 0; flat < entries.size(); ++flat) {
        if (!is_wrong(subject, flat)) continue;
        const auto [at, is_new] = wrong.emplace(entries[flat], subject.actual[flat]);
        if (wrong.size() > kMostEntries || (!is_new && at->second != subject.actual[flat])) return;
    }
    Node copy = layer;
    Parameter& table = std::get<Lookup>(copy.op).table.entries;
    make_raw(table, copy, "table", subject.tensor(layer.inputs[0]), maker.datapath);
    const Format format = table.type.format;
    for (const auto& [entry, word] : wrong) {
        const std::int64_t stored = table.raw[static_cast<std::size_t>(entry)];
        for (const std::int64_t found : entries_that_give(maker, word, stored, format, layer.result)) {
            const std::uint64_t flipped = pattern_from_word(found, format) ^ pattern_from_word(stored, format);
            const double contents = std::has_single_bit(flipped) ? bits_of_choice(format.width) : format.width;
            Candidate candidate = candidate_of(
                layer, Cause::TableContents, "table", fmt::format("{}", stored), fmt::format("{}", found),
                fmt::format("entry {} of its table is {} (raw) where the network has {}", entry, found, stored),
                4 + bits_of_choice(std::ssize(table.raw)) + contents, fmt::format("{}", entry));
            candidate.apply = [node, place = static_cast<std::size_t>(entry), found, input = layer.inputs[0],
                               subject = &subject, datapath = &maker.datapath](Variant& variant) {
                Node& changed = variant.chain.nodes[node];
                auto* op = std::get_if<Lookup>(&changed.op);
                if (op == nullptr) return false;
                make_raw(op->table.entries, changed, "table", subject->tensor(input), *datapath);
                if (place >= op->table.entries.raw.size()) return false;
                op->table.entries.raw[place] = found;
                return true;
            };
            maker.candidates.push_back(std::move(candidate));
        }
    }
}

void add_threshold_changes(const Maker& maker, std::size_t node, std::int64_t channel) {
    const Subject& subject = maker.subject;
    const Node& layer = subject.chain.nodes[node];
    const auto* op = std::get_if<Threshold>(&layer.op);
    if (op == nullptr || node + 1 != subject.chain.nodes.size()) return;
    const TensorWords& input = subject.tensor(layer.inputs[0]);
    Node copy = layer;
    Parameter& thresholds = std::get<Threshold>(copy.op).thresholds;
    make_raw(thresholds, copy, "thresholds", input, maker.datapath);
    if ((thresholds.dims[0] == 1) != (channel < 0)) return;
    const std::int64_t row = std::max<std::int64_t>(channel, 0), count = thresholds.dims[1];
    const Format stored = thresholds.type.format, in = input.type.format;
    // The inputs that are counted otherwise lie between a threshold and where it stands in the hardware.
    std::optional<i128> low, high;
    for (std::size_t flat = 0; flat < subject.actual.size(); ++flat) {
        const std::int64_t element = static_cast<std::int64_t>(flat) % layer.shape.count();
        if ((channel >= 0 && layer.shape.channel_of(element) != channel) || !is_wrong(subject, flat)) continue;
        const i128 raw = raw_from_word(input.words[flat], in);
        low = low ? std::min(*low, raw) : raw;
        high = high ? std::max(*high, raw) : raw;
    }
    if (!low) return;
    const int frac = std::max(stored.frac(), in.frac());
    if (frac - stored.frac() > 60 || frac - in.frac() > 60) return;
    // In the threshold's lsb: one that came down is reached from the lowest of them on, one that went up by none.
    const auto at_input = [&](i128 raw) { return (raw << (frac - in.frac())) >> (frac - stored.frac()); };
    for (std::int64_t j = 0; j < count; ++j) {
        const auto place = static_cast<std::size_t>(row * count + j);
        const i128 old = raw_from_word(thresholds.raw[place], stored);
        std::vector<i128> tried;
        if (old >= at_input(*high)) tried.push_back(at_input(*low) - (op->strict ? 1 : 0));
        if (old <= at_input(*low)) tried.push_back(at_input(*high + (op->strict ? 0 : 1)));
        for (const i128 raw : tried) {
            if (raw == old || raw < raw_min(stored) || raw > raw_max(stored)) continue;
            Candidate candidate =
                candidate_of(layer, Cause::TableContents, "thresholds", fmt::format("{}", thresholds.raw[place]),
                             fmt::format("{}", word_from_raw(raw)),
                             fmt::format("threshold {}{} is about {} (raw) where the network has {}", j,
                                         channel < 0 ? "" : fmt::format(" of channel {}", channel), word_from_raw(raw),
                                         thresholds.raw[place]),
                             4 + bits_of_choice(std::ssize(thresholds.raw)) + stored.width, fmt::format("{}", place));
            candidate.apply = [node, place, raw, input = layer.inputs[0], subject = &subject,
                               datapath = &maker.datapath](Variant& variant) {
                Node& changed = variant.chain.nodes[node];
                auto* threshold = std::get_if<Threshold>(&changed.op);
                if (threshold == nullptr) return false;
                make_raw(threshold->thresholds, changed, "thresholds", subject->tensor(input), *datapath);
                if (place >= threshold->thresholds.raw.size()) return false;
                threshold->thresholds.raw[place] = word_from_raw(raw);
                return true;
            };
            maker.candidates.push_back(std::move(candidate));
        }
    }
}

namespace {

// Constants of a node with one word per channel.
struct Constant {
    std::string role{};
    Cause cause{};
    std::function<Parameter*(Node&)> of{};
};

std::vector<Constant> constants_of(const Node& layer) {
    if (std::holds_alternative<Affine>(layer.op)) {
        return {{"scale", Cause::ChannelWeights, [](Node& n) { return &std::get<Affine>(n.op).scale; }},
                {"bias", Cause::ChannelBias, [](Node& n) {
                     std::optional<Parameter>& bias = std::get<Affine>(n.op).bias;
                     return bias ? &*bias : nullptr;
                 }}};
    }
    if (std::holds_alternative<Requantize>(layer.op)) {
        return {{"multiplier", Cause::RequantizeMultiplier,
                 [](Node& n) { return &std::get<Requantize>(n.op).multiplier; }}};
    }
    return {};
}

}  // namespace

void add_flipped_constants(const Maker& maker, std::size_t node, std::int64_t channel) {
    const Node& layer = maker.subject.chain.nodes[node];
    for (const Constant& constant : constants_of(layer)) {
        Node copy = layer;
        const Parameter* parameter = constant.of(copy);
        if (parameter == nullptr || parameter->dims[0] < 2) continue;
        const Format format = parameter->type.format;
        for (int bit = 0; bit < format.width; ++bit) {
            Candidate candidate = candidate_of(
                layer, constant.cause, constant.role, fmt::format("bit {}", bit), "flipped",
                fmt::format("bit {} of the {} of channel {} is flipped", bit, constant.role, channel),
                5 + bits_of_choice(parameter->dims[0]) + bits_of_choice(format.width), fmt::format("{}", channel));
            candidate.apply = [=, of = constant.of, role = constant.role, layer_op = layer.op.index(),
                               input = layer.inputs[0], subject = &maker.subject,
                               datapath = &maker.datapath](Variant& variant) {
                Node& changed = variant.chain.nodes[node];
                if (changed.op.index() != layer_op) return false;
                Parameter* words = of(changed);
                if (words == nullptr) return false;
                make_raw(*words, changed, role, subject->tensor(input), *datapath);
                std::int64_t& word = words->raw[static_cast<std::size_t>(channel)];
                word = word_from_pattern(pattern_from_word(word, format) ^ std::uint64_t{1} << bit, format);
                return true;
            };
            maker.candidates.push_back(std::move(candidate));
        }
    }
}

}  // namespace bittrue::diagnose_detail
