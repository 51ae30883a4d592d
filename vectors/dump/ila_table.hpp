// The rows of an ILA export: header, radices, cells.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/chunks.hpp"
#include "dump/signals.hpp"

namespace bittrue::dump {

enum class Radix : std::uint8_t { Hex, Signed, Unsigned, Binary, Other };

class IlaTable {
public:
    // Reads the header row and, where there is one, the row of radices. InputError.
    explicit IlaTable(Chunks& chunks);

    // Slots are columns.
    [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }
    [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;  // "Sample in Window", any case
    [[nodiscard]] bool has_radices() const { return has_radices_; }

    // The next row that is not empty; false at the end. InputError when it has another number of cells. A last row that
    // lacks cells and the end of its line is left out, and cut() becomes true.
    bool next();
    [[nodiscard]] std::string_view cell(std::size_t column) const { return cells_[column]; }
    [[nodiscard]] bool cut() const { return cut_; }
    [[nodiscard]] std::string where() const { return lines_.where(); }

    // Writes the value of a cell into a slot; InputError when it is none or does not fit.
    void assign(SignalStates& states, std::uint32_t slot, std::size_t column) const;
    [[nodiscard]] bool is_undefined(std::size_t column) const;  // it holds x or z

private:
    void declare(std::string_view title, std::size_t column);
    void guess_width(Variable& variable) const;

    Chunks& chunks_;
    Lines lines_;
    std::vector<std::string> titles_{};
    std::vector<Variable> variables_{};
    std::vector<Radix> radices_{};
    std::vector<std::string> cells_{};
    bool has_radices_ = false;
    bool pending_ = false;  // cells_ hold a row that next() has not given out
    bool cut_ = false;
};

}  // namespace bittrue::dump
