// L23: how many thresholds are reached, scaled.
#include "threshold.hpp"

#include <algorithm>
#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/exact_double.hpp"
#include "bound_raws.hpp"

namespace bittrue::emulator {
namespace {

int bits_of(i128 raw) {
    int bits = 1;
    while (raw < -(i128{1} << (bits - 1)) || raw >= i128{1} << (bits - 1)) ++bits;
    return bits;
}

// The smallest raw whose value at `frac` is at least raw * 2^-from (strict: above it).
i128 first_reaching(i128 raw, int from, int frac, bool strict) {
    const int up = frac - from;
    if (up >= 0) {
        if (raw != 0 && (up >= 100 || raw > kBeyondWords >> up || raw < -(kBeyondWords >> up)))
            return raw < 0 ? -kBeyondWords : kBeyondWords;
        return (raw << up) + (strict ? 1 : 0);
    }
    const int down = std::min(-up, 100);
    const i128 floored = raw >> down;
    const bool exact = down < 100 ? floored << down == raw : raw == 0;
    return floored + (strict || !exact ? 1 : 0);
}

class ThresholdLayer : public Layer {
public:
    ThresholdLayer(const LayerSetup& setup, ThresholdTable table, LayerParameters parameters)
        : Layer(std::move(parameters)),
          table_(std::move(table)),
          shape_(setup.shape()),
          count_(setup.shape().count()),
          format_(setup.format()) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            const std::size_t c = table_.firsts().size() == 1 ? 0 : static_cast<std::size_t>(shape_.channel_of(i));
            const std::vector<i128>& firsts = table_.firsts()[c];
            const auto above = std::upper_bound(firsts.begin(), firsts.end(), raw_from_word(inputs[0][i], format_));
            store(out[i], table_.results()[static_cast<std::size_t>(above - firsts.begin())], events.result);
        }
    }

private:
    ThresholdTable table_;
    Shape shape_;
    std::int64_t count_;
    Format format_;
};

}  // namespace

ThresholdTable::ThresholdTable(const LayerSetup& setup, const Threshold& op, const Tensor& thresholds) {
    const std::int64_t channels = thresholds.dims[0], n = thresholds.dims[1];
    const Format from = thresholds.format;
    for (std::int64_t c = 0; c < channels; ++c) {
        std::vector<i128> firsts;
        for (std::int64_t k = 0; k < n; ++k) {
            const i128 raw = raw_from_word(thresholds.words[static_cast<std::size_t>(c * n + k)], from);
            firsts.push_back(first_reaching(raw, from.frac(), setup.format().frac(), op.strict));
        }
        std::sort(firsts.begin(), firsts.end());  // a cast that wraps may have put them out of order
        firsts_.push_back(std::move(firsts));
    }
    const ExactDouble scale = exact_double(op.scale), bias = exact_double(op.bias);
    int frac = scale.raw == 0 ? bias.frac : scale.frac;
    if (bias.raw != 0) frac = std::max(frac, bias.frac);
    const int up = scale.raw == 0 ? 0 : frac - scale.frac, bias_up = bias.raw == 0 ? 0 : frac - bias.frac;
    setup.require_exact(std::max(bits_of(scale.raw * n) + up, bits_of(bias.raw) + bias_up) + 1);
    for (std::int64_t k = 0; k <= n; ++k)
        results_.push_back(quantize((scale.raw * k << up) + (bias.raw << bias_up), frac, setup.node.result));
}

LayerPointer make_layer(const LayerSetup& setup, const Threshold& op) {
    LayerParameters parameters;
    const Tensor thresholds = parameters.cast(setup, "thresholds", op.thresholds);
    return std::make_unique<ThresholdLayer>(setup, ThresholdTable(setup, op, thresholds), std::move(parameters));
}

}  // namespace bittrue::emulator
