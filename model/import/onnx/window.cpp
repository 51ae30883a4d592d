#include "import/onnx/window.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bittrue::onnx_import {

namespace {

// One number per axis of positions, as rows and columns.
std::array<int, 2> pair_of(const Node& node, const char* attribute, std::size_t positions,
                           const std::vector<std::int64_t>& numbers) {
    if (numbers.size() != positions)
        refuse(node, fmt::format("has {} numbers in '{}', its input has {} axes of positions", numbers.size(),
                                 attribute, positions));
    for (const std::int64_t n : numbers) {
        if (n < 1) refuse(node, fmt::format("has {} in '{}'; 1 or more is possible", n, attribute));
    }
    const int last = small_number(node, attribute, numbers.back());
    return {positions == 1 ? 1 : small_number(node, attribute, numbers[0]), last};
}

}  // namespace

int small_number(const Node& node, const char* what, std::int64_t number) {
    constexpr std::int64_t kMost = 1 << 20;
    if (number < -kMost || number > kMost)
        refuse(node, fmt::format("has {} in '{}', which is out of range", number, what));
    return static_cast<int>(number);
}

Window2d window_of(const Node& node, std::size_t positions, const Dims& kernel) {
    const std::vector<std::int64_t> ones(positions, 1);
    const std::vector<std::int64_t> size = node.integers("kernel_shape", kernel);
    if (size.empty()) refuse(node, "lacks the attribute 'kernel_shape'");
    if (!kernel.empty() && size != kernel)
        refuse(node, fmt::format("has the kernel_shape {}, its weights have {}", fmt::join(size, "x"),
                                 fmt::join(kernel, "x")));
    Window2d window;
    const auto k = pair_of(node, "kernel_shape", positions, size);
    window.kernel = {k[0], k[1]};
    window.stride = pair_of(node, "strides", positions, node.integers("strides", ones));
    window.dilation = pair_of(node, "dilations", positions, node.integers("dilations", ones));
    return window;
}

Padding padding_of(const Node& node, std::size_t positions, const std::vector<std::int64_t>& pads) {
    if (pads.size() != 2 * positions)
        refuse(node, fmt::format("has {} numbers in 'pads', two for every axis of positions are needed", pads.size()));
    for (const std::int64_t p : pads) {
        if (p < 0) refuse(node, "has negative pads, which cut the map; export the model without them");
    }
    const auto at = [&](std::size_t i) { return small_number(node, "pads", pads[i]); };
    if (pads.size() == 2) return {.top = 0, .bottom = 0, .left = at(0), .right = at(1)};
    return {.top = at(0), .bottom = at(2), .left = at(1), .right = at(3)};
}

Padding padding_of(const Node& node, std::size_t positions, const Shape& in, const Window2d& window) {
    const std::string mode = node.text("auto_pad", "NOTSET");
    if (mode == "VALID") return {};
    if (mode == "SAME_UPPER") return detail::same_padding(in, window);
    if (mode == "SAME_LOWER") {
        const Padding p = detail::same_padding(in, window);
        return {.top = p.bottom, .bottom = p.top, .left = p.right, .right = p.left};
    }
    if (mode != "NOTSET" && !mode.empty())
        refuse(node, fmt::format("has the auto_pad '{}'; NOTSET, VALID, SAME_UPPER and SAME_LOWER are possible", mode));
    return node.has("pads") ? padding_of(node, positions, node.integers("pads", {})) : Padding{};
}

}  // namespace bittrue::onnx_import
