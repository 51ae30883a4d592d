#include "memory_header.hpp"

#include <array>
#include <charconv>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npy.hpp"
#include "manifest.hpp"
#include "packer.hpp"
#include "word_parts.hpp"

namespace bittrue {
namespace {

constexpr std::string_view kShapeBegin = "shape ";
constexpr std::string_view kPlainEnd = ", one word a line, the last axis fastest";
constexpr std::string_view kPacked = ", packed ";
constexpr std::string_view kParameter = "parameter ";

// Takes an integer from the front of `text`.
template <class Integer>
std::optional<Integer> take_integer(std::string_view& text) {
    Integer value{};
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return {};
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    return value;
}

std::optional<std::string_view> take_comment(std::string_view& text, std::string_view prefix) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with(prefix)) return {};
    return line.substr(prefix.size());
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
    std::int64_t count = 1;
    std::string_view rest = text;
    for (;;) {
        const auto dim = take_integer<std::int64_t>(rest);
        if (!dim || *dim < 0 || (*dim > 0 && count > kMaxArrayElements / *dim)) return {};
        count *= *dim;
        dims.push_back(*dim);
        if (rest.empty()) return print_dims(dims) == text ? std::optional(dims) : std::nullopt;
        if (rest.front() != 'x') return {};
        rest.remove_prefix(1);
    }
}

std::string dims_and_axes(const Dims& dims, const std::string& axes) {
    return std::string(kShapeBegin) + print_dims(dims) + (axes.empty() ? "" : " (" + axes + ")");
}

// The packing of a shape line, and the axes with which the line is written again exactly so.
bool read_packing(MemoryHeader& header, std::string_view line) {
    const std::size_t begin = line.find(kPacked);
    if (begin != std::string_view::npos) {
        std::string_view text = line.substr(begin + kPacked.size());
        try {
            header.packing = parse_packing(std::string(text.substr(0, text.find(':'))));
        } catch (const InputError&) {
            return false;  // a comment of somebody else
        }
    }
    for (const std::optional<Layout> layout :
         std::array<std::optional<Layout>, 4>{Layout::Vector, Layout::Hwc, Layout::Chw, {}}) {
        header.layout = layout;
        for (const std::string& axes : {layout_text(layout), std::string()}) {
            if (axes.empty() && layout) continue;
            try {
                if (begin == std::string_view::npos
                        ? shape_line(header.dims, axes) == line
                        : packed_line(header.dims, axes, header.packing, header.shape()) == line) {
                    return true;
                }
            } catch (const InputError&) {
                continue;  // a packing that does not fit this shape
            }
        }
    }
    return false;
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
    return dims_and_axes(dims, axes) + std::string(kPlainEnd);
}

std::string packed_line(const Dims& dims, const std::string& axes, const Packing& packing, const PackedShape& shape) {
    const PackingPlan plan = plan_packing(packing, shape, "packing");
    return dims_and_axes(dims, axes) + std::string(kPacked) + print_packing(packing) + ": " +
           std::to_string(plan.words) + (plan.words == 1 ? " word of " : " words of ") +
           std::to_string(plan.total_bits) + (plan.total_bits == 1 ? " bit" : " bits") +
           (shape.dims.size() == dims.size() ? " an image" : "") + ", one a line";
}

std::vector<std::string> header_lines(const WordFileContext& context) {
    const Dims& dims = context.shape.dims;
    const Dims shown = context.parameter ? Dims(dims.begin() + 1, dims.end()) : dims;
    const std::string axes =
        context.axes.empty() && context.shape.layout ? layout_text(context.shape.layout) : context.axes;
    const std::string quoted = Json(context.name).dump(-1, ' ', false, Json::error_handler_t::replace);
    return {context.title.empty() ? (context.parameter ? "parameter " : "layer ") + quoted : context.title,
            context.meaning.empty() ? format_line(context.shape.format) : context.meaning,
            context.packing == Packing{} ? shape_line(shown, axes)
                                         : packed_line(shown, axes, context.packing, context.shape)};
}

PackedShape MemoryHeader::shape() const {
    PackedShape shape{.format = type.format, .dims = dims, .layout = layout};
    if (parameter) shape.dims.insert(shape.dims.begin(), 1);
    return shape;
}

std::optional<MemoryHeader> read_memory_header(std::string_view text, std::string_view prefix) {
    std::array<std::string_view, 3> lines;
    for (std::string_view& line : lines) {
        const auto comment = take_comment(text, prefix);
        if (!comment) return {};
        line = *comment;
    }
    MemoryHeader header{.parameter = lines[0].starts_with(kParameter)};
    if (!header.parameter && !lines[0].starts_with("layer ")) return {};
    if (!lines[2].starts_with(kShapeBegin)) return {};
    const std::string_view sizes = lines[2].substr(kShapeBegin.size());
    const auto type = read_type(lines[1]);
    const auto dims = read_dims(sizes.substr(0, sizes.find_first_of(" ,")));
    if (!type || !dims) return {};
    header.type = *type;
    header.dims = *dims;
    return read_packing(header, lines[2]) ? std::optional(header) : std::nullopt;
}

void apply_header(FileWords& words, std::string_view text, std::string_view prefix) {
    const std::optional<MemoryHeader> header = read_memory_header(text, prefix);
    if (!header) return;
    words.type = header->type;
    words.format = header->type.format;
    words.parameter = header->parameter;
    const PackingPlan plan = plan_packing(header->packing, header->shape(), "packing");
    if (words.size() != static_cast<std::size_t>(plan.images * plan.words)) return;
    if (words.packed) {
        if (!narrow(*words.packed, plan.total_bits)) return;
        words.bits_known = true;
    }
    words.dims = header->dims;
    words.layout = header->layout;
    words.packing = header->packing;
}

}  // namespace bittrue
