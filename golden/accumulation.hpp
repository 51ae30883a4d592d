// Chapter A: one accumulation, term by term as the schedule says.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "quantizer.hpp"

namespace bittrue::golden {

// The products of one accumulation after A1, all at one frac. `events` belongs to the casts; without a product type
// it stays empty of events.
struct Products {
    std::vector<Integer> raws{};
    std::vector<Events> events{};
    int frac = 0;

    [[nodiscard]] Dyadic value(std::size_t t) const { return {.raw = raws[t], .frac = frac}; }
};

// Prepared for accumulations of `terms` terms (at least one). The spec must be valid.
class Accumulation {
public:
    Accumulation(const AccumulatorSpec& spec, std::size_t terms);

    // Rule A1: puts p[t] = w[t] * x[t] into `products`, counting casts in `counts`. exact_frac: of w plus of x.
    void multiply(const std::vector<Integer>& w, const std::vector<Integer>& x, int exact_frac, Products& products,
                  EventCounts& counts) const;

    // Rules A3-A10: the raw of the result in the accumulator's type. Conversions are counted in `counts`; with `steps`
    // each is listed there.
    [[nodiscard]] Integer sum(const Products& products, const std::optional<Dyadic>& bias, EventCounts& counts,
                              std::vector<MacStep>* steps) const;

    [[nodiscard]] int frac() const { return accumulator_.frac(); }

private:
    AccumulatorSpec spec_;
    Quantizer accumulator_;
    std::optional<Quantizer> product_;
    std::optional<Quantizer> bias_;
    std::vector<std::vector<std::size_t>> groups_;  // the terms of A5, in the order they are visited
};

// Rule A9 over any leaves: nodes that are quantised into `type` one by one. One leaf: the leaf itself, no conversion.
[[nodiscard]] Integer tree_sum(const std::vector<Integer>& leaves, const Quantizer& type, EventCounts& counts);

}  // namespace bittrue::golden
