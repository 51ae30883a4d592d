// Accumulations with a fault in them.
#pragma once

#include <vector>

#include "accumulate.hpp"
#include "bittrue/emulator/single.hpp"

namespace bittrue::emulator {

// A word whose bit reads as `value`.
template <class Int>
[[nodiscard]] Int with_bit(Int raw, Format format, int bit, bool value) {
    const auto bits = static_cast<u128>(static_cast<i128>(raw));
    const u128 mask = u128{1} << bit;
    const u128 forced = value ? bits | mask : bits & ~mask;
    constexpr int kBits = 128;
    const int unused = kBits - format.width;
    const u128 top = forced << unused;
    return static_cast<Int>(format.is_signed ? static_cast<i128>(top) >> unused : static_cast<i128>(top >> unused));
}

[[nodiscard]] inline bool hits(const AccumulationFault::StuckBit& stuck, std::int64_t term) {
    return term % stuck.lanes == stuck.lane;
}

// The observer that forces a bit of some products. `first`: the term that the accumulation calls 0.
template <class Int>
class StuckProducts {
public:
    static constexpr bool listens = false;
    static constexpr bool alters = true;

    StuckProducts(const std::optional<AccumulationFault::StuckBit>& stuck, std::int64_t first, Format product)
        : stuck_(stuck), first_(first), format_(product) {}
    void operator()(const Step& /*step*/) const {}

    [[nodiscard]] Int alter(std::int64_t term, Int product) const {
        if (!stuck_ || !hits(*stuck_, term + first_)) return product;
        return with_bit(product, format_, stuck_->bit, stuck_->value);
    }

private:
    std::optional<AccumulationFault::StuckBit> stuck_;
    std::int64_t first_;
    Format format_;
};

// Of what can be stuck.
struct FaultFormats {
    Format product{}, weight{}, input{};

    [[nodiscard]] Format at(AccumulationFault::At place) const {
        switch (place) {
            case AccumulationFault::At::Product: return product;
            case AccumulationFault::At::Weight: return weight;
            case AccumulationFault::At::Input: return input;
        }
        return product;
    }
};

// Of what the adder takes.
[[nodiscard]] inline Format term_format(const AccumulatorSpec& spec, Format weight, Format input) {
    return spec.product ? spec.product->format : product_format(weight, input);
}

// Operands of which some have a stuck bit.
template <class Int>
[[nodiscard]] std::vector<Int> stuck_operands(const Int* operands, std::int64_t count, Format format,
                                              const AccumulationFault::StuckBit& stuck) {
    std::vector<Int> altered(operands, operands + count);
    for (std::int64_t t = stuck.lane; t < count; t += stuck.lanes) {
        Int& operand = altered[static_cast<std::size_t>(t)];
        operand = with_bit(operand, format, stuck.bit, stuck.value);
    }
    return altered;
}

// accumulate() with the fault, for channel `o`. A sum without terms is that of one product of zeros. `observer` makes
// what alters products from a stuck bit of them, the first term's number and their format.
template <class Int, class MakeObserver>
[[nodiscard]] Int accumulate_faulty(const Accumulation<Int>& a, Terms<Int> terms, const BiasTerm<Int>& bias,
                                    std::span<Int> room, AccumulationCounts& counts, const AccumulationFault& fault,
                                    const FaultFormats& formats, std::int64_t o, const MakeObserver& observer) {
    const std::int64_t left = terms.count - fault.skip_first - fault.skip_last;
    if (left < 1) {
        constexpr Int kZero = 0;
        auto&& none = observer(std::optional<AccumulationFault::StuckBit>{}, fault.skip_first, formats.product);
        return accumulate(a, Terms<Int>{&kZero, &kZero, 1}, bias, room, counts, none);
    }
    std::optional<AccumulationFault::StuckBit> stuck = fault.stuck;
    if (stuck && (stuck->bit < 0 || stuck->bit >= formats.at(stuck->at).width || o % stuck->outputs != stuck->output))
        stuck.reset();
    std::vector<Int> altered;
    if (stuck && stuck->at != AccumulationFault::At::Product) {
        const bool is_weight = stuck->at == AccumulationFault::At::Weight;
        const Int*& operands = is_weight ? terms.weights : terms.inputs;
        altered = stuck_operands(operands, terms.count, formats.at(stuck->at), *stuck);
        operands = altered.data();
        stuck.reset();
    }
    auto&& products = observer(stuck, fault.skip_first, formats.product);
    return accumulate(a, Terms<Int>{terms.weights + fault.skip_first, terms.inputs + fault.skip_first, left}, bias,
                      room, counts, products);
}

// The same, unheard.
template <class Int>
[[nodiscard]] Int accumulate_faulty(const Accumulation<Int>& a, Terms<Int> terms, const BiasTerm<Int>& bias,
                                    std::span<Int> room, AccumulationCounts& counts, const AccumulationFault& fault,
                                    const FaultFormats& formats, std::int64_t o) {
    return accumulate_faulty(a, terms, bias, room, counts, fault, formats, o,
                             [](const auto& stuck, std::int64_t first, Format product) {
                                 return StuckProducts<Int>(stuck, first, product);
                             });
}

}  // namespace bittrue::emulator
