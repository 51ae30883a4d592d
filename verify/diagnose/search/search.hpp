// Tries the changes of a subject, alone and in pairs: on a sample first, the good ones on all of it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <vector>

#include "search/trial.hpp"
#include "subject/evidence.hpp"

namespace bittrue::diagnose_detail {

struct SearchLimits {
    double seconds = 2;
    bool pairs = true;
    const std::atomic<bool>* cancel = nullptr;
};

// One change or two, on all words of the subject.
struct Found {
    std::vector<std::size_t> changes{};  // numbers of candidates, in the order in which they are applied
    Outcome outcome{};
    double bits = 0;  // of the dump by it: the changes, and every word that they do not give
};

struct SearchResult {
    std::vector<Candidate> candidates{};
    std::vector<Found> found{};  // the shortest first
    double null_bits = 0;        // of the wrong words listed one by one, or as flipped bits
    std::int64_t words = 0, different = 0;
    std::int64_t tried = 0, pairs_tried = 0;
    bool out_of_time = false;
};

// The same for any number of threads, and however fast the machine is as long as it does not run out of time.
[[nodiscard]] SearchResult search(const Subject& subject, const Evidence& evidence, const Datapath& datapath,
                                  const SearchLimits& limits);

// What the search and its second part share.
class Searcher {
public:
    Searcher(const Subject& subject, const Evidence& evidence, const Datapath& datapath, const SearchLimits& limits);
    [[nodiscard]] SearchResult run();

private:
    using Clock = std::chrono::steady_clock;
    struct Tried {
        std::vector<std::size_t> changes{};
        Outcome outcome{};
        double bits = 0;          // on the trial's words
        bool is_perfect = false;  // gives all of these
    };

    void try_singles(std::size_t from);  // the candidates from this one on
    void try_pairs();
    // All pairs with this change; true: one of them gives all words of the samples.
    bool try_pairs_with(std::size_t first, std::vector<Tried>& good);
    // Likewise, with pairs of those that spoil nothing and give a part each.
    bool try_pairs_of_parts(std::vector<Tried>& good);
    // Likewise, with all pairs of a few simple ones.
    bool try_pairs_of_simple(std::vector<Tried>& good);
    // Likewise, with all pairs of settings of one type, and the best of these with a third.
    bool try_pairs_of_one_type(std::vector<Tried>& good);
    // Adds to `good` what says more than its parts do.
    bool try_together(const std::vector<std::vector<std::size_t>>& changes, double until, std::vector<Tried>& good);
    [[nodiscard]] std::vector<std::size_t> in_order(std::size_t first, std::size_t second) const;
    void add_alike(std::vector<Tried>& good);
    bool is_confirmed(std::vector<Tried>& good);
    [[nodiscard]] Tried tried(const std::vector<std::size_t>& changes, const Trial& trial,
                              const Outcome& outcome) const;
    // Numbers of singles that explain a part, the most promising first.
    [[nodiscard]] std::vector<std::size_t> partial_singles() const;
    // The best of all, on all words.
    void confirm(std::vector<Tried>& all, std::size_t most, double until);
    void run_on_all(const std::vector<std::vector<std::size_t>>& changes, double until);
    [[nodiscard]] std::vector<Outcome> run_all(const Trial& trial, const std::vector<std::vector<std::size_t>>& changes,
                                               double until, std::int64_t& done);
    [[nodiscard]] double change_bits(const std::vector<std::size_t>& changes) const;
    [[nodiscard]] double bits_of(const Trial& trial, const std::vector<std::size_t>& changes,
                                 const Outcome& outcome) const;
    // Of all threads of the process.
    [[nodiscard]] static double processor_seconds() {
        return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
    }
    [[nodiscard]] double seconds() const;
    [[nodiscard]] bool is_solved() const;

    const Subject& subject_;
    const Evidence& evidence_;
    const Datapath& datapath_;
    SearchLimits limits_;
    Clock::time_point begin_ = Clock::now();
    double processor_begin_ = processor_seconds();
    SearchResult result_{};
    std::optional<Trial> sample_{}, all_{};
    std::vector<Tried> singles_{};  // on the sample, by candidate
};

}  // namespace bittrue::diagnose_detail
