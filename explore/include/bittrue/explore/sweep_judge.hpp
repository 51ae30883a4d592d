// How good a configuration is: the network runs with its accumulators over labelled images, bit for bit.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>

#include "bittrue/explore/sweep.hpp"
#include "bittrue/model/engine.hpp"

namespace bittrue::explore {

// Counts over all images. An image is touched by an overflow when at least one conversion into an accumulator (also of
// a product or bias, rule E4) of an accumulating layer left the range, in whichever overflow mode.
struct Outcome {
    std::uint64_t correct = 0;  // the largest output, the first of equals, is the label; 0 without labels
    std::uint64_t flips = 0;    // the largest output is another one than with wide accumulators
    std::uint64_t touched = 0;
    std::vector<std::uint64_t> layers_touched{};  // by number of the accumulating layer
    std::uint64_t max_error = 0;                  // lsb of the error tensor, against wide
    i128 error_sum = 0;                           // over all its elements and images

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

// The tensor whose words are compared with wide: the input of the softmax where the network ends with one, otherwise
// the output.
[[nodiscard]] std::string error_tensor(const Graph& graph);

// What is judged on. The references must outlive the judge.
struct Trial {
    const Graph& graph;       // validated
    const InputBatch& batch;  // finite values, at least one image
    std::span<const int> labels{};
};

struct JudgeOptions {
    int threads = 0;                                 // 0: all cores. Outcomes do not depend on it.
    const std::atomic<bool>* cancel = nullptr;       // becomes true: Interrupted is thrown soon
    std::function<void(double)> progress{};          // configurations judged so far, in fractions; from any thread
    std::size_t cache_bytes = std::size_t{2} << 30;  // of words that may be kept; with less some are computed again
};

class Judge {
public:
    Judge() = default;
    Judge(const Judge&) = delete;
    Judge& operator=(const Judge&) = delete;
    virtual ~Judge() = default;

    // With wide accumulators: no flips, no errors; touched only by biases that their bias cast clips.
    [[nodiscard]] virtual const Outcome& wide() = 0;
    // Calls `found` once per configuration, in their order, as soon as one is known.
    virtual void judge(std::span<const Configuration> configurations,
                       const std::function<void(std::size_t, const Outcome&)>& found) = 0;
};

// Runs the emulator once per configuration: the oracle.
[[nodiscard]] std::unique_ptr<Judge> make_brute_judge(const Trial& trial, const JudgeOptions& options);

// Runs the wide network once, keeps words and the range of every image's partial sums, and continues only what a
// configuration changes (docs/sweep.md). The same outcomes. Null where the wide sums need more than 62 bits: then the
// brute judge is for it.
[[nodiscard]] std::unique_ptr<Judge> make_incremental_judge(const Trial& trial, const JudgeOptions& options);

// Incremental, or brute where that declines.
[[nodiscard]] std::unique_ptr<Judge> make_judge(const Trial& trial, const JudgeOptions& options);

}  // namespace bittrue::explore
