#include "import/onnx/arrays.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "import/real_arrays.hpp"

namespace bittrue::onnx_import {

namespace {

void add(std::vector<NamedReals>& arrays, const OnnxFile& file, const std::string& name, const Constant& c) {
    constexpr double kExact = 0x1p53;
    const bool open = c.values.size() == 1 && !std::isfinite(c.values[0]);
    const bool exact = std::all_of(c.values.begin(), c.values.end(),
                                   [&](double x) { return !is_integer(c.type) || std::abs(x) <= kExact; });
    if (open || !exact) return;
    arrays.push_back({.name = name, .tensor = {.dims = c.dims, .values = c.values}});
    detail::check_finite(fmt::format("{}: initializer '{}'", file.path, name), arrays.back().tensor);
}

}  // namespace

std::vector<NamedReals> arrays_of(const OnnxFile& file) {
    std::vector<NamedReals> arrays;
    for (const ConstantPtr& c : file.initializers) add(arrays, file, c->source, *c);
    for (const Node& n : file.nodes) {
        const auto value = n.attributes.find("value");
        if (n.op == "Constant" && n.outputs.size() == 1 && value != n.attributes.end() && value->second.tensor)
            add(arrays, file, n.outputs[0], *value->second.tensor);
    }
    return arrays;
}

}  // namespace bittrue::onnx_import
