#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/explore/train_log.hpp"

namespace bittrue::explore {

namespace {

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double mean_loss(i128 raw, std::uint64_t images, bool nan, const TrainingNetwork& n) {
    if (nan) return std::numeric_limits<double>::quiet_NaN();
    const double sum = std::ldexp(static_cast<double>(raw), -2 * n.sum_frac(n.layers.size() - 1));
    return images == 0 ? 0 : sum / (static_cast<double>(images) * n.classes());
}

}  // namespace

void ScaleLog::add(std::optional<int> exponent) {
    if (!exponent) return;
    min = count == 0 ? *exponent : std::min(min, *exponent);
    max = count == 0 ? *exponent : std::max(max, *exponent);
    sum += *exponent;
    ++count;
}

double EpochLog::accuracy() const {
    return share(correct, images);
}

double EpochLog::test_accuracy() const {
    return share(test_correct, test_images);
}

double EpochLog::images_per_second() const {
    return seconds > 0 ? static_cast<double>(images) / seconds : 0;
}

std::uint64_t EpochLog::zero_tensors() const {
    std::uint64_t sum = 0;
    for (const LayerLog& l : layers) sum += l.errors.zeros + l.gradients.zeros;
    return sum;
}

std::uint64_t EpochLog::saturated_weights() const {
    std::uint64_t sum = 0;
    for (const LayerLog& l : layers) sum += l.saturated_weights;
    return sum;
}

std::uint64_t EpochLog::dead_layers() const {
    std::uint64_t sum = 0;
    for (const LayerLog& l : layers) sum += l.dead ? 1 : 0;
    return sum;
}

double loss_of(const EpochLog& e, const TrainingNetwork& n) {
    return mean_loss(e.loss_raw, e.images, e.nan_loss, n);
}

double test_loss_of(const EpochLog& e, const TrainingNetwork& n) {
    return mean_loss(e.test_loss_raw, e.test_images, e.test_nan, n);
}

std::string text_of(const NanStory& s, const TrainingNetwork& n) {
    const auto list = [](const std::vector<std::string>& names) {
        return names.empty() ? std::string("of no layer") : fmt::format("of {}", fmt::join(names, ", "));
    };
    return fmt::format(
        "the {} of layer '{}' were all zero at epoch {}, batch {} (step {} of the run): 2^-inf = 0 and 0/0 = NaN. The "
        "weights {} became NaN at once{}",
        s.gradient ? "gradients" : "errors", n.layers[s.layer].name, s.epoch, s.batch, s.step, list(s.at_once),
        s.next_step.empty() ? "" : fmt::format(", those {} one step later", list(s.next_step)));
}

std::optional<std::size_t> TrainLog::best() const {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < epochs.size(); ++i) {
        if (epochs[i].test_nan) continue;
        if (!found || epochs[i].test_correct > epochs[*found].test_correct) found = i;
    }
    return found;
}

}  // namespace bittrue::explore
