// Accumulations with a fault in them.
#pragma once

#include "accumulate.hpp"
#include "bittrue/emulator/single.hpp"

namespace bittrue::emulator {

// The observer that forces a bit of some products. `first`: the term that the accumulation calls 0.
template <class Int>
class StuckProducts {
public:
    static constexpr bool listens = false;
    static constexpr bool alters = true;

    StuckProducts(const AccumulationFault& fault, Format product)
        : stuck_(fault.stuck), first_(fault.skip_first), format_(product) {
        if (stuck_ && (stuck_->bit < 0 || stuck_->bit >= product.width)) stuck_.reset();
    }
    void operator()(const Step& /*step*/) const {}

    [[nodiscard]] Int alter(std::int64_t term, Int product) const {
        if (!stuck_ || (term + first_) % stuck_->lanes != stuck_->lane) return product;
        const auto bits = static_cast<u128>(static_cast<i128>(product));
        const u128 mask = u128{1} << stuck_->bit;
        const u128 forced = stuck_->value ? bits | mask : bits & ~mask;
        constexpr int kBits = 128;
        const int unused = kBits - format_.width;
        const u128 top = forced << unused;
        const i128 raw = format_.is_signed ? static_cast<i128>(top) >> unused : static_cast<i128>(top >> unused);
        return static_cast<Int>(raw);
    }

private:
    std::optional<AccumulationFault::StuckBit> stuck_;
    std::int64_t first_;
    Format format_;
};

// Of what the adder takes.
[[nodiscard]] inline Format term_format(const AccumulatorSpec& spec, Format weight, Format input) {
    return spec.product ? spec.product->format : product_format(weight, input);
}

// accumulate() with the fault. A sum without terms is that of one product of zeros.
template <class Int>
[[nodiscard]] Int accumulate_faulty(const Accumulation<Int>& a, Terms<Int> terms, const BiasTerm<Int>& bias,
                                    std::span<Int> room, AccumulationCounts& counts, const AccumulationFault& fault,
                                    Format product) {
    const std::int64_t left = terms.count - fault.skip_first - fault.skip_last;
    if (left < 1) {
        constexpr Int kZero = 0;
        Unobserved nobody;
        return accumulate(a, Terms<Int>{&kZero, &kZero, 1}, bias, room, counts, nobody);
    }
    StuckProducts<Int> stuck(fault, product);
    return accumulate(a, Terms<Int>{terms.weights + fault.skip_first, terms.inputs + fault.skip_first, left}, bias,
                      room, counts, stuck);
}

}  // namespace bittrue::emulator
