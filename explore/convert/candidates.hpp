// Workbenches of one model with its channels scaled in different ways, and the one whose network errs least.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "equalize.hpp"
#include "search.hpp"

namespace bittrue::explore {

struct Candidate {
    std::shared_ptr<const Workbench> bench{};
    Found found{};
    std::string scaling{};
};

// Keeps references to the batch and the options.
class Candidates {
public:
    Candidates(const FloatModel& model, const InputBatch& batch, const ConvertOptions& options)
        : batch_(batch), options_(options), plain_(model, batch, options) {}

    // The model as it is, or with the scaling whose first draft has the least error; with the widths that the options
    // ask for, or with others.
    [[nodiscard]] Candidate best() { return best(plain_.widths()); }
    [[nodiscard]] Candidate best(const Widths& widths);

    // Within options.budget; InputError where words of 1 bit need more.
    [[nodiscard]] Candidate within_budget();
    // With the least weight bits that lose no more than options.max_loss, and what it loses.
    [[nodiscard]] Candidate within_loss(double& loss);

private:
    [[nodiscard]] Candidate start_on(const FloatModel& model, const Widths& widths, Scaling scaling) const;
    [[nodiscard]] std::optional<Candidate> within(const Candidate& start, const Budget& budget);
    [[nodiscard]] std::pair<std::string, std::string> what_stays(const Workbench& bench) const;
    [[nodiscard]] double loss_of(const Candidate& candidate) const;

    const InputBatch& batch_;
    const ConvertOptions& options_;
    Workbench plain_;
    std::int64_t evaluations_ = 0;
};

}  // namespace bittrue::explore
