#include "types.hpp"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::cli {

std::vector<std::string> split_list(const std::string& option, const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == ',') {
            parts.emplace_back();
        } else if (c != ' ') {
            parts.back() += c;
        }
    }
    for (const std::string& part : parts) {
        if (part.empty())
            throw InputError(option, fmt::format("'{}' has an empty entry; write numbers separated by commas", text));
    }
    return parts;
}

std::vector<std::int64_t> parse_words(const std::string& option, const std::string& text, Format format) {
    std::vector<std::int64_t> words;
    for (const std::string& part : split_list(option, text)) {
        try {
            words.push_back(parse_raw(part, format));
        } catch (const InputError& e) {
            throw InputError(option, e.what());
        }
    }
    return words;
}

CLI::Validator number_between(double least, double most) {
    const auto check = [least, most](const std::string& text) -> std::string {
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        if (!text.empty() && end == text.c_str() + text.size() && value >= least && value <= most) return {};
        return fmt::format("'{}' is no number from {} to {}", text, least, most);
    };
    return {check, fmt::format("from {} to {}", least, most)};
}

double parse_number(const std::string& option, const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || end != text.c_str() + text.size() || !std::isfinite(value)) {
        throw InputError(option, fmt::format("'{}' is not a finite number", text));
    }
    return value;
}

FixedType parse_option_type(const std::string& option, const std::string& text) {
    try {
        return parse_type(text);
    } catch (const InputError& e) {
        throw InputError(option, e.what());
    }
}

std::string print_events(const Events& events) {
    std::string out;
    const auto add = [&](bool set, const char* name) {
        if (!set) return;
        if (!out.empty()) out += ' ';
        out += name;
    };
    add(events.inexact, "inexact");
    add(events.above, "above");
    add(events.below, "below");
    add(events.saturated, "saturated");
    return out.empty() ? "-" : out;
}

}  // namespace bittrue::cli
