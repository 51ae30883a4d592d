// L5: a sum that is quantised at every addition, then a division rounded at the accumulator's lsb.
#include "window.hpp"

namespace bittrue::emulator {
namespace {

int frac_of_sum(const LayerSetup& setup, const AveragePool& op) {
    return std::max(setup.format().frac(), op.accumulator.format.frac());
}

int bits_of_sum(const LayerSetup& setup, const AveragePool& op) {
    const int frac = frac_of_sum(setup, op);
    const Format in = setup.format(), acc = op.accumulator.format;
    return std::max(signed_width(in) + frac - in.frac(), signed_width(acc) + frac - acc.frac()) + 1;
}

class AveragePoolLayer : public Layer {
public:
    AveragePoolLayer(const LayerSetup& setup, const AveragePool& op)
        : windows_(setup, op.pool, op.stride, op.padding),
          in_format_(setup.format()),
          acc_format_(op.accumulator.format),
          in_up_(frac_of_sum(setup, op) - in_format_.frac()),
          acc_up_(frac_of_sum(setup, op) - acc_format_.frac()),
          step_(bits_of_sum(setup, op), frac_of_sum(setup, op), op.accumulator),
          divide_(op.divide),
          cast_(acc_format_, setup.node.result),
          in_(strides_of(windows_.in())),
          out_(strides_of(windows_.out())),
          counts_padding_(op.count_padding) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t y = 0; y < windows_.out().height(); ++y) {
            for (std::int64_t x = 0; x < windows_.out().width(); ++x) {
                const PoolWindow window = windows_.at(y, x);
                const std::int64_t taken = windows_.size() - (counts_padding_ ? 0 : window.padded);
                for (std::int64_t c = 0; c < windows_.out().channels(); ++c) {
                    const i128 sum = sum_of(inputs[0] + c * in_.c, window, events.accumulator);
                    const Quantised<i128> mean = divide_exact(sum, taken, divide_);
                    events.accumulator.add(mean.events);
                    store(out[y * out_.y + x * out_.x + c * out_.c], cast_(mean.raw), events.result);
                }
            }
        }
    }

private:
    i128 sum_of(const std::int64_t* in, const PoolWindow& w, EventCounts& counts) const {
        i128 acc = 0;
        for (std::int64_t y = w.y_begin; y < w.y_end; ++y) {
            for (std::int64_t x = w.x_begin; x < w.x_end; ++x) {
                const i128 term = raw_from_word(in[y * in_.y + x * in_.x], in_format_);
                const Converted sum = step_((acc << acc_up_) + (term << in_up_));
                counts.add(sum.events);
                acc = raw_from_word(sum.word, acc_format_);
            }
        }
        // Adding the zero of a padded position is a conversion, but changes nothing.
        if (counts_padding_) counts.conversions += static_cast<std::uint64_t>(w.padded);
        return acc;
    }

    PoolGeometry windows_;
    Format in_format_, acc_format_;
    int in_up_, acc_up_;
    Caster step_;
    Rounding divide_;
    Caster cast_;
    Strides in_, out_;
    bool counts_padding_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const AveragePool& op) {
    setup.require_exact(bits_of_sum(setup, op));
    return std::make_unique<AveragePoolLayer>(setup, op);
}

}  // namespace bittrue::emulator
