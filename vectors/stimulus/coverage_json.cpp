#include <nlohmann/json.hpp>

#include "bittrue/vectors/coverage.hpp"

namespace bittrue {

std::string coverage_json(const CoverageReport& report) {
    using Json = nlohmann::ordered_json;
    Json layers = Json::array();
    for (const LayerCoverage& layer : report.layers) {
        Json items = Json::array();
        for (const CoverageItem& item : layer.items) {
            Json i = {{"place", item.place}, {"goal", item.goal}, {"hits", item.hits}, {"reachable", item.reachable}};
            if (item.hits > 0) i["first_image"] = item.first_image;
            if (!item.why.empty()) i["why"] = item.why;
            if (item.reach_per_mille >= 0) i["reach_per_mille"] = item.reach_per_mille;
            items.push_back(std::move(i));
        }
        Json l = {{"layer", layer.layer}, {"covered", layer.covered()}, {"reachable", layer.reachable()}};
        if (layer.accumulator_reach_per_mille >= 0)
            l["accumulator_reach_per_mille"] = layer.accumulator_reach_per_mille;
        if (layer.sums > 0) l["sums"] = {{"hit", layer.sums_hit}, {"all", layer.sums}};
        if (layer.table_bins > 0) l["table_bins"] = {{"hit", layer.table_bins_hit}, {"reachable", layer.table_bins}};
        l["goals"] = std::move(items);
        layers.push_back(std::move(l));
    }
    const Json all = {{"images", report.images},
                      {"covered", report.covered()},
                      {"reachable", report.reachable()},
                      {"layers", std::move(layers)}};
    return all.dump(2) + "\n";
}

}  // namespace bittrue
