#include "bittrue/vectors/coverage.hpp"

#include <algorithm>

#include "network_probe.hpp"

namespace bittrue {
namespace corner {
namespace {

CoverageItem item_of(const std::string& layer, const std::string& place, const std::string& goal, const Tally& t) {
    return {.layer = layer,
            .place = place,
            .goal = goal,
            .hits = t.hits,
            .first_image = t.first_image,
            .reachable = t.reachable};
}

void add_site(LayerCoverage& to, const Site& site) {
    if (!site.used) return;
    for (std::size_t g = 0; g < kGoals; ++g) {
        const auto goal = static_cast<Goal>(g);
        if (site.any_frac && goal == Goal::DroppedOnes) continue;
        CoverageItem item = item_of(to.layer, site.place, name_of(goal), site.tallies[g]);
        if (!item.reachable) item.why = why_unreachable(goal, site.conversion, site.values);
        to.items.push_back(std::move(item));
    }
}

void add_bins(LayerCoverage& to, const Bins& table) {
    for (std::size_t k = 0; k < table.bins.size(); ++k) {
        const Bin& bin = table.bins[k];
        const std::string name = "bin " + std::to_string(k);
        const std::pair<std::string, const Tally*> all[] = {
            {name, &bin.tally}, {name + ", lowest word", &bin.lowest}, {name + ", highest word", &bin.highest}};
        for (const auto& [goal, tally] : all) {
            if (!tally->reachable) continue;
            to.items.push_back(item_of(to.layer, table.place, goal, *tally));
            to.items.back().kind = CoverageKind::Bin;
            ++to.table_bins;
            to.table_bins_hit += tally->hits > 0 ? 1 : 0;
        }
    }
}

}  // namespace

CoverageReport NetworkProbe::report() const {
    CoverageReport all{.images = images_};
    LayerCoverage input{.layer = graph_.input.name};
    add_site(input, input_.site);
    all.layers.push_back(std::move(input));
    for (std::size_t k = 0; k < layers_.size(); ++k) {
        const Probe& probe = *layers_[k].probe;
        LayerCoverage layer{.layer = graph_.nodes[k].name, .accumulator_reach_per_mille = probe.accumulator_reach};
        for (const Site& site : probe.sites) add_site(layer, site);
        for (const Mark& mark : probe.marks) {
            CoverageItem item = item_of(layer.layer, mark.place, mark.goal, mark.tally);
            if (!item.reachable) item.why = mark.why;
            if (mark.channel >= 0) {
                item.kind = CoverageKind::Sum;
                item.channel = mark.channel;
                item.reach_per_mille = mark.reach_per_mille;
                ++layer.sums;
                layer.sums_hit += mark.tally.hits > 0 ? 1 : 0;
            }
            layer.items.push_back(std::move(item));
        }
        for (const Bins& table : probe.tables) add_bins(layer, table);
        all.layers.push_back(std::move(layer));
    }
    return all;
}

}  // namespace corner

std::size_t LayerCoverage::reachable() const {
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [](const CoverageItem& i) { return i.reachable && i.kind == CoverageKind::Goal; }));
}

std::size_t LayerCoverage::covered() const {
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [](const CoverageItem& i) { return i.hits > 0 && i.kind == CoverageKind::Goal; }));
}

std::size_t CoverageReport::reachable() const {
    std::size_t all = 0;
    for (const LayerCoverage& layer : layers) all += layer.reachable();
    return all;
}

std::size_t CoverageReport::covered() const {
    std::size_t all = 0;
    for (const LayerCoverage& layer : layers) all += layer.covered();
    return all;
}

CoverageReport measure_coverage(const Graph& graph, const InputBatch& batch, const EngineFactory& make_engine,
                                const std::atomic<bool>* cancel) {
    corner::NetworkProbe probe(graph, make_engine);
    probe.run(batch, cancel);
    return probe.report();
}

}  // namespace bittrue
