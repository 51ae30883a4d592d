// Whether steps are faster on one thread or on all: measured now and then, since a step is short and others may want
// the cores, too. No result depends on it.
#pragma once

#include <algorithm>

namespace bittrue::explore {

class Pace {
public:
    // Without a choice all steps are for all threads.
    explicit Pace(bool choice) : choice_(choice) {}

    // Whether the next step is for one thread alone.
    [[nodiscard]] bool alone() const { return alone_; }

    void took(double seconds) {
        if (!choice_) return;
        if (trials_ > 0) spent_[alone_ ? 1 : 0] += seconds;
        if (--left_ > 0) return;
        if (trials_ == 2) {  // all threads were tried, now one
            trials_ = 1;
            alone_ = true;
            left_ = kTrial;
        } else if (trials_ == 1) {
            alone_ = spent_[1] < spent_[0];
            interval_ = alone_ == winner_ ? std::min(2 * interval_, kLongest) : kShortest;
            winner_ = alone_;
            trials_ = 0;
            left_ = interval_;
        } else {
            trials_ = 2;
            alone_ = false;
            spent_[0] = spent_[1] = 0;
            left_ = kTrial;
        }
    }

private:
    static constexpr int kTrial = 5, kShortest = 250, kLongest = 4000;  // steps
    bool choice_, alone_ = false, winner_ = false;
    int trials_ = 2, left_ = kTrial, interval_ = kShortest;
    double spent_[2] = {0, 0};
};

}  // namespace bittrue::explore
