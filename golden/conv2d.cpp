// L3: one accumulation per output word, terms in the order of A2.
#include "accumulation.hpp"
#include "layer.hpp"

namespace bittrue::golden {
namespace {

// A position in the kernel: row, column, channel of the group.
struct Tap {
    std::int64_t row = 0;
    std::int64_t column = 0;
    std::int64_t channel = 0;
};

std::vector<Tap> taps_in_order(std::int64_t rows, std::int64_t columns, std::int64_t channels, TermOrder order) {
    std::vector<Tap> taps;
    switch (order) {
        case TermOrder::Input:
            for (std::int64_t r = 0; r < rows; ++r) {
                for (std::int64_t s = 0; s < columns; ++s) {
                    for (std::int64_t c = 0; c < channels; ++c) taps.push_back({r, s, c});
                }
            }
            break;
        case TermOrder::Kernel:
            for (std::int64_t c = 0; c < channels; ++c) {
                for (std::int64_t r = 0; r < rows; ++r) {
                    for (std::int64_t s = 0; s < columns; ++s) taps.push_back({r, s, c});
                }
            }
            break;
    }
    return taps;
}

class Conv2dLayer : public Layer {
public:
    Conv2dLayer(const Conv2d& op, const NodeContext& context)
        : Layer(context),
          op_(op),
          weights_(op.weights, "weights"),
          taps_(taps_in_order(op.weights.dims[0], op.weights.dims[1], op.weights.dims[2], op.accumulator.terms)),
          accumulation_(op.accumulator, taps_.size()) {
        const std::int64_t columns = op.weights.dims[1];
        const std::int64_t channels = op.weights.dims[2];
        const std::int64_t outputs = op.weights.dims[3];
        kernels_.resize(static_cast<std::size_t>(outputs));
        for (std::int64_t o = 0; o < outputs; ++o) {
            for (const Tap& tap : taps_) {
                const std::int64_t flat = ((tap.row * columns + tap.column) * channels + tap.channel) * outputs + o;
                kernels_[static_cast<std::size_t>(o)].push_back(weights_.raw(static_cast<std::size_t>(flat)));
            }
        }
        if (op.bias) bias_.emplace(*op.bias, "bias");
    }

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        const std::int64_t outputs_per_group = static_cast<std::int64_t>(kernels_.size()) / op_.groups;
        std::vector<Integer> window;
        Products products;
        for (std::int64_t y = 0; y < out.shape().height(); ++y) {
            for (std::int64_t x = 0; x < out.shape().width(); ++x) {
                for (std::int64_t group = 0; group < op_.groups; ++group) {
                    gather(in, y, x, group, window);
                    for (std::int64_t k = 0; k < outputs_per_group; ++k) {
                        const std::int64_t o = group * outputs_per_group + k;
                        ChannelEvents events;
                        const Dyadic sum = accumulate(in, window, o, products, events);
                        out.put(out.index(o, y, x), sum, o, events);
                    }
                }
            }
        }
    }

    [[nodiscard]] std::size_t channels() const override { return kernels_.size(); }

    [[nodiscard]] std::vector<const Constants*> constants() const override {
        if (!bias_) return {&weights_};
        return {&weights_, &*bias_};
    }

private:
    void gather(const Map& in, std::int64_t y, std::int64_t x, std::int64_t group, std::vector<Integer>& window) const {
        const std::int64_t channels = op_.weights.dims[2];
        window.clear();
        for (const Tap& tap : taps_) {
            const std::int64_t row = y * op_.stride[0] - op_.padding.top + tap.row * op_.dilation[0];
            const std::int64_t column = x * op_.stride[1] - op_.padding.left + tap.column * op_.dilation[1];
            const bool inside = row >= 0 && row < in.shape.height() && column >= 0 && column < in.shape.width();
            window.push_back(inside ? in.at(group * channels + tap.channel, row, column) : Integer(0));
        }
    }

    [[nodiscard]] Dyadic accumulate(const Map& in, const std::vector<Integer>& window, std::int64_t output,
                                    Products& products, ChannelEvents& events) const {
        const auto o = static_cast<std::size_t>(output);
        accumulation_.multiply(kernels_[o], window, weights_.format().frac() + in.format.frac(), products,
                               events.product);
        const auto bias = bias_ ? std::optional<Dyadic>(bias_->value(o)) : std::nullopt;
        return {.raw = accumulation_.sum(products, bias, events.accumulator, nullptr), .frac = accumulation_.frac()};
    }

    Conv2d op_;
    Constants weights_;
    std::optional<Constants> bias_{};
    std::vector<Tap> taps_;
    Accumulation accumulation_;
    std::vector<std::vector<Integer>> kernels_{};  // [output channel][term]
};

}  // namespace

LayerPtr make_layer(const Conv2d& op, const NodeContext& context) {
    return std::make_unique<Conv2dLayer>(op, context);
}

}  // namespace bittrue::golden
