#include "training/possible.hpp"

#include <algorithm>
#include <cmath>

#include "bittrue/model/error.hpp"

namespace bittrue::explore {

namespace {

void require(bool possible, const char* otherwise) {
    if (!possible) throw InputError(otherwise);
}

void require_layer(const LayerLog& log, const TrainingLayer& layer, std::uint64_t steps) {
    const auto weights = static_cast<std::uint64_t>(layer.weight_count());
    for (const ScaleLog& s : {log.errors, log.gradients}) {
        require(s.count <= steps && s.zeros <= steps - s.count && s.min <= s.max,
                "its log has more exponents than steps");
    }
    require(log.clipped_updates <= steps * weights && log.changed_words <= steps * weights &&
                log.saturated_weights <= weights,
            "its log has more weights than the network");
    const auto channels = static_cast<std::uint64_t>(layer.output.channels);
    require((log.units == 0 || log.units == channels) && log.constant_units <= log.units,
            "its log has other units than the network");
}

// Of an epoch of which so many steps are done; that of the last one ends with the test.
void require_epoch(const EpochLog& e, std::uint64_t steps, const RunSize& size, const TrainingNetwork& network,
                   bool tested) {
    const std::uint64_t images = std::min(steps * size.batch, size.images);
    require(e.images == images && e.test_images == (tested ? size.test_images : 0),
            "its log has other images than the data");
    require(e.correct <= e.images && e.test_correct <= e.test_images, "its log has more right answers than images");
    require(std::isfinite(e.seconds) && e.seconds >= 0 && std::isfinite(e.test_seconds) && e.test_seconds >= 0,
            "its log has times that cannot be");
    for (std::size_t l = 0; l < network.layers.size(); ++l) require_layer(e.layers[l], network.layers[l], steps);
}

bool has_nan(const EpochLog& e) {
    return e.nan_loss || e.test_nan ||
           std::any_of(e.layers.begin(), e.layers.end(), [](const LayerLog& l) { return l.nan; });
}
bool has_nan(const TrainingState& s) {
    return std::find(s.nan.begin(), s.nan.end(), true) != s.nan.end();
}

}  // namespace

void require_possible(const Checkpoint& c, const RunSize& size, const TrainingNetwork& network) {
    const std::uint64_t batches = (size.images + size.batch - 1) / size.batch;
    constexpr const char* kParts = "its parts do not fit each other";
    require(c.epoch == c.log.epochs.size() && c.partial.epoch == c.epoch, kParts);
    require(c.batch <= batches && c.step == c.epoch * batches + c.batch, "its steps do not fit its epochs");
    require(c.best.has_value() == c.log.best().has_value() && (!c.awaits_next_step || c.log.nan), kParts);
    for (std::size_t i = 0; i < c.log.epochs.size(); ++i) {
        require(c.log.epochs[i].epoch == i, kParts);
        require_epoch(c.log.epochs[i], batches, size, network, true);
    }
    require_epoch(c.partial, c.batch, size, network, false);
    require(!c.log.nan || (c.log.nan->step < c.step && c.log.nan->batch < batches &&
                           c.log.nan->step == c.log.nan->epoch * batches + c.log.nan->batch),
            kParts);
    bool nan = c.log.nan || has_nan(c.state) || has_nan(c.partial);
    for (const EpochLog& e : c.log.epochs) nan = nan || has_nan(e);
    require(!nan || network.zero_scale == ZeroScale::Nan, "it has NaN, which a run that holds zeros never meets");
    require(!c.best || !has_nan(*c.best), "its best weights are NaN");
}

}  // namespace bittrue::explore
