// A column of types in a table of layers.
#pragma once

#include <string>
#include <vector>

#include "bittrue/explore/conversion_report.hpp"

namespace bittrue::explore {

// What all its types have in common stands once above the table instead of in every cell.
class TypeColumn {
public:
    TypeColumn(const std::vector<LayerConversion>& layers, const LayerChoice LayerConversion::*choice,
               const ChosenType LayerChoice::*type);
    [[nodiscard]] const std::string& modes() const { return modes_; }    // empty: they differ
    [[nodiscard]] const std::string& single() const { return single_; }  // the one type of all; empty: they differ
    [[nodiscard]] std::string single_cell_text() const;                  // the one type without its modes
    [[nodiscard]] std::string cell(const LayerConversion& layer) const;

private:
    const LayerChoice LayerConversion::*choice_;
    const ChosenType LayerChoice::*type_;
    std::string modes_{}, single_{};
};

}  // namespace bittrue::explore
