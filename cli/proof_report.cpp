// A proof as text and as JSON.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "console.hpp"
#include "mac_steps.hpp"
#include "proof.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

constexpr std::size_t kRowsBefore = 3, kRowsBehind = 3;
constexpr std::size_t kRowsOfResult = 2;  // always shown: the cast and its word

std::string value_text(const std::optional<ExactNumber>& n) {
    return n ? print_value(n->raw, n->frac) : "";
}

// The number that the step ends with.
std::string shown_text(const TraceRow& row) {
    return value_text(row.after ? row.after : row.added);
}

struct Columns {
    bool product = false, accumulator = false, two_steps = false;
};

Columns columns_of(const std::vector<TraceRow>& a, const std::vector<TraceRow>& b) {
    Columns c;
    for (const auto* const rows : {&a, &b}) {
        for (const TraceRow& row : *rows) {
            const bool cast = row.product && row.added &&
                              (row.product->raw != row.added->raw || row.product->frac != row.added->frac);
            c.product = c.product || cast;
            c.accumulator = c.accumulator || (row.before && row.step != "result cast");
        }
    }
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) c.two_steps = c.two_steps || a[i].step != b[i].step;
    return c;
}

void append(std::vector<std::string>& cells, const TraceRow* row, const Columns& c) {
    const TraceRow none{};
    const TraceRow& r = row != nullptr ? *row : none;
    if (c.product) cells.push_back(value_text(r.product));
    cells.push_back(value_text(r.added));
    if (c.accumulator) cells.push_back(value_text(r.before));
    cells.push_back(value_text(r.after));
    cells.push_back(r.flags);
}

void append(std::vector<Table::Column>& columns, const Columns& c, const char* side) {
    if (c.product) columns.push_back({"product"});
    columns.push_back({c.accumulator ? "added" : "number"});
    if (c.accumulator) columns.push_back({"before"});
    columns.push_back({std::string(side)});
    columns.push_back({"flags", Align::Left});
}

std::string place_text(const Explanation& e, std::int64_t image) {
    const Position p = position_of(e.shape, e.element);
    std::string text = fmt::format("{}[image {}, channel {}", e.layer, image, p.channel);
    if (e.shape.layout != Layout::Vector) text += fmt::format(", row {}, column {}", p.row, p.column);
    return text + "]";
}

std::string fault_text(const emulator::AccumulationFault& fault) {
    std::string text;
    if (fault.skip_first > 0) text += fmt::format(", the first {} terms left out", fault.skip_first);
    if (fault.skip_last > 0) text += fmt::format(", the last {} terms left out", fault.skip_last);
    if (!fault.stuck) return text;
    const char* what = "products";
    if (fault.stuck->at == emulator::AccumulationFault::At::Weight) what = "weights";
    if (fault.stuck->at == emulator::AccumulationFault::At::Input) what = "inputs";
    return text + fmt::format(", bit {} of the {} of terms t mod {} = {} stuck at {}", fault.stuck->bit, what,
                              fault.stuck->lanes, fault.stuck->lane, fault.stuck->value ? 1 : 0);
}

std::string types_text(const Explanation& e) {
    if (!e.accumulated) return fmt::format("{} to {}", e.op, print_type(e.type));
    const AccumulatorSpec& spec = e.accumulated->spec;
    const char* const quantised = spec.quantize == QuantizeAt::End    ? "once at the end"
                                  : spec.quantize == QuantizeAt::Fold ? "after every group"
                                                                      : "after every addition";
    std::string text = fmt::format("accumulator {}, {}, quantised {}, products {}", print_type(spec.type),
                                   print_schedule(spec), quantised, spec.product ? print_type(*spec.product) : "exact");
    if (e.accumulated->operands.has_bias) text += spec.bias == BiasPosition::Last ? ", bias last" : ", bias first";
    if (e.accumulated->fault) text += fault_text(*e.accumulated->fault);
    return text + ", result " + print_type(e.type);
}

// Both traces beside each other, all rows.
struct Sheet {
    std::vector<Table::Column> columns{};
    std::size_t halves = 0;  // column of the second one; 0: there is none
    std::vector<std::vector<std::string>> rows{};
};

Sheet sheet_of(const Proof& p) {
    const std::vector<TraceRow> a = trace_rows(p.by_expected);
    const std::vector<TraceRow> b = p.by_hypothesis ? trace_rows(*p.by_hypothesis) : std::vector<TraceRow>{};
    const bool both = !b.empty();
    const Columns c = columns_of(a, b);
    Sheet sheet;
    sheet.columns = {{"step", Align::Left}};
    append(sheet.columns, c, "expected");
    if (both) sheet.halves = sheet.columns.size();
    if (both && c.two_steps) sheet.columns.push_back({"step", Align::Left});
    if (both) append(sheet.columns, c, "found");
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        std::vector<std::string> cells{i < a.size() ? a[i].step : ""};
        append(cells, i < a.size() ? &a[i] : nullptr, c);
        if (both && c.two_steps) cells.push_back(i < b.size() ? b[i].step : "");
        if (both) append(cells, i < b.size() ? &b[i] : nullptr, c);
        sheet.rows.push_back(std::move(cells));
    }
    return sheet;
}

// The first row, some around the one where both part, those of the result.
std::string table_text(const Proof& p) {
    Sheet sheet = sheet_of(p);
    sheet.columns.insert(sheet.columns.begin(), Table::Column{"", Align::Left});
    Table table(sheet.columns);
    const std::size_t rows = sheet.rows.size();
    const std::size_t centre = p.parting.value_or(rows - 1);
    const std::size_t from = centre > kRowsBefore ? centre - kRowsBefore : 0;
    const std::size_t to = std::min(rows, centre + kRowsBehind + 1);
    for (std::size_t i = 0; i < rows; ++i) {
        std::vector<std::string> cells(sheet.columns.size());
        if ((i >= from && i < to) || i == 0 || i + kRowsOfResult >= rows) {
            cells = sheet.rows[i];
            cells.insert(cells.begin(), p.parting == i ? ">" : "");
        } else if (i == 1 || i == to) {
            cells[1] = "...";
        } else {
            continue;
        }
        table.row(std::move(cells));
    }
    return table.text();
}

}  // namespace

std::string proof_text(const Proof& p) {
    std::string text =
        fmt::format("how {} came about{}:\n", place_text(p.by_expected, p.image),
                    p.traced == p.layer ? "" : fmt::format(", on which the wrong word of {} depends", p.layer));
    text += fmt::format("  expected: {}\n", types_text(p.by_expected));
    if (p.by_hypothesis) {
        text += fmt::format("  found:    {}\n", types_text(*p.by_hypothesis));
    } else {
        text += "  found:    no datapath of layers says it; the expected side alone is shown\n";
    }
    return text + table_text(p);
}

PageTrace page_trace(const Proof& p) {
    const Sheet sheet = sheet_of(p);
    PageTrace trace{.layer = p.layer, .title = place_text(p.by_expected, p.image)};
    if (p.by_hypothesis) trace.title += ": as the network computes it, and as the best explanation does";
    for (const Table::Column& column : sheet.columns) trace.columns.push_back(column.title);
    trace.halves = sheet.halves;
    trace.rows = sheet.rows;
    if (p.parting) trace.parts = *p.parting;
    if (p.by_expected.accumulated)
        trace.below = mac_command(p.by_expected.accumulated->operands, p.by_expected.accumulated->spec);
    return trace;
}

nlohmann::ordered_json proof_json(const Proof& p) {
    const auto image = static_cast<std::size_t>(p.image);
    nlohmann::ordered_json json{{"layer", p.layer},
                                {"image", p.image},
                                {"flat", p.element},
                                {"expected_raw", json_raw(p.expected)},
                                {"predicted_raw", json_raw(p.predicted)},
                                {"actual_raw", json_raw(p.actual)},
                                {"traced_layer", p.traced},
                                {"traced_flat", p.traced_element},
                                {"expected", explanation_json(p.by_expected, image)}};
    json["found"] = p.by_hypothesis ? explanation_json(*p.by_hypothesis, image) : nlohmann::ordered_json();
    json["parting"] = nullptr;
    if (p.parting && p.by_hypothesis) {
        const std::vector<TraceRow> a = trace_rows(p.by_expected), b = trace_rows(*p.by_hypothesis);
        const std::size_t i = *p.parting;
        json["parting"] = {{"row", i},
                           {"expected_step", i < a.size() ? a[i].step : ""},
                           {"found_step", i < b.size() ? b[i].step : ""},
                           {"expected_value", i < a.size() ? shown_text(a[i]) : ""},
                           {"found_value", i < b.size() ? shown_text(b[i]) : ""}};
    }
    return json;
}

}  // namespace bittrue::cli
