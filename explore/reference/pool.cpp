// Largest and mean of windows (L4, L5). Padded positions do not take part, whatever the pad rule of a datapath says.
#include <algorithm>

#include "reference/kernel.hpp"

namespace bittrue::explore::reference {

namespace {

struct Window {
    std::array<int, 2> pool, stride;
    Padding padding;
};

// fold(sum, x) from the window's first position on, then finish(sum, positions).
template <class Fold, class Finish>
class PoolKernel : public Kernel {
public:
    PoolKernel(const Window& window, const LayerView& layer, Fold fold, Finish finish)
        : window_(window), in_(layer.in()), out_(*layer.shape), fold_(fold), finish_(finish) {}

    void run(std::span<const double* const> in, double* out) const override {
        for (std::int64_t y = 0; y < out_.height(); ++y) {
            const std::int64_t top = y * window_.stride[0] - window_.padding.top;
            for (std::int64_t x = 0; x < out_.width(); ++x) {
                const std::int64_t left = x * window_.stride[1] - window_.padding.left;
                for (std::int64_t c = 0; c < out_.channels(); ++c) out[out_.index(c, y, x)] = at(in[0], c, top, left);
            }
        }
    }

private:
    [[nodiscard]] double at(const double* in, std::int64_t c, std::int64_t top, std::int64_t left) const {
        const std::int64_t bottom = std::min(top + window_.pool[0], in_.height());
        const std::int64_t right = std::min(left + window_.pool[1], in_.width());
        double sum = 0;
        std::int64_t positions = 0;
        for (std::int64_t y = std::max<std::int64_t>(top, 0); y < bottom; ++y) {
            for (std::int64_t x = std::max<std::int64_t>(left, 0); x < right; ++x) {
                const double value = in[in_.index(c, y, x)];
                sum = positions++ == 0 ? value : fold_(sum, value);
            }
        }
        return finish_(sum, positions);
    }

    Window window_;
    Shape in_, out_;
    Fold fold_;
    Finish finish_;
};

template <class Fold, class Finish>
KernelPtr pool(const Window& window, const LayerView& layer, Fold fold, Finish finish) {
    return std::make_unique<PoolKernel<Fold, Finish>>(window, layer, fold, finish);
}

}  // namespace

KernelPtr make(const MaxPool& op, const LayerView& layer) {
    return pool(
        {op.pool, op.stride, op.padding}, layer, [](double a, double b) { return std::max(a, b); },
        [](double largest, std::int64_t) { return largest; });
}

KernelPtr make(const AveragePool& op, const LayerView& layer) {
    const std::int64_t whole = op.count_padding ? std::int64_t{op.pool[0]} * op.pool[1] : 0;
    return pool(
        {op.pool, op.stride, op.padding}, layer, [](double a, double b) { return a + b; },
        [whole](double sum, std::int64_t positions) {
            return sum / static_cast<double>(whole > 0 ? whole : std::max<std::int64_t>(positions, 1));
        });
}

}  // namespace bittrue::explore::reference
