// Why a layer is wrong: it is computed again under one changed setting after the other (pairs, too) from the words
// that it really read, until one reproduces the dump. docs/reading_a_mismatch.md explains the verdicts.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/verify/datapath.hpp"
#include "bittrue/verify/diff.hpp"

namespace bittrue {

// What kind of setting a hypothesis changes. cause_name() gives the stable name of the JSON report.
enum class Cause : std::uint8_t {
    ResultRounding,       // rounding mode of a result cast
    ResultOverflow,       // overflow mode of a result cast
    ResultFormat,         // width or binary point of a result
    AccumulatorRounding,  // likewise of an accumulator
    AccumulatorOverflow,
    AccumulatorFormat,
    ProductCast,   // products cast or exact, or cast to another type
    Schedule,      // order of the additions
    QuantizeAt,    // when the running sum is brought into its type
    TermOrder,     // order in which a window is enumerated
    BiasPosition,  // first or last
    BiasMissing,
    BiasDoubled,
    BiasAlignment,  // shifted by k bits
    BiasCast,       // the bias's cast before it is added
    BiasOrder,      // the bias of another channel (rotated, reversed)
    WeightRounding,
    WeightOverflow,
    WeightFormat,
    BiasRounding,  // casting stored biases into their type
    BiasOverflow,
    BiasFormat,
    WeightOrder,  // transposed, flipped, channels in another order
    InputOrder,   // layout, flatten order, shifted addresses
    OutputOrder,  // words of the result in another order
    RequantizeShift,
    RequantizeMultiplier,
    RequantizeRule,
    ZeroPoint,
    ActivationMissing,
    ActivationOrder,  // before instead of behind pooling, relu before instead of behind the cast
    ActivationShape,  // other bounds, slope, thresholds
    Signedness,       // words read with the other sign
    PaddingValue,
    Stride,
    Offset,  // the window or the padding begins elsewhere
    Dilation,
    PoolRule,        // smallest, average for largest, a column left out, another divisor
    StaleImage,      // words of the image before
    StaleState,      // an accumulator that is not cleared, a maximum that is kept
    TermsLeftOut,    // the first or last terms of every sum are missing
    ChannelWeights,  // of one channel
    ChannelBias,     // of one channel
    StuckBit,        // of a multiplier lane, an operand, or the result
    TableContents,
    TableIndex,
    TableSize,
    SoftmaxInner,  // a type inside softmax or average pooling
    Dialect,
    // Of a training step (numerics.md, H).
    ScaleExponent,       // of errors or gradients
    ErrorMask,           // where errors pass
    BatchImages,         // images left out or exchanged
    Randomizer,          // the LFSR and its draws
    StochasticRounding,  // of a weight's step
    LearningRate,
    WeightStore,  // how a weight is stored
    Noise,
};
[[nodiscard]] std::string cause_name(Cause cause);  // "accumulator overflow", "stuck bit"

// One changed setting.
struct Change {
    Cause cause{};
    std::string node{};      // the layer whose setting it is
    std::string setting{};   // as the network file or bittrue calls it: "accumulator", "result", "weights", "stride"
    std::string expected{};  // "AP_SAT"
    std::string found{};     // "AP_WRAP"
    std::string text{};      // a clause: "its accumulator wraps (AP_WRAP) where the network saturates (AP_SAT)"
};

// One word that a hypothesis gets wrong.
struct Unexplained {
    std::int64_t image = 0;
    std::int64_t element = 0;  // of the image, storage order
    i128 expected = 0, predicted = 0, actual = 0;
};

struct Hypothesis {
    std::vector<Change> changes{};                   // one or two
    std::int64_t explained = 0;                      // words that differ, and that it gives as they are in the dump
    std::int64_t spoiled = 0;                        // words that are right, and that it gives otherwise
    std::optional<Unexplained> first_unexplained{};  // first word, of all, that it does not give
    double bits = 0;  // what it takes to say the dump with it: the change and every word it does not give
    int group = 0;    // hypotheses of equal group give the same words for all of the data
    // What the layer computes then; of a fault that no network can say only as far as it can (no trace then).
    Chain chain{};
    MacFault fault{};  // of the chain's node `fault_node`
    int fault_node = -1;
    bool is_network = true;  // `chain` (and `fault`) compute exactly what the hypothesis says
};

// An input that tells hypotheses of one group apart.
struct TellingVector {
    std::size_t first = 0, second = 0;               // numbers of hypotheses
    bool found = false;                              // else: no input was found; they may be the same datapath
    std::vector<TensorWords> given{};                // one image
    std::int64_t element = 0;                        // a word of the result that differs
    i128 expected = 0, by_first = 0, by_second = 0;  // there
    // All words of the layer's result on it.
    std::vector<std::int64_t> words_expected{}, words_by_first{}, words_by_second{};
};

enum class Verdict : std::uint8_t {
    Equal,      // as the network computes it from what it read
    Explained,  // a hypothesis gives every word
    Partly,     // a hypothesis gives most of the wrong words
    Noise,      // single bits, nothing in common
    Undefined,  // x or z bits only
    Moved,      // the words stand elsewhere in the dump (findings of diff); those are right
    Unexplained,
    Unknown,  // cannot be judged: its inputs are not known, or words are missing
};
[[nodiscard]] std::string verdict_name(Verdict verdict);

// One layer by itself.
struct LayerDiagnosis {
    std::string layer{};
    std::vector<std::string> given{};         // tensors it was computed from
    std::vector<std::string> given_dumped{};  // of them: words of the dump; the others are the expected ones
    // Of these: read in another format than the network's, the one in which their words were found to stand.
    std::map<std::string, Format> given_as{};
    bool ignores_dump = false;  // words of the dump were set aside: it did not compute with them
    Verdict verdict = Verdict::Unknown;
    std::string
        sentence{};  // "conv2d: the accumulator wraps where the network saturates; explains all 311 wrong words"
    std::string why_unknown{};
    std::int64_t words_judged = 0;
    std::int64_t words_different = 0;      // from what the layer must give for what it read
    std::optional<Mismatch> first{};       // of these
    std::vector<Hypothesis> hypotheses{};  // the best first, a few
    std::vector<TellingVector> telling{};
    std::int64_t tried = 0, pairs_tried = 0;
    double seconds = 0;
    bool out_of_time = false;  // hypotheses were left untried
    // What was judged: the expected datapath on what was read, its answer and that of the dump (undefined words are
    // masked). Kept for traces and reports.
    Chain chain{};
    std::vector<std::int64_t> expected{}, actual{};
    std::vector<std::uint8_t> masked{};  // empty: none
};

struct DiagnosisReport {
    std::vector<LayerDiagnosis> layers{};  // of the diff report's layers, but the network's input, in its order
    // The first layer that is wrong for what it read.
    [[nodiscard]] const LayerDiagnosis* first() const;
};

struct DiagnoseOptions {
    double seconds = 2;  // for one layer: singles are always begun in order of evidence, pairs while time is left
    bool pairs = true;
    bool telling = true;
    // Hypotheses reported per layer; twice as many where the data cannot tell them from the best.
    std::size_t keep = 8;
    const std::atomic<bool>* cancel = nullptr;
    std::function<void(const std::string& layer)> progress{};
};

// `graph` is the network that `expected` was written from (InputError where its answer is another), `report` the
// comparison of the two sets.
[[nodiscard]] DiagnosisReport diagnose(const Graph& graph, const VectorSet& expected, const VectorSet& actual,
                                       const DiffReport& report, const Datapath& datapath,
                                       const DiagnoseOptions& options = {});

}  // namespace bittrue
