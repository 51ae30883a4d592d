#include "import/network_text.hpp"

#include <fmt/format.h>

namespace bittrue::detail {

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            result += fmt::format("\\{}", c);
        else if (code < 0x20 || code == 0x7f)
            result += fmt::format("\\u{:04x}", code);
        else
            result += c;
    }
    return result + "\"";
}

// A comment must stay on its line.
std::string comment_text(const std::string& text) {
    std::string result;
    for (const char c : text) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return result;
}

std::string pair_text(std::array<int, 2> p) {
    return fmt::format("[{}, {}]", p[0], p[1]);
}

std::string padding_text(const Padding& p) {
    return p == Padding{} ? "\"valid\"" : fmt::format("[{}, {}, {}, {}]", p.top, p.bottom, p.left, p.right);
}

std::string real_text(double x) {
    const std::string text = fmt::format("{}", x);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string layout_name(Layout layout) {
    switch (layout) {
        case Layout::Vector: return "vector";
        case Layout::Hwc: return "hwc";
        case Layout::Chw: return "chw";
    }
    return "";
}

std::string padding_list(const Padding& p) {
    return fmt::format("[{}, {}, {}, {}]", p.top, p.bottom, p.left, p.right);
}

std::string axis_name(Axis axis) {
    switch (axis) {
        case Axis::Channel: return "channel";
        case Axis::Row: return "row";
        case Axis::Column: return "column";
    }
    return "";
}

std::string rule_name(RequantizeRule rule) {
    switch (rule) {
        case RequantizeRule::Exact: return "exact";
        case RequantizeRule::TfliteDouble: return "tflite_double";
        case RequantizeRule::Float32: return "float32";
    }
    return "";
}

std::string key_line(const std::string& key, const std::string& value, const std::string& note) {
    constexpr std::size_t kKeyWidth = 15;
    std::string text = fmt::format("{:<{}} = {}", key, kKeyWidth, value);
    if (!note.empty()) text = fmt::format("{:<60} # {}", text, comment_text(note));
    return text + "\n";
}

}  // namespace bittrue::detail
