// The page of a sweep.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/explore/sweep_page.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::explore {

namespace {

std::string percent(double share) {
    return fmt::format("{:.2f} %", 100 * share);
}

class Page {
public:
    explicit Page(const SweepResults& results) : r_(results), h_(results.header), front_(pareto_front(results)) {
        const auto note = [](std::vector<std::string>& list, const std::string& entry) {
            if (std::find(list.begin(), list.end(), entry) == list.end()) list.push_back(entry);
        };
        for (const SweepRow& row : r_.rows) {
            note(maps_, mode_of(row));
            note(modes_, style_of(row));
            note(layers_, row.layer);
        }
    }

    std::string html() const {
        const std::string title = fmt::format("Accumulators of {}", h_.network);
        std::string page = summary();
        page += "<h2>Cost and " + what() + "</h2>\n" + front_chart();
        page += "<h2>" + titled() + " over width</h2>\n" + width_charts();
        page +=
            "<h2>Where accumulators overflow</h2>\n<p class=\"soft\">Percent of the images with at least one overflow "
            "in "
            "the layer's accumulator.</p>\n" +
            heat_maps();
        page += "<h2>All configurations</h2>\n" + table();
        page += "<div id=\"tip\" role=\"status\"></div>\n<script>\n" + chart_script() + "\n</script>\n";
        return html_page(title, page);
    }

private:
    [[nodiscard]] std::string what() const { return h_.labelled() ? "accuracy" : "agreement with wide accumulators"; }
    [[nodiscard]] std::string titled() const { return h_.labelled() ? "Accuracy" : "Agreement with wide accumulators"; }
    [[nodiscard]] std::string label(const std::string& mode) const {
        return mode.empty() ? "as in the network file" : mode;
    }

    [[nodiscard]] std::string summary() const {
        const std::string shard = h_.shards > 1 ? fmt::format(" This is shard {} of {}.", h_.shard, h_.shards) : "";
        return fmt::format(
            "<p>{} configurations, each run bit for bit on {} images of {}. With accumulators that lose nothing: "
            "{} {}.{}</p>\n<p class=\"soft\">Errors are those of &#8220;{}&#8221;, 1 lsb = {}, against wide "
            "accumulators. LUTs of all accumulators and requantisers, one unit per output channel. {}; "
            "network {}</p>\n",
            r_.rows.size(), h_.images, escaped(h_.input), what(), percent(quality(h_, r_.wide)), shard,
            escaped(h_.error_tensor), print_value(1, h_.error_frac), escaped(h_.version),
            escaped(h_.network_sha256.substr(0, 16)));
    }

    [[nodiscard]] std::string text_of(const SweepRow& row) const {
        const Outcome& o = row.outcome;
        return fmt::format(
            "{}\n{} {}\n{} LUT, {} FF\n{} of {} images flipped\noverflow in {}\nerror at most {} lsb, {:.4g} lsb "
            "in the mean",
            row.id, what(), percent(quality(h_, o)), row.area.lut, row.area.ff, o.flips, h_.images,
            percent(static_cast<double>(o.touched) / static_cast<double>(h_.images)), o.max_error, mean_error(h_, o));
    }

    [[nodiscard]] std::string front_chart() const {
        Chart chart{.title = "The front: nothing is cheaper and as good",
                    .x_title = "LUTs",
                    .y_title = titled() + " (%)",
                    .series = {}};
        ChartSeries front{.name = "Pareto front", .style = kStyles - 1, .line = true, .points = {}};
        // More modes than colours cannot be told apart here: their points say what they are.
        const bool tells = std::ssize(modes_) < kStyles;
        std::vector<ChartSeries> others(tells ? modes_.size() : 1, {.name = "all configurations", .line = false});
        for (std::size_t i = 0; i < others.size(); ++i) {
            if (tells) others[i].name = label(modes_[i]);
            others[i].style = static_cast<int>(i);
        }
        for (std::size_t i = 0; i < r_.rows.size(); ++i) {
            const SweepRow& row = r_.rows[i];
            ChartPoint p{
                .x = static_cast<double>(row.area.lut), .y = 100 * quality(h_, row.outcome), .text = text_of(row)};
            p.marked = front_[i];
            if (front_[i]) front.points.push_back({.x = p.x, .y = p.y, .text = "Pareto front: " + p.text});
            others[tells ? mode_index(row) : 0].points.push_back(std::move(p));
        }
        std::stable_sort(front.points.begin(), front.points.end(),
                         [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
        chart.series.push_back(std::move(front));
        for (auto& s : others) chart.series.push_back(std::move(s));
        return line_chart(chart);
    }

    // One chart per layer that is swept alone, and no more modes in one than there are colours.
    [[nodiscard]] std::string width_charts() const {
        std::string html;
        for (const std::string& layer : layers_) {
            for (std::size_t first = 0; first < modes_.size(); first += kStyles)
                html += width_chart(layer, first, std::min(first + kStyles, modes_.size()));
        }
        return html;
    }

    [[nodiscard]] std::string width_chart(const std::string& layer, std::size_t first, std::size_t end) const {
        const std::string part =
            modes_.size() > kStyles ? fmt::format(" ({} to {} of {})", first + 1, end, modes_.size()) : "";
        Chart chart{.title = titled() + " of every mode" + part + (layer.empty() ? "" : ", only " + layer),
                    .x_title = "accumulator width (bits)",
                    .y_title = titled() + " (%)",
                    .whole_x = true,
                    .series = {}};
        for (std::size_t i = first; i < end; ++i)
            chart.series.push_back(
                {.name = label(modes_[i]), .style = static_cast<int>(i - first), .line = true, .points = {}});
        for (const SweepRow& row : r_.rows) {
            const std::size_t mode = mode_index(row);
            if (row.layer != layer || mode < first || mode >= end) continue;
            chart.series[mode - first].points.push_back(
                {.x = static_cast<double>(row.width), .y = 100 * quality(h_, row.outcome), .text = text_of(row)});
        }
        for (auto& s : chart.series)
            std::stable_sort(s.points.begin(), s.points.end(),
                             [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
        return line_chart(chart);
    }

    // What colours and dashes stand for: the mode, whichever layer is swept.
    [[nodiscard]] static std::string style_of(SweepRow row) {
        row.layer.clear();
        return mode_of(row);
    }

    [[nodiscard]] std::size_t mode_index(const SweepRow& row) const {
        const auto at = std::find(modes_.begin(), modes_.end(), style_of(row));
        return static_cast<std::size_t>(at - modes_.begin());
    }

    [[nodiscard]] std::string heat_maps() const {
        std::string html;
        for (const std::string& mode : maps_) {
            std::map<int, const SweepRow*> rows;
            for (const SweepRow& row : r_.rows) {
                if (mode_of(row) == mode) rows[row.width] = &row;
            }
            HeatMap map{.title = label(mode),
                        .x_title = "accumulator width (bits)",
                        .rows = h_.layers,
                        .columns = {},
                        .cells = {}};
            map.cells.resize(h_.layers.size());
            for (const auto& [width, row] : rows) {
                map.columns.push_back(std::to_string(width));
                for (std::size_t k = 0; k < h_.layers.size(); ++k) {
                    const double share =
                        static_cast<double>(row->outcome.layers_touched[k]) / static_cast<double>(h_.images);
                    map.cells[k].push_back({share, fmt::format("{}, {} bits\noverflow in {} ({} images)", h_.layers[k],
                                                               width, percent(share), row->outcome.layers_touched[k])});
                }
            }
            html += heat_map(map);
        }
        return html;
    }

    [[nodiscard]] std::string table() const {
        std::string html = "<div class=\"scroll\"><table>\n<thead><tr><th>configuration</th><th>" + what() +
                           "</th><th>flips</th><th>overflow in</th><th>largest error (lsb)</th><th>mean error "
                           "(lsb)</th><th>LUT</th><th>FF</th></tr></thead>\n<tbody>\n";
        for (std::size_t i = 0; i < r_.rows.size(); ++i) {
            const SweepRow& row = r_.rows[i];
            const Outcome& o = row.outcome;
            html += fmt::format(
                "<tr{}><td>{}{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.4g}</td><td>{}</td><td>{}</td></"
                "tr>\n",
                front_[i] ? " class=\"front\"" : "", escaped(row.id), front_[i] ? " *" : "", percent(quality(h_, o)),
                o.flips, percent(static_cast<double>(o.touched) / static_cast<double>(h_.images)), o.max_error,
                mean_error(h_, o), row.area.lut, row.area.ff);
        }
        return html + "</tbody></table></div>\n<p class=\"soft\">* Pareto front.</p>\n";
    }

    const SweepResults& r_;
    const SweepHeader& h_;
    std::vector<bool> front_;
    std::vector<std::string> modes_{};   // without the layer
    std::vector<std::string> layers_{};  // that are swept alone; one empty name: all together
    std::vector<std::string> maps_{};    // modes with the layer
};

}  // namespace

std::string sweep_page(const SweepResults& results) {
    return Page(results).html();
}

}  // namespace bittrue::explore
