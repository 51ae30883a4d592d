#include "changes/sum_terms.hpp"

namespace bittrue::diagnose_detail {

std::optional<SumTerms> SumTerms::of(const Node& node, const TensorWords& input, const Datapath& datapath) {
    const Parameter* weights = weights_of(node);
    if (weights == nullptr) return std::nullopt;
    SumTerms sums;
    sums.input_ = input.shape;
    sums.shape_ = node.shape;
    sums.spec_ = *accumulator_of(node);
    sums.empty_.weight = weights->type.format;
    sums.empty_.input = input.type.format;
    for (ParameterWords& words : datapath.parameters(node, input)) {
        if (words.role == "weights") {
            sums.empty_.weight = words.tensor.format;
            sums.weights_ = std::move(words.tensor.words);
        } else if (words.role == "bias") {
            sums.empty_.has_bias = true;
            sums.empty_.bias = words.tensor.format;
            sums.bias_ = std::move(words.tensor.words);
        }
    }
    const Dims& dims = weights->dims;
    sums.channels_ = dims.back();
    sums.terms_ = element_count(dims) / dims.back();
    if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
        sums.geometry_.stride = conv->stride;
        sums.geometry_.dilation = conv->dilation;
        sums.geometry_.groups = conv->groups;
        sums.geometry_.padding = conv->padding;
        sums.rows_ = dims[0];
        sums.columns_ = dims[1];
        sums.in_channels_ = dims[2];
    } else {
        sums.is_dense_ = true;
    }
    return sums;
}

SumTerms::Tap SumTerms::tap(std::int64_t channel, std::int64_t term) const {
    Tap tap;
    if (spec_.terms == TermOrder::Input) {
        tap = {term / in_channels_ / columns_, term / in_channels_ % columns_, term % in_channels_};
    } else {
        tap = {term / columns_ % rows_, term % columns_, term / columns_ / rows_};
    }
    const std::int64_t per_group = channels_ / geometry_.groups;
    tap.channel += channel / per_group * in_channels_;
    return tap;
}

std::size_t SumTerms::weight_place(std::int64_t channel, std::int64_t term) const {
    if (is_dense_) return static_cast<std::size_t>(term * channels_ + channel);
    const Tap at = tap(channel, term);
    return static_cast<std::size_t>(
        ((at.row * columns_ + at.column) * in_channels_ + at.channel % in_channels_) * channels_ + channel);
}

MacOperands SumTerms::prepared(std::int64_t channel) const {
    MacOperands operands = empty_;
    if (operands.has_bias) operands.bias_word = bias(channel);
    operands.weights.reserve(static_cast<std::size_t>(terms_));
    operands.inputs.reserve(static_cast<std::size_t>(terms_));
    for (std::int64_t t = 0; t < terms_; ++t) operands.weights.push_back(weights_[weight_place(channel, t)]);
    return operands;
}

MacOperands SumTerms::operands(const std::int64_t* image, std::int64_t channel, std::int64_t y, std::int64_t x) const {
    if (is_dense_) {
        MacOperands operands = prepared(channel);
        operands.inputs.assign(image, image + terms_);
        return operands;
    }
    return operands(image, channel, y, x, [this](std::int64_t in_y, std::int64_t in_x, const Tap& at) {
        const bool inside = in_y >= 0 && in_y < input_.height() && in_x >= 0 && in_x < input_.width();
        return inside ? input_.index(at.channel, in_y, in_x) : -1;
    });
}

MacOperands SumTerms::operands(const std::int64_t* image, std::int64_t channel, std::int64_t y, std::int64_t x,
                               const Place& place) const {
    MacOperands operands = prepared(channel);
    for (std::int64_t t = 0; t < terms_; ++t) {
        const Tap at = tap(channel, t);
        const std::int64_t from =
            place(y * geometry_.stride[0] - geometry_.padding.top + at.row * geometry_.dilation[0],
                  x * geometry_.stride[1] - geometry_.padding.left + at.column * geometry_.dilation[1], at);
        operands.inputs.push_back(from < 0 ? 0 : image[from]);
    }
    return operands;
}

}  // namespace bittrue::diagnose_detail
