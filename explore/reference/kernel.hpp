// One layer of the float engine: what the kernels see of it, and a kernel for each family of operations.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bittrue/model/error.hpp"
#include "bittrue/model/float_model.hpp"
#include "bittrue/model/ops.hpp"

namespace bittrue::explore::reference {

// A tensor that a layer reads. `type` is null where no format was chosen.
struct Source {
    std::size_t tensor = 0;  // 0 is the network's input, layer i makes tensor i + 1
    const Shape* shape = nullptr;
    const FixedType* type = nullptr;
};

// A layer of either kind of network. What it points at outlives the engine's run.
struct LayerView {
    const std::string* name = nullptr;
    const Operation* op = nullptr;
    const Shape* shape = nullptr;
    std::vector<Source> inputs{};
    const FixedType* result = nullptr;  // of requantize (L24): its rounding and the ends of its integers
    const FloatQuantizer* quantizer = nullptr;

    [[nodiscard]] const Shape& in() const { return *inputs.front().shape; }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(shape->count()); }
    [[nodiscard]] InputError error(const std::string& message) const;
};

// Computes one image. Kernels are used by many threads at once.
class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;
    // in[k] are the values of input k, `out` has room for the result; all in storage order.
    virtual void run(std::span<const double* const> in, double* out) const = 0;
};
using KernelPtr = std::unique_ptr<Kernel>;

[[nodiscard]] KernelPtr make_kernel(const LayerView& layer);

[[nodiscard]] KernelPtr make(const Dense& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Conv2d& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const MaxPool& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const AveragePool& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Quantize& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Relu& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const ClippedRelu& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const LeakyRelu& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Clip& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Affine& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Add& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Multiply& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Threshold& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Lookup& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Softmax& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Requantize& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Flatten& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Reshape& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Concat& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Transpose& op, const LayerView& layer);
[[nodiscard]] KernelPtr make(const Pad& op, const LayerView& layer);

// The numbers of a parameter: real ones as trained, raw words and the signs of `sign` and `bipolar` (W2, W3) by their
// value. InputError where there are not `count`.
[[nodiscard]] std::vector<double> numbers(const Parameter& parameter, const LayerView& layer, std::int64_t count);
// One number for all channels, or one for each, as one for each.
[[nodiscard]] std::vector<double> per_channel(std::vector<double> numbers, const LayerView& layer);

// Elements of a shape by channel: element (o * channels + c) * inner + i belongs to channel c.
struct ChannelOrder {
    explicit ChannelOrder(const Shape& shape)
        : channels(static_cast<std::size_t>(shape.channels())),
          inner(shape.layout == Layout::Chw ? static_cast<std::size_t>(shape.height() * shape.width()) : 1),
          outer(static_cast<std::size_t>(shape.count()) / (channels * inner)) {}
    std::size_t channels, inner, outer;
};

// f(x, channel) for every element, the result in the place of x.
template <class Function>
class Elementwise : public Kernel {
public:
    Elementwise(const Shape& shape, Function function) : order_(shape), function_(std::move(function)) {}
    void run(std::span<const double* const> in, double* out) const override {
        const double* x = in.front();
        for (std::size_t o = 0; o < order_.outer; ++o) {
            for (std::size_t c = 0; c < order_.channels; ++c) {
                for (std::size_t i = 0; i < order_.inner; ++i) *out++ = function_(*x++, c);
            }
        }
    }

private:
    ChannelOrder order_;
    Function function_;
};
template <class Function>
[[nodiscard]] KernelPtr elementwise(const LayerView& layer, Function function) {
    return std::make_unique<Elementwise<Function>>(layer.in(), std::move(function));
}

}  // namespace bittrue::explore::reference
