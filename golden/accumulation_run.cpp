#include "accumulation_run.hpp"

#include "bittrue/model/error.hpp"

namespace bittrue::golden {

MacStep make_step(std::string what, const Dyadic& added, const Events& product_events, const Dyadic& accumulator,
                  const Events& events) {
    if (!fits_i128(added.raw) || !fits_i128(accumulator.raw)) {
        throw InputError("accumulation step '" + what + "'",
                         "an exact value needs more than the 128 bits a step is listed with; narrow the formats or "
                         "bring their fraction bits closer together");
    }
    return {.what = std::move(what),
            .product_raw = i128_from_integer(added.raw),
            .product_frac = added.frac,
            .accumulator_raw = i128_from_integer(accumulator.raw),
            .accumulator_frac = accumulator.frac,
            .product_events = product_events,
            .events = events};
}

template <typename What>
void AccumulationRun::list(What what, const Sum& added, const Dyadic& accumulator, const Events& events) {
    if (steps_ != nullptr) {
        steps_->push_back(make_step(what(), added.value, added.product_events, accumulator, events));
    }
}

template <typename What>
void AccumulationRun::add(const Sum& added, What what) {
    const Quantized next = quantized(plus(accumulator(), added.value));
    acc_ = next.raw;
    list(what, added, accumulator(), next.events);
}

Quantized AccumulationRun::quantized(const Dyadic& value) {
    Quantized q = type_(value);
    counts_.add(q.events);
    return q;
}

void AccumulationRun::set_bias(const Dyadic& stored, const std::optional<Quantizer>& cast) {
    bias_ = stored;
    if (!cast) return;
    const Quantized q = (*cast)(stored);
    counts_.add(q.events);
    bias_events_ = q.events;
    bias_ = Dyadic{.raw = q.raw, .frac = cast->frac()};
}

AccumulationRun::Sum AccumulationRun::exact_sum(const std::vector<std::size_t>& terms) const {
    Sum sum{.value = {.raw = 0, .frac = products_.frac}};
    for (const std::size_t t : terms) {
        sum.value.raw += products_.raws[t];
        sum.product_events = merge(sum.product_events, products_.events[t]);
    }
    return sum;
}

Integer AccumulationRun::result() {
    switch (spec_.quantize) {
        case QuantizeAt::End: at_end(); break;
        case QuantizeAt::Step:
        case QuantizeAt::Fold:
            switch (spec_.schedule) {
                case Schedule::Sequential:
                case Schedule::Interleave:
                case Schedule::Fold:
                case Schedule::Cascade:
                    start();
                    if (spec_.quantize == QuantizeAt::Step) {
                        each_step();
                    } else {
                        each_group();
                    }
                    break;
                case Schedule::Partial: partial(); break;
                case Schedule::Tree: tree(); break;
            }
            break;
    }
    if (bias_is_last()) last_bias();
    return acc_;
}

void AccumulationRun::start() {  // A4
    const auto what = [] { return "start"; };
    if (!bias_is_first()) {
        acc_ = 0;
        list(what, {}, accumulator(), {});
        return;
    }
    const Quantized q = quantized(*bias_);
    acc_ = q.raw;
    list(what, {.value = *bias_}, accumulator(), merge(bias_events_, q.events));
}

void AccumulationRun::each_step() {  // A6
    for (const auto& group : groups_) {
        for (const std::size_t t : group) {
            add(term(t), [t] { return "term " + std::to_string(t); });
        }
    }
}

void AccumulationRun::each_group() {  // A7
    const char* const kind = spec_.schedule == Schedule::Interleave ? "pass " : "fold ";
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        add(exact_sum(groups_[g]), [kind, g] { return kind + std::to_string(g); });
    }
}

void AccumulationRun::partial() {  // A8
    start();
    std::vector<Integer> lanes(groups_.size());
    const auto load = [&](std::size_t lane, const Sum& added, const Dyadic& exact, const auto& what) {
        const Quantized q = quantized(exact);
        lanes[lane] = q.raw;
        list(what, added, {.raw = q.raw, .frac = type_.frac()}, q.events);
    };
    if (spec_.quantize == QuantizeAt::Step) {
        for (std::size_t t = 0; t < products_.raws.size(); ++t) {
            const std::size_t l = t % lanes.size();
            load(l, term(t), plus({.raw = lanes[l], .frac = type_.frac()}, products_.value(t)),
                 [t, l] { return "term " + std::to_string(t) + " lane " + std::to_string(l); });
        }
    } else {
        for (std::size_t l = 0; l < lanes.size(); ++l) {
            const Sum total = exact_sum(groups_[l]);
            load(l, total, total.value, [l] { return "lane " + std::to_string(l) + " total"; });
        }
    }
    for (std::size_t l = 0; l < lanes.size(); ++l) {
        add({.value = {.raw = lanes[l], .frac = type_.frac()}}, [l] { return "lane " + std::to_string(l); });
    }
}

AccumulationRun::Node AccumulationRun::join(const Node& left, const Node& right) {
    Sum added{.value = plus(left.sum.value, right.sum.value)};
    if (left.is_leaf) added.product_events = merge(added.product_events, left.sum.product_events);
    if (right.is_leaf) added.product_events = merge(added.product_events, right.sum.product_events);
    const Quantized q = quantized(added.value);
    const Dyadic value{.raw = q.raw, .frac = type_.frac()};
    list([&] { return "node " + std::to_string(left.first) + ".." + std::to_string(right.last); }, added, value,
         q.events);
    return {.sum = {.value = value}, .first = left.first, .last = right.last, .is_leaf = false};
}

AccumulationRun::Node AccumulationRun::reduce(const std::vector<Node>& level) {
    if (level.size() == 1) return level.front();
    std::vector<Node> parents;
    parents.reserve(level.size() / 2 + 1);
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) parents.push_back(join(level[i], level[i + 1]));
    if (level.size() % 2 == 1) parents.push_back(level.back());
    return reduce(parents);
}

void AccumulationRun::tree() {  // A9
    std::vector<Node> leaves;
    leaves.reserve(products_.raws.size() + 1);
    const auto add_leaf = [&](const Sum& sum) {
        leaves.push_back({.sum = sum, .first = leaves.size(), .last = leaves.size()});
    };
    if (bias_is_first()) add_leaf({.value = *bias_});
    for (std::size_t t = 0; t < products_.raws.size(); ++t) add_leaf(term(t));
    const Node root = reduce(leaves);
    acc_ = root.sum.value.raw;
    if (!root.is_leaf) return;
    const Quantized q = quantized(root.sum.value);
    acc_ = q.raw;
    list([] { return "node 0..0"; }, root.sum, accumulator(), q.events);
}

void AccumulationRun::at_end() {  // A10
    const bool biased = bias_is_first();
    Dyadic exact{.raw = 0, .frac = products_.frac};
    if (biased) exact = plus(exact, *bias_);
    const auto listed_start = biased ? Sum{.value = *bias_} : Sum{};
    list([] { return "start"; }, listed_start, exact, biased ? bias_events_ : Events{});
    for (std::size_t t = 0; t < products_.raws.size(); ++t) {
        exact = plus(exact, products_.value(t));
        list([t] { return "term " + std::to_string(t); }, term(t), exact, {});
    }
    const Quantized q = quantized(exact);
    acc_ = q.raw;
    list([] { return "end"; }, {.value = exact}, accumulator(), q.events);
}

void AccumulationRun::last_bias() {  // A4
    const Quantized q = quantized(plus(accumulator(), *bias_));
    acc_ = q.raw;
    list([] { return "bias"; }, {.value = *bias_}, accumulator(), merge(bias_events_, q.events));
}

}  // namespace bittrue::golden
