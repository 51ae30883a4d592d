// Faults put into a copy of the reference RTL, as they are made in real designs. Each is an exact replacement of text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/verify/diagnose.hpp"

namespace bittrue::test {

struct Replacement {
    std::string file{};  // below examples/rtl/sv
    std::string from{};  // must occur exactly once
    std::string to{};
};

enum class Bench { Dense, ConvReluPool, Softmax };

struct Mutant {
    std::string fault{};
    Bench bench{};
    std::string layer{};  // where diff must say that it is
    std::vector<Replacement> replacements{};
    std::optional<FindingKind> finding{};  // what diff must find instead of a first wrong word,
    std::int64_t from = 0;                 // and the word where it begins
    bool stops = false;                    // the design hangs: diff must say which layer ends early
    // What a diagnosis of the dump must name, with what its text must say: one cause, or two. Several names where they
    // mean the same change. Empty: no hypothesis can be it.
    struct Named {
        std::vector<Cause> causes{};
        std::string mention{};
    };
    std::vector<Named> named{};
    bool everywhere = false;  // of a rounding: that all casts of the layer round so is as good
};

[[nodiscard]] std::vector<Mutant> all_mutants();

// Copies examples/rtl into `folder` and applies the replacements. std::runtime_error when a text is not found once.
void mutate(const Mutant& mutant, const std::string& folder);

}  // namespace bittrue::test
