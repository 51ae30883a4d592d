#include "accumulation.hpp"

#include <utility>

#include "accumulation_run.hpp"

namespace bittrue::golden {
namespace {

std::vector<std::vector<std::size_t>> consecutive_groups(std::size_t terms, std::size_t size) {
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t t = 0; t < terms; ++t) {
        if (t % size == 0) groups.emplace_back();
        groups.back().push_back(t);
    }
    return groups;
}

// Group l holds the terms t with t mod count = l; groups without terms do not exist.
std::vector<std::vector<std::size_t>> residue_groups(std::size_t terms, std::size_t count) {
    std::vector<std::vector<std::size_t>> groups(count < terms ? count : terms);
    for (std::size_t t = 0; t < terms; ++t) groups[t % count].push_back(t);
    return groups;
}

// Rule A5. Interleave with R > n has one term in each of n passes: the order of sequential.
std::vector<std::vector<std::size_t>> groups_of(const AccumulatorSpec& spec, std::size_t terms) {
    const auto group = static_cast<std::size_t>(spec.group);
    switch (spec.schedule) {
        case Schedule::Sequential:
        case Schedule::Tree: return consecutive_groups(terms, terms);
        case Schedule::Fold:
        case Schedule::Cascade: return consecutive_groups(terms, group);
        case Schedule::Interleave:
        case Schedule::Partial: return residue_groups(terms, group);
    }
    return {};
}

std::optional<Quantizer> quantizer_of(const std::optional<FixedType>& type) {
    if (!type) return std::nullopt;
    return Quantizer(*type);
}

}  // namespace

Accumulation::Accumulation(const AccumulatorSpec& spec, std::size_t terms)
    : spec_(spec),
      accumulator_(spec.type),
      product_(quantizer_of(spec.product)),
      bias_(quantizer_of(spec.bias_cast)),
      groups_(groups_of(spec, terms)) {}

void Accumulation::multiply(const std::vector<Integer>& w, const std::vector<Integer>& x, int exact_frac,
                            Products& products, EventCounts& counts) const {
    products.raws.resize(w.size());
    products.events.assign(w.size(), Events{});
    products.frac = product_ ? product_->frac() : exact_frac;
    for (std::size_t t = 0; t < w.size(); ++t) {
        if (!product_) {
            products.raws[t] = w[t] * x[t];
            continue;
        }
        Quantized cast = (*product_)(Dyadic{.raw = w[t] * x[t], .frac = exact_frac});
        counts.add(cast.events);
        products.raws[t] = std::move(cast.raw);
        products.events[t] = cast.events;
    }
}

Integer Accumulation::sum(const Products& products, const std::optional<Dyadic>& bias, EventCounts& counts,
                          std::vector<MacStep>* steps) const {
    AccumulationRun run(spec_, accumulator_, groups_, products, counts, steps);
    if (bias) run.set_bias(*bias, bias_);
    return run.result();
}

Integer tree_sum(const std::vector<Integer>& leaves, const Quantizer& type, EventCounts& counts) {
    if (leaves.size() == 1) return leaves.front();
    std::vector<Integer> parents;
    for (std::size_t i = 0; i + 1 < leaves.size(); i += 2) {
        const Quantized node = type(Dyadic{.raw = leaves[i] + leaves[i + 1], .frac = type.frac()});
        counts.add(node.events);
        parents.push_back(node.raw);
    }
    if (leaves.size() % 2 == 1) parents.push_back(leaves.back());
    return tree_sum(parents, type, counts);
}

}  // namespace bittrue::golden
