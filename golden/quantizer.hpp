// The only place of the oracle that loses information (rule F5): rounding, then overflow, with what happened.
#pragma once

#include "bittrue/model/events.hpp"
#include "exact.hpp"

namespace bittrue::golden {

struct Quantized {
    Integer raw{};
    Events events{};
};

// The rounded u and its floor (rule D2 reads it).
struct Rounded {
    Integer value{};
    Integer floor{};
    bool inexact = false;
};

// Rules Q0-Q8 for u = numerator / denominator, denominator > 0.
[[nodiscard]] Rounded round_quotient(const Integer& numerator, const Integer& denominator, Rounding mode);
// The same for u = numerator / 2^exponent, exponent >= 0.
[[nodiscard]] Rounded round_dyadic(const Integer& numerator, int exponent, Rounding mode);
// A value rounded to the lsb 2^-frac.
[[nodiscard]] Rounded round_at(const Dyadic& value, int frac, Rounding mode);

// Rules O2-O6 and D1, D2: the raw of a rounded value that is outside low .. high.
[[nodiscard]] Integer overflowed(const Rounded& rounded, const FixedType& type, const Integer& low,
                                 const Integer& high);

// Q_T of chapter A; T must be valid and storable.
class Quantizer {
public:
    explicit Quantizer(const FixedType& type);

    [[nodiscard]] Quantized operator()(const Dyadic& value) const;
    [[nodiscard]] Quantized ranged(const Rounded& rounded) const;  // chapter O and the events, of a rounded number
    [[nodiscard]] Quantized infinity(bool negative) const;         // rule Q9
    [[nodiscard]] Quantized real(double value) const;              // not NaN

    [[nodiscard]] const FixedType& type() const { return type_; }
    [[nodiscard]] const Format& format() const { return type_.format; }
    [[nodiscard]] int frac() const { return type_.format.frac(); }

private:
    FixedType type_;
    Integer low_;  // the range of rule O1
    Integer high_;
};

[[nodiscard]] constexpr Events merge(const Events& a, const Events& b) {
    return {.inexact = a.inexact || b.inexact,
            .above = a.above || b.above,
            .below = a.below || b.below,
            .saturated = a.saturated || b.saturated};
}

}  // namespace bittrue::golden
