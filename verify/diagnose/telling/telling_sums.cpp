#include "telling/telling_sums.hpp"

#include <algorithm>

namespace bittrue::diagnose_detail {
namespace {

// The given tensor whose words the tensor has in storage order.
std::optional<std::size_t> given_behind(const Chain& chain, std::string tensor, std::size_t depth = 0) {
    for (std::size_t g = 0; g < chain.given.size(); ++g) {
        if (chain.given[g].name == tensor) return g;
    }
    if (depth > chain.nodes.size()) return {};
    for (const Node& node : chain.nodes) {
        if (node.name != tensor) continue;
        const auto* flatten = std::get_if<Flatten>(&node.op);
        const bool passes = (flatten != nullptr && !flatten->order) || std::holds_alternative<Reshape>(node.op);
        return passes ? given_behind(chain, node.inputs.front(), depth + 1) : std::nullopt;
    }
    return {};
}

std::vector<i128> raws_of(const Tensor& tensor) {
    std::vector<i128> raws;
    raws.reserve(tensor.words.size());
    for (const std::int64_t word : tensor.words) raws.push_back(raw_from_word(word, tensor.format));
    return raws;
}

void insert(std::vector<int>& sorted, int value) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
    if (at == sorted.end() || *at != value) sorted.insert(at, value);
}

const AccumulatorSpec* accumulator_of(const Operation& op) {
    if (const auto* dense = std::get_if<Dense>(&op)) return &dense->accumulator;
    if (const auto* conv = std::get_if<Conv2d>(&op)) return &conv->accumulator;
    return nullptr;
}

}  // namespace

std::optional<LinearSums> LinearSums::of(const Chain& chain, const Datapath& datapath) {
    for (std::size_t n = 0; n < chain.nodes.size(); ++n) {
        const Node& node = chain.nodes[n];
        if (accumulator_of(node.op) == nullptr) continue;
        const auto given = given_behind(chain, node.inputs.front());
        if (!given) continue;
        TensorWords input{
            .name = node.inputs.front(), .shape = chain.given[*given].shape, .type = chain.given[*given].type};
        for (const Node& before : chain.nodes) {
            if (before.name != input.name) continue;
            if (before.result.format != input.type.format) return {};  // words are not passed on as they are
            input.shape = before.shape;
        }
        LinearSums sums;
        sums.op_ = node.op;
        sums.in_ = input.shape;
        sums.shape_ = node.shape;
        sums.given_ = *given;
        int frac = input.type.format.frac();
        int bias_frac = 0;
        for (const ParameterWords& p : datapath.parameters(node, input)) {
            if (p.role == "weights") {
                sums.weights_ = raws_of(p.tensor);
                sums.weight_dims_ = p.tensor.dims;
                frac += p.tensor.format.frac();
            } else if (p.role == "bias") {
                sums.bias_ = raws_of(p.tensor);
                bias_frac = p.tensor.format.frac();
            }
        }
        const int up = frac - bias_frac;
        if (up < 0 || up > 60) sums.bias_.clear();
        for (i128& raw : sums.bias_) raw *= i128{1} << up;
        sums.collect_types(chain, n, frac);
        return sums;
    }
    return {};
}

void LinearSums::collect_types(const Chain& chain, std::size_t node, int frac) {
    const auto add = [&](const FixedType& type) {
        const int drop = frac - type.format.frac();
        if (drop >= 1 && drop < 60) insert(dropped, drop);
        const int end = drop + type.format.width - (type.format.is_signed ? 1 : 0);
        if (end >= 0 && end < 100) insert(ends, end);
    };
    const AccumulatorSpec& spec = *accumulator_of(chain.nodes[node].op);
    add(spec.type);
    if (spec.product) add(*spec.product);
    if (spec.bias_cast) add(*spec.bias_cast);
    for (std::size_t n = node; n < chain.nodes.size(); ++n) add(chain.nodes[n].result);
}

LinearTerms LinearSums::terms(std::int64_t channel, std::int64_t y, std::int64_t x) const {
    LinearTerms terms;
    if (!bias_.empty()) terms.bias = bias_[static_cast<std::size_t>(channel)];
    const std::int64_t out = weight_dims_.back();
    const auto add = [&](std::int64_t element, std::int64_t row) {
        terms.elements.push_back(element);
        terms.weights.push_back(weights_[static_cast<std::size_t>(row * out + channel)]);
    };
    const auto* conv = std::get_if<Conv2d>(&op_);
    if (conv == nullptr) {
        for (std::int64_t i = 0; i < weight_dims_[0]; ++i) add(i, i);
        return terms;
    }
    const std::int64_t rows = weight_dims_[0], columns = weight_dims_[1], depth = weight_dims_[2];
    const std::int64_t first = channel / (out / conv->groups) * depth;
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t s = 0; s < columns; ++s) {
            const std::int64_t iy = y * conv->stride[0] - conv->padding.top + r * conv->dilation[0];
            const std::int64_t ix = x * conv->stride[1] - conv->padding.left + s * conv->dilation[1];
            if (iy < 0 || ix < 0 || iy >= in_.height() || ix >= in_.width()) continue;
            for (std::int64_t c = 0; c < depth; ++c) add(in_.index(first + c, iy, ix), (r * columns + s) * depth + c);
        }
    }
    return terms;
}

}  // namespace bittrue::diagnose_detail
