// L3: at every output position the window is gathered once per group, then each channel of the group accumulates over
// it.
#include "mac_unit.hpp"

namespace bittrue::emulator {
namespace {

// One element of the window, relative to its upper left corner and to the group's first channel (rule A2).
struct Tap {
    std::int64_t y = 0, x = 0, c = 0;
    std::int64_t row = 0, column = 0;  // in the kernel
};

std::vector<Tap> taps_of(const Conv2d& op) {
    const std::int64_t rows = op.weights.dims[0], columns = op.weights.dims[1], channels = op.weights.dims[2];
    std::vector<Tap> taps;
    const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t c) {
        taps.push_back({r * op.dilation[0], s * op.dilation[1], c, r, s});
    };
    switch (op.accumulator.terms) {
        case TermOrder::Input:
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t s = 0; s < columns; ++s)
                    for (std::int64_t c = 0; c < channels; ++c) add(r, s, c);
            break;
        case TermOrder::Kernel:
            for (std::int64_t c = 0; c < channels; ++c)
                for (std::int64_t r = 0; r < rows; ++r)
                    for (std::int64_t s = 0; s < columns; ++s) add(r, s, c);
            break;
    }
    return taps;
}

template <class Int>
class Conv2dLayer : public Layer {
public:
    Conv2dLayer(const LayerSetup& setup, const Conv2d& op, const MacSetup& mac, LayerParameters parameters)
        : Layer(std::move(parameters)),
          unit_(setup, mac),
          taps_(taps_of(op)),
          input_(setup.format()),
          in_shape_(setup.shape()),
          out_shape_(setup.node.shape),
          in_(strides_of(in_shape_)),
          out_(strides_of(out_shape_)),
          stride_(op.stride),
          padding_(op.padding),
          groups_(op.groups),
          group_inputs_(op.weights.dims[2]),
          group_outputs_(op.weights.dims[3] / op.groups),
          reach_y_((op.weights.dims[0] - 1) * op.dilation[0]),
          reach_x_((op.weights.dims[1] - 1) * op.dilation[1]) {
        for (const Tap& t : taps_) offsets_.push_back(t.y * in_.y + t.x * in_.x + t.c * in_.c);
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& scratch) const override {
        const auto window = scratch.get<Int>(0, unit_.terms());
        const auto room = scratch.get<Int>(1, unit_.room());
        for (std::int64_t y = 0; y < out_shape_.height(); ++y) {
            for (std::int64_t x = 0; x < out_shape_.width(); ++x) {
                for (std::int64_t g = 0; g < groups_; ++g) {
                    gather(inputs[0], y * stride_[0] - padding_.top, x * stride_[1] - padding_.left, g * group_inputs_,
                           window);
                    std::int64_t* const at = out + y * out_.y + x * out_.x;
                    for (std::int64_t o = g * group_outputs_; o < (g + 1) * group_outputs_; ++o) {
                        at[o * out_.c] = unit_(o, window.data(), room, events);
                    }
                }
            }
        }
    }

private:
    void gather(const std::int64_t* in, std::int64_t top, std::int64_t left, std::int64_t channel,
                std::span<Int> window) const {
        const std::int64_t corner = top * in_.y + left * in_.x + channel * in_.c;
        const bool inside =
            top >= 0 && left >= 0 && top + reach_y_ < in_shape_.height() && left + reach_x_ < in_shape_.width();
        for (std::size_t t = 0; t < window.size(); ++t) {
            const bool padded = !inside && is_padding(top + taps_[t].y, left + taps_[t].x);
            window[t] = padded ? Int{0} : raw_of<Int>(in[corner + offsets_[t]], input_);
        }
    }
    bool is_padding(std::int64_t y, std::int64_t x) const {
        return y < 0 || x < 0 || y >= in_shape_.height() || x >= in_shape_.width();
    }

    MacUnit<Int> unit_;
    std::vector<Tap> taps_;
    std::vector<std::int64_t> offsets_{};
    Format input_;
    Shape in_shape_, out_shape_;
    Strides in_, out_;
    std::array<int, 2> stride_;
    Padding padding_;
    std::int64_t groups_, group_inputs_, group_outputs_;
    std::int64_t reach_y_, reach_x_;  // from the window's first to its last row and column
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Conv2d& op) {
    LayerParameters parameters;
    MacSetup mac;
    mac.weights = parameters.cast(setup, "weights", op.weights);
    if (op.bias) mac.bias = parameters.cast(setup, "bias", *op.bias);
    const Dims& dims = op.weights.dims;
    mac.terms = dims[0] * dims[1] * dims[2];
    mac.channels = dims[3];
    mac.weight_index = [taps = taps_of(op), dims](std::int64_t o, std::int64_t t) {
        const Tap& tap = taps[static_cast<std::size_t>(t)];
        return ((tap.row * dims[1] + tap.column) * dims[2] + tap.c) * dims[3] + o;
    };
    mac.spec = op.accumulator;
    if (mac.is_narrow(setup)) return std::make_unique<Conv2dLayer<std::int64_t>>(setup, op, mac, std::move(parameters));
    return std::make_unique<Conv2dLayer<i128>>(setup, op, mac, std::move(parameters));
}

}  // namespace bittrue::emulator
