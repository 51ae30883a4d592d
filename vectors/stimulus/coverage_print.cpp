#include <algorithm>
#include <cstdio>
#include <map>

#include "bittrue/vectors/coverage.hpp"

namespace bittrue {
namespace {

std::string padded(const std::string& text, std::size_t width, bool to_right = false) {
    const std::string space(text.size() < width ? width - text.size() : 0, ' ');
    return to_right ? space + text : text + space;
}

std::string of(std::int64_t hit, std::int64_t all) {
    return std::to_string(hit) + " of " + std::to_string(all);
}

std::string per_mille(int value) {
    return value < 0 ? "-" : std::to_string(value / 10) + "." + std::to_string(value % 10) + " %";
}

struct Row {
    std::string layer, goals, missing, sums, reach, bins;
};

Row row_of(const LayerCoverage& l) {
    const auto covered = static_cast<std::int64_t>(l.covered()), reachable = static_cast<std::int64_t>(l.reachable());
    return {l.layer,
            of(covered, reachable),
            std::to_string(reachable - covered),
            l.sums > 0 ? of(l.sums_hit, l.sums) : "-",
            per_mille(l.accumulator_reach_per_mille),
            l.table_bins > 0 ? of(l.table_bins_hit, l.table_bins) : "-"};
}

std::string table_of(const CoverageReport& report) {
    std::vector<Row> rows{{"layer", "goals", "missing", "sums", "sum reach", "table bins"}};
    for (const LayerCoverage& layer : report.layers) rows.push_back(row_of(layer));
    std::size_t width[6] = {};
    for (const Row& r : rows) {
        const std::string* const columns[] = {&r.layer, &r.goals, &r.missing, &r.sums, &r.reach, &r.bins};
        for (std::size_t i = 0; i < 6; ++i) width[i] = std::max(width[i], columns[i]->size());
    }
    std::string text;
    for (const Row& r : rows) {
        text += padded(r.layer, width[0]) + "  " + padded(r.goals, width[1], true) + "  " +
                padded(r.missing, width[2], true) + "  " + padded(r.sums, width[3], true) + "  " +
                padded(r.reach, width[4], true) + "  " + padded(r.bins, width[5], true) + "\n";
    }
    return text;
}

std::string line_of(const CoverageItem& item) {
    std::string line = "  " + item.layer + "  " + item.place + ": " + item.goal;
    if (item.hits > 0) {
        line += ", " + std::to_string(item.hits) + " times, first in image " + std::to_string(item.first_image);
    } else if (!item.reachable) {
        line += ", impossible: " + item.why;
    } else if (item.reach_per_mille >= 0) {
        line += ", came to " + per_mille(item.reach_per_mille);
    }
    return line + "\n";
}

// "layer  exp_table: 200 of 256 bins missing: 3, 4, 9, ..."
std::string missing_bins(const LayerCoverage& layer) {
    constexpr std::size_t kShown = 8;
    struct Missing {
        std::int64_t all = 0, missing = 0;
        std::vector<std::string> first{};
    };
    std::map<std::string, Missing> tables;
    for (const CoverageItem& item : layer.items) {
        if (item.kind != CoverageKind::Bin) continue;
        Missing& t = tables[item.place];
        ++t.all;
        if (item.hits > 0) continue;
        ++t.missing;
        if (t.first.size() < kShown) t.first.push_back(item.goal);
    }
    std::string text;
    for (const auto& [place, t] : tables) {
        if (t.missing == 0) continue;
        text += "  " + layer.layer + "  " + place + ": " + of(t.missing, t.all) + " bins and their edges:";
        for (const std::string& bin : t.first) text += (bin == t.first.front() ? " " : "; ") + bin;
        text += static_cast<std::size_t>(t.missing) > t.first.size() ? "; ...\n" : "\n";
    }
    return text;
}

// "layer  accumulator: 3 of 20 sums, furthest from its bound: smallest sum, channel 2, came to 12.5 %"
std::string missing_sums(const LayerCoverage& layer) {
    if (layer.sums_hit == layer.sums) return {};
    const CoverageItem* furthest = nullptr;
    for (const CoverageItem& item : layer.items) {
        if (item.kind != CoverageKind::Sum || item.hits > 0) continue;
        if (furthest == nullptr || item.reach_per_mille < furthest->reach_per_mille) furthest = &item;
    }
    return "  " + layer.layer + "  accumulator: " + of(layer.sums - layer.sums_hit, layer.sums) +
           " sums, furthest from its bound: " + furthest->goal + ", came to " + per_mille(furthest->reach_per_mille) +
           "\n";
}

}  // namespace

std::string print_coverage(const CoverageReport& report, bool all) {
    std::string missing, hit, impossible;
    for (const LayerCoverage& layer : report.layers) {
        for (const CoverageItem& item : layer.items) {
            if (item.kind != CoverageKind::Goal && (item.hits == 0 || !all)) continue;
            (item.hits > 0 ? hit : item.reachable ? missing : impossible) += line_of(item);
        }
        missing += missing_sums(layer) + missing_bins(layer);
    }
    const std::size_t covered = report.covered(), reachable = report.reachable();
    std::string text = "arithmetic coverage of " + std::to_string(report.images) +
                       (report.images == 1 ? " image: " : " images: ") + std::to_string(covered) + " of " +
                       std::to_string(reachable) + " goals\n\n" + table_of(report);
    if (!missing.empty()) text += "\nmissing:\n" + missing;
    if (all && !hit.empty()) text += "\nhit:\n" + hit;
    if (all && !impossible.empty()) text += "\nimpossible:\n" + impossible;
    return text;
}

}  // namespace bittrue
