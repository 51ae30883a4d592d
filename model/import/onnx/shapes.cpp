#include <algorithm>

#include <fmt/format.h>

#include "import/onnx/converters.hpp"
#include "import/onnx/fold.hpp"
#include "import/onnx/layout.hpp"
#include "import/onnx/quantized.hpp"
#include "import/onnx/window.hpp"

namespace bittrue::onnx_import {

namespace {

// The attribute of older opsets or the input of newer ones.
std::optional<std::vector<std::int64_t>> numbers_of(const Builder& builder, const Node& node, const char* attribute,
                                                    std::size_t input) {
    if (node.has(attribute)) return node.integers(attribute, {});
    const ConstantPtr c = builder.optional_constant(node, input);
    if (!c) return std::nullopt;
    return indices_of(node, *c);
}

// The first number of a target shape must keep the images apart.
bool is_image_axis(const Builder& builder, std::int64_t first) {
    return first == builder.batch() || first == 0 || first == -1;
}

// The target of a Reshape without the image axis, with 0 (keep) and -1 (the rest) filled in.
Dims target_of(const Builder& builder, const Node& node, const Activation& a, const std::vector<std::int64_t>& target,
               bool& images) {
    const Dims before = a.dims();
    images = a.images;
    const auto resolve = [&](std::size_t from) {
        Dims dims;
        std::int64_t known = 1;
        std::optional<std::size_t> open;
        for (std::size_t i = from; i < target.size(); ++i) {
            std::int64_t d = target[i];
            const std::size_t old = i - (a.images ? 1 : 0);
            if (d == 0 && node.integer("allowzero", 0) == 0 && i >= (a.images ? 1U : 0U) && old < before.size())
                d = before[old];
            if (d == -1 && !open)
                open = dims.size();
            else if (d < 1 || d > a.shape.count() / known)
                return Dims{};
            else
                known *= d;
            dims.push_back(d);
        }
        if (open) dims[*open] = a.shape.count() / known;
        return element_count(dims) == a.shape.count() && !dims.empty() ? dims : Dims{};
    };
    if (target.size() > 1 && is_image_axis(builder, target[0])) {
        const Dims dims = resolve(1);
        if (!dims.empty()) {
            images = true;
            return dims;
        }
    }
    // A single image may be written without its axis.
    if (!target.empty() && builder.batch() == 1) {
        const Dims dims = resolve(0);
        if (!dims.empty() && (dims.size() == 1 || !a.images)) {
            images = false;
            return dims;
        }
    }
    refuse(node, fmt::format("reshapes {} numbers of every image to {}; the first axis must stay that of the images, "
                             "and the others hold all numbers of one",
                             a.shape.count(), print_dims(target)));
}

// Axes of a tensor of `rank` axes, sorted, without repetition.
std::vector<std::int64_t> sorted_axes(const Node& node, std::vector<std::int64_t> axes, std::int64_t rank) {
    for (std::int64_t& axis : axes) {
        if (axis < -rank || axis >= rank) refuse(node, fmt::format("has the axis {} of {} axes", axis, rank));
        if (axis < 0) axis += rank;
    }
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) refuse(node, "names an axis twice");
    return axes;
}

}  // namespace

void convert_identity(Builder& builder, const Node& node) {
    builder.set(node, builder.stored(node, 0));
}

void convert_dropout(Builder& builder, const Node& node) {
    builder.note(fmt::format("{} has no effect at inference and is left out",
                             node.name.empty() ? "a Dropout" : node.name + " (Dropout)"));
    convert_identity(builder, node);
}

void convert_cast(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    const ElementType to = cast_target(node);
    if (to == ElementType::Real)
        return builder.set(node, a.content == Content::Integers ? integers_as_reals(builder, node, a) : a);
    if (a.content == Content::Integers && to == ElementType::Int32) return builder.set(node, a);
    refuse(node, "casts numbers of the image to integers, which cuts them off; use a QuantizeLinear or leave it out");
}

void convert_flatten(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    const std::int64_t axis = node.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(a.onnx_rank());
    const std::int64_t positive = axis < 0 ? axis + rank : axis;
    const Dims dims = a.dims();
    // All numbers of an image in one row: the axes in front of `axis` hold images only.
    std::int64_t rows = 1;
    for (std::int64_t i = 1; i < positive && i < rank; ++i) rows *= dims[static_cast<std::size_t>(i - 1)];
    const bool whole =
        a.images && positive >= 0 && positive <= rank && rows == 1 && (positive > 0 || builder.batch() == 1);
    if (!whole || (positive == rank && rank > 1 && a.shape.count() > 1))
        refuse(node, fmt::format("flattens from axis {}, which mixes images or splits one; axis 1 is supported", axis));
    builder.set(node, reshape(builder, node, a, {a.shape.count()}));
}

void convert_reshape(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    const auto target = numbers_of(builder, node, "shape", 1);
    if (!target) refuse(node, "has no shape");
    bool images = true;
    const Dims dims = target_of(builder, node, a, *target, images);
    Activation result = reshape(builder, node, a, dims);
    result.images = images;
    builder.set(node, std::move(result));
}

void convert_squeeze(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    const auto axes = numbers_of(builder, node, "axes", 1);
    Dims dims = a.dims();
    bool images = a.images;
    if (axes) {
        std::vector<std::int64_t> sorted = sorted_axes(node, *axes, static_cast<std::int64_t>(a.onnx_rank()));
        for (std::size_t i = sorted.size(); i-- > 0;) {
            std::int64_t at = sorted[i];
            if (a.images && at-- == 0) {
                if (builder.batch() != 1) refuse(node, "removes axis 0, which counts the images");
                images = false;
            } else if (dims[static_cast<std::size_t>(at)] != 1) {
                refuse(node, fmt::format("removes an axis of the length {}; only axes of length 1 can go",
                                         dims[static_cast<std::size_t>(at)]));
            } else {
                dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
    } else {
        std::erase(dims, 1);
        images = images && builder.batch() != 1;
    }
    if (dims.empty()) dims = {1};
    Activation result = reshape(builder, node, a, dims);
    result.images = images;
    builder.set(node, std::move(result));
}

void convert_unsqueeze(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    const auto axes = numbers_of(builder, node, "axes", 1);
    if (!axes) refuse(node, "has no axes");
    const auto rank = static_cast<std::int64_t>(a.onnx_rank() + axes->size());
    Dims dims = a.dims();
    bool images = a.images;
    for (std::int64_t at : sorted_axes(node, *axes, rank)) {
        if (at == 0 && a.images) refuse(node, "puts an axis in front of that of the images");
        if (at == 0 && !images && builder.batch() == 1) {
            images = true;
            continue;
        }
        dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(at - (images ? 1 : 0)), 1);
    }
    Activation result = reshape(builder, node, a, dims);
    result.images = images;
    builder.set(node, std::move(result));
}

void convert_transpose(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    const auto rank = static_cast<std::int64_t>(a.onnx_rank());
    std::vector<std::int64_t> perm = node.integers("perm", {});
    if (perm.empty()) {
        for (std::int64_t i = rank; i-- > 0;) perm.push_back(i);
    }
    std::vector<std::int64_t> sorted = sorted_axes(node, perm, rank);
    if (static_cast<std::int64_t>(sorted.size()) != rank)
        refuse(node, fmt::format("has {} axes in 'perm', its input has {}", perm.size(), rank));
    if (a.images && perm[0] != 0)
        refuse(node, "moves axis 0, which counts the images; every image must be computed alone");
    Activation result = a;
    for (std::size_t i = 0; i < a.axes.size(); ++i) {
        const std::size_t from = i + (a.images ? 1 : 0);
        result.axes[i] = a.axes[static_cast<std::size_t>(perm[from]) - (a.images ? 1 : 0)];
    }
    builder.set(node, std::move(result));
}

void convert_pad(Builder& builder, const Node& node) {
    Activation a = builder.activation(node, 0);
    const std::string mode = node.text("mode", "constant");
    if (mode != "constant") refuse(node, fmt::format("pads by the mode '{}'; constant zeros are supported", mode));
    const auto pads = numbers_of(builder, node, node.has("paddings") ? "paddings" : "pads", 1);
    if (!pads) refuse(node, "has no pads");
    double fill = node.real("value", 0);
    if (const ConstantPtr c = builder.optional_constant(node, 2)) fill = c->values.empty() ? 0 : c->values[0];
    if (fill != 0) refuse(node, fmt::format("pads with {}; only zeros are supported", fill));
    const std::size_t rank = a.onnx_rank();
    std::vector<std::int64_t> axes;
    if (const ConstantPtr c = builder.optional_constant(node, 3))
        axes = sorted_axes(node, indices_of(node, *c), static_cast<std::int64_t>(rank));
    else
        for (std::size_t i = 0; i < rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
    if (pads->size() != 2 * axes.size())
        refuse(node, fmt::format("has {} pads for {} axes; two for each are needed", pads->size(), axes.size()));
    // Starts and ends of all ONNX axes behind the image axis.
    std::vector<std::pair<std::int64_t, std::int64_t>> frame(a.axes.size());
    bool any = false;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::pair<std::int64_t, std::int64_t> both{(*pads)[i], (*pads)[i + axes.size()]};
        if (both.first == 0 && both.second == 0) continue;
        frame[axis_index(node, a, axes[i])] = both;
        any = true;
    }
    if (!any) return builder.set(node, a);
    if (a.axes.size() < 2) refuse(node, "pads a vector; only the rows and columns of a map can be padded");
    // The channels are not padded; an NCHW map is one already.
    if (frame[0].first != 0 || frame[0].second != 0) a = need_channel(builder, node, a, a.axes.size() - 1);
    Padding p;
    for (std::size_t i = 0; i < frame.size(); ++i) {
        const int before = small_number(node, "pads", frame[i].first);
        const int after = small_number(node, "pads", frame[i].second);
        if (before < 0 || after < 0)
            refuse(node, "has negative pads, which cut the map; export the model without them");
        switch (a.axes[i]) {
            case Axis::Channel:
                if (before != 0 || after != 0) refuse(node, "pads the channels; only rows and columns can be padded");
                break;
            case Axis::Row: p.top = before, p.bottom = after; break;
            case Axis::Column: p.left = before, p.right = after; break;
        }
    }
    builder.set(node, builder.append(node, Pad{.padding = p}, {&a}));
}

void convert_concat(Builder& builder, const Node& node) {
    std::vector<Activation> inputs;
    const bool legacy = builder.opset() < 4;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (builder.is_constant(node, i))
            refuse(node,
                   fmt::format("joins the constant '{}' with numbers of the image, for which bittrue has no operation",
                               node.inputs[i]));
        inputs.push_back(builder.activation(node, i));
    }
    if (!legacy && !node.has("axis")) refuse(node, "lacks the attribute 'axis'");
    const std::size_t index = axis_index(node, inputs[0], node.integer("axis", 1));
    if (inputs.size() == 1) return builder.set(node, inputs[0]);
    std::vector<const Activation*> pointers;
    for (Activation& a : inputs) {
        Dims dims = a.dims();
        if (dims.size() == inputs[0].axes.size()) dims[index] = inputs[0].dims()[index];
        if (dims != inputs[0].dims() || a.images != inputs[0].images)
            refuse(node, fmt::format("joins the shapes {} and {}, which differ along another axis, too",
                                     print_dims(inputs[0].dims()), print_dims(a.dims())));
        a = like(builder, node, a, inputs[0]);
        pointers.push_back(&a);
    }
    builder.set(node, builder.append(node, Concat{.axis = inputs[0].axes[index]}, pointers));
}

}  // namespace bittrue::onnx_import
