// Reading of option values that several commands share.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bittrue/model/events.hpp"
#include "bittrue/model/fixed_type.hpp"

namespace bittrue::cli {

// What stored pixels can be divided by.
inline constexpr double kLeastDivisor = 1e-30, kMostDivisor = 1e30;

// Splits "1,2,3"; empty parts are an InputError naming the option.
[[nodiscard]] std::vector<std::string> split_list(const std::string& option, const std::string& text);

[[nodiscard]] std::vector<std::int64_t> parse_words(const std::string& option, const std::string& text, Format format);
// For options that are numbers: from `least` to `most`, with no room for nan.
[[nodiscard]] CLI::Validator number_between(double least, double most);
[[nodiscard]] double parse_number(const std::string& option, const std::string& text);

// parse_type with the option's name in the error.
[[nodiscard]] FixedType parse_option_type(const std::string& option, const std::string& text);

// "inexact above saturated", or "-".
[[nodiscard]] std::string print_events(const Events& events);

}  // namespace bittrue::cli
