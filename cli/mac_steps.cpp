#include "mac_steps.hpp"

#include <charconv>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/notation.hpp"
#include "console.hpp"
#include "table.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

nlohmann::ordered_json json_of(const MacStep& s) {
    return {{"step", s.what},
            {"product_raw", json_raw(s.product_raw)},
            {"product_frac", s.product_frac},
            {"product_events", print_events(s.product_events)},
            {"accumulator_raw", json_raw(s.accumulator_raw)},
            {"accumulator_frac", s.accumulator_frac},
            {"value", print_value(s.accumulator_raw, s.accumulator_frac)},
            {"events", print_events(s.events)}};
}

// The number behind a word of a step's label; -1 where the label does not have it.
std::int64_t number_behind(const std::string& label, std::string_view word) {
    const auto at = label.find(word);
    std::int64_t number = -1;
    if (at != std::string::npos) std::from_chars(label.data() + at + word.size(), label.data() + label.size(), number);
    return number;
}

std::string raws(const std::vector<std::int64_t>& words, Format format) {
    std::vector<std::string> texts;
    for (const std::int64_t word : words) texts.push_back(print_raw(raw_from_word(word, format)));
    return fmt::format("{}", fmt::join(texts, ","));
}

std::string quoted(Format format) {
    return fmt::format("\"{}\"", print_type({.format = format}));
}

}  // namespace

std::int64_t term_of(const MacStep& step) {
    return number_behind(step.what, "term ");
}

std::vector<std::optional<ExactNumber>> accumulators_before(const std::vector<MacStep>& steps) {
    std::vector<std::optional<ExactNumber>> before;
    std::optional<ExactNumber> main;
    std::map<std::int64_t, ExactNumber> lanes;
    for (const MacStep& s : steps) {
        const ExactNumber after{s.accumulator_raw, s.accumulator_frac};
        const auto at = s.what.find(" lane ");
        if (at != std::string::npos || s.what.ends_with(" total")) {
            const std::int64_t lane = number_behind(s.what, at == std::string::npos ? "lane " : " lane ");
            before.push_back(lanes.contains(lane) ? lanes[lane] : ExactNumber{0, s.accumulator_frac});
            lanes[lane] = after;
        } else if (s.what.starts_with("node ")) {
            before.push_back(std::nullopt);
            main = after;
        } else {
            before.push_back(main);
            main = after;
        }
    }
    return before;
}

std::string mac_table(const std::vector<MacStep>& steps, Format accumulator, bool before) {
    std::vector<Table::Column> columns{{"step", Align::Left}, {"added raw"}, {"value"}, {"product flags", Align::Left},
                                       {"accumulator raw"},   {"hex"},       {"value"}, {"flags", Align::Left}};
    if (before) columns.insert(columns.begin() + 4, {"raw before"});
    Table table(columns);
    const auto held = accumulators_before(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const MacStep& s = steps[i];
        const bool in_register = s.accumulator_frac == accumulator.frac() &&
                                 s.accumulator_raw >= raw_min(accumulator) && s.accumulator_raw <= raw_max(accumulator);
        std::vector<std::string> cells{s.what,
                                       print_raw(s.product_raw),
                                       print_value(s.product_raw, s.product_frac),
                                       print_events(s.product_events),
                                       print_raw(s.accumulator_raw),
                                       in_register ? print_hex(word_from_raw(s.accumulator_raw), accumulator) : "exact",
                                       print_value(s.accumulator_raw, s.accumulator_frac),
                                       print_events(s.events)};
        if (before) cells.insert(cells.begin() + 4, held[i] ? print_raw(held[i]->raw) : "-");
        table.row(std::move(cells));
    }
    return table.text();
}

nlohmann::ordered_json mac_json(const std::vector<MacStep>& steps) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    const auto before = accumulators_before(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        json.push_back(json_of(steps[i]));
        json.back()["before"] =
            before[i] ? nlohmann::ordered_json(print_value(before[i]->raw, before[i]->frac)) : nlohmann::ordered_json();
    }
    return json;
}

std::string mac_command(const MacOperands& m, const AccumulatorSpec& spec) {
    const char* const quantize = spec.quantize == QuantizeAt::End    ? "end"
                                 : spec.quantize == QuantizeAt::Fold ? "fold"
                                                                     : "step";
    std::string text = fmt::format("bittrue mac --weight {} --input {} --accumulator \"{}\"", quoted(m.weight),
                                   quoted(m.input), print_type(spec.type));
    if (spec.product) text += fmt::format(" --product \"{}\"", print_type(*spec.product));
    text += fmt::format(" --order {} --quantize {}", print_schedule(spec), quantize);
    if (m.has_bias) {
        text += fmt::format(" --bias \"{}:{}\" --bias-position {}", print_type({.format = m.bias}),
                            print_raw(raw_from_word(m.bias_word, m.bias)),
                            spec.bias == BiasPosition::Last ? "last" : "first");
        if (spec.bias_cast) text += fmt::format(" --bias-cast \"{}\"", print_type(*spec.bias_cast));
    }
    return text + fmt::format(" --w={} --x={}", raws(m.weights, m.weight), raws(m.inputs, m.input));
}

}  // namespace bittrue::cli
