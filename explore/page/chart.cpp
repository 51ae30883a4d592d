#include "bittrue/explore/chart.hpp"

#include <cmath>

#include <fmt/format.h>

#include "page/axis.hpp"

namespace bittrue::explore {

namespace {

constexpr double kWidth = 720, kHeight = 360;
constexpr double kLeft = 70, kRight = 16, kTop = 34, kBottom = 52;
constexpr double kCell = 30, kRowLabel = 140, kCellHeight = 26;

std::string axes(const Chart& chart, const Axis& x, const Axis& y) {
    std::string svg;
    for (const double t : y.marks()) {
        svg += fmt::format(
            R"(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text class="tick" text-anchor="end" x="{}" y="{:.1f}">{}</text>)",
            kLeft, kWidth - kRight, y(t), y(t), kLeft - 8, y(t) + 4, axis_number(t));
    }
    for (const double t : x.marks()) {
        svg += fmt::format(
            R"(<line class="grid" y1="{}" y2="{}" x1="{:.1f}" x2="{:.1f}"/><text class="tick" text-anchor="middle" x="{:.1f}" y="{}">{}</text>)",
            kTop, kHeight - kBottom, x(t), x(t), x(t), kHeight - kBottom + 18, axis_number(t));
    }
    svg += fmt::format(R"(<text class="axis" text-anchor="middle" x="{}" y="{}">{}</text>)",
                       (kLeft + kWidth - kRight) / 2, kHeight - 12, escaped(chart.x_title));
    svg += fmt::format(R"(<text class="axis" text-anchor="start" x="8" y="20">{}</text>)", escaped(chart.y_title));
    return svg;
}

std::vector<LegendEntry> names_of(const Chart& chart) {
    std::vector<LegendEntry> names;
    for (const ChartSeries& s : chart.series) names.push_back({s.name, s.style});
    return names;
}

}  // namespace

std::string legend(const std::vector<LegendEntry>& entries) {
    if (entries.size() < 2) return {};
    std::string html = "<ul class=\"legend\">";
    for (const LegendEntry& e : entries) {
        html += fmt::format(
            R"(<li><svg class="key" viewBox="0 0 28 10" aria-hidden="true"><line class="s{0}" x1="0" x2="28" y1="5" y2="5"/>)"
            R"(<circle class="p{0}" cx="14" cy="5" r="3.5"/></svg>{1}</li>)",
            e.style % kStyles, escaped(e.name));
    }
    return html + "</ul>";
}

std::string html_page(const std::string& title, const std::string& body, const std::string& more_style) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, "
        "initial-scale=1\">\n<title>{0}</title>\n<style>\n{1}{2}\n</style>\n</head>\n<body>\n"
        "<h1>{0}</h1>\n{3}</body>\n</html>\n",
        escaped(title), chart_style(), more_style, body);
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\n': out += "&#10;"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
        }
    }
    return out;
}

std::vector<double> ticks(double low, double high, int count) {
    if (!(high > low)) return {low};
    const double rough = (high - low) / count;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double nice : {1.0, 2.0, 5.0}) {
        if (nice * power >= rough) {
            step = nice * power;
            break;
        }
    }
    std::vector<double> marks;
    const double first = std::floor(low / step);
    for (double i = first; marks.empty() || marks.back() < high; ++i) marks.push_back(i * step);
    return marks;
}

std::string line_chart(const Chart& chart) {
    Span xs, ys;
    for (const ChartSeries& s : chart.series) {
        for (const ChartPoint& p : s.points) xs.take(p.x), ys.take(p.y);
    }
    if (xs.empty()) return "<p>There is nothing to draw yet.</p>";
    const Axis x(xs, kLeft, kWidth - kRight, chart.whole_x);
    const Axis y(ys, kHeight - kBottom, kTop, false);
    std::string svg = fmt::format(
        R"(<figure><figcaption>{}</figcaption><svg class="chart" viewBox="0 0 {} {}" role="group" aria-label="{}">)",
        escaped(chart.title), kWidth, kHeight, escaped(chart.title));
    svg += axes(chart, x, y);
    for (const ChartSeries& s : chart.series) {
        if (!s.line || s.points.size() < 2) continue;
        svg += fmt::format(R"(<polyline class="s{}" points=")", s.style % kStyles);
        for (const ChartPoint& p : s.points) svg += fmt::format("{:.1f},{:.1f} ", x(p.x), y(p.y));
        svg += "\"/>";
    }
    for (const ChartSeries& s : chart.series) {
        for (const ChartPoint& p : s.points) {
            svg += fmt::format(
                R"(<circle class="point p{}" tabindex="0" role="img" aria-label="{}" cx="{:.1f}" cy="{:.1f}" r="{}"><title>{}</title></circle>)",
                s.style % kStyles, escaped(p.text), x(p.x), y(p.y), p.marked ? 5.5 : 3.5, escaped(p.text));
        }
    }
    return svg + "</svg>" + legend(names_of(chart)) + "</figure>\n";
}

std::string heat_map(const HeatMap& map) {
    const double width = kRowLabel + kCell * static_cast<double>(map.columns.size()) + 8;
    const double height = kCellHeight * static_cast<double>(map.rows.size()) + 44;
    std::string svg = fmt::format(
        R"(<figure><figcaption>{}</figcaption><svg class="heat" viewBox="0 0 {} {}" style="max-width:{}px" role="group" aria-label="{}">)",
        escaped(map.title), width, height, width, escaped(map.title));
    for (std::size_t r = 0; r < map.rows.size(); ++r) {
        const double y = 4 + kCellHeight * static_cast<double>(r);
        svg += fmt::format(R"(<text class="tick" text-anchor="end" x="{}" y="{:.1f}">{}</text>)", kRowLabel - 8, y + 17,
                           escaped(map.rows[r]));
        for (std::size_t c = 0; c < map.columns.size(); ++c) {
            const HeatMap::Cell& cell = map.cells[r][c];
            const double x = kRowLabel + kCell * static_cast<double>(c);
            // A share above zero never looks like zero.
            const double shade = cell.share > 0 ? 0.12 + 0.88 * cell.share : 0;
            svg += fmt::format(
                R"(<g class="cell" tabindex="0" role="img" aria-label="{0}"><title>{0}</title><rect class="empty" x="{1}" y="{2}" width="{3}" height="{4}"/><rect class="hot" fill-opacity="{5:.3f}" x="{1}" y="{2}" width="{3}" height="{4}"/>)",
                escaped(cell.text), x, y, kCell - 2, kCellHeight - 2, shade);
            if (cell.share > 0) {
                svg += fmt::format(R"(<text class="{}" text-anchor="middle" x="{}" y="{}">{}</text>)",
                                   shade > 0.55 ? "on" : "off", x + kCell / 2 - 1, y + 16,
                                   cell.share < 0.005 ? "&lt;1" : fmt::format("{:.0f}", 100 * cell.share));
            }
            svg += "</g>";
        }
    }
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
        svg +=
            fmt::format(R"(<text class="tick" text-anchor="middle" x="{}" y="{}">{}</text>)",
                        kRowLabel + kCell * (static_cast<double>(c) + 0.5) - 1, height - 26, escaped(map.columns[c]));
    }
    svg +=
        fmt::format(R"(<text class="axis" text-anchor="middle" x="{}" y="{}">{}</text>)",
                    kRowLabel + kCell * static_cast<double>(map.columns.size()) / 2, height - 6, escaped(map.x_title));
    return svg + "</svg></figure>\n";
}

}  // namespace bittrue::explore
