// Narrows words until the network fits into a budget.
#pragma once

#include "search.hpp"

namespace bittrue::explore {

// Takes bits from one tensor after the other, each time where what is still to be saved costs the least error, until
// the network takes at most budget.most. Weight bits are saved by weights alone; cells of the datapath also by the
// results of layers and by the input. False where words of 1 bit still need more.
[[nodiscard]] bool narrow_to_budget(const Workbench& bench, Found& found, const ConvertOptions& options,
                                    const Budget& budget);

// Gives back bits that the budget still has, where they make the error smaller.
void use_up_budget(const Workbench& bench, Found& found, const ConvertOptions& options, const Budget& budget);

}  // namespace bittrue::explore
