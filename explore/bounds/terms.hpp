// What every term of an accumulation can be, brought to one frac: the common ground of bounds and observation.
#pragma once

#include <string>

#include "linear.hpp"

namespace bittrue::explore {

// Numbers beyond this end with an InputError: nothing is computed modulo.
inline constexpr int kMaxBits = 120;

// Where terms, bias and register meet.
struct Scale {
    int exact_frac = 0;  // of weight times input
    int term_frac = 0;   // after the product cast
    int bias_frac = 0;   // after the bias cast; term_frac without bias
    int acc_frac = 0;
    int frac = 0;  // the finest of the last three: sums are exact here

    Scale(const AccumulatorSpec& spec, Format weight, Format input, std::optional<Format> bias);

    [[nodiscard]] int drop() const { return frac - acc_frac; }  // bits the register drops
    [[nodiscard]] bool keeps_all() const { return drop() == 0; }
};

// raw * 2^up, a + b and a * b within kMaxBits; InputError naming the layer.
class Exact {
public:
    explicit Exact(std::string layer) : layer_(std::move(layer)) {}
    [[nodiscard]] i128 raise(i128 raw, int up) const;
    [[nodiscard]] i128 plus(i128 a, i128 b) const;
    [[nodiscard]] i128 times(i128 a, i128 b) const;
    [[noreturn]] void fail() const;

private:
    std::string layer_;
};

// A raw of one frac to that of the type, rounded, without overflow.
[[nodiscard]] i128 round_to(const Exact& exact, i128 raw, int frac, const FixedType& type);

// The product cast without its overflow: rounded to the product type's lsb.
[[nodiscard]] i128 cast_product(const Exact& exact, const AccumulatorSpec& spec, const Scale& scale, i128 product);

// A bias word after the bias cast, as a raw of bias_frac. An overflow of the cast is part of it, because a constant of
// the network is what it is; but where the bias type is the accumulator's it has the width the register needs.
struct BiasRaw {
    i128 raw = 0;
    bool fits = true;
};
[[nodiscard]] BiasRaw cast_bias(const Exact& exact, const AccumulatorSpec& spec, Format format, std::int64_t word);
// hls4ml: the type of products or bias is the accumulator's, and changes its width with it.
[[nodiscard]] inline bool follows(const std::optional<FixedType>& cast, const AccumulatorSpec& spec) {
    return cast == spec.type;
}

// Both raws brought to the accumulator's lsb, away from zero's side of the interval: low down, high up.
[[nodiscard]] Extent outward(const Scale& scale, const Extent& at_frac);

}  // namespace bittrue::explore
