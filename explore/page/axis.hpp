// A number axis of a drawing.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"

namespace bittrue::explore {

inline std::string axis_number(double x) {
    return fmt::format("{:.10g}", x);
}

struct Span {
    double low = std::numeric_limits<double>::max(), high = std::numeric_limits<double>::lowest();
    void take(double x) {
        low = std::min(low, x);
        high = std::max(high, x);
    }
    [[nodiscard]] bool empty() const { return low > high; }
};

// Between two ends of the drawing.
class Axis {
public:
    // From the mark at or below the span to the mark at or above it; `whole`: marks at integers only.
    Axis(Span span, double from, double to, bool whole) : from_(from), to_(to) {
        marks_ = ticks(span.low, span.high, 6);
        if (whole) {
            marks_.clear();
            const double step = std::max(1.0, std::ceil((span.high - span.low) / 12));
            for (double x = span.low; x <= span.high; x += step) marks_.push_back(x);
        }
        low_ = std::min(span.low, marks_.front());
        high_ = std::max(span.high, marks_.back());
        widen();
    }
    // Exactly the span, with the marks inside it.
    Axis(Span span, double from, double to) : from_(from), to_(to), low_(span.low), high_(span.high) {
        widen();
        for (const double t : ticks(low_, high_, 6)) {
            if (t >= low_ && t <= high_) marks_.push_back(t);
        }
    }
    [[nodiscard]] double operator()(double x) const { return from_ + (x - low_) / (high_ - low_) * (to_ - from_); }
    [[nodiscard]] const std::vector<double>& marks() const { return marks_; }
    [[nodiscard]] double low() const { return low_; }
    [[nodiscard]] double high() const { return high_; }

private:
    void widen() {
        if (!(high_ > low_)) low_ -= 1, high_ += 1;
    }

    double from_, to_, low_ = 0, high_ = 1;
    std::vector<double> marks_{};
};

}  // namespace bittrue::explore
