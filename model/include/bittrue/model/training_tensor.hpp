// One tensor of a training step by itself: what it is computed from, and the rules of chapter H of which a diagnosis
// may change one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue {

/// What a step computes, in this order; all but the first and the loss belong to a layer.
enum class StepTensor : std::uint8_t {
    Input,
    Sums,
    Activations,
    Loss,
    ErrorExponent,
    Errors,
    Deltas,
    Gradients,
    GradientExponent,
    Scaled,
    Draws,
    LfsrAfter,
    Steps,
    WeightsAfter,
};

/// Words that a layer's tensors are computed from; those that a tensor does not read may be empty. Maps are
/// [image][channel][row][column], weights and gradients as in H13, weights as stored (H2).
struct StepSources {
    std::size_t images = 0;
    LearningRate rate{};
    std::vector<std::int64_t> pixels{}, labels{};
    std::vector<std::int64_t> front{};  // the network's input, or the activations of the layer in front
    std::vector<std::int64_t> weights{}, sums{}, activations{}, errors{}, deltas{}, gradients{}, scaled{}, draws{},
        steps{};
    std::vector<std::int64_t> behind_deltas{}, behind_weights{};  // of the layer behind
    std::optional<int> error_exponent{}, gradient_exponent{};
    std::uint64_t lfsr = 0;
};

/// Chapter H where it is the default, else as hardware gets it wrong.
struct StepRules {
    /// "half-even" of the tensor itself: H3, H4, H6, H10.
    Rounding rounding = Rounding::RndConv;
    /// Of the weights' words (H2).
    Rounding weight_rounding = Rounding::RndConv;
    bool weights_as_stored = false;  // w instead of q
    bool zero_is_one = false;        // W = 1: a weight of 0 counts as +1

    /// Ends of words: of activations (H3, H4), outputs p, errors (H6).
    enum class Limit : std::uint8_t { Rule, None, Wrap, Full };  // Full: the whole range of two's complement
    Limit limit = Limit::Rule;

    /// Which maximum of a window: where there are several (H4 is the first), or not the maximum at all.
    enum class Pool : std::uint8_t { First, Last, All, Corner, Smallest };
    Pool pool = Pool::First;
    bool relu_missing = false;  // H4: negative sums are not zero

    /// H1.
    enum class Scale : std::uint8_t { Nearest, LeadingOne, Up };
    Scale scale = Scale::Nearest;

    /// H7, H8: where errors pass. Sharp and Loose move the comparison's equality.
    enum class Mask : std::uint8_t { Rule, Missing, Equal };
    Mask clipped = Mask::Rule;   // of H8, at the errors: nothing where the activation was clipped
    Mask positive = Mask::Rule;  // of H8, at the deltas: nothing where the sum is not positive; H7: below 0 and above 1

    /// H15: a sum starts with what the one before left.
    bool sums_are_kept = false;

    /// H12.
    enum class Chance : std::uint8_t {
        Rule,
        OrEqual,  // f >= k
        Less,     // f < k
        Added,    // the draw is added in front of the cut: up from f + k = 1 on
        Nearest,  // no draw: half up
        None,     // no draw: cut
        Always,   // up whenever something is cut
        Floor,    // of n itself, not of its magnitude: from minus infinity
        Signed,   // n's own bits stand for its magnitude; the sign is applied as it should be
    };
    Chance chance = Chance::Rule;

    /// H13.
    enum class Random : std::uint8_t {
        Rule,
        BitsReversed,  // the first bit is the highest
        OneShift,      // a draw makes one shift; its bits are the state's lowest in front of it
        StateAfter,    // the lowest bits of the state behind the shifts
        Late,          // the draw of the weight behind: one is thrown away
        Early,         // the draw of the weight in front: the first one is made twice
        Constant,      // the first draw for all
    };
    Random random = Random::Rule;

    /// H14.
    bool added = false;                                              // w + step
    enum class Lowest : std::uint8_t { Rule, Never, NotSaturated };  // -S(G) does not occur; saturation ends above it
    Lowest lowest = Lowest::Rule;

    friend bool operator==(const StepRules&, const StepRules&) = default;
};

}  // namespace bittrue
