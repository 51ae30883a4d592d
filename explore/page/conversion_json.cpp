// The facts of a conversion as JSON.
#include <cmath>

#include <nlohmann/json.hpp>

#include "bittrue/explore/conversion_report.hpp"

namespace bittrue::explore {

namespace {

using Json = nlohmann::ordered_json;

Json finite(double x) {
    return std::isfinite(x) ? Json(x) : Json();
}

template <class T>
Json maybe(const std::optional<T>& x) {
    return x ? Json(*x) : Json();
}

Json json_of(const ChosenType& t) {
    if (t.text.empty()) return {};
    Json json{{"type", t.text}};
    if (t.grid) json.update({{"min", t.grid->low}, {"max", t.grid->high}, {"lsb", t.grid->step}});
    return json;
}

Json json_of(const LayerChoice& c) {
    return {{"weights", json_of(c.weights)},
            {"bias", json_of(c.bias)},
            {"accumulator", json_of(c.accumulator)},
            {"result", json_of(c.result)},
            {"out_of_range", c.out_of_range},
            {"sums_out_of_range", c.sums_out_of_range},
            {"inexact", c.inexact},
            {"sqnr_db", finite(c.sqnr_db)},
            {"exact", std::isinf(c.sqnr_db) && c.sqnr_db > 0}};
}

Json json_of(const std::optional<Histogram>& h) {
    if (!h) return {};
    return {{"low", finite(h->low)}, {"high", finite(h->high)}, {"counts", h->counts}};
}

Json json_of(const ConversionResult& r) {
    return {{"good", r.good},
            {"weight_bits", r.weight_bits},
            {"area", {{"lut", r.area.lut}, {"ff", r.area.ff}, {"carry", r.area.carry}, {"dsp", r.area.dsp}}},
            {"datapath",
             {{"lut", r.datapath.lut}, {"ff", r.datapath.ff}, {"carry", r.datapath.carry}, {"dsp", r.datapath.dsp}}}};
}

Json json_of(const LayerConversion& l) {
    return {{"layer", l.layer},
            {"op", l.op},
            {"float_min", finite(l.float_low)},
            {"float_max", finite(l.float_high)},
            {"weight_bits", l.weight_bits},
            {"ours", json_of(l.ours)},
            {"naive", json_of(l.naive)},
            {"good_only_this", maybe(l.good_only_this)},
            {"good_all_but_this", maybe(l.good_all_but_this)},
            {"weights_histogram", json_of(l.weights)},
            {"results_histogram", json_of(l.results)}};
}

}  // namespace

std::string conversion_json(const ConversionReport& r) {
    Json layers = Json::array();
    for (const LayerConversion& l : r.layers) layers.push_back(json_of(l));
    const Json json{{"tool", r.version},
                    {"model", r.model},
                    {"source", r.source},
                    {"command", r.command},
                    {"data", r.data},
                    {"images", r.images},
                    {"labelled", r.labelled},
                    {"float_good", r.float_good},
                    {"ours", json_of(r.ours)},
                    {"naive", json_of(r.naive)},
                    {"naive_rule", r.naive_rule},
                    {"why_naive_fails", why_naive_fails(r)},
                    {"steps", r.steps},
                    {"notes", r.notes},
                    {"layers", std::move(layers)}};
    // Names come from files: what is no UTF-8 is replaced.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bittrue::explore
