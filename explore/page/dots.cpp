// Rows of dots: what two or three choices make of each layer.
#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "page/axis.hpp"

namespace bittrue::explore {

namespace {

constexpr double kWidth = 720, kRight = 20, kTop = 8, kRow = 24, kBottom = 44;
constexpr double kLabel = 170;
constexpr std::size_t kLongest = 24;  // characters of a row's name

std::string shortened(const std::string& name) {
    if (name.size() <= kLongest) return name;
    std::size_t end = kLongest - 2;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0U) == 0x80U) --end;  // no half of a letter
    return name.substr(0, end) + "..";
}

}  // namespace

std::string dot_rows(const DotRows& chart) {
    Span span;
    for (const DotRows::Series& s : chart.series) {
        for (const auto& dot : s.dots) {
            if (dot) span.take(dot->x);
        }
    }
    if (span.empty()) return {};
    span.take(0);
    const double height = kTop + kRow * static_cast<double>(chart.rows.size()) + kBottom;
    const double bottom = height - kBottom;
    const Axis x(span, kLabel, kWidth - kRight, false);
    std::string svg = fmt::format(
        R"(<figure><figcaption>{0}</figcaption><svg class="chart" viewBox="0 0 {1} {2}" role="group" aria-label="{0}">)",
        escaped(chart.title), kWidth, height);
    for (const double t : x.marks()) {
        svg += fmt::format(
            R"(<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/><text class="tick" text-anchor="middle" x="{:.1f}" y="{}">{}</text>)",
            t == 0 ? "zero" : "grid", x(t), x(t), kTop, bottom, x(t), bottom + 17, axis_number(t));
    }
    for (std::size_t r = 0; r < chart.rows.size(); ++r) {
        const double y = kTop + kRow * (static_cast<double>(r) + 0.5);
        svg += fmt::format(R"(<text text-anchor="end" x="{}" y="{:.1f}">{}</text>)", kLabel - 12, y + 4,
                           escaped(shortened(chart.rows[r])));
        Span row;
        for (const DotRows::Series& s : chart.series) {
            if (s.dots[r]) row.take(s.dots[r]->x);
        }
        if (row.empty()) continue;
        svg += fmt::format(R"(<line class="join" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)", x(row.low),
                           x(row.high), y, y);
        for (const DotRows::Series& s : chart.series) {
            if (!s.dots[r]) continue;
            svg += fmt::format(
                R"(<circle class="point p{0}" tabindex="0" role="img" aria-label="{1}" cx="{2:.1f}" cy="{3:.1f}" r="5"><title>{1}</title></circle>)",
                s.style % kStyles, escaped(s.dots[r]->text), x(s.dots[r]->x), y);
        }
    }
    svg += fmt::format(R"(<text class="axis" text-anchor="middle" x="{}" y="{}">{}</text></svg>)",
                       (kLabel + kWidth - kRight) / 2, height - 6, escaped(chart.x_title));
    std::vector<LegendEntry> names;
    for (const DotRows::Series& s : chart.series) names.push_back({s.name, s.style});
    return svg + legend(names) + "</figure>\n";
}

}  // namespace bittrue::explore
