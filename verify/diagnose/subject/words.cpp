#include "subject/words.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"

namespace bittrue::diagnose_detail {

namespace {

std::string prefix(Dialect dialect) {
    std::string name = print_dialect(dialect) + "_";
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

}  // namespace

std::string mode_name(Rounding rounding, Dialect dialect) {
    return prefix(dialect) + print_rounding(rounding);
}

std::string mode_name(Overflow overflow, Dialect dialect) {
    return prefix(dialect) + print_overflow(overflow);
}

std::string overflow_clause(const FixedType& type, bool plural) {
    const char* s = plural ? "" : "s";
    const std::string mode = mode_name(type.overflow, type.dialect);
    switch (type.overflow) {
        case Overflow::Wrap:
            if (type.saturated_bits > 0)
                return fmt::format("wrap{} with {} ({})", s, count_of(type.saturated_bits, "saturated bit"), mode);
            return fmt::format("wrap{} ({})", s, mode);
        case Overflow::Sat: return fmt::format("saturate{} ({})", s, mode);
        case Overflow::SatZero: return fmt::format("become{} zero at an overflow ({})", s, mode);
        case Overflow::SatSym: return fmt::format("saturate{} symmetrically ({})", s, mode);
        case Overflow::WrapSm:
            if (type.saturated_bits > 0)
                return fmt::format("wrap{} in sign and magnitude with {} ({})", s,
                                   count_of(type.saturated_bits, "saturated bit"), mode);
            return fmt::format("wrap{} in sign and magnitude ({})", s, mode);
    }
    return {};
}

std::string count_of(int n, const std::string& what) {
    return std::abs(n) == 1 ? "one " + what : fmt::format("{} {}s", n, what);
}

}  // namespace bittrue::diagnose_detail
