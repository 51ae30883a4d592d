// Layers that turn each element into one result word, whatever the shape.
#pragma once

#include "layer.hpp"

namespace bittrue::golden {

// `Function` maps an exact input value to the exact value that Q takes.
template <typename Function>
class Elementwise : public Layer {
public:
    Elementwise(const NodeContext& context, Function function) : Layer(context), function_(std::move(function)) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        for (std::size_t i = 0; i < in.raws.size(); ++i) out.put(i, function_(in.value(i)));
    }

private:
    Function function_;
};

template <typename Function>
[[nodiscard]] LayerPtr make_elementwise(const NodeContext& context, Function function) {
    return std::make_unique<Elementwise<Function>>(context, std::move(function));
}

}  // namespace bittrue::golden
