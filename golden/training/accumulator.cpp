#include "training/accumulator.hpp"

namespace bittrue::golden {

StepAccumulator::StepAccumulator(const TrainingAccumulator& spec) : spec_(spec) {
    if (spec.width == 0) return;  // no end
    low_ = -s_of(spec.width);
    high_ = s_of(spec.width) - 1;
}

void StepAccumulator::start() {
    word_ = 0;
    exact_ = 0;
    saturated_ = false;
}

void StepAccumulator::add(const Integer& term) {
    word_ += term;
    if (spec_.width == 0) return;
    exact_ += term;
    if (in_range(word_)) return;
    if (spec_.saturate) {
        saturated_ = true;
        word_ = word_ > high_ ? high_ : low_;
    } else {
        word_ = modulo(word_ - low_, power_of_two(spec_.width)) + low_;  // the word of this pattern (O2, F3)
    }
}

bool StepAccumulator::overflowed() const {
    if (spec_.width == 0) return false;
    return spec_.saturate ? saturated_ : !in_range(exact_);
}

}  // namespace bittrue::golden
