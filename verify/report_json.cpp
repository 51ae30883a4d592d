#include <cstdint>
#include <limits>

#include <nlohmann/json.hpp>

#include "bittrue/model/notation.hpp"
#include "bittrue/verify/report.hpp"

namespace bittrue {
namespace {

using Json = nlohmann::ordered_json;

Json number(i128 raw) {
    if (raw >= std::numeric_limits<std::int64_t>::min() && raw <= std::numeric_limits<std::int64_t>::max()) {
        return static_cast<std::int64_t>(raw);
    }
    if (raw > 0 && raw <= std::numeric_limits<std::uint64_t>::max()) return static_cast<std::uint64_t>(raw);
    return print_raw(raw);
}

Json word(i128 raw, const std::optional<FixedType>& type) {
    Json json{{"raw", number(raw)}};
    if (type && raw >= raw_min(type->format) && raw <= raw_max(type->format)) {
        json["hex"] = print_hex(word_from_raw(raw), type->format);
        json["value"] = print_value(raw, type->format.frac());
    }
    return json;
}

Json side(i128 raw, const std::string& bits, const std::string& decimal, const std::optional<FixedType>& type) {
    if (!bits.empty()) return {{"bits", bits}};
    if (decimal.empty()) return word(raw, type);
    if (!type) return {{"decimal", decimal}};
    return {{"decimal", decimal}, {"nearest", word(raw, type)}};
}

std::string kind_name(FindingKind kind) {
    switch (kind) {
        case FindingKind::Offset: return "offset";
        case FindingKind::Dropped: return "dropped";
        case FindingKind::Duplicated: return "duplicated";
        case FindingKind::Lanes: return "lanes";
        case FindingKind::Bits: return "bits";
        case FindingKind::Bytes: return "bytes";
        case FindingKind::Signedness: return "signedness";
        case FindingKind::ChannelOrder: return "channel_order";
        case FindingKind::Transposed: return "transposed";
        case FindingKind::Shifted: return "shifted";
    }
    return {};
}

Json mismatch_json(const LayerDiff& layer, const std::optional<Mismatch>& mismatch) {
    if (!mismatch) return {};
    Json index = Json::object();
    if (layer.axes.size() == mismatch->index.size()) {
        for (std::size_t i = 0; i < layer.axes.size(); ++i) {
            if (!layer.axes[i].empty()) index[layer.axes[i]] = mismatch->index[i];
        }
    } else {
        index = mismatch->index;
    }
    const bool no_word = !(mismatch->expected_decimal.empty() && mismatch->actual_decimal.empty());
    const bool has_distance = mismatch->is_defined() && (layer.type || !no_word);
    Json json{{"flat", mismatch->flat},
              {"index", index},
              {"expected", side(mismatch->expected, mismatch->expected_bits, mismatch->expected_decimal, layer.type)},
              {"actual", side(mismatch->actual, mismatch->actual_bits, mismatch->actual_decimal, layer.actual_type)},
              {"distance", has_distance ? number(mismatch->distance()) : Json()},
              {"text", mismatch_line(layer, *mismatch)}};
    if (mismatch->actual_flat >= 0) json["actual_flat"] = mismatch->actual_flat;
    if (!mismatch->when.empty()) json["when"] = mismatch->when;
    return json;
}

Json layer_json(const LayerDiff& layer) {
    Json histogram = Json::array();
    for (const DistanceBucket& bucket : layer.histogram) {
        histogram.push_back({{"low", number(bucket.low)}, {"high", number(bucket.high)}, {"count", bucket.count}});
    }
    const bool wrong = !layer.histogram.empty();
    Json findings = Json::array();
    for (const Finding& finding : layer.findings) {
        findings.push_back({{"kind", kind_name(finding.kind)},
                            {"text", finding.text},
                            {"from", finding.from},
                            {"amount", finding.amount},
                            {"benign", finding.benign},
                            {"mismatches_before", finding.mismatches_before},
                            {"mismatches_after", finding.mismatches_after}});
    }
    return {{"name", layer.name},
            {"equal", layer.equal()},
            {"type", layer.type ? Json(print_type(*layer.type)) : Json()},
            {"shape", layer.dims},
            {"words_compared", layer.words_compared},
            {"words_different", layer.words_different},
            {"words_undefined", layer.words_undefined},
            {"words_ambiguous", layer.words_ambiguous},
            {"words_missing", layer.words_missing},
            {"images_compared", layer.images_compared},
            {"images_different", layer.images_different},
            {"first", mismatch_json(layer, layer.first)},
            {"min_distance", wrong ? number(layer.min_distance) : Json()},
            {"max_distance", wrong ? number(layer.max_distance) : Json()},
            {"histogram", histogram},
            {"given_equal_inputs",
             {{"inputs_known", layer.inputs_known},
              {"images", layer.origin_images},
              {"first", mismatch_json(layer, layer.origin)}}},
            {"findings", findings},
            {"differences", layer.differences},
            {"notes", layer.notes}};
}

}  // namespace

std::string report_json(const DiffReport& report) {
    Json layers = Json::array();
    for (const LayerDiff& layer : report.layers) layers.push_back(layer_json(layer));
    const Json json{
        {"equal", report.equal()},
        {"common", report.common},
        {"words_compared", report.words_compared()},
        {"words_different", report.words_different()},
        {"first_differing_layer", report.first_differing ? Json(report.layers[*report.first_differing].name) : Json()},
        {"first_incomplete_layer",
         report.first_incomplete ? Json(report.layers[*report.first_incomplete].name) : Json()},
        {"layers", layers},
        {"only_expected", report.only_expected},
        {"only_actual", report.only_actual},
        {"differences", report.differences},
        {"notes", report.notes}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bittrue
