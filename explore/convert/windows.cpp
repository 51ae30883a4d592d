#include "windows.hpp"

#include <algorithm>

namespace bittrue::explore {
namespace {

std::size_t size(std::int64_t n) {
    return static_cast<std::size_t>(n);
}

}  // namespace

Windows::Windows(const Operation& op, const Shape& in, const Shape& out)
    : conv_(std::get_if<Conv2d>(&op)), in_(in), out_(out) {
    const Dims& dims = weights_of(op)->dims;
    if (conv_ == nullptr) {
        columns_ = size(dims[0]);
        outputs_ = size(dims[1]);
        return;
    }
    groups_ = size(conv_->groups);
    columns_ = size(dims[0] * dims[1] * dims[2]);
    outputs_ = size(dims[3]) / groups_;
    positions_ = size(out.height() * out.width());
}

void Windows::row(std::span<const double> image, std::size_t position, std::size_t group, double* to) const {
    if (conv_ == nullptr) {
        std::copy(image.begin(), image.end(), to);
        return;
    }
    const Dims& dims = conv_->weights.dims;
    const auto [y0, x0] =
        std::pair{static_cast<std::int64_t>(position) / out_.width() * conv_->stride[0] - conv_->padding.top,
                  static_cast<std::int64_t>(position) % out_.width() * conv_->stride[1] - conv_->padding.left};
    for (std::int64_t r = 0; r < dims[0]; ++r) {
        for (std::int64_t s = 0; s < dims[1]; ++s) {
            const std::int64_t y = y0 + r * conv_->dilation[0], x = x0 + s * conv_->dilation[1];
            const bool inside = y >= 0 && x >= 0 && y < in_.height() && x < in_.width();
            for (std::int64_t c = 0; c < dims[2]; ++c)
                *to++ = inside ? image[size(in_.index(static_cast<std::int64_t>(group) * dims[2] + c, y, x))] : 0;
        }
    }
}

std::size_t Windows::output(std::size_t position, std::size_t group, std::size_t channel) const {
    if (conv_ == nullptr) return channel;
    const auto c = static_cast<std::int64_t>(group * outputs_ + channel), p = static_cast<std::int64_t>(position);
    return size(out_.index(c, p / out_.width(), p % out_.width()));
}

}  // namespace bittrue::explore
