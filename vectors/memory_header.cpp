#include "memory_header.hpp"

#include <array>
#include <charconv>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "manifest.hpp"

namespace bittrue {
namespace {

constexpr std::string_view kShapeBegin = "shape ";
constexpr std::string_view kShapeEnd = ", one word a line, the last axis fastest";

// Takes an integer from the front of `text`.
template <class Integer>
std::optional<Integer> take_integer(std::string_view& text) {
    Integer value{};
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return {};
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    return value;
}

std::optional<std::string_view> take_comment(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("// ")) return {};
    return line.substr(3);
}

std::optional<Format> read_format(std::string_view line) {
    const bool is_signed = line.find("unsigned") == std::string_view::npos;
    std::string_view rest = line;
    const auto width = take_integer<int>(rest);
    constexpr std::string_view between = " bits, ";
    if (!width || *width < 1 || *width > kMaxStoredWidth || !rest.starts_with(between)) return {};
    rest.remove_prefix(between.size());
    const auto frac = take_integer<int>(rest);
    if (!frac || *frac < -kMaxInteger || *frac > kMaxInteger + kMaxStoredWidth) return {};
    const Format format{.width = *width, .integer = *width - *frac, .is_signed = is_signed};
    if (format.integer < -kMaxInteger || format.integer > kMaxInteger || format_line(format) != line) return {};
    return format;
}

std::optional<FixedType> read_type(std::string_view line) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) {
        const auto format = read_format(line);
        return format ? std::optional(FixedType{.format = *format}) : std::nullopt;
    }
    try {
        const FixedType type = parse_type(std::string(line.substr(0, colon)));
        return format_line(type) == line ? std::optional(type) : std::nullopt;
    } catch (const InputError&) {
        return {};  // a comment of somebody else
    }
}

std::optional<Dims> read_dims(std::string_view text) {
    Dims dims;
    std::string_view rest = text;
    for (;;) {
        const auto dim = take_integer<std::int64_t>(rest);
        if (!dim) return {};
        dims.push_back(*dim);
        if (rest.empty()) return print_dims(dims) == text ? std::optional(dims) : std::nullopt;
        if (rest.front() != 'x') return {};
        rest.remove_prefix(1);
    }
}

}  // namespace

std::string format_line(Format format) {
    return std::to_string(format.width) + " bits, " + std::to_string(format.frac()) + " of them fraction, " +
           (format.is_signed ? "signed (two's complement)" : "unsigned");
}

std::string format_line(const FixedType& type) {
    return print_type(type) + ": " + format_line(type.format);
}

std::string shape_line(const Dims& dims, const std::string& axes) {
    return std::string(kShapeBegin) + print_dims(dims) + (axes.empty() ? "" : " (" + axes + ")") +
           std::string(kShapeEnd);
}

std::optional<MemoryHeader> read_memory_header(std::string_view text) {
    std::array<std::string_view, 3> lines;
    for (std::string_view& line : lines) {
        const auto comment = take_comment(text);
        if (!comment) return {};
        line = *comment;
    }
    if (!lines[0].starts_with("layer ") && !lines[0].starts_with("parameter ")) return {};
    std::string_view shape = lines[2];
    if (!shape.starts_with(kShapeBegin) || !shape.ends_with(kShapeEnd)) return {};
    shape.remove_prefix(kShapeBegin.size());
    shape.remove_suffix(kShapeEnd.size());
    const std::string_view sizes = shape.substr(0, shape.find(' '));
    const auto type = read_type(lines[1]);
    const auto dims = read_dims(sizes);
    if (!type || !dims) return {};
    MemoryHeader header{.type = *type, .dims = *dims, .layout = {}};
    for (const std::optional<Layout> layout :
         std::array<std::optional<Layout>, 4>{Layout::Vector, Layout::Hwc, Layout::Chw, {}}) {
        if (shape_line(*dims, layout_text(layout)) == lines[2]) {
            header.layout = layout;
            return header;
        }
    }
    return shape_line(*dims, {}) == lines[2] ? std::optional(header) : std::nullopt;
}

}  // namespace bittrue
