#include "training/log_json.hpp"

namespace bittrue::explore {

namespace {

using nlohmann::ordered_json;

// A sum that may exceed 64 bits, as its upper and lower half.
ordered_json halves(i128 x) {
    return {static_cast<std::int64_t>(x >> 64), static_cast<std::uint64_t>(x)};
}
i128 from_halves(const ordered_json& j) {
    constexpr std::int64_t kMost = std::int64_t{1} << 40;  // room for what the run still adds
    const auto upper = whole<std::int64_t>(j.at(0));
    if (upper < 0 || upper > kMost) throw InputError("its loss cannot be");
    return static_cast<i128>((u128{static_cast<std::uint64_t>(upper)} << 64) | whole<std::uint64_t>(j.at(1)));
}

ordered_json stored(const ScaleLog& s) {
    return {s.min, s.max, s.sum, s.count, s.zeros};
}
ScaleLog scale_from(const ordered_json& j) {
    constexpr std::int64_t kMost = std::int64_t{1} << 60;
    const ScaleLog s{.min = whole<int>(j.at(0)),
                     .max = whole<int>(j.at(1)),
                     .sum = whole<std::int64_t>(j.at(2)),
                     .count = whole<std::uint64_t>(j.at(3)),
                     .zeros = whole<std::uint64_t>(j.at(4))};
    if (s.sum > kMost || s.sum < -kMost) throw InputError("its exponents cannot be");
    return s;
}

ordered_json stored(const LayerLog& l) {
    return {{"errors", stored(l.errors)},
            {"gradients", stored(l.gradients)},
            {"overflows", {l.forward_overflows, l.error_overflows, l.gradient_overflows}},
            {"clipped", l.clipped_updates},
            {"changed", l.changed_words},
            {"saturated", l.saturated_weights},
            {"constant", l.constant_units},
            {"units", l.units},
            {"dead", l.dead},
            {"nan", l.nan}};
}
LayerLog layer_from(const ordered_json& j) {
    const ordered_json& overflows = j.at("overflows");
    return {.errors = scale_from(j.at("errors")),
            .gradients = scale_from(j.at("gradients")),
            .forward_overflows = whole<std::uint64_t>(overflows.at(0)),
            .error_overflows = whole<std::uint64_t>(overflows.at(1)),
            .gradient_overflows = whole<std::uint64_t>(overflows.at(2)),
            .clipped_updates = whole<std::uint64_t>(j.at("clipped")),
            .changed_words = whole<std::uint64_t>(j.at("changed")),
            .saturated_weights = whole<std::uint64_t>(j.at("saturated")),
            .constant_units = whole<std::uint64_t>(j.at("constant")),
            .units = whole<std::uint64_t>(j.at("units")),
            .dead = j.at("dead"),
            .nan = j.at("nan")};
}

}  // namespace

ordered_json stored_epoch(const EpochLog& e) {
    ordered_json j{{"epoch", e.epoch},
                   {"rate", {e.rate.raw, e.rate.frac}},
                   {"loss", halves(e.loss_raw)},
                   {"images", e.images},
                   {"correct", e.correct},
                   {"test_loss", halves(e.test_loss_raw)},
                   {"test_images", e.test_images},
                   {"test_correct", e.test_correct},
                   {"seconds", {e.seconds, e.test_seconds}},
                   {"nan", {e.nan_loss, e.test_nan}},
                   {"layers", ordered_json::array()}};
    for (const LayerLog& l : e.layers) j["layers"].push_back(stored(l));
    return j;
}

EpochLog epoch_from(const ordered_json& j, std::size_t layers) {
    EpochLog e;
    e.epoch = whole<std::uint64_t>(j.at("epoch"));
    e.rate = {.raw = whole<int>(j.at("rate").at(0)), .frac = whole<int>(j.at("rate").at(1))};
    e.loss_raw = from_halves(j.at("loss"));
    e.images = whole<std::uint64_t>(j.at("images"));
    e.correct = whole<std::uint64_t>(j.at("correct"));
    e.test_loss_raw = from_halves(j.at("test_loss"));
    e.test_images = whole<std::uint64_t>(j.at("test_images"));
    e.test_correct = whole<std::uint64_t>(j.at("test_correct"));
    e.seconds = j.at("seconds").at(0);
    e.test_seconds = j.at("seconds").at(1);
    e.nan_loss = j.at("nan").at(0);
    e.test_nan = j.at("nan").at(1);
    for (const ordered_json& l : j.at("layers")) e.layers.push_back(layer_from(l));
    if (e.layers.size() != layers) throw InputError("its log has other layers");
    if (e.rate.raw < 1 || e.rate.raw > 0xffff || e.rate.frac < 0 || e.rate.frac > 15)
        throw InputError("its log has a learning rate that there is not");
    return e;
}

ordered_json stored_story(const NanStory& s) {
    return {{"layer", s.layer}, {"gradient", s.gradient}, {"epoch", s.epoch},        {"batch", s.batch},
            {"step", s.step},   {"at_once", s.at_once},   {"next_step", s.next_step}};
}

NanStory story_from(const ordered_json& j, std::size_t layers) {
    NanStory s{.layer = whole<std::size_t>(j.at("layer")),
               .gradient = j.at("gradient"),
               .epoch = whole<std::uint64_t>(j.at("epoch")),
               .batch = whole<std::uint64_t>(j.at("batch")),
               .step = whole<std::uint64_t>(j.at("step")),
               .at_once = j.at("at_once"),
               .next_step = j.at("next_step")};
    if (s.layer >= layers) throw InputError("its log has other layers");
    return s;
}

}  // namespace bittrue::explore
