#include "validate_parts.hpp"

#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::detail {

namespace {

constexpr std::int64_t kMaxElements = (std::int64_t{1} << 31) - 1;

// Product of positive dimensions, or -1 when one is below 1 or the product exceeds kMaxElements.
std::int64_t safe_count(const Dims& dims) {
    std::int64_t count = 1;
    for (const std::int64_t d : dims) {
        if (d < 1 || d > kMaxElements / count) return -1;
        count *= d;
    }
    return count;
}

}  // namespace

void check_parameter(const std::string& where, const std::string& role, const Parameter& p, bool infinity_allowed) {
    check_type(where, role, p.type);
    const std::int64_t count = safe_count(p.dims);
    if (count < 0)
        throw InputError(where, fmt::format("the {} have the impossible shape {}", role, print_dims(p.dims)));
    if (p.real.empty() == p.raw.empty()) {
        throw InputError(where, fmt::format("the {} must be given either as real numbers or as raw integers", role));
    }
    const std::size_t given = p.is_raw() ? p.raw.size() : p.real.size();
    if (given != static_cast<std::size_t>(count)) {
        throw InputError(where, fmt::format("the {} have {} numbers, their shape {} needs {}", role, given,
                                            print_dims(p.dims), count));
    }
    for (std::size_t i = 0; i < p.real.size(); ++i) {
        const double x = p.real[i];
        if (std::isfinite(x) || (infinity_allowed && std::isinf(x))) continue;
        throw InputError(
            where,
            fmt::format("the {} hold {} at flat index {}; only finite numbers have a fixed-point word", role, x, i));
    }
    for (std::size_t i = 0; i < p.raw.size(); ++i) {
        const Format f = p.type.format;
        if (word_from_pattern(pattern_from_word(p.raw[i], f), f) == p.raw[i]) continue;
        throw InputError(where, fmt::format("the raw {} hold {} at flat index {}, outside of {} ({} to {})", role,
                                            p.raw[i], i, print_type(p.type), raw_min(f), raw_max(f)));
    }
    if (p.quantizer != WeightQuantizer::Cast && (!p.type.format.is_signed || p.type.format.width < 2)) {
        throw InputError(where, fmt::format("sign and bipolar {} need a signed type of at least 2 bits, not {}", role,
                                            print_type(p.type)));
    }
}

void need_map(const std::string& where, const Shape& shape) {
    if (shape.layout == Layout::Vector) {
        throw InputError(
            where,
            fmt::format("it needs a feature map of three axes, its input is a vector of {}; put a reshape in front",
                        shape.count()));
    }
}

void check_geometry(const std::string& where, const char* what, int value, int least) {
    if (value < least || value > kMaxGeometry) {
        throw InputError(where, fmt::format("{} must be {} to {}, not {}", what, least, kMaxGeometry, value));
    }
}

void check_shape(const std::string& where, const Shape& shape) {
    const std::size_t axes = shape.layout == Layout::Vector ? 1 : 3;
    if (shape.dims.size() != axes) {
        throw InputError(where, fmt::format("the shape has {} axes, its layout needs {}", shape.dims.size(), axes));
    }
    if (safe_count(shape.dims) < 0) {
        throw InputError(where, fmt::format("the shape {} must have positive axes and fewer than 2^31 elements",
                                            print_dims(shape.dims)));
    }
}

void check_type(const std::string& where, const std::string& role, const FixedType& type) {
    if (const auto reason = reason_invalid(type); !reason.empty()) {
        throw InputError(where, fmt::format("the type of {} is not possible: {}", role, reason));
    }
}

void check_range(const std::string& where, const InputSpec& input) {
    if (!input.range) return;
    const auto [low, high] = *input.range;
    if (!std::isfinite(low) || !std::isfinite(high) || low > high) {
        throw InputError(
            where,
            fmt::format("the declared range must be two finite numbers, the lower first, not {} to {}", low, high));
    }
    const InputRaws raws = input_raws(input);
    if (raws.low <= raws.high) return;
    const int frac = input.type.format.frac();
    throw InputError(
        where, fmt::format("no word of {} has a value from {} to {}; its words are steps of {} from {} to {}",
                           print_type(input.type), low, high, value_of(1, frac), value_of(range_min(input.type), frac),
                           value_of(range_max(input.type), frac)));
}

}  // namespace bittrue::detail
