// What a dump declares, and which bits of it a name of the dump map means.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bittrue/vectors/dump.hpp"
#include "dump/states.hpp"

namespace bittrue::dump {

// Declared indices, as written: [7:0] has left 7, right 0. The right one is bit 0.
struct Range {
    std::int64_t left = 0;
    std::int64_t right = 0;

    [[nodiscard]] std::int64_t low() const { return left < right ? left : right; }
    [[nodiscard]] std::int64_t width() const { return (left < right ? right - left : left - right) + 1; }
    friend bool operator==(const Range&, const Range&) = default;
};

// One declaration. Several may have one slot (aliases), several may have one name (a vector written bit by bit).
struct Variable {
    std::string name{};  // hierarchical: "tb.dut.out", "tb.dut.memory[3]"; without the range
    int width = 1;
    std::optional<Range> range{};
    bool real = false;  // no word: real, string, event
    std::uint32_t slot = 0;
};

// "[7:0]" or "[3]" at the end of a text: cut off. Nothing where there is none.
[[nodiscard]] std::optional<Range> cut_range(std::string_view& text);

// The bits that a name of the map means.
struct Signal {
    std::vector<Piece> bits{};  // bit 0 first
    int width = 0;
    std::string note{};  // the name was found in a way that has to be said
};

class SignalNames {
public:
    explicit SignalNames(const std::vector<Variable>& variables);

    // In this order: a variable of that name; single bits or slices of that name, joined (the lowest index is bit 0
    // unless one of them is declared upwards); bits [i] or [i:j] of one of these. A name that is not found so is taken
    // as the end of a hierarchical name (and '/' as '.'), in any case, if that is unique. InputError (`where` in front)
    // for others, naming what is alike, and for what is no word.
    [[nodiscard]] Signal find(const std::string& name, const std::string& where) const;
    // A single bit.
    [[nodiscard]] Piece find_bit(const std::string& name, const std::string& where) const;

private:
    using Group = std::vector<const Variable*>;
    struct Found {
        std::vector<Piece> bits{};
        std::optional<Range> range{};
    };

    [[nodiscard]] std::optional<Found> find_exact(const std::string& name, const std::string& where) const;
    [[nodiscard]] std::optional<Found> whole(const std::string& name, const std::string& where) const;
    [[nodiscard]] std::optional<std::string> full_name(const std::string& name, const std::string& where) const;
    [[nodiscard]] std::string alike(const std::string& name) const;

    const std::vector<Variable>& variables_;
    std::unordered_map<std::string_view, Group> by_name_{};
    std::unordered_map<std::string, Group> elements_{};  // 1-bit variables "out[3]" under "out", the range in the name
};

// Every name once, in the order of declaration, the parts of a vector joined; `count` adds what the slot did.
[[nodiscard]] std::vector<SignalActivity> list_variables(
    const std::vector<Variable>& variables, const std::function<void(std::uint32_t, SignalActivity&)>& count);

}  // namespace bittrue::dump
