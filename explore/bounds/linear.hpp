// A dense or convolution layer as accumulations: one per output position and channel, over the terms of rule A2.
#pragma once

#include <vector>

#include "bittrue/explore/bounds.hpp"

namespace bittrue::explore {

// Which terms lie in the padding is the same for all positions of a class.
struct PositionClass {
    std::int64_t y = 0, x = 0;   // the first of them
    std::vector<char> inside{};  // per term
};

class LinearView {
public:
    // `parameters`: of an engine of the graph. The node must be dense or conv2d (is_linear).
    LinearView(const Graph& graph, int node, const std::vector<ParameterWords>& parameters);

    [[nodiscard]] std::int64_t terms() const { return static_cast<std::int64_t>(taps_.size()); }
    [[nodiscard]] std::int64_t channels() const { return channels_; }
    [[nodiscard]] std::int64_t height() const { return height_; }
    [[nodiscard]] std::int64_t width() const { return width_; }
    [[nodiscard]] std::int64_t groups() const { return groups_; }
    [[nodiscard]] std::int64_t group_of(std::int64_t channel) const { return channel / (channels_ / groups_); }
    [[nodiscard]] const AccumulatorSpec& spec() const { return *spec_; }
    [[nodiscard]] Format weight_format() const { return weights_->format; }
    [[nodiscard]] Format input_format() const { return input_; }
    [[nodiscard]] const Shape& input_shape() const { return shape_; }
    [[nodiscard]] const Tensor& weights() const { return *weights_; }
    [[nodiscard]] const Tensor* bias() const { return bias_; }

    // Word of the weight of a term.
    [[nodiscard]] std::int64_t weight(std::int64_t channel, std::int64_t term) const {
        return weights_
            ->words[static_cast<std::size_t>(taps_[static_cast<std::size_t>(term)].weight + channel * channel_stride_)];
    }
    // Element of the input (storage order) that a term reads; -1 in the padding.
    [[nodiscard]] std::int64_t element(std::int64_t group, std::int64_t y, std::int64_t x, std::int64_t term) const;

    // All positions fall into these. With `padding_is_least` the value of a padded term never goes beyond what a term
    // inside can reach, so classes whose terms another class has as well are left out.
    [[nodiscard]] std::vector<PositionClass> classes(bool padding_is_least) const;

private:
    struct Tap {
        std::int64_t row = 0, column = 0, channel = 0;  // relative to the window's corner and to the group
        std::int64_t weight = 0;                        // offset of channel 0
    };
    void take(const Dense& op);
    void take(const Conv2d& op);

    const Tensor* weights_ = nullptr;
    const Tensor* bias_ = nullptr;
    const AccumulatorSpec* spec_ = nullptr;
    Format input_{};
    Shape shape_{};
    bool flat_ = false;  // dense: terms are elements in storage order
    std::vector<Tap> taps_{};
    std::int64_t channels_ = 0, channel_stride_ = 1, groups_ = 1, group_inputs_ = 0;
    std::int64_t height_ = 1, width_ = 1;
    std::int64_t stride_y_ = 1, stride_x_ = 1, top_ = 0, left_ = 0;
};

[[nodiscard]] bool is_linear(const Operation& op);

}  // namespace bittrue::explore
