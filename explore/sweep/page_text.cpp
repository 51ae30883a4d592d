// Figures of a sweep and its CSV.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "bittrue/explore/sweep_page.hpp"

namespace bittrue::explore {

namespace {

std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string cell = "\"";
    for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
    return cell + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) line += (i > 0 ? "," : "") + csv_cell(cells[i]);
    return line + "\r\n";
}

}  // namespace

double quality(const SweepHeader& header, const Outcome& outcome) {
    const std::uint64_t good = header.labelled() ? outcome.correct : header.images - outcome.flips;
    return static_cast<double>(good) / static_cast<double>(header.images);
}

double mean_error(const SweepHeader& header, const Outcome& outcome) {
    const double words = static_cast<double>(header.images) * static_cast<double>(header.error_elements);
    return static_cast<double>(outcome.error_sum) / words;
}

std::vector<bool> pareto_front(const SweepResults& results) {
    const auto& rows = results.rows;
    const auto good = [&](std::size_t i) {
        return results.header.labelled() ? rows[i].outcome.correct : results.header.images - rows[i].outcome.flips;
    };
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (rows[a].area.lut != rows[b].area.lut) return rows[a].area.lut < rows[b].area.lut;
        return good(a) > good(b);
    });
    std::vector<bool> front(rows.size(), false);
    bool any = false;
    std::uint64_t best = 0;
    std::int64_t best_lut = 0;
    for (const std::size_t i : order) {
        const bool equal = any && good(i) == best && rows[i].area.lut == best_lut;
        if (any && good(i) <= best && !equal) continue;
        front[i] = any = true;
        best = good(i);
        best_lut = rows[i].area.lut;
    }
    return front;
}

std::string mode_of(const SweepRow& row) {
    std::string mode;
    for (const std::string* part : {&row.overflow, &row.rounding, &row.order, &row.product, &row.layer}) {
        if (part->empty()) continue;
        if (!mode.empty()) mode += ' ';
        mode += *part;
    }
    return mode;
}

std::string sweep_csv(const SweepResults& results) {
    const SweepHeader& h = results.header;
    std::vector<std::string> titles{"configuration", "layer",   "width",    "overflow", "rounding", "order",
                                    "product",       "correct", "accuracy", "flips",    "touched"};
    for (const std::string& layer : h.layers) titles.push_back("touched " + layer);
    for (const char* title : {"max_error_lsb", "mean_error_lsb", "lut", "ff", "carry", "dsp", "pareto"})
        titles.emplace_back(title);
    std::string text = csv_line(titles);
    const std::vector<bool> front = pareto_front(results);
    for (std::size_t i = 0; i < results.rows.size(); ++i) {
        const SweepRow& r = results.rows[i];
        const Outcome& o = r.outcome;
        std::vector<std::string> cells{r.id,    r.layer,  std::to_string(r.width), r.overflow, r.rounding,
                                       r.order, r.product};
        cells.push_back(h.labelled() ? std::to_string(o.correct) : "");
        cells.push_back(h.labelled() ? fmt::format("{}", quality(h, o)) : "");
        cells.push_back(std::to_string(o.flips));
        cells.push_back(std::to_string(o.touched));
        for (const std::uint64_t n : o.layers_touched) cells.push_back(std::to_string(n));
        cells.push_back(std::to_string(o.max_error));
        cells.push_back(fmt::format("{}", mean_error(h, o)));
        for (const std::int64_t n : {r.area.lut, r.area.ff, r.area.carry, r.area.dsp})
            cells.push_back(std::to_string(n));
        cells.emplace_back(front[i] ? "1" : "0");
        text += csv_line(cells);
    }
    return text;
}

}  // namespace bittrue::explore
