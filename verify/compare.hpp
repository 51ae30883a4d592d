// One layer of both sides, word by word.
#pragma once

#include <cstdint>
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

// The dump's words in the order of the expected ones, as they were compared.
struct AlignedWords {
    enum State : std::uint8_t {
        Known,
        Missing,    // not in the dump
        Undefined,  // x or z bits
        Ambiguous,  // a decimal that several raws print as: the word is the one nearest to the expected one
    };
    std::vector<std::int64_t> words{};  // of the expected format, or beyond it as the dump has them; 0 where not known
    std::vector<std::uint8_t> states{};
};

// `words`, where wanted, gets the dump's. Without `search` only what the sides state is taken into account.
[[nodiscard]] Compared compare_layer(const VectorLayer& expected, const VectorLayer& actual, const DiffOptions& options,
                                     AlignedWords* words = nullptr, bool search = true);

}  // namespace bittrue
