// An explanation as text and as JSON.
#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "console.hpp"
#include "explanation.hpp"
#include "mac_steps.hpp"
#include "table.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

std::string raw_text(const ReadWord& w) {
    return print_raw(raw_from_word(w.word, w.format));
}
std::string value_text(const ReadWord& w) {
    return print_value(raw_from_word(w.word, w.format), w.format.frac());
}
std::string value_text(const ExactNumber& n) {
    return print_value(n.raw, n.frac);
}

// "17 (0x11, 0.53125)", as diff prints words.
std::string word_text(std::int64_t word, Format format) {
    const i128 raw = raw_from_word(word, format);
    return fmt::format("{} ({}, {})", print_raw(raw), print_hex(word, format), print_value(raw, format.frac()));
}

std::string place_text(const Explanation& e, std::size_t image) {
    const Position p = position_of(e.shape, e.element);
    std::string text = fmt::format("{}[image {}, channel {}", e.layer, image, p.channel);
    if (e.shape.layout != Layout::Vector) text += fmt::format(", row {}, column {}", p.row, p.column);
    return text + fmt::format("] (flat {})", e.element);
}

std::string accumulated_text(const Accumulated& a) {
    const bool casts = a.spec.product.has_value();
    std::vector<Table::Column> columns{{"term"},  {"input", Align::Left},  {"raw"},
                                       {"value"}, {"weight", Align::Left}, {"raw"},
                                       {"value"}, {"product raw"},         {"value"}};
    if (casts) {
        columns.push_back({"cast raw"});
        columns.push_back({"value"});
        columns.push_back({"flags", Align::Left});
    }
    Table table(columns);
    for (std::size_t t = 0; t < a.terms.size(); ++t) {
        const ExplainedTerm& term = a.terms[t];
        std::vector<std::string> cells{
            std::to_string(t),       term.input.name,       raw_text(term.input),    value_text(term.input),
            term.weight.name,        raw_text(term.weight), value_text(term.weight), print_raw(term.product.raw),
            value_text(term.product)};
        if (casts) {
            cells.push_back(print_raw(term.cast.raw));
            cells.push_back(value_text(term.cast));
            cells.push_back(print_events(term.events));
        }
        table.row(std::move(cells));
    }
    std::string text = fmt::format("inputs {}, weights {}, products {}\n", print_type({.format = a.operands.input}),
                                   print_type({.format = a.operands.weight}),
                                   casts ? "cast to " + print_type(*a.spec.product) : "exact");
    text += table.text() + "\n";
    const char* const quantised = a.spec.quantize == QuantizeAt::End    ? "once, at the end"
                                  : a.spec.quantize == QuantizeAt::Fold ? "after every group"
                                                                        : "after every addition";
    text +=
        fmt::format("accumulator {}, {}, quantised {}\n", print_type(a.spec.type), print_schedule(a.spec), quantised);
    if (a.operands.has_bias) {
        text += fmt::format("bias {} {}{}\n", print_type({.format = a.operands.bias}),
                            word_text(a.operands.bias_word, a.operands.bias),
                            a.spec.bias_cast ? ", cast to " + print_type(*a.spec.bias_cast) : "");
    }
    return text + mac_table(a.steps, a.spec.type.format, true);
}

std::string stages_text(const std::vector<Stage>& stages) {
    if (stages.empty()) return {};
    Table table({{"then", Align::Left}, {"raw"}, {"value"}, {"flags", Align::Left}});
    for (const Stage& s : stages)
        table.row({s.what, print_raw(s.number.raw), value_text(s.number), print_events(s.events)});
    return table.text();
}

std::string read_text(const std::vector<ReadWord>& read) {
    if (read.empty()) return "reads nothing but padding\n";
    Table table({{"input", Align::Left}, {"type", Align::Left}, {"raw"}, {"hex"}, {"value"}});
    for (const ReadWord& w : read)
        table.row({w.name, print_type({.format = w.format}), raw_text(w), print_hex(w.word, w.format), value_text(w)});
    return table.text();
}

nlohmann::ordered_json json_of(const ReadWord& w) {
    return {{"word", w.name},
            {"type", print_type({.format = w.format})},
            {"raw", json_raw(raw_from_word(w.word, w.format))},
            {"value", value_text(w)}};
}

nlohmann::ordered_json json_of(const ExactNumber& n) {
    return {{"raw", json_raw(n.raw)}, {"frac", n.frac}, {"value", value_text(n)}};
}

nlohmann::ordered_json json_of(const Accumulated& a) {
    nlohmann::ordered_json terms = nlohmann::ordered_json::array();
    for (const ExplainedTerm& t : a.terms) {
        terms.push_back({{"input", json_of(t.input)},
                         {"weight", json_of(t.weight)},
                         {"product", json_of(t.product)},
                         {"cast", json_of(t.cast)},
                         {"events", print_events(t.events)}});
    }
    nlohmann::ordered_json json{{"terms", std::move(terms)}, {"accumulator", print_type(a.spec.type)}};
    if (a.operands.has_bias) json["bias"] = json_of(ReadWord{"bias", a.operands.bias_word, a.operands.bias});
    json["steps"] = mac_json(a.steps);
    json["command"] = mac_command(a.operands, a.spec);
    return json;
}

}  // namespace

std::string explanation_text(const Explanation& e, std::size_t image) {
    std::string text = fmt::format("{}, {}\n", place_text(e, image), e.op);
    if (e.accumulated) {
        text += accumulated_text(*e.accumulated);
    } else if (e.stored) {
        text += fmt::format("value of the image: {}\n", *e.stored);
    } else {
        text += read_text(e.read) + stages_text(e.stages);
    }
    const std::string type = print_type(e.type);
    if (e.exact) {
        text += fmt::format("result cast: {} to {}: {}\n", value_text(*e.exact), type, print_events(e.result.events));
    } else if (e.stored) {
        text += fmt::format("cast to {}: {}\n", type, print_events(e.result.events));
    } else {
        text += fmt::format("rounded as docs/numerics.md, L24, says of {}, cast to {}\n", e.op, type);
    }
    text += fmt::format("word: {}\n", word_text(e.result.word, e.type.format));
    if (e.accumulated)
        text += "\nthe same steps:\n  " + mac_command(e.accumulated->operands, e.accumulated->spec) + "\n";
    return text;
}

nlohmann::ordered_json explanation_json(const Explanation& e, std::size_t image) {
    const Position p = position_of(e.shape, e.element);
    nlohmann::ordered_json json{
        {"layer", e.layer}, {"op", e.op}, {"image", image}, {"flat", e.element}, {"channel", p.channel}};
    if (e.shape.layout != Layout::Vector) {
        json["row"] = p.row;
        json["column"] = p.column;
    }
    if (e.accumulated) {
        json.update(json_of(*e.accumulated));
    } else if (e.stored) {
        json["stored"] = *e.stored;
    } else {
        nlohmann::ordered_json read = nlohmann::ordered_json::array();
        for (const ReadWord& w : e.read) read.push_back(json_of(w));
        json["read"] = std::move(read);
        nlohmann::ordered_json stages = nlohmann::ordered_json::array();
        for (const Stage& s : e.stages) {
            stages.push_back(json_of(s.number));
            stages.back()["what"] = s.what;
            stages.back()["events"] = print_events(s.events);
        }
        json["stages"] = std::move(stages);
    }
    if (e.exact) json["exact"] = json_of(*e.exact);
    if (e.exact || e.stored) json["events"] = print_events(e.result.events);
    const i128 raw = raw_from_word(e.result.word, e.type.format);
    json["type"] = print_type(e.type);
    json["raw"] = json_raw(raw);
    json["hex"] = print_hex(e.result.word, e.type.format);
    json["value"] = print_value(raw, e.type.format.frac());
    return json;
}

}  // namespace bittrue::cli
