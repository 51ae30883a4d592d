#include "accumulation.hpp"

namespace bittrue::corner {

Accumulation::Accumulation(const ProbeSetup& layer, Probe& probe, const AccumulationSetup& setup)
    : spec_(setup.spec),
      weight_(setup.weight),
      input_(setup.input),
      bias_(setup.bias),
      terms_(setup.terms),
      group_(std::min<std::int64_t>(setup.spec.group, setup.terms)),
      bias_first_(setup.bias.has_value() && setup.spec.bias == BiasPosition::First) {
    product_frac_ = weight_.format.frac() + input_.format.frac();
    term_frac_ = spec_.product ? spec_.product->format.frac() : product_frac_;
    bias_frac_ = !bias_ ? term_frac_ : spec_.bias_cast ? spec_.bias_cast->format.frac() : bias_->frac();
    const bool is_tree = spec_.schedule == Schedule::Tree;
    step_frac_ = std::max(frac(), term_frac_);
    if (is_tree && bias_first_) step_frac_ = std::max(step_frac_, bias_frac_);
    end_frac_ = bias_first_ ? std::max(term_frac_, bias_frac_) : term_frac_;
    last_frac_ = std::max(frac(), bias_frac_);
    sum_frac_ = bias_ ? std::max(product_frac_, bias_frac_) : product_frac_;
    add_sites(layer, probe);
    first_mark_ = probe.marks.size();
    add_marks(probe);
}

std::size_t Accumulation::add_site(Probe& probe, const std::string& place, EventClass kind, int frac,
                                   const FixedType& to) const {
    probe.sites.push_back(make_site(place, kind, {.to = to, .frac = frac}));
    return probe.sites.size() - 1;
}

void Accumulation::add_sites(const ProbeSetup& layer, Probe& probe) {
    const FixedType& type = spec_.type;
    const Format product = product_format(weight_.format, input_.format);
    const Format term = spec_.product ? spec_.product->format : product;
    const Format bias = !bias_ ? term : spec_.bias_cast ? spec_.bias_cast->format : *bias_;
    const int many = ceil_log2(terms_ + 1) + 1;
    int bits = bits_at(product, sum_frac_) + many;
    for (const int frac : {step_frac_, end_frac_}) bits = std::max(bits, bits_at(term, frac) + many);
    for (const int frac : {bias_first_ ? end_frac_ : bias_frac_, last_frac_, sum_frac_})
        bits = std::max(bits, bits_at(bias, frac) + 2);
    for (const int frac : {step_frac_, last_frac_}) bits = std::max(bits, bits_at(type.format, frac) + 2);
    require_exact(layer, bits);

    if (spec_.product) product_ = add_site(probe, "product", EventClass::Product, product_frac_, *spec_.product);
    if (bias_ && spec_.bias_cast) {
        bias_cast_ = add_site(probe, "bias cast", EventClass::Accumulator, bias_->frac(), *spec_.bias_cast);
    }
    const bool at_end = spec_.quantize == QuantizeAt::End;
    const bool is_tree = spec_.schedule == Schedule::Tree;
    const bool is_partial = spec_.schedule == Schedule::Partial && !at_end;
    if (bias_first_ && !at_end && !is_tree)
        start_ = add_site(probe, "bias start", EventClass::Accumulator, bias_frac_, type);
    if (is_partial) lanes_ = add_site(probe, "lane", EventClass::Accumulator, step_frac_, type);
    const int frac_in = at_end ? end_frac_ : is_partial ? frac() : step_frac_;
    step_ = add_site(probe, "accumulator", EventClass::Accumulator, frac_in, type);
    if (bias_ && !bias_first_) last_ = add_site(probe, "bias addition", EventClass::Accumulator, last_frac_, type);
}

void Accumulation::add_marks(Probe& probe) const {
    std::string why = "no weight is the most negative word";
    if (range_min(weight_) >= 0) why = "weights are unsigned";
    if (range_min(input_) >= 0) why = "inputs are unsigned";
    probe.marks.push_back({.place = "product", .goal = "most negative times most negative", .why = why});
    // The sets of all products say what the largest and the smallest is, so something reaches them.
    const i128 far = i128{1} << kExactBits;
    probe.marks.push_back({.place = "product", .goal = "largest product", .tally = {.reachable = true}, .value = -far});
    probe.marks.push_back({.place = "product", .goal = "smallest product", .tally = {.reachable = true}, .value = far});
    const bool steps = spec_.quantize != QuantizeAt::End && spec_.schedule != Schedule::Tree;
    probe.marks.push_back({.place = "accumulator",
                           .goal = "sign change",
                           .why = steps ? "no running sum can be on both sides of zero" : "there is no running sum"});
}

std::vector<std::int64_t> Accumulation::visiting_order() const {
    std::vector<std::int64_t> order;
    const bool by_lanes = spec_.schedule == Schedule::Partial && spec_.quantize == QuantizeAt::Fold;
    const bool strided = spec_.quantize != QuantizeAt::End && (spec_.schedule == Schedule::Interleave || by_lanes);
    const std::int64_t passes = strided ? group_ : 1;
    for (std::int64_t r = 0; r < passes; ++r) {
        for (std::int64_t t = r; t < terms_; t += passes) order.push_back(t);
    }
    return order;
}

std::vector<std::int64_t> Accumulation::terms_before(const Probe& probe, const Site* site, std::int64_t k) const {
    std::vector<std::int64_t> terms = visiting_order();
    const auto is = [&](std::size_t s) { return s != kNone && site == &probe.sites[s]; };
    if (is(product_)) return {terms[static_cast<std::size_t>(k)]};
    if (is(lanes_)) {
        const std::int64_t lane = k % group_;
        const bool by_group = spec_.quantize == QuantizeAt::Fold;
        std::erase_if(terms, [&](std::int64_t t) { return t % group_ != lane || (!by_group && t > k); });
        return terms;
    }
    if (!is(step_) || spec_.quantize == QuantizeAt::End) return terms;
    std::int64_t count = terms_;
    switch (spec_.schedule) {
        case Schedule::Sequential: count = k + 1; break;
        case Schedule::Interleave:
        case Schedule::Fold:
        case Schedule::Cascade:
            if (spec_.quantize == QuantizeAt::Step) {
                count = k + 1;
            } else if (spec_.schedule == Schedule::Interleave) {
                std::erase_if(terms, [&](std::int64_t t) { return t % group_ > k; });
                return terms;
            } else {
                count = (k + 1) * group_;
            }
            break;
        case Schedule::Partial: std::erase_if(terms, [&](std::int64_t t) { return t % group_ > k; }); return terms;
        case Schedule::Tree: return tree_leaves(k);
    }
    terms.resize(static_cast<std::size_t>(std::min(count, terms_)));
    return terms;
}

// Nodes are numbered level by level, from the leaves up, left to right.
std::vector<std::int64_t> Accumulation::tree_leaves(std::int64_t k) const {
    const std::int64_t first_term = bias_first_ ? 1 : 0;
    std::int64_t count = terms_ + first_term, span = 1;
    while (count > 1 && k >= count / 2) {
        k -= count / 2;
        count = count / 2 + count % 2;
        span *= 2;
    }
    std::vector<std::int64_t> terms;
    for (std::int64_t leaf = 2 * k * span; leaf < 2 * (k + 1) * span; ++leaf) {
        const std::int64_t t = leaf - first_term;
        if (t >= 0 && t < terms_) terms.push_back(t);
    }
    return terms;
}

}  // namespace bittrue::corner
