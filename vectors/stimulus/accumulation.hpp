// One accumulation (chapter A) over numbers or sets of numbers, every conversion at a site.
#pragma once

#include <algorithm>
#include <optional>

#include "probe.hpp"

namespace bittrue::corner {

struct AccumulationSetup {
    AccumulatorSpec spec{};
    FixedType weight{};
    FixedType input{};
    std::optional<Format> bias{};  // as stored
    std::int64_t terms = 1;
};

class Accumulation {
public:
    // Adds its sites and marks to the probe.
    Accumulation(const ProbeSetup& layer, Probe& probe, const AccumulationSetup& setup);

    [[nodiscard]] int frac() const { return spec_.type.format.frac(); }
    // Of the exact sum of products and bias, before any conversion but the bias cast.
    [[nodiscard]] int sum_frac() const { return sum_frac_; }
    [[nodiscard]] int product_frac() const { return product_frac_; }

    // `weights` and `inputs` in the order of A2. The accumulator's raw; `exact` becomes the exact sum.
    template <class D>
    typename D::Value run(D& d, Probe& probe, std::span<const i128> weights, std::span<const typename D::Value> inputs,
                          std::optional<i128> bias, typename D::Value& exact) const;

    // Terms that went into the k-th conversion of that site in one run.
    [[nodiscard]] std::vector<std::int64_t> terms_before(const Probe& probe, const Site* site, std::int64_t k) const;

private:
    static constexpr std::size_t kNone = ~std::size_t{0};
    template <class D>
    struct Run;

    std::size_t add_site(Probe& probe, const std::string& place, EventClass kind, int frac, const FixedType& to) const;
    void add_sites(const ProbeSetup& layer, Probe& probe);
    void add_marks(Probe& probe) const;
    [[nodiscard]] std::vector<std::int64_t> visiting_order() const;
    [[nodiscard]] std::vector<std::int64_t> tree_leaves(std::int64_t k) const;

    AccumulatorSpec spec_{};
    FixedType weight_{}, input_{};
    std::optional<Format> bias_{};
    std::int64_t terms_ = 1, group_ = 1;
    bool bias_first_ = false;
    int product_frac_ = 0, term_frac_ = 0, bias_frac_ = 0, step_frac_ = 0, end_frac_ = 0, last_frac_ = 0, sum_frac_ = 0;
    std::size_t product_ = kNone, bias_cast_ = kNone, start_ = kNone, step_ = kNone, lanes_ = kNone, last_ = kNone;
    std::size_t first_mark_ = 0;  // most negative product, largest product, smallest product, sign change
};

}  // namespace bittrue::corner

#include "accumulation_run.hpp"
