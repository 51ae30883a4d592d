#include "mac_steps.hpp"

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

std::string raws(const std::vector<std::int64_t>& words, Format format) {
    std::vector<std::string> texts;
    for (const std::int64_t word : words) texts.push_back(print_raw(raw_from_word(word, format)));
    return fmt::format("{}", fmt::join(texts, ","));
}

std::string quoted(Format format) {
    return fmt::format("\"{}\"", print_type({.format = format}));
}

}  // namespace

std::string mac_table(const std::vector<MacStep>& steps, Format accumulator) {
    Table table({{"step", Align::Left},
                 {"added raw"},
                 {"value"},
                 {"product flags", Align::Left},
                 {"accumulator raw"},
                 {"hex"},
                 {"value"},
                 {"flags", Align::Left}});
    for (const MacStep& s : steps) {
        const bool in_register = s.accumulator_frac == accumulator.frac() &&
                                 s.accumulator_raw >= raw_min(accumulator) && s.accumulator_raw <= raw_max(accumulator);
        table.row({s.what, print_raw(s.product_raw), print_value(s.product_raw, s.product_frac),
                   print_events(s.product_events), print_raw(s.accumulator_raw),
                   in_register ? print_hex(word_from_raw(s.accumulator_raw), accumulator) : "exact",
                   print_value(s.accumulator_raw, s.accumulator_frac), print_events(s.events)});
    }
    return table.text();
}

nlohmann::ordered_json mac_json(const std::vector<MacStep>& steps) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const MacStep& s : steps) json.push_back(json_of(s));
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
