// Pages and their charts as SVG text, drawn once: axes, lines, points and cells that say their values.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bittrue::explore {

[[nodiscard]] std::string escaped(const std::string& text);  // for HTML and SVG

// Round numbers from at most `low` to at least `high`, about `count` of them.
[[nodiscard]] std::vector<double> ticks(double low, double high, int count);

inline constexpr int kStyles = 8;  // colours with dashes that can be told apart

struct ChartPoint {
    double x = 0, y = 0;
    std::string text{};   // what it says: lines separated by newlines
    bool marked = false;  // drawn larger
};
struct ChartSeries {
    std::string name{};
    int style = 0;  // colour and dashes
    bool line = true;
    std::vector<ChartPoint> points{};
};

struct Chart {
    std::string title{}, x_title{}, y_title{};
    bool whole_x = false;  // ticks at integers only
    std::vector<ChartSeries> series{};
};
[[nodiscard]] std::string line_chart(const Chart& chart);

struct HeatMap {
    std::string title{}, x_title{};
    std::vector<std::string> rows{}, columns{};
    struct Cell {
        double share = 0;  // 0..1
        std::string text{};
    };
    std::vector<std::vector<Cell>> cells{};  // by row, then column
};
[[nodiscard]] std::string heat_map(const HeatMap& map);

// Rows by name, in each a dot per series that has a value there, joined by a line.
struct DotRows {
    std::string title{}, x_title{};
    std::vector<std::string> rows{};
    struct Dot {
        double x = 0;
        std::string text{};
    };
    struct Series {
        std::string name{};
        int style = 0;
        std::vector<std::optional<Dot>> dots{};  // by row
    };
    std::vector<Series> series{};
};
[[nodiscard]] std::string dot_rows(const DotRows& chart);

struct LegendEntry {
    std::string name{};
    int style = 0;
};
[[nodiscard]] std::string legend(const std::vector<LegendEntry>& entries);  // nothing for fewer than two

// A whole document around a body, with the charts' style sheet.
[[nodiscard]] std::string html_page(const std::string& title, const std::string& body,
                                    const std::string& more_style = "");

// Style sheet and script that the charts need.
[[nodiscard]] std::string chart_style();
[[nodiscard]] std::string chart_script();

}  // namespace bittrue::explore
