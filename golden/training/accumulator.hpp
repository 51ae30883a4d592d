// H15: one signed accumulator, at the frac of its terms.
#pragma once

#include "training/numbers.hpp"

namespace bittrue::golden {

class StepAccumulator {
public:
    explicit StepAccumulator(const TrainingAccumulator& spec);

    void start();
    void add(const Integer& term);  // rules O1-O3 after every term
    [[nodiscard]] const Integer& word() const { return word_; }
    // SAT: whether a term overflowed it. WRAP: whether the exact sum of all terms is out of range.
    [[nodiscard]] bool overflowed() const;

private:
    [[nodiscard]] bool in_range(const Integer& v) const { return v >= low_ && v <= high_; }

    TrainingAccumulator spec_;
    Integer low_;
    Integer high_;
    Integer word_;
    Integer exact_;
    bool saturated_ = false;
};

}  // namespace bittrue::golden
