// Whether a page is sound: what a browser would mend without a word.
#pragma once

#include <string>
#include <vector>

// Tags that are not closed or not opened, ids that are given twice, references to ids that nothing has, whatever asks
// for the network; empty: none.
[[nodiscard]] std::vector<std::string> faults_of_page(const std::string& html);
