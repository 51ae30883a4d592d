// Operations that put elements elsewhere (L19 to L21).
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "validate_parts.hpp"

namespace bittrue::detail {

namespace {

const char* layout_name(Layout layout) {
    switch (layout) {
        case Layout::Vector: return "vector";
        case Layout::Hwc: return "hwc";
        case Layout::Chw: return "chw";
    }
    return "";
}

const char* axis_name(Axis axis) {
    switch (axis) {
        case Axis::Channel: return "channel";
        case Axis::Row: return "row";
        case Axis::Column: return "column";
    }
    return "";
}

}  // namespace

Shape check_concat(const std::string& where, const Concat& op, const std::vector<TensorInfo>& inputs) {
    Shape result = inputs.front().shape;
    const bool is_vector = result.layout == Layout::Vector;
    if (is_vector && op.axis != Axis::Channel)
        throw InputError(
            where, fmt::format("vectors have no {} axis; join them along axis = \"channel\"", axis_name(op.axis)));
    const std::size_t axis = axis_position(result.layout, op.axis);
    for (std::size_t k = 1; k < inputs.size(); ++k) {
        const Shape& other = inputs[k].shape;
        if (other.layout != result.layout) {
            throw InputError(where, fmt::format("its inputs have the different layouts {} and {}; put a transpose or a "
                                                "flatten in front of one of them",
                                                layout_name(result.layout), layout_name(other.layout)));
        }
        for (std::size_t a = 0; a < result.dims.size(); ++a) {
            if (a == axis || other.dims[a] == result.dims[a]) continue;
            throw InputError(where,
                             fmt::format("its inputs {} and {} differ along another axis than the {} axis, along "
                                         "which they are joined",
                                         print_dims(inputs[0].shape.dims), print_dims(other.dims), axis_name(op.axis)));
        }
        result.dims[axis] += other.dims[axis];
    }
    return result;
}

Shape check_transpose(const std::string& where, const Transpose& op, const Shape& in) {
    need_map(where, in);
    std::array<int, 3> sorted = op.axes;
    std::sort(sorted.begin(), sorted.end());
    if (sorted != std::array<int, 3>{0, 1, 2}) {
        throw InputError(where, fmt::format("axes must be an order of 0, 1 and 2, not {}, {}, {}", op.axes[0],
                                            op.axes[1], op.axes[2]));
    }
    if (op.layout == Layout::Vector) throw InputError(where, "the layout of a transposed map is hwc or chw");
    Shape result{.layout = op.layout, .dims = {}};
    for (const int axis : op.axes) result.dims.push_back(in.dims[static_cast<std::size_t>(axis)]);
    return result;
}

Shape check_pad(const std::string& where, const Pad& op, const Shape& in) {
    need_map(where, in);
    const Padding& p = op.padding;
    for (const int side : {p.top, p.bottom, p.left, p.right}) check_geometry(where, "the padding", side, 0);
    return make_map(in.layout, in.channels(), in.height() + p.top + p.bottom, in.width() + p.left + p.right);
}

}  // namespace bittrue::detail
