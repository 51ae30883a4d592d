// Dense and convolution (L2, L3) in double. Sums run over output channels, which lie side by side in the weights.
#include <algorithm>

#include "reference/kernel.hpp"

namespace bittrue::explore::reference {

namespace {

// sum[o] += x * w[o] for n outputs. A zero changes no sum and is frequent behind relu.
inline void multiply_add(double x, const double* w, double* sum, std::size_t n) {
    if (x == 0) return;
    for (std::size_t o = 0; o < n; ++o) sum[o] += x * w[o];
}

std::vector<double> bias_of(const std::optional<Parameter>& bias, const LayerView& layer, std::int64_t outputs) {
    if (!bias) return std::vector<double>(static_cast<std::size_t>(outputs), 0.0);
    return numbers(*bias, layer, outputs);
}

class DenseKernel : public Kernel {
public:
    DenseKernel(const Dense& op, const LayerView& layer)
        : inputs_(layer.in().count()),
          weights_(numbers(op.weights, layer, inputs_ * layer.shape->count())),
          bias_(bias_of(op.bias, layer, layer.shape->count())) {}

    void run(std::span<const double* const> in, double* out) const override {
        std::copy(bias_.begin(), bias_.end(), out);
        const double* w = weights_.data();
        for (std::int64_t i = 0; i < inputs_; ++i, w += bias_.size()) multiply_add(in[0][i], w, out, bias_.size());
    }

private:
    std::int64_t inputs_;
    std::vector<double> weights_, bias_;
};

class ConvKernel : public Kernel {
public:
    ConvKernel(const Conv2d& op, const LayerView& layer)
        : op_(op), in_(layer.in()), out_(*layer.shape), outputs_(out_.channels()) {
        if (op.weights.dims.size() != 4 || op.groups < 1 || in_.channels() % op.groups != 0 ||
            outputs_ % op.groups != 0)
            throw layer.error("its weights, channels and groups do not fit together; import the model again");
        rows_ = op.weights.dims[0];
        columns_ = op.weights.dims[1];
        group_inputs_ = in_.channels() / op.groups;
        group_outputs_ = outputs_ / op.groups;
        weights_ = numbers(op.weights, layer, rows_ * columns_ * group_inputs_ * outputs_);
        bias_ = bias_of(op.bias, layer, outputs_);
        // Strides of one step along a channel.
        in_channel_ = in_.channels() > 1 ? in_.index(1, 0, 0) : 0;
        out_channel_ = outputs_ > 1 ? out_.index(1, 0, 0) : 0;
    }

    void run(std::span<const double* const> in, double* out) const override {
        std::vector<double> sum(bias_.size());
        for (std::int64_t y = 0; y < out_.height(); ++y) {
            for (std::int64_t x = 0; x < out_.width(); ++x) {
                std::copy(bias_.begin(), bias_.end(), sum.begin());
                window(in[0], y * op_.stride[0] - op_.padding.top, x * op_.stride[1] - op_.padding.left, sum.data());
                double* to = out + out_.index(0, y, x);
                for (std::size_t o = 0; o < sum.size(); ++o, to += out_channel_) *to = sum[o];
            }
        }
    }

private:
    void window(const double* in, std::int64_t top, std::int64_t left, double* sum) const {
        for (std::int64_t r = 0; r < rows_; ++r) {
            const std::int64_t y = top + r * op_.dilation[0];
            if (y < 0 || y >= in_.height()) continue;
            for (std::int64_t s = 0; s < columns_; ++s) {
                const std::int64_t x = left + s * op_.dilation[1];
                if (x < 0 || x >= in_.width()) continue;
                const double* pixel = in + in_.index(0, y, x);
                const double* w = weights_.data() + (r * columns_ + s) * group_inputs_ * outputs_;
                if (group_inputs_ == 1 && group_outputs_ == 1) {  // depthwise
                    for (std::int64_t o = 0; o < outputs_; ++o) sum[o] += pixel[o * in_channel_] * w[o];
                } else {
                    position(pixel, w, sum);
                }
            }
        }
    }
    void position(const double* pixel, const double* w, double* sum) const {
        for (std::int64_t g = 0; g < op_.groups; ++g) {
            for (std::int64_t c = 0; c < group_inputs_; ++c, pixel += in_channel_) {
                multiply_add(*pixel, w + c * outputs_ + g * group_outputs_, sum + g * group_outputs_,
                             static_cast<std::size_t>(group_outputs_));
            }
        }
    }

    const Conv2d& op_;
    Shape in_, out_;
    std::int64_t outputs_;
    std::int64_t rows_ = 1, columns_ = 1, group_inputs_ = 1, group_outputs_ = 1;
    std::int64_t in_channel_ = 0, out_channel_ = 0;
    std::vector<double> weights_{}, bias_{};
};

}  // namespace

KernelPtr make(const Dense& op, const LayerView& layer) {
    return std::make_unique<DenseKernel>(op, layer);
}
KernelPtr make(const Conv2d& op, const LayerView& layer) {
    return std::make_unique<ConvKernel>(op, layer);
}

}  // namespace bittrue::explore::reference
