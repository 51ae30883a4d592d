// L4: the largest word of each window.
#include "window.hpp"

namespace bittrue::emulator {
namespace {

class MaxPoolLayer : public Layer {
public:
    MaxPoolLayer(const LayerSetup& setup, const MaxPool& op)
        : windows_(setup, op.pool, op.stride, op.padding),
          accumulates_(op.accumulator.has_value()),
          accumulate_(setup.format(), op.accumulator.value_or(setup.node.result)),
          cast_(accumulates_ ? op.accumulator->format : setup.format(), setup.node.result),
          format_(setup.format()),
          in_(strides_of(windows_.in())),
          out_(strides_of(windows_.out())),
          accumulator_format_(op.accumulator.value_or(setup.node.result).format),
          pads_with_msb_(op.pad_rule == PoolPadding::Msb) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t y = 0; y < windows_.out().height(); ++y) {
            for (std::int64_t x = 0; x < windows_.out().width(); ++x) {
                const PoolWindow window = windows_.at(y, x);
                for (std::int64_t c = 0; c < windows_.out().channels(); ++c) {
                    i128 largest = largest_of(inputs[0] + c * in_.c, window);
                    if (accumulates_) {
                        const Converted register_word = accumulate_(largest);
                        events.accumulator.add(register_word.events);
                        largest = raw_from_word(register_word.word, accumulator_format_);
                    }
                    store(out[y * out_.y + x * out_.x + c * out_.c], cast_(largest), events.result);
                }
            }
        }
    }

private:
    i128 largest_of(const std::int64_t* in, const PoolWindow& w) const {
        const i128 msb = i128{1} << (format_.width - 1);
        const bool pads = pads_with_msb_ && w.padded > 0;
        i128 largest =
            pads && !format_.is_signed ? msb : raw_min(format_);  // the pad word, or one that every word replaces
        for (std::int64_t y = w.y_begin; y < w.y_end; ++y) {
            for (std::int64_t x = w.x_begin; x < w.x_end; ++x) {
                largest = std::max(largest, raw_from_word(in[y * in_.y + x * in_.x], format_));
            }
        }
        return largest;
    }

    PoolGeometry windows_;
    bool accumulates_;
    Caster accumulate_;
    Caster cast_;
    Format format_;
    Strides in_, out_;
    Format accumulator_format_;
    bool pads_with_msb_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const MaxPool& op) {
    return std::make_unique<MaxPoolLayer>(setup, op);
}

}  // namespace bittrue::emulator
