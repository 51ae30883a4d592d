// bittrue formats: what a type can hold and how every notation spells it.
#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::vector<std::string> types;
    std::string json;
};

std::string text_of(const FixedType& t) {
    const Format f = t.format;
    std::string out = fmt::format("{}\n", print_type(t));
    const auto line = [&](const std::string& key, const std::string& value) {
        out += fmt::format("  {:<34}{}\n", key, value);
    };
    line("range", fmt::format("{} to {}", print_value(range_min(t), f.frac()), print_value(range_max(t), f.frac())));
    line("raw", fmt::format("{} to {}", print_raw(range_min(t)), print_raw(range_max(t))));
    line("lsb", fmt::format("{} (2^{})", print_value(1, f.frac()), -f.frac()));
    line("bits", fmt::format("{} in all, {} integer{}, {} fraction", f.width, f.integer,
                             f.is_signed ? " (with the sign)" : "", f.frac()));
    line("rounding, overflow",
         print_rounding(t.rounding) + ", " + print_overflow(t.overflow) +
             (t.saturated_bits > 0 ? fmt::format(" with {} saturated bits", t.saturated_bits) : ""));
    for (const Spelling& s : spellings(t)) line(s.notation, s.text);
    return out;
}

nlohmann::ordered_json json_of(const FixedType& t) {
    nlohmann::ordered_json spelled;
    for (const Spelling& s : spellings(t)) spelled[s.notation] = s.text;
    return {{"type", print_type(t)},
            {"width", t.format.width},
            {"integer", t.format.integer},
            {"frac", t.format.frac()},
            {"signed", t.format.is_signed},
            {"rounding", print_rounding(t.rounding)},
            {"overflow", print_overflow(t.overflow)},
            {"saturated_bits", t.saturated_bits},
            {"dialect", print_dialect(t.dialect)},
            {"min", print_value(range_min(t), t.format.frac())},
            {"max", print_value(range_max(t), t.format.frac())},
            {"min_raw", json_raw(range_min(t))},
            {"max_raw", json_raw(range_max(t))},
            {"lsb", print_value(1, t.format.frac())},
            {"spellings", std::move(spelled)}};
}

}  // namespace

void add_formats(CLI::App& app, int&) {
    auto* command = app.add_subcommand("formats", "Range, lsb and spellings of fixed-point types");
    const auto o = std::make_shared<Options>();
    command->add_option("FMT", o->types, "types in any notation")->required();
    command->add_option("--json", o->json, "write the table as JSON to this file ('-': stdout)");
    command->footer("Example:\n  bittrue formats \"ap_fixed<16,6,AP_RND,AP_SAT>\" Q5.10 sfix16_En10");
    command->callback([o] {
        std::string text;
        nlohmann::ordered_json json = nlohmann::ordered_json::array();
        for (const std::string& name : o->types) {
            const FixedType t = parse_option_type("FMT", name);
            text += (text.empty() ? "" : "\n") + text_of(t);
            json.push_back(json_of(t));
        }
        if (o->json != "-") print(text);
        if (!o->json.empty()) write_json(o->json, json);
    });
}

}  // namespace bittrue::cli
