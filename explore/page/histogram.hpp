// A histogram against what a type can hold.
#pragma once

#include <string>

#include "bittrue/explore/conversion_report.hpp"

namespace bittrue::explore {

struct HistogramFigure {
    std::string title{};
    const Histogram& histogram;
    const ChosenType& ours;
    const ChosenType& naive;
    std::string remark{};     // behind the type's words
    bool starts_row = false;  // of a grid of figures
};
[[nodiscard]] std::string histogram_figure(const HistogramFigure& figure);

// "-4 to 3.969 in steps of 2^-5"
[[nodiscard]] std::string words_of(const Grid& grid);

}  // namespace bittrue::explore
