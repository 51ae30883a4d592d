// One accumulation (rules A1-A10): terms, maybe a bias, into the raw of an accumulator. What depends on the types only
// is prepared in Accumulation; accumulate() runs it, with an observer that sees every step or without any.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "bittrue/model/accumulator.hpp"
#include "quantizer.hpp"

namespace bittrue::emulator {

// The formats that meet in an accumulation; `bias` is the stored one, absent without bias.
struct AccumulationFormats {
    Format weight{};
    Format input{};
    std::optional<Format> bias{};
    std::int64_t terms = 1;
};

// Where numbers of different frac meet, and how wide the widest exact number becomes.
struct Alignment {
    int term_frac = 0;     // of a product after the product cast
    int bias_frac = 0;     // of the bias after the bias cast
    int step_frac = 0;     // at which acc + term (tree with step: also the bias) is exact
    int end_frac = 0;      // at which the sum of all terms (and of a first bias) is exact
    int last_frac = 0;     // at which acc + last bias is exact
    int product_bits = 0;  // two's complement widths
    int term_bits = 0;
    int exact_bits = 0;  // of the widest exact intermediate
};
[[nodiscard]] Alignment align(const AccumulatorSpec& spec, const AccumulationFormats& formats);

// Whether Accumulation<std::int64_t> computes this exactly; otherwise Accumulation<i128> does up to kExactBits.
[[nodiscard]] bool fits_narrow(const AccumulatorSpec& spec, const AccumulationFormats& formats);

// A bias as the accumulation uses it, cast once per channel instead of once per output.
template <class Int>
struct BiasTerm {
    bool present = false;
    Int raw = 0;    // after the bias cast
    Events cast{};  // of the bias cast, if there is one
    Int first = 0;  // Q_A(raw): where it starts an accumulator
    Events first_events{};
};

template <class Int>
struct Accumulation {
    Accumulation() = default;
    Accumulation(const AccumulatorSpec& given, const AccumulationFormats& formats);
    [[nodiscard]] BiasTerm<Int> bias(i128 stored_raw) const;

    AccumulatorSpec spec{};
    Alignment at{};
    bool has_bias = false;
    Format stored_bias{};
    bool casts_product = false;
    Quantizer<Int> product{};
    int acc_frac = 0;
    int acc_up = 0, term_up = 0, bias_up = 0;  // to step_frac
    int term_end_up = 0, bias_end_up = 0;      // to end_frac
    int acc_last_up = 0, bias_last_up = 0;     // to last_frac
    Quantizer<Int> step{}, end{}, last{};      // from those fracs into the accumulator
};

// How many Ints accumulate() needs as working room.
template <class Int>
[[nodiscard]] std::int64_t working_room(const Accumulation<Int>& a, std::int64_t terms);

struct AccumulationCounts {
    EventCounts product{};
    EventCounts accumulator{};
    std::uint64_t lanes = 0;  // of a block: bit l is set where a conversion of lane l overflowed
};

enum class StepKind : std::uint8_t { Start, Bias, Term, TermOfLane, Fold, Pass, Lane, LaneTotal, Node, End };

// One step as an observer sees it; the numbers are explained at MacStep.
struct Step {
    StepKind kind{};
    std::int64_t index = 0, second = 0;  // term, fold, pass or lane; lane of a term, last leaf of a node
    i128 product_raw = 0;
    int product_frac = 0;
    i128 accumulator_raw = 0;
    int accumulator_frac = 0;
    Events product_events{};
    Events events{};
};

// The observer of the fast path: nothing of what it could see is computed. One that `alters` has
// Int alter(std::int64_t term, Int product), which gives what the adder takes of that term.
struct Unobserved {
    static constexpr bool listens = false;
    static constexpr bool alters = false;
    void operator()(const Step& /*step*/) const {}
};

template <class Int>
struct Terms {
    const Int* weights = nullptr;
    const Int* inputs = nullptr;
    std::int64_t count = 0;  // at least 1
};

// The accumulator's raw after everything. `room` has at least working_room() elements.
template <class Int, class Observer>
[[nodiscard]] Int accumulate(const Accumulation<Int>& a, Terms<Int> terms, const BiasTerm<Int>& bias,
                             std::span<Int> room, AccumulationCounts& counts, Observer& observer);

}  // namespace bittrue::emulator

#include "accumulate_run.hpp"
