#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "bittrue/verify/report.hpp"
#include "console.hpp"
#include "diagnosis_report.hpp"

namespace bittrue::cli {

namespace {

using Json = nlohmann::ordered_json;

Json word_json(i128 raw, const std::optional<FixedType>& type) {
    Json json{{"raw", json_raw(raw)}};
    if (type && raw >= raw_min(type->format) && raw <= raw_max(type->format)) {
        json["hex"] = print_hex(word_from_raw(raw), type->format);
        json["value"] = print_value(raw, type->format.frac());
    }
    return json;
}

Json index_json(const LayerDiff& layer, const Mismatch& m) {
    if (layer.axes.size() != m.index.size()) return m.index;
    Json index = Json::object();
    for (std::size_t i = 0; i < layer.axes.size(); ++i) {
        if (!layer.axes[i].empty()) index[layer.axes[i]] = m.index[i];
    }
    return index;
}

Json mismatch_json(const LayerDiff& layer, const Mismatch& m) {
    return {{"flat", m.flat},
            {"index", index_json(layer, m)},
            {"expected", word_json(m.expected, layer.type)},
            {"actual", m.actual_bits.empty() ? word_json(m.actual, layer.type) : Json{{"bits", m.actual_bits}}},
            {"text", mismatch_line(layer, m)}};
}

Json change_json(const Change& c) {
    return {{"cause", cause_name(c.cause)}, {"layer", c.node},  {"setting", c.setting},
            {"expected", c.expected},       {"found", c.found}, {"text", c.text}};
}

Json fault_json(const Hypothesis& h) {
    Json json{{"layer", h.chain.nodes[static_cast<std::size_t>(h.fault_node)].name},
              {"terms_skipped_first", h.fault.skip_first},
              {"terms_skipped_last", h.fault.skip_last}};
    if (h.fault.stuck) {
        json["stuck_bit"] = {{"bit", h.fault.stuck->bit},
                             {"value", h.fault.stuck->value ? 1 : 0},
                             {"lanes", h.fault.stuck->lanes},
                             {"lane", h.fault.stuck->lane}};
    }
    return json;
}

Json hypothesis_json(const LayerDiff& layer, const LayerDiagnosis& d, const Hypothesis& h, std::size_t number) {
    Json changes = Json::array();
    for (const Change& c : h.changes) changes.push_back(change_json(c));
    Json unexplained;
    if (h.first_unexplained) {
        const Unexplained& u = *h.first_unexplained;
        unexplained = mismatch_json(layer, mismatch_at(layer, u.image, u.element, u.expected, u.actual));
        unexplained["predicted"] = word_json(u.predicted, layer.type);
    }
    const double share =
        d.words_different == 0 ? 0 : static_cast<double>(h.explained) / static_cast<double>(d.words_different);
    Json json{{"number", number},
              {"changes", std::move(changes)},
              {"explained", h.explained},
              {"share", share},
              {"spoiled", h.spoiled},
              {"first_unexplained", std::move(unexplained)},
              {"bits", h.bits},
              {"group", h.group},
              {"is_network", h.is_network}};
    const bool faulty = h.fault_node >= 0 && static_cast<std::size_t>(h.fault_node) < h.chain.nodes.size();
    json["fault"] = faulty ? fault_json(h) : Json();
    return json;
}

Json telling_json(const LayerDiff& layer, const TellingVector& t) {
    Json json{{"first", t.first + 1}, {"second", t.second + 1}, {"found", t.found}};
    if (!t.found) return json;
    Json given = Json::array();
    for (const TensorWords& tensor : t.given) {
        Json raws = Json::array();
        for (const std::int64_t word : tensor.words) raws.push_back(json_raw(raw_from_word(word, tensor.type.format)));
        given.push_back({{"tensor", tensor.name},
                         {"type", print_type({.format = tensor.type.format})},
                         {"shape", tensor.shape.dims},
                         {"raws", std::move(raws)}});
    }
    const Mismatch at = mismatch_at(layer, 0, t.element, t.expected, t.expected);
    json["given"] = std::move(given);
    json["word"] = {{"flat", t.element}, {"index", index_json(layer, at)}};
    json["expected"] = word_json(t.expected, layer.type);
    json["by_first"] = word_json(t.by_first, layer.type);
    json["by_second"] = word_json(t.by_second, layer.type);
    return json;
}

Json layer_json(const LayerDiff& layer, const LayerDiagnosis& d) {
    Json hypotheses = Json::array();
    for (std::size_t i = 0; i < d.hypotheses.size(); ++i)
        hypotheses.push_back(hypothesis_json(layer, d, d.hypotheses[i], i + 1));
    Json telling = Json::array();
    for (const TellingVector& t : d.telling) telling.push_back(telling_json(layer, t));
    Json given_as = Json::object();
    for (const auto& [name, format] : d.given_as) given_as[name] = print_type({.format = format});
    return {{"name", d.layer},
            {"verdict", verdict_name(d.verdict)},
            {"sentence", d.sentence},
            {"why_unknown", d.why_unknown},
            {"given", d.given},
            {"given_dumped", d.given_dumped},
            {"given_as", std::move(given_as)},
            {"ignores_dump", d.ignores_dump},
            {"words_judged", d.words_judged},
            {"words_different", d.words_different},
            {"first", d.first ? mismatch_json(layer, *d.first) : Json()},
            {"hypotheses", std::move(hypotheses)},
            {"telling", std::move(telling)},
            {"tried", d.tried},
            {"pairs_tried", d.pairs_tried},
            {"seconds", d.seconds},
            {"out_of_time", d.out_of_time}};
}

}  // namespace

nlohmann::ordered_json diagnosis_json(const DiffReport& report, const DiagnosisReport& diagnosis) {
    Json layers = Json::array();
    for (const LayerDiagnosis& d : diagnosis.layers) layers.push_back(layer_json(diff_of(report, d.layer), d));
    const LayerDiagnosis* const first = diagnosis.first();
    return {{"first_wrong_layer", first != nullptr ? Json(first->layer) : Json()}, {"layers", std::move(layers)}};
}

}  // namespace bittrue::cli
