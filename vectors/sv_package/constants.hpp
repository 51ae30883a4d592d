// One constant of the package, and the list in which a layer collects its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bittrue/model/exact_double.hpp"
#include "bittrue/model/notation.hpp"
#include "codes.hpp"

namespace bittrue::sv_package {

struct Constant {
    std::string type{};     // "int", "bit", "longint", "bit [15:0]"
    std::string name{};     // without the layer's prefix
    std::string value{};    // of the language
    std::string comment{};  // behind it; may be empty
};

class Constants {
public:
    void number(const std::string& name, std::int64_t value, const std::string& comment = {}) {
        add("int", name, std::to_string(value), comment);
    }
    void flag(const std::string& name, bool value, const std::string& comment = {}) {
        add("bit", name, value ? "1" : "0", comment);
    }
    // One of the codes at the head of the package, or another constant.
    void code(const std::string& name, const std::string& value, const std::string& comment = {}) {
        add("int", name, value, comment);
    }
    // 64 bits, which every tool takes only as a sized literal; the lowest number has none of its own.
    void wide(const std::string& name, std::int64_t value, const std::string& comment = {}) {
        const auto magnitude = value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
        add("longint", name, fmt::format("{}64'sd{}", value < 0 ? "-" : "", magnitude), comment);
    }
    void add(const std::string& type, const std::string& name, const std::string& value, const std::string& comment) {
        list_.push_back({type, name, value, comment});
    }

    // A word: WIDTH, FRAC, SIGNED. `prefix` with its '_'.
    void format(const std::string& prefix, const Format& f, const std::string& comment) {
        number(prefix + "WIDTH", f.width, comment);
        number(prefix + "FRAC", f.frac());
        flag(prefix + "SIGNED", f.is_signed);
    }
    // A conversion: the word, ROUND and OVERFLOW, and SATURATED_BITS where there are any.
    void conversion(const std::string& prefix, const FixedType& t) {
        format(prefix, t.format, print_type(t));
        code(prefix + "ROUND", rounding_code(t.rounding));
        code(prefix + "OVERFLOW", overflow_code(t));
        if (t.saturated_bits != 0) number(prefix + "SATURATED_BITS", t.saturated_bits);
    }
    // A finite double as an exact number.
    void real(const std::string& prefix, double value) {
        const ExactDouble exact = exact_double(value);
        wide(prefix + "RAW", static_cast<std::int64_t>(exact.raw), print_value(exact.raw, exact.frac));
        number(prefix + "FRAC", exact.frac);
    }

    [[nodiscard]] const std::vector<Constant>& list() const { return list_; }
    [[nodiscard]] std::vector<Constant> take() { return std::move(list_); }

private:
    std::vector<Constant> list_{};
};

}  // namespace bittrue::sv_package
