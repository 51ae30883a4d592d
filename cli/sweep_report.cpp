#include "sweep_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/explore/sweep_page.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

using explore::Outcome;
using explore::SweepHeader;
using explore::SweepResults;
using explore::SweepRow;

constexpr std::size_t kLayerColumns = 6;  // beyond, a table line would be too long

std::string percent(double share) {
    return fmt::format("{:.2f} %", 100 * share);
}

std::string share(const SweepHeader& h, std::uint64_t images) {
    return images == 0 ? "0"
                       : fmt::format("{:.2f} %", 100 * static_cast<double>(images) / static_cast<double>(h.images));
}

nlohmann::ordered_json json_of(const SweepHeader& h, const Outcome& o) {
    const double lsb = value_of(1, h.error_frac);
    nlohmann::ordered_json json{{"correct", nullptr}, {"accuracy", nullptr}};
    if (h.labelled()) {
        json["correct"] = o.correct;
        json["accuracy"] = explore::quality(h, o);
    }
    json["flips"] = o.flips;
    json["touched"] = o.touched;
    json["layers_touched"] = o.layers_touched;
    json["max_error_lsb"] = o.max_error;
    json["mean_error_lsb"] = explore::mean_error(h, o);
    json["max_error"] = static_cast<double>(o.max_error) * lsb;
    json["mean_error"] = explore::mean_error(h, o) * lsb;
    return json;
}

nlohmann::ordered_json text_or_null(const std::string& text) {
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace

void add_sweep_outputs(CLI::App& command, SweepOutputs& o) {
    command.add_option("--csv", o.csv, "write all figures as CSV to this file ('-': stdout)");
    command.add_option("--json", o.json, "write all figures as JSON to this file ('-': stdout)");
    command.add_option("--html", o.html,
                       "write a page with the charts to this file ('-': stdout); it needs no network");
}

std::vector<OutputPath> output_paths(const std::string& output, const SweepOutputs& o) {
    return {{"--output", output, OutputKind::File}, {"--csv", o.csv}, {"--json", o.json}, {"--html", o.html}};
}

SweepReport::SweepReport(const SweepOutputs& options) : options_(options) {
    const auto open = [](std::optional<AtomicFile>& file, const std::string& path) {
        if (!path.empty() && path != "-") file.emplace(path);
    };
    open(csv_, options_.csv);
    open(json_, options_.json);
    open(html_, options_.html);
}

void SweepReport::write(const SweepResults& results) {
    if (csv_) csv_->write(explore::sweep_csv(results));
    if (html_) html_->write(explore::sweep_page(results));
    if (json_) json_->write(json_text(sweep_json(results)));
    if (csv_) csv_->commit();
    if (html_) html_->commit();
    if (json_) json_->commit();
    if (options_.csv == "-") return print(explore::sweep_csv(results));
    if (options_.html == "-") return print(explore::sweep_page(results));
    print(options_.json == "-" ? json_text(sweep_json(results)) : sweep_table(results));
}

std::string sweep_table(const SweepResults& r) {
    const SweepHeader& h = r.header;
    const bool by_layer = h.layers.size() > 1 && h.layers.size() <= kLayerColumns;
    std::vector<Table::Column> columns{{"", Align::Left}, {"configuration", Align::Left}};
    columns.push_back({h.labelled() ? "accuracy" : "agreement"});
    for (const char* title : {"flips", "overflow in"}) columns.push_back({title});
    if (by_layer) {
        for (const std::string& layer : h.layers) columns.push_back({layer});
    }
    for (const char* title : {"largest error", "mean error", "LUT", "FF"}) columns.push_back({title});
    Table table(columns);
    const auto row = [&](const std::string& mark, const std::string& id, const Outcome& o, const std::string& lut,
                         const std::string& ff) {
        std::vector<std::string> cells{mark, id, percent(explore::quality(h, o)), std::to_string(o.flips),
                                       share(h, o.touched)};
        if (by_layer) {
            for (const std::uint64_t n : o.layers_touched) cells.push_back(share(h, n));
        }
        cells.push_back(fmt::format("{} lsb", o.max_error));
        cells.push_back(fmt::format("{:.4g} lsb", explore::mean_error(h, o)));
        cells.push_back(lut);
        cells.push_back(ff);
        table.row(std::move(cells));
    };
    row("", "wide", r.wide, "-", "-");
    const std::vector<bool> front = explore::pareto_front(r);
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
        const SweepRow& x = r.rows[i];
        row(front[i] ? "*" : "", x.id, x.outcome, std::to_string(x.area.lut), std::to_string(x.area.ff));
    }
    const std::string shard = h.shards > 1 ? fmt::format(", shard {}/{}", h.shard, h.shards) : "";
    return fmt::format(
        "{}\n{} images of {}{}; flips and errors against wide accumulators, errors of '{}' (1 lsb = {})\n"
        "overflow in: share of the images with an overflow in an accumulator{}; * no other configuration is cheaper "
        "and "
        "as good\n",
        table.text(), h.images, h.input, shard, h.error_tensor, print_value(1, h.error_frac),
        by_layer ? ", of any layer and of each" : "");
}

nlohmann::ordered_json sweep_json(const SweepResults& r) {
    const SweepHeader& h = r.header;
    nlohmann::ordered_json json{{"tool", h.version},
                                {"network", h.network},
                                {"network_sha256", h.network_sha256},
                                {"input", h.input},
                                {"images", h.images},
                                {"layers", h.layers},
                                {"error_tensor", h.error_tensor},
                                {"error_lsb", value_of(1, h.error_frac)}};
    if (h.shards > 1) json["shard"] = {h.shard, h.shards};
    json["wide"] = json_of(h, r.wide);
    const std::vector<bool> front = explore::pareto_front(r);
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
        const SweepRow& x = r.rows[i];
        nlohmann::ordered_json row{{"id", x.id},
                                   {"layer", text_or_null(x.layer)},
                                   {"width", x.width},
                                   {"overflow", text_or_null(x.overflow)},
                                   {"rounding", text_or_null(x.rounding)},
                                   {"order", text_or_null(x.order)},
                                   {"product", text_or_null(x.product)}};
        row.update(json_of(h, x.outcome));
        row["lut"] = x.area.lut;
        row["ff"] = x.area.ff;
        row["carry"] = x.area.carry;
        row["dsp"] = x.area.dsp;
        row["pareto"] = static_cast<bool>(front[i]);
        rows.push_back(std::move(row));
    }
    json["configurations"] = std::move(rows);
    return json;
}

}  // namespace bittrue::cli
