// Whole numbers of the command line. The conversion of the option parser takes a minus sign modulo 2^64, larger numbers
// as the largest and a leading zero as octal; none of these is what was meant.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace bittrue::cli {

// Decimal, or hexadecimal behind 0x; for options of std::uint64_t, in front of their range.
[[nodiscard]] inline CLI::Validator whole_number() {
    return {[](const std::string& text) -> std::string {
                const bool hex = text.starts_with("0x") || text.starts_with("0X");
                const char* const begin = text.data() + (hex ? 2 : 0);
                const char* const end = text.data() + text.size();
                std::uint64_t number = 0;
                const auto [next, error] = std::from_chars(begin, end, number, hex ? 16 : 10);
                const bool octal = !hex && text.size() > 1 && text.front() == '0';
                if (error == std::errc{} && next == end && !octal) return {};
                return fmt::format("'{}' is no whole number from 0 to {}", text,
                                   std::numeric_limits<std::uint64_t>::max());
            },
            ""};
}

}  // namespace bittrue::cli
