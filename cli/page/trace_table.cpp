// The steps of one word under two datapaths, side by side.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "page/parts.hpp"

namespace bittrue::cli {

using explore::escaped;

namespace {

constexpr std::size_t kAllShown = 60;  // rows; of more those at both ends and around the parting
constexpr std::size_t kAround = 8;
constexpr std::size_t kLongLine = 400;

bool is_shown(const PageTrace& t, std::size_t row) {
    const std::size_t all = t.rows.size();
    if (all <= kAllShown || row < kAround || row + kAround >= all) return true;
    return t.parts < all && row + kAround >= t.parts && row <= t.parts + kAround;
}

// What both sides have in common in every step stands once, in the left half.
PageTrace without_repetition(PageTrace t) {
    if (t.halves == 0) return t;
    for (std::size_t c = t.columns.size(); c-- > t.halves;) {
        const auto same =
            std::find(t.columns.begin(), t.columns.begin() + static_cast<std::ptrdiff_t>(t.halves), t.columns[c]);
        const auto left = static_cast<std::size_t>(same - t.columns.begin());
        if (left == t.halves || t.columns.size() == t.halves + 1) continue;
        const auto repeats = [&](const std::vector<std::string>& row) { return row[c] == row[left]; };
        if (!std::all_of(t.rows.begin(), t.rows.end(), repeats)) continue;
        t.columns.erase(t.columns.begin() + static_cast<std::ptrdiff_t>(c));
        for (auto& row : t.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
    }
    return t;
}

// A column that is named as its half is what the half is about.
std::string column_name(const PageTrace& t, std::size_t c) {
    return t.halves > 0 && t.columns[c] == (c < t.halves ? t.left : t.right) ? "after" : t.columns[c];
}

std::string head(const PageTrace& t) {
    std::string html = "<thead>";
    if (t.halves > 1 && t.halves < t.columns.size()) {
        html += fmt::format(
            R"(<tr><td></td><th class="group" colspan="{}">{}</th><th class="group half" colspan="{}">{}</th></tr>)",
            t.halves - 1, escaped(t.left), t.columns.size() - t.halves, escaped(t.right));
    }
    html += "<tr>";
    for (std::size_t c = 0; c < t.columns.size(); ++c)
        html += fmt::format("<th scope=\"col\"{}>{}</th>", c > 0 && c == t.halves ? " class=\"half\"" : "",
                            escaped(column_name(t, c)));
    return html + "</tr></thead>\n";
}

std::string body(const PageTrace& t) {
    std::string html = "<tbody>\n";
    for (std::size_t r = 0; r < t.rows.size(); ++r) {
        if (!is_shown(t, r)) {
            const std::size_t begin = r;
            while (!is_shown(t, r + 1)) ++r;
            html += fmt::format("<tr><td colspan=\"{}\" class=\"left soft\">... {} more steps ...</td></tr>\n",
                                t.columns.size(), r + 1 - begin);
            continue;
        }
        html += r == t.parts ? "<tr class=\"parts\">" : "<tr>";
        for (std::size_t c = 0; c < t.rows[r].size(); ++c)
            html +=
                fmt::format("<td{}>{}</td>", c > 0 && c == t.halves ? " class=\"half\"" : "", escaped(t.rows[r][c]));
        html += "</tr>\n";
    }
    return html + "</tbody>";
}

}  // namespace

std::string trace_table(const PageTrace& trace) {
    const PageTrace t = without_repetition(trace);
    std::string html = fmt::format("<h3>How the first wrong word came about</h3>\n<p>{}</p>\n", escaped(t.title));
    html += "<div class=\"scroll\"><table class=\"trace\">" + head(t) + body(t) + "</table></div>\n";
    if (t.parts < t.rows.size() && !t.rows[t.parts].empty())
        html += fmt::format("<p>Here they part: <b>{}</b>, the marked row.</p>\n", escaped(t.rows[t.parts].front()));
    if (t.below.empty()) return html;
    const std::string line = "<p><code class=\"word\">" + escaped(t.below) + "</code></p>";
    const bool is_long = t.below.size() > kLongLine;
    return html + (is_long
                       ? "<details><summary>The command that prints the same steps</summary>" + line + "</details>\n"
                       : "<p class=\"soft\">The same steps:</p>\n" + line + "\n");
}

}  // namespace bittrue::cli
