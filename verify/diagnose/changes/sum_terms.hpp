// The operands of every sum of a dense or conv2d layer, in the order of rule A2: for faults that are computed sum by
// sum.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "changes/arrangement.hpp"

namespace bittrue::diagnose_detail {

class SumTerms {
public:
    // `input` gives shape and type; of another node than dense or conv2d nothing.
    [[nodiscard]] static std::optional<SumTerms> of(const Node& node, const TensorWords& input,
                                                    const Datapath& datapath);

    [[nodiscard]] const Shape& shape() const { return shape_; }  // of the result
    [[nodiscard]] const AccumulatorSpec& spec() const { return spec_; }
    [[nodiscard]] std::int64_t terms() const { return terms_; }
    [[nodiscard]] Format weight_format() const { return empty_.weight; }
    [[nodiscard]] Format bias_format() const { return empty_.bias; }
    [[nodiscard]] bool has_bias() const { return empty_.has_bias; }
    [[nodiscard]] std::int64_t bias(std::int64_t channel) const { return bias_[static_cast<std::size_t>(channel)]; }

    // Place of the weight of term t of a channel in the array of weights.
    [[nodiscard]] std::size_t weight_place(std::int64_t channel, std::int64_t term) const;

    // Where a term of a convolution is: kernel row and column, input channel.
    struct Tap {
        std::int64_t row = 0, column = 0, channel = 0;
    };
    [[nodiscard]] Tap tap(std::int64_t channel, std::int64_t term) const;

    // Of the sum at (y, x) of a channel; `image` points at the words of an image.
    [[nodiscard]] MacOperands operands(const std::int64_t* image, std::int64_t channel, std::int64_t y,
                                       std::int64_t x) const;
    // The same with each input word from where `place` says (of the image, storage order; negative: zero), for a
    // position of the input map (without padding; it may lie outside).
    using Place = std::function<std::int64_t(std::int64_t y, std::int64_t x, const Tap& tap)>;
    [[nodiscard]] MacOperands operands(const std::int64_t* image, std::int64_t channel, std::int64_t y, std::int64_t x,
                                       const Place& place) const;

    [[nodiscard]] const Shape& input_shape() const { return input_; }

private:
    [[nodiscard]] MacOperands prepared(std::int64_t channel) const;

    Shape input_{}, shape_{};
    AccumulatorSpec spec_{};
    MacOperands empty_{};
    std::vector<std::int64_t> weights_{}, bias_{};
    std::int64_t terms_ = 0, channels_ = 0;
    bool is_dense_ = false;
    Conv2d geometry_{};                                      // without its weights
    std::int64_t rows_ = 1, columns_ = 1, in_channels_ = 1;  // of a kernel
};

}  // namespace bittrue::diagnose_detail
