#include "import/onnx/layout.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

// Axes of length 1 hold no order.
std::vector<Axis> long_axes(const Activation& a, const std::vector<Axis>& axes) {
    std::vector<Axis> result;
    for (const Axis axis : axes) {
        if (a.length(axis) > 1) result.push_back(axis);
    }
    return result;
}

bool stored_in_order(const Activation& a) {
    return long_axes(a, a.axes) == long_axes(a, storage_order(a.shape.layout));
}

Shape shape_of_axes(const std::vector<Axis>& axes, Layout layout, const Dims& dims) {
    Dims all;
    for (const Axis axis : storage_order(layout)) {
        const auto at = std::find(axes.begin(), axes.end(), axis);
        all.push_back(at == axes.end() ? 1 : dims[static_cast<std::size_t>(at - axes.begin())]);
    }
    return {.layout = layout, .dims = all};
}

// The ONNX axes longer than 1 as the layout stores them, the fastest last.
std::vector<std::size_t> stored_axes(const std::vector<Axis>& axes, Layout layout, const Dims& dims) {
    std::vector<std::size_t> result;
    for (const Axis axis : storage_order(layout)) {
        const auto at = static_cast<std::size_t>(std::find(axes.begin(), axes.end(), axis) - axes.begin());
        if (at < axes.size() && dims[at] > 1) result.push_back(at);
    }
    return result;
}

Layout layout_of(const std::vector<Axis>& axes) {
    return axes.size() == 1 ? Layout::Vector : axes.back() == Axis::Channel ? Layout::Hwc : Layout::Chw;
}

std::vector<Axis> plain_axes(std::size_t rank) {
    return rank == 2 ? std::vector<Axis>{Axis::Channel, Axis::Column} : storage_order(Layout::Chw);
}

// A layer that changes the place of numbers, not the numbers: what they mean stays.
Activation moved(Builder& builder, const Node& node, const Activation& a, Operation op, const std::string& suffix) {
    Activation result = builder.append(node, std::move(op), {&a}, suffix);
    keep_integers(builder, a, result);
    return result;
}

Activation transpose(Builder& builder, const Node& node, const Activation& a, const std::vector<Axis>& axes,
                     Layout layout) {
    const std::vector<Axis>& stored = storage_order(a.shape.layout);
    std::vector<Axis> free;  // map axes of length 1 without an ONNX axis
    for (const Axis axis : stored) {
        if (std::find(a.axes.begin(), a.axes.end(), axis) == a.axes.end()) free.push_back(axis);
    }
    Transpose op{.axes = {0, 1, 2}, .layout = layout};
    std::size_t k = 0;
    for (const Axis axis : storage_order(layout)) {
        const auto at = std::find(axes.begin(), axes.end(), axis);
        Axis from{};
        if (at == axes.end()) {
            from = free.back();
            free.pop_back();
        } else {
            from = a.axes[static_cast<std::size_t>(at - axes.begin())];
        }
        op.axes.at(k++) = static_cast<int>(std::find(stored.begin(), stored.end(), from) - stored.begin());
    }
    return moved(builder, node, a, op, "transpose");
}

// The same numbers with these map axes behind the ONNX axes, stored in this layout.
Activation as_view(Builder& builder, const Node& node, const Activation& a, const std::vector<Axis>& axes,
                   Layout layout) {
    const Dims dims = a.dims();
    const Shape target = shape_of_axes(axes, layout, dims);
    Activation result = a;
    if (stored_axes(a.axes, a.shape.layout, dims) != stored_axes(axes, layout, dims))
        result = transpose(builder, node, a, axes, layout);
    else if (target != a.shape)
        result = moved(builder, node, a, Reshape{.shape = target}, "reshape");
    result.axes = axes;
    return result;
}

}  // namespace

std::size_t axis_index(const Node& node, const Activation& a, std::int64_t axis) {
    const auto rank = static_cast<std::int64_t>(a.onnx_rank());
    const std::int64_t positive = axis < 0 ? axis + rank : axis;
    if (positive < 0 || positive >= rank)
        refuse(node, fmt::format("has the axis {}, its input has {} axes", axis, rank));
    if (a.images && positive == 0)
        refuse(node, "works along axis 0, which counts the images; every image must be computed alone");
    return static_cast<std::size_t>(positive - (a.images ? 1 : 0));
}

Activation arrange(Builder& builder, const Node& node, const Activation& a, const std::vector<Axis>& axes) {
    return a.axes == axes ? a : as_view(builder, node, a, axes, layout_of(axes));
}

Activation like(Builder& builder, const Node& node, const Activation& a, const Activation& other) {
    return as_view(builder, node, a, other.axes, other.shape.layout);
}

Activation need_map(Builder& builder, const Node& node, const Activation& a) {
    switch (a.axes.size()) {
        case 2: return arrange(builder, node, a, {Axis::Channel, Axis::Column});
        case 3: return arrange(builder, node, a, {Axis::Channel, Axis::Row, Axis::Column});
        default: break;
    }
    refuse(node, "needs an input with one or two axes of positions beside images and channels; its input is a vector");
}

Activation need_channel(Builder& builder, const Node& node, const Activation& a, std::size_t index) {
    if (a.axes[index] == Axis::Channel) return a;
    const bool last = index + 1 == a.axes.size();
    if (a.axes.size() == 2) {
        return arrange(
            builder, node, a,
            last ? std::vector<Axis>{Axis::Column, Axis::Channel} : std::vector<Axis>{Axis::Channel, Axis::Column});
    }
    if (last) return arrange(builder, node, a, {Axis::Row, Axis::Column, Axis::Channel});
    if (index == 0) return arrange(builder, node, a, {Axis::Channel, Axis::Row, Axis::Column});
    refuse(node, "works along the middle one of three axes; the channels must be the first or the last one");
}

Activation to_vector(Builder& builder, const Node& node, const Activation& a, const std::string& suffix) {
    if (a.shape.layout == Layout::Vector) return a;
    Activation from = a;
    Flatten op;
    if (!stored_in_order(a)) {
        if (long_axes(a, a.axes) == long_axes(a, storage_order(Layout::Hwc)))
            op.order = Layout::Hwc;
        else if (long_axes(a, a.axes) == long_axes(a, storage_order(Layout::Chw)))
            op.order = Layout::Chw;
        else
            from = in_order(builder, node, a);
    }
    Activation result = moved(builder, node, from, op, suffix);
    result.axes = {Axis::Channel};
    return result;
}

Activation in_order(Builder& builder, const Node& node, const Activation& a) {
    return stored_in_order(a) ? a : as_view(builder, node, a, plain_axes(a.axes.size()), Layout::Chw);
}

Activation reshape(Builder& builder, const Node& node, const Activation& a, const Dims& dims) {
    if (dims == a.dims()) return a;
    if (element_count(dims) != a.shape.count())
        refuse(node, fmt::format("makes {} numbers of {} for every image; images must not be mixed or cut along axis 0",
                                 element_count(dims), a.shape.count()));
    if (dims.empty() || dims.size() > 3)
        refuse(node, fmt::format("makes a tensor of {} axes beside that of the images; one to three are supported",
                                 dims.size()));
    if (dims.size() == 1) return to_vector(builder, node, a);
    // Axes of length 1 may come and go without any layer.
    const std::vector<Axis> order = long_axes(a, a.axes);
    Dims long_before;
    Dims long_after;
    for (const Axis axis : order) long_before.push_back(a.length(axis));
    std::copy_if(dims.begin(), dims.end(), std::back_inserter(long_after), [](std::int64_t d) { return d > 1; });
    if (a.shape.layout != Layout::Vector && long_before == long_after) {
        std::vector<Axis> free;
        for (const Axis axis : {Axis::Column, Axis::Row, Axis::Channel}) {
            if (std::find(order.begin(), order.end(), axis) == order.end()) free.push_back(axis);
        }
        Activation result = a;
        result.axes.clear();
        std::size_t next = 0;
        for (const std::int64_t d : dims) {
            if (d > 1) {
                result.axes.push_back(order[next++]);
            } else {
                result.axes.push_back(free.back());
                free.pop_back();
            }
        }
        return result;
    }
    const Activation from = in_order(builder, node, a);
    const bool hwc = !node.outputs.empty() && builder.wanted_layout(node.outputs[0]) == Layout::Hwc;
    std::vector<Axis> axes = storage_order(hwc ? Layout::Hwc : Layout::Chw);
    if (dims.size() == 2) std::erase(axes, Axis::Row);
    Activation result = moved(builder, node, from, Reshape{.shape = shape_of_axes(axes, layout_of(axes), dims)}, "");
    result.axes = axes;
    return result;
}

std::vector<double> per_channel(Builder& builder, const Node& node, Activation& a, const Constant& c,
                                std::optional<std::int64_t> legacy_axis) {
    const auto rank = static_cast<std::int64_t>(a.onnx_rank());
    const auto own = static_cast<std::int64_t>(c.dims.size());
    if (own > rank)
        refuse(node, fmt::format("combines a constant of {} axes with an input of {}; give the constant no more axes",
                                 own, rank));
    std::int64_t first = rank - own;
    if (legacy_axis) first = *legacy_axis < 0 ? *legacy_axis + rank : *legacy_axis;
    if (first < 0 || first + own > rank) refuse(node, "has an axis that does not fit its inputs");
    if (element_count(c.dims) == 0) refuse(node, "has an empty constant");
    // The axes along which the constant has different numbers.
    std::vector<std::size_t> differs;
    std::int64_t inner = 1;
    std::vector<std::int64_t> step(c.dims.size());
    for (std::size_t i = c.dims.size(); i-- > 0;) {
        step[i] = inner;
        inner *= c.dims[i];
    }
    const Dims lengths = a.dims();
    for (std::size_t i = 0; i < c.dims.size(); ++i) {
        if (c.dims[i] == 1) continue;
        const std::int64_t axis = first + static_cast<std::int64_t>(i);
        if (a.images && axis == 0) refuse(node, "has a constant that differs from image to image along axis 0");
        const auto at = static_cast<std::size_t>(axis - (a.images ? 1 : 0));
        if (c.dims[i] != lengths[at])
            refuse(node,
                   fmt::format(
                       "has a constant of the length {} along an axis of {}; both must be equal, or the constant's 1",
                       c.dims[i], lengths[at]));
        bool same = true;
        for (std::size_t k = 0; same && k < c.values.size(); ++k) {
            const std::int64_t place = static_cast<std::int64_t>(k) / step[i] % c.dims[i];
            same = c.values[k] == c.values[k - static_cast<std::size_t>(place * step[i])];
        }
        if (!same) differs.push_back(i);
    }
    if (differs.empty()) return {c.values[0]};
    if (differs.size() > 1)
        refuse(node, "has a constant that differs along several axes; one number for each channel is supported");
    const std::size_t i = differs[0];
    const std::int64_t axis = first + static_cast<std::int64_t>(i);
    a = need_channel(builder, node, a, static_cast<std::size_t>(axis - (a.images ? 1 : 0)));
    std::vector<double> numbers;
    for (std::int64_t k = 0; k < c.dims[i]; ++k) numbers.push_back(c.values[static_cast<std::size_t>(k * step[i])]);
    return numbers;
}

}  // namespace bittrue::onnx_import
