// Operations that only move elements: each result element is one input element, or the zero of a frame.
#include <algorithm>

#include "reference/kernel.hpp"

namespace bittrue::explore::reference {

namespace {

struct From {
    std::size_t input = 0;
    std::int64_t element = -1;  // -1: zero
};

class Gather : public Kernel {
public:
    Gather(const LayerView& layer, std::vector<From> from) : from_(std::move(from)) {
        bool fits = from_.size() == layer.size();
        for (const From& f : from_) fits = fits && f.element < layer.inputs[f.input].shape->count();
        if (!fits) throw layer.error("its inputs do not fill its shape; import the model again");
    }
    void run(std::span<const double* const> in, double* out) const override {
        for (const From& f : from_) *out++ = f.element < 0 ? 0.0 : in[f.input][f.element];
    }

private:
    std::vector<From> from_;
};

KernelPtr in_storage_order(const LayerView& layer) {
    std::vector<From> from(layer.size());
    for (std::size_t i = 0; i < from.size(); ++i) from[i].element = static_cast<std::int64_t>(i);
    return std::make_unique<Gather>(layer, std::move(from));
}

// visit(c, y, x) in the order in which a map of this layout is stored.
template <class Visit>
void for_each_place(const Shape& shape, Layout layout, Visit visit) {
    const std::int64_t channels = shape.channels(), height = shape.height(), width = shape.width();
    if (layout == Layout::Chw) {
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t y = 0; y < height; ++y)
                for (std::int64_t x = 0; x < width; ++x) visit(c, y, x);
    } else {
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width; ++x)
                for (std::int64_t c = 0; c < channels; ++c) visit(c, y, x);
    }
}

}  // namespace

KernelPtr make(const Flatten& op, const LayerView& layer) {
    const Shape& in = layer.in();
    if (!op.order || in.layout == Layout::Vector) return in_storage_order(layer);
    std::vector<From> from;
    for_each_place(in, *op.order, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
        from.push_back({.element = in.index(c, y, x)});
    });
    return std::make_unique<Gather>(layer, std::move(from));
}

KernelPtr make(const Reshape&, const LayerView& layer) {
    return in_storage_order(layer);
}

KernelPtr make(const Concat& op, const LayerView& layer) {
    const auto length = [&](const Shape& s) {
        switch (op.axis) {
            case Axis::Channel: return s.channels();
            case Axis::Row: return s.height();
            case Axis::Column: return s.width();
        }
        return s.channels();
    };
    const Shape& out = *layer.shape;
    std::vector<From> from;
    for_each_place(out, out.layout, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
        std::int64_t& along = op.axis == Axis::Channel ? c : op.axis == Axis::Row ? y : x;
        std::size_t input = 0;
        while (input + 1 < layer.inputs.size() && along >= length(*layer.inputs[input].shape))
            along -= length(*layer.inputs[input++].shape);
        from.push_back({input, layer.inputs[input].shape->index(c, y, x)});
    });
    return std::make_unique<Gather>(layer, std::move(from));
}

KernelPtr make(const Transpose& op, const LayerView& layer) {
    const Dims& in = layer.in().dims;
    const Dims& out = layer.shape->dims;
    if (in.size() != 3 || out.size() != 3) throw layer.error("only maps are transposed; reshape the vector first");
    std::array<std::int64_t, 3> step{};  // in the input, of one step along each axis of the result
    for (std::size_t k = 0; k < 3; ++k) {
        step[k] = 1;
        for (auto a = static_cast<std::size_t>(op.axes[k]) + 1; a < 3; ++a) step[k] *= in[a];
    }
    std::vector<From> from;
    for (std::int64_t i = 0; i < out[0]; ++i)
        for (std::int64_t j = 0; j < out[1]; ++j)
            for (std::int64_t k = 0; k < out[2]; ++k)
                from.push_back({.element = i * step[0] + j * step[1] + k * step[2]});
    return std::make_unique<Gather>(layer, std::move(from));
}

KernelPtr make(const Pad& op, const LayerView& layer) {
    const Shape& in = layer.in();
    std::vector<From> from;
    for_each_place(*layer.shape, layer.shape->layout, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
        y -= op.padding.top;
        x -= op.padding.left;
        const bool inside = y >= 0 && y < in.height() && x >= 0 && x < in.width();
        from.push_back({.element = inside ? in.index(c, y, x) : -1});
    });
    return std::make_unique<Gather>(layer, std::move(from));
}

}  // namespace bittrue::explore::reference
