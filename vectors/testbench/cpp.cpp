#include "cpp.hpp"

#include <fmt/core.h>

#include "templates.hpp"

namespace bittrue::testbench {
namespace {

Fields one(const std::string& text) {
    return {.texts = {{"text", text}}};
}

std::string describe(const Boundary& b) {
    std::string shape;
    for (const std::int64_t size : b.dims) shape += (shape.empty() ? "" : "x") + std::to_string(size);
    const std::string words = b.plan.lanes == 1 ? "" : fmt::format(", {} in a word", b.plan.lanes);
    return fmt::format("\"{}\": {} words of {}{}.{} for each image{}", cpp_comment(b.name), shape,
                       b.format.is_signed ? "s" : "u", b.format.width, b.format.frac(), words);
}

}  // namespace

std::string cpp_string(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || c == '?') {
            out += std::string("\\") + c;
        } else if (byte < 0x20 || byte > 0x7e) {
            out += fmt::format("\\{:03o}", byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string cpp_comment(const std::string& text) {
    std::string out;
    for (const char c : text) out += c >= ' ' && c <= '~' && c != '\\' ? c : '?';
    return out;
}

Fields cpp_boundary(const Boundary& b) {
    Fields fields;
    const auto number = [&](const char* name, std::int64_t value) { fields.texts[name] = std::to_string(value); };
    const auto truth = [&](const char* name, bool value) { fields.texts[name] = value ? "true" : "false"; };
    fields.texts = {{"id", b.id}, {"comment", describe(b)}, {"name", cpp_string(b.name)}, {"file", cpp_string(b.stem)}};
    number("images", b.images);
    number("words", b.plan.words);
    number("bits", b.plan.total_bits);
    number("data_bits", b.plan.data_bits);
    number("lanes", b.plan.lanes);
    number("lane_bits", b.plan.lane_bits);
    truth("first_high", b.packing.first_high);
    truth("reverse_bits", b.packing.reverse_bits);
    truth("reverse_bytes", b.packing.reverse_bytes);
    truth("check_last", !b.last.empty());
    truth("check_keep", !b.keep.empty());
    number("width", b.plan.width);
    number("frac", b.format.frac());
    truth("is_signed", b.format.is_signed);
    number("elements", b.plan.elements);
    number("stride", b.stride);
    fields.lists = {{"axes", {}}, {"dims", {}}};
    for (const std::string& axis : b.axes) fields.lists["axes"].push_back(one(cpp_string(axis)));
    for (const std::int64_t size : b.dims) fields.lists["dims"].push_back(one(std::to_string(size)));
    Fields boundary;
    boundary.texts = {
        {"id", b.id}, {"comment", describe(b)}, {"layer", fill_in(template_text("cpp_common_layer.hpp"), fields)}};
    return boundary;
}

std::vector<SetFile> cpp_common_files() {
    std::vector<SetFile> files;
    for (const char* const name : {"words", "check"}) {
        files.push_back({.path = fmt::format("tb/bittrue_{}.hpp", name),
                         .bytes = std::string(template_text(fmt::format("cpp_common_{}.hpp", name)))});
    }
    return files;
}

}  // namespace bittrue::testbench
