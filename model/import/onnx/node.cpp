// Attributes of a node by kind.
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "import/onnx/onnx_file.hpp"

namespace bittrue::onnx_import {

namespace {

const Attribute* find(const Node& node, const char* name, AttributeKind kind, const char* what) {
    const auto it = node.attributes.find(name);
    if (it == node.attributes.end()) return nullptr;
    if (it->second.kind != kind)
        throw InputError(node.where, fmt::format("has an attribute '{}' that is not {}", name, what));
    return &it->second;
}

}  // namespace

std::int64_t Node::integer(const char* attribute, std::int64_t otherwise) const {
    const Attribute* a = find(*this, attribute, AttributeKind::Int, "an integer");
    return a == nullptr ? otherwise : a->ints[0];
}

double Node::real(const char* attribute, double otherwise) const {
    const auto it = attributes.find(attribute);
    if (it != attributes.end() && it->second.kind == AttributeKind::Int) return static_cast<double>(it->second.ints[0]);
    const Attribute* a = find(*this, attribute, AttributeKind::Float, "a number");
    return a == nullptr ? otherwise : a->floats[0];
}

std::string Node::text(const char* attribute, const std::string& otherwise) const {
    const Attribute* a = find(*this, attribute, AttributeKind::Text, "a text");
    return a == nullptr ? otherwise : a->text;
}

std::vector<std::int64_t> Node::integers(const char* attribute, const std::vector<std::int64_t>& otherwise) const {
    // An empty list has no kind in files of old writers.
    const auto it = attributes.find(attribute);
    if (it != attributes.end() && it->second.kind == AttributeKind::Other) return {};
    const Attribute* a = find(*this, attribute, AttributeKind::Ints, "a list of integers");
    return a == nullptr ? otherwise : a->ints;
}

}  // namespace bittrue::onnx_import
