// The page that explains a conversion.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/explore/conversion_report.hpp"
#include "page/histogram.hpp"
#include "page/type_column.hpp"

namespace bittrue::explore {

namespace {

constexpr int kOurs = 0, kNaive = 1, kOnly = 2, kAllBut = 3;  // colours
constexpr double kNotable = 0.001;                            // a share of words that is out of range and matters
constexpr double kClean = 25;                                 // dB

constexpr const char* kStyle = R"(
body { max-width: 80rem; } th, td { padding: .2rem .5rem; } figure { max-width: 56rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .8rem; margin: 1.2rem 0; }
.tile { border: 1px solid var(--rule); border-radius: .4rem; padding: .6rem .9rem; } .tile b { display: block; font-size: 1.3rem; font-weight: 600; line-height: 1.4; font-variant-numeric: tabular-nums; }
.tile.ours { border-left: 4px solid var(--c0); } .tile.naive { border-left: 4px solid var(--c1); } .tile .soft { font-size: 14px; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: .6rem 1.6rem; } .pairs figure { min-width: 0; } .pairs .start { grid-column-start: 1; } .pairs p { font-size: 13px; overflow-wrap: anywhere; }
.why { border-left: 4px solid var(--c1); padding: .2rem 0 .2rem .9rem; margin: 1rem 0; } code { font: 13px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
th.group { text-align: center; border-bottom: 2px solid var(--rule); } td.left, th.left { text-align: left; } .bad { color: var(--hot-ink); font-weight: 600; }
.bar { fill: var(--c0); fill-opacity: .55; } .bar.outside { fill: var(--hot); fill-opacity: 1; } .bar:hover { fill-opacity: 1; stroke: var(--ink); } .floor { stroke: var(--soft); } .zero { stroke: var(--soft); } .join { stroke: var(--rule); stroke-width: 3; }
.end { stroke: var(--ink); stroke-width: 1.6; } .naive-end { stroke: var(--c1); stroke-width: 1.6; stroke-dasharray: 4 3; } .end-label { font-size: 11px; } .comb { stroke: var(--soft); stroke-width: .8; fill: none; } ul.plain { margin: .3rem 0; padding-left: 1.2rem; }
:root { --hot-ink: #b3261e; } @media (prefers-color-scheme: dark) { :root { --hot-ink: #ff9a8f; } }
@media print { :root { --hot-ink: #b3261e; } .bar, .tile { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .pairs { grid-template-columns: 1fr 1fr; } .scroll { overflow: visible; } table { font-size: 7.5pt; } th, td { padding: .1rem .25rem; } th { white-space: normal; vertical-align: bottom; } td code, th code { font-size: 7pt; } })";

std::string percent(double share) {
    return fmt::format("{:.2f} %", 100 * share);
}

std::string small_percent(double share) {
    if (share == 0) return "0";
    return share < 0.0001 ? "< 0.01 %" : percent(share);
}

std::string decibels(double db) {
    if (std::isnan(db)) return "";
    if (std::isinf(db)) return db > 0 ? "exact" : "no signal";
    return fmt::format("{:.1f}", db);
}

std::string grouped(std::int64_t n) {
    std::string digits = std::to_string(n);
    for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > (n < 0 ? 1 : 0); i -= 3)
        digits.insert(static_cast<std::size_t>(i), ",");
    return digits;
}

std::string number(double x) {
    return fmt::format("{:.4g}", x);
}

class Page {
public:
    explicit Page(const ConversionReport& report) : r_(report) {}

    std::string html() const {
        std::string body = summary() + tiles();
        if (const std::string why = why_naive_fails(r_); !why.empty())
            body += "<p class=\"why\">" + escaped(why) + "</p>\n";
        body += "<h2>Layer by layer</h2>\n" + layer_table();
        body += sqnr_chart() + sensitivity_chart();
        body += "<h2>The types</h2>\n" + type_table();
        body += histograms();
        body += list("What was done", r_.steps) + list("Notes", r_.notes);
        return html_page("From float to fixed point: " + r_.model, body, kStyle);
    }

private:
    [[nodiscard]] double share(std::uint64_t good) const {
        return r_.images == 0 ? 0 : static_cast<double>(good) / static_cast<double>(r_.images);
    }
    [[nodiscard]] double points_lost(std::uint64_t good) const { return 100 * (share(r_.float_good) - share(good)); }
    [[nodiscard]] const char* quality() const { return r_.labelled ? "accuracy" : "agreement with float"; }

    [[nodiscard]] std::string summary() const {
        std::string html = fmt::format("<p>{} of {} images of {}", r_.labelled ? "Accuracy" : "Agreement with float",
                                       grouped(static_cast<std::int64_t>(r_.images)), escaped(r_.data));
        html += fmt::format(", every word bit for bit.</p>\n<p class=\"soft\">Float model: {}; {}</p>\n",
                            escaped(r_.source), escaped(r_.version));
        if (!r_.command.empty()) html += "<p><code>" + escaped(r_.command) + "</code></p>\n";
        return html;
    }

    [[nodiscard]] std::string lost(std::uint64_t good) const {
        if (good == r_.float_good) return "nothing lost";
        const double points = points_lost(good);
        return fmt::format("{:.2f} points {}", std::fabs(points), points > 0 ? "lost" : "gained");
    }
    [[nodiscard]] static std::string tile(const char* style, const std::string& title, const std::string& figure,
                                          const std::string& below) {
        return fmt::format(R"(<div class="tile {}">{}<b>{}</b><span class="soft">{}</span></div>)", style, title,
                           figure, below);
    }
    [[nodiscard]] std::string good_of(std::uint64_t good) const {
        return fmt::format("{} of {}", grouped(static_cast<std::int64_t>(good)),
                           grouped(static_cast<std::int64_t>(r_.images)));
    }
    [[nodiscard]] std::string tiles() const {
        std::string html = "<div class=\"tiles\">";
        if (r_.labelled) html += tile("", "Float", percent(share(r_.float_good)), good_of(r_.float_good));
        html += tile("ours", "Fixed point", percent(share(r_.ours.good)),
                     good_of(r_.ours.good) + ", " + lost(r_.ours.good));
        html += tile("naive", "Naive conversion", percent(share(r_.naive.good)),
                     good_of(r_.naive.good) + ", " + lost(r_.naive.good));
        html += tile("", "Weights", grouped(r_.ours.weight_bits) + " bits",
                     r_.naive.weight_bits > 0 ? "naive " + grouped(r_.naive.weight_bits) + " bits" : "");
        if (r_.ours.area != Area{}) {
            html += tile("", "Accumulators", grouped(r_.ours.area.lut) + " LUT",
                         fmt::format("{} flip-flops, {} DSP; naive {} LUT", grouped(r_.ours.area.ff),
                                     grouped(r_.ours.area.dsp), grouped(r_.naive.area.lut)));
        }
        return html + "</div>\n";
    }

    [[nodiscard]] bool measured_alone() const {
        return std::any_of(r_.layers.begin(), r_.layers.end(), [](const LayerConversion& l) {
            return l.good_only_this.has_value() || l.good_all_but_this.has_value();
        });
    }
    [[nodiscard]] std::string good_cell(const std::optional<std::uint64_t>& good) const {
        return "<td>" + (good ? percent(share(*good)) : std::string()) + "</td>";
    }
    // Words that leave the range are no loss where the signal is far above its errors: a softmax's ones.
    [[nodiscard]] static std::string choice_cells(const LayerConversion& l, const LayerChoice& c,
                                                  const TypeColumn& results) {
        const bool bad = c.out_of_range > kNotable && !(c.sqnr_db >= kClean);
        return fmt::format("{}<td{}>{}</td><td>{}</td>", results.single().empty() ? results.cell(l) : "",
                           bad ? " class=\"bad\"" : "", escaped(small_percent(c.out_of_range)), decibels(c.sqnr_db));
    }
    [[nodiscard]] static std::string group_head(const char* title, const TypeColumn& results) {
        const bool one = !results.single().empty();
        return fmt::format(R"(<th class="group" colspan="{}">{}{}</th>)", one ? 2 : 3, title,
                           one ? ": <code>" + escaped(results.single_cell_text()) + "</code>" : std::string());
    }
    [[nodiscard]] static std::string choice_heads(const TypeColumn& results) {
        return std::string(results.single().empty() ? "<th class=\"left\">result</th>" : "") +
               "<th>out of range</th><th>SQNR</th>";
    }
    [[nodiscard]] std::string layer_table() const {
        const bool alone = measured_alone();
        const TypeColumn ours(r_.layers, &LayerConversion::ours, &LayerChoice::result);
        const TypeColumn naive(r_.layers, &LayerConversion::naive, &LayerChoice::result);
        const std::string q = quality();
        std::string html =
            "<p class=\"soft\">Out of range: share of the layer's words that saturate or wrap. SQNR: how far the "
            "numbers are above the errors of their words, in dB, about 6 dB for every bit.</p>\n<div "
            "class=\"scroll\"><table>\n"
            "<thead><tr><th></th><th></th><th></th>" +
            group_head("this conversion", ours) + group_head("naive", naive);
        if (alone) html += "<th class=\"group\" colspan=\"2\">" + q + ", fixed point in</th>";
        html += "</tr>\n<tr><th>layer</th><th class=\"left\">operation</th><th>float range</th>" + choice_heads(ours) +
                choice_heads(naive);
        if (alone) html += "<th>this layer only</th><th>all others</th>";
        html += "</tr></thead>\n<tbody>\n";
        for (const LayerConversion& l : r_.layers) {
            html += fmt::format("<tr><td>{}</td><td class=\"left\">{}</td><td>{} .. {}</td>{}{}", escaped(l.layer),
                                escaped(l.op), number(l.float_low), number(l.float_high), choice_cells(l, l.ours, ours),
                                choice_cells(l, l.naive, naive));
            if (alone) html += good_cell(l.good_only_this) + good_cell(l.good_all_but_this);
            html += "</tr>\n";
        }
        return html + "</tbody></table></div>\n";
    }

    [[nodiscard]] std::string type_table() const {
        struct Column {
            const char* title;
            TypeColumn types;
            bool shown;  // else the one type of all stands above the table
        };
        const auto column = [&](const char* title, const LayerChoice LayerConversion::*choice,
                                const ChosenType LayerChoice::*type) {
            TypeColumn types(r_.layers, choice, type);
            const bool shown = choice == &LayerConversion::ours || types.single().empty();
            return Column{title, std::move(types), shown};
        };
        const std::vector<Column> columns{column("weights", &LayerConversion::ours, &LayerChoice::weights),
                                          column("bias", &LayerConversion::ours, &LayerChoice::bias),
                                          column("accumulator", &LayerConversion::ours, &LayerChoice::accumulator),
                                          column("result", &LayerConversion::ours, &LayerChoice::result),
                                          column("naive weights", &LayerConversion::naive, &LayerChoice::weights)};
        std::string modes, heads;
        for (const Column& c : columns) {
            if (c.shown) heads += fmt::format("<th class=\"left\">{}</th>", c.title);
            const std::string& common = c.shown ? c.types.modes() : c.types.single();
            if (!common.empty()) modes += fmt::format("{}{} {}", modes.empty() ? "" : "; ", c.title, escaped(common));
        }
        std::string html;
        if (!modes.empty()) html += "<p class=\"soft\">In common: " + modes + ".</p>\n";
        html += "<div class=\"scroll\"><table>\n<thead><tr><th>layer</th>" + heads +
                "<th>sums saturated</th><th>weight bits</th></tr></thead>\n<tbody>\n";
        for (const LayerConversion& l : r_.layers) {
            html += "<tr><td>" + escaped(l.layer) + "</td>";
            for (const Column& c : columns) html += c.shown ? c.types.cell(l) : std::string();
            const bool sums = !l.ours.accumulator.text.empty();
            html += "<td>" + (sums ? escaped(small_percent(l.ours.sums_out_of_range)) : std::string()) + "</td>";
            html += "<td>" + (l.weight_bits > 0 ? grouped(l.weight_bits) : std::string()) + "</td></tr>\n";
        }
        return html + "</tbody></table></div>\n";
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const LayerConversion& l : r_.layers) all.push_back(l.layer);
        return all;
    }

    [[nodiscard]] std::string sqnr_chart() const {
        DotRows chart{
            .title = "Signal above noise, layer by layer", .x_title = "SQNR (dB)", .rows = names(), .series = {}};
        const auto series = [&](const char* name, int style, const LayerChoice LayerConversion::*choice) {
            DotRows::Series s{.name = name, .style = style, .dots = {}};
            for (const LayerConversion& l : r_.layers) {
                const double db = (l.*choice).sqnr_db;
                s.dots.emplace_back();
                if (std::isfinite(db))
                    s.dots.back() = {db, fmt::format("{}, {}\nSQNR {:.1f} dB\n{} out of range", l.layer, name, db,
                                                     percent((l.*choice).out_of_range))};
            }
            chart.series.push_back(std::move(s));
        };
        series("naive", kNaive, &LayerConversion::naive);
        series("this conversion", kOurs, &LayerConversion::ours);
        return dot_rows(chart);
    }

    [[nodiscard]] std::string sensitivity_chart() const {
        DotRows chart{.title = std::string("What each layer costs: ") + quality() + " lost against float",
                      .x_title = "percentage points lost",
                      .rows = names(),
                      .series = {}};
        const auto series = [&](const char* name, int style,
                                const std::optional<std::uint64_t> LayerConversion::*good) {
            DotRows::Series s{.name = name, .style = style, .dots = {}};
            for (const LayerConversion& l : r_.layers) {
                s.dots.emplace_back();
                if (const auto& g = l.*good)
                    s.dots.back() = {points_lost(*g), fmt::format("{}, {}\n{} {}\n{}", l.layer, name, quality(),
                                                                  percent(share(*g)), lost(*g))};
            }
            chart.series.push_back(std::move(s));
        };
        series("only this layer in fixed point", kOnly, &LayerConversion::good_only_this);
        series("all layers but this one in fixed point", kAllBut, &LayerConversion::good_all_but_this);
        return dot_rows(chart);
    }

    [[nodiscard]] std::string histograms() const {
        std::string html;
        for (const LayerConversion& l : r_.layers) {
            if (l.weights)
                html += histogram_figure(
                    {l.layer + ": weights", *l.weights, l.ours.weights, l.naive.weights, {}, l.results.has_value()});
            if (l.results) {
                const std::string remark = small_percent(l.ours.out_of_range) + " out of range";
                html += histogram_figure({l.layer + ": results", *l.results, l.ours.result, l.naive.result, remark});
            }
        }
        if (html.empty()) return {};
        return "<h2>The numbers against the types</h2>\n<p class=\"soft\">How often the float network's numbers occur, "
               "on a logarithmic scale. Solid lines: ends of the type chosen here; red: what lies beyond them; dashed: "
               "ends of the naive type; teeth below the axis: the values that the type has, where they are far enough "
               "apart.</p>\n<div class=\"pairs\">" +
               html + "</div>\n";
    }

    [[nodiscard]] static std::string list(const char* title, const std::vector<std::string>& entries) {
        if (entries.empty()) return {};
        std::string html = fmt::format("<h2>{}</h2>\n<ul class=\"plain\">", title);
        for (const std::string& e : entries) html += "<li>" + escaped(e) + "</li>";
        return html + "</ul>\n";
    }

    const ConversionReport& r_;
};

}  // namespace

std::string conversion_page(const ConversionReport& report) {
    return Page(report).html();
}

}  // namespace bittrue::explore
