// One layer of both sides, word by word.
#pragma once

#include <string>
#include <vector>

#include "bittrue/verify/diff.hpp"

namespace bittrue {

// A compared layer with what only the search for the first wrong layer needs.
struct Compared {
    LayerDiff diff{};
    std::string actual_name{};
    std::vector<std::string> inputs{};
    bool inputs_of_actual = false;           // the names in `inputs` are those of the actual side
    std::vector<Mismatch> first_of_image{};  // one for each image that has a wrong word, ascending
    std::int64_t misaligned_from = -1;       // image from which on the dump's words stand elsewhere; -1: they do not

    [[nodiscard]] bool differs_in(std::int64_t image) const;
    // Ascending: with a wrong word, or misaligned.
    [[nodiscard]] std::vector<std::int64_t> differing_images() const;
    [[nodiscard]] const Mismatch* first_in(std::int64_t image) const;
};

[[nodiscard]] Compared compare_layer(const VectorLayer& expected, const VectorLayer& actual,
                                     const DiffOptions& options);

}  // namespace bittrue
