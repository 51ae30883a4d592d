#include "streamline/chain.hpp"

#include <algorithm>

namespace bittrue::explore::streamline {

namespace {

class Search {
public:
    Search(std::vector<i128>& found, const std::function<std::int64_t(i128)>& level) : found_(found), level_(level) {}
    // Levels a and b at x and y; a part of the range without a step is not looked at.
    void operator()(i128 x, std::int64_t a, i128 y, std::int64_t b) const {
        if (a == b) return;
        if (y - x == 1) {
            std::fill(found_.begin() + a, found_.begin() + b, y);
            return;
        }
        const i128 middle = x + (y - x) / 2;
        const std::int64_t m = level_(middle);
        (*this)(x, a, middle, m);
        (*this)(middle, m, y, b);
    }

private:
    std::vector<i128>& found_;
    const std::function<std::int64_t(i128)>& level_;
};

int sign(const Rational& x) {
    return x < 0 ? -1 : x > 0 ? 1 : 0;
}

}  // namespace

Rational evaluate(const Chain& chain, Rational x, std::size_t channel) {
    for (const Pending& p : chain) {
        switch (p.kind) {
            case Pending::Kind::Affine: x = x * of_channel(p.scale, channel) + of_channel(p.offset, channel); break;
            case Pending::Kind::Relu:
                if (x < 0) x = 0;
                break;
            case Pending::Kind::Clip: x = x < p.low ? p.low : x > p.high ? p.high : x; break;
            case Pending::Kind::Leaky:
                if (x < 0) x *= p.scale[0];
                break;
        }
    }
    return x;
}

int direction(const Chain& chain, std::size_t channel) {
    int result = 1;
    for (const Pending& p : chain)
        if (p.kind == Pending::Kind::Affine) result *= sign(of_channel(p.scale, channel));
    return result;
}

bool same_for_all(const Chain& chain) {
    return std::all_of(chain.begin(), chain.end(),
                       [](const Pending& p) { return p.scale.size() == 1 && p.offset.size() == 1; });
}

std::vector<i128> thresholds_between(i128 low, i128 high, std::int64_t count,
                                     const std::function<std::int64_t(i128)>& level) {
    std::vector<i128> found(static_cast<std::size_t>(count), high + 1);
    const std::int64_t first = level(low);
    const std::int64_t last = level(high);
    std::fill(found.begin(), found.begin() + first, low);
    Search(found, level)(low, first, high, last);
    return found;
}

}  // namespace bittrue::explore::streamline
