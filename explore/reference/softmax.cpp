// Softmax itself, whichever tables a datapath would use for it; argmax (L16) is one-hot.
#include <algorithm>
#include <cmath>

#include "reference/kernel.hpp"

namespace bittrue::explore::reference {

namespace {

class SoftmaxKernel : public Kernel {
public:
    explicit SoftmaxKernel(const LayerView& layer) : size_(layer.size()) {}
    void run(std::span<const double* const> in, double* out) const override {
        const double largest = *std::max_element(in[0], in[0] + size_);
        double sum = 0;
        for (std::size_t i = 0; i < size_; ++i) sum += out[i] = std::exp(in[0][i] - largest);
        for (std::size_t i = 0; i < size_; ++i) out[i] /= sum;
    }

private:
    std::size_t size_;
};

class ArgmaxKernel : public Kernel {
public:
    explicit ArgmaxKernel(const LayerView& layer) : size_(layer.size()) {}
    void run(std::span<const double* const> in, double* out) const override {
        std::fill_n(out, size_, 0.0);
        out[std::max_element(in[0], in[0] + size_) - in[0]] = 1;
    }

private:
    std::size_t size_;
};

}  // namespace

KernelPtr make(const Softmax& op, const LayerView& layer) {
    if (op.kind == SoftmaxKind::Argmax) return std::make_unique<ArgmaxKernel>(layer);
    return std::make_unique<SoftmaxKernel>(layer);
}

}  // namespace bittrue::explore::reference
