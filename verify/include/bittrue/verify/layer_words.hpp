// The words behind a comparison, for whoever shows them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/verify/diff.hpp"

namespace bittrue {

// One layer's words on both sides, each beside the one that diff compared it with.
struct LayerWords {
    enum State : std::uint8_t {
        Equal,
        Wrong,
        Undefined,  // bits of either side are x or z
        Missing,    // the dump has no such word
    };
    std::vector<std::int64_t> expected{};  // images first, C order of the expected dims
    std::vector<std::int64_t> actual{};    // read in the expected format; 0 where not known
    std::vector<std::uint8_t> states{};
};

// Of a layer that both sets have (by its expected name); nothing for any other. `options` are those of the diff.
[[nodiscard]] LayerWords layer_words(const VectorSet& expected, const VectorSet& actual, const std::string& layer,
                                     const DiffOptions& options = {});

}  // namespace bittrue
