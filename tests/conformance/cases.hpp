// Reads the vendors' results under shared/conformance: what a cast or an accumulation gave in their own arithmetic
// headers. Knows nothing of the engines; each engine has its own program that compares itself with these cases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue::conformance {

inline std::filesystem::path folder() {
    return std::filesystem::path(BITTRUE_SOURCE_DIR) / "../shared/conformance";
}

// One line of cast_*_fixed.csv: `expected` has the raw result of every bit pattern of the source, in order.
struct CastCase {
    std::string text{};
    Format from{};
    FixedType to{};
    std::vector<std::int64_t> expected{};
};

// One line of dot_ap_fixed.txt: `expected` has the accumulator before the first and after each product.
struct DotCase {
    std::string text{};
    Format weight{};
    Format input{};
    FixedType accumulator{};
    Format bias{};
    std::int64_t bias_raw = 0;
    std::vector<std::int64_t> weights{}, inputs{}, expected{};
};

inline std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

inline std::vector<std::int64_t> integers(const std::string& text) {
    std::vector<std::int64_t> numbers;
    std::istringstream stream(text);
    for (std::int64_t n = 0; stream >> n;) numbers.push_back(n);
    return numbers;
}

// Without the vendor's prefix: "TRN_ZERO", "SAT_SYM".
inline Rounding rounding_of(const std::string& name) {
    const char* const names[] = {"TRN",         "TRN_ZERO", "RND",      "RND_ZERO",
                                 "RND_MIN_INF", "RND_INF",  "RND_CONV", "RND_CONV_ODD"};
    for (std::size_t i = 0; i < std::size(names); ++i) {
        if (name == names[i]) return kAllRoundings[i];
    }
    throw std::runtime_error("not a rounding: " + name);
}
inline Overflow overflow_of(const std::string& name) {
    const char* const names[] = {"WRAP", "SAT", "SAT_ZERO", "SAT_SYM", "WRAP_SM"};
    for (std::size_t i = 0; i < std::size(names); ++i) {
        if (name == names[i]) return kAllOverflows[i];
    }
    throw std::runtime_error("not an overflow mode: " + name);
}
inline Dialect dialect_of(const std::string& name) {
    const char* const names[] = {"ap", "ac", "sc"};
    for (std::size_t i = 0; i < std::size(names); ++i) {
        if (name == names[i]) return kAllDialects[i];
    }
    throw std::runtime_error("not a dialect: " + name);
}

// "ap_fixed<6;3>", "sc_ufixed<4;1>", "ac_fixed<5;5;false>"
inline Format format_of(const std::string& type) {
    const auto open = type.find('<');
    const auto parts = split(type.substr(open + 1, type.find('>') - open - 1), ';');
    const bool is_unsigned = type.find("_ufixed") != std::string::npos || (parts.size() > 2 && parts[2] == "false");
    return {.width = std::stoi(parts.at(0)), .integer = std::stoi(parts.at(1)), .is_signed = !is_unsigned};
}

// "8;3;s", "8;0;u"
inline Format short_format(const std::string& text) {
    const auto parts = split(text, ';');
    return {.width = std::stoi(parts.at(0)), .integer = std::stoi(parts.at(1)), .is_signed = parts.at(2) == "s"};
}

inline std::string after(const std::string& text, char mark) {
    return text.substr(text.find(mark) + 1);
}

inline CastCase cast_case(const std::string& line) {
    const auto parts = split(line, ',');
    CastCase c;
    c.text = line.substr(0, line.rfind(','));
    c.from = format_of(parts.at(0));
    c.to.format = format_of(parts.at(1));
    c.to.rounding = rounding_of(after(parts.at(2), '_'));
    c.to.overflow = overflow_of(after(parts.at(3), '_'));
    c.to.saturated_bits = std::stoi(parts.at(4));
    c.to.dialect = dialect_of(parts.at(1).substr(0, 2));
    c.expected = integers(parts.at(5));
    return c;
}

inline DotCase dot_case(const std::string& line) {
    const auto parts = split(line, '|');
    DotCase c;
    c.text = line;
    c.weight = short_format(after(parts.at(1), '='));
    c.input = short_format(after(parts.at(2), '='));
    c.accumulator.format = short_format(after(parts.at(3), '='));
    c.accumulator.rounding = rounding_of(parts.at(4));
    c.accumulator.overflow = overflow_of(parts.at(5));
    c.accumulator.dialect = dialect_of(parts.at(0));
    c.bias = short_format(split(after(parts.at(6), '='), ':').at(0));
    c.bias_raw = std::stoll(split(parts.at(6), ':').at(1));
    c.weights = integers(parts.at(7));
    c.inputs = integers(parts.at(8));
    c.expected = integers(parts.at(9));
    return c;
}

// All cases of a file; none when the file is absent, which the caller has to say.
inline std::vector<CastCase> cast_cases(const std::string& file) {
    std::vector<CastCase> cases;
    std::ifstream stream(folder() / file);
    for (std::string line; std::getline(stream, line);) cases.push_back(cast_case(line));
    return cases;
}
inline std::vector<DotCase> dot_cases() {
    std::vector<DotCase> cases;
    std::ifstream stream(folder() / "dot_ap_fixed.txt");
    for (std::string line; std::getline(stream, line);) cases.push_back(dot_case(line));
    return cases;
}

}  // namespace bittrue::conformance
