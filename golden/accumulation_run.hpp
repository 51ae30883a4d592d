// The state of one accumulation while it runs (private to accumulation.cpp and mac.cpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accumulation.hpp"

namespace bittrue::golden {

using Groups = std::vector<std::vector<std::size_t>>;

// A step's exact numbers as the MacStep holds them; InputError when they do not fit its 128 bits.
[[nodiscard]] MacStep make_step(std::string what, const Dyadic& added, const Events& product_events,
                                const Dyadic& accumulator, const Events& events);

class AccumulationRun {
public:
    AccumulationRun(const AccumulatorSpec& spec, const Quantizer& accumulator, const Groups& groups,
                    const Products& products, EventCounts& counts, std::vector<MacStep>* steps)
        : spec_(spec), type_(accumulator), groups_(groups), products_(products), counts_(counts), steps_(steps) {}

    void set_bias(const Dyadic& stored, const std::optional<Quantizer>& cast);
    [[nodiscard]] Integer result();

private:
    struct Sum {  // exact, with the events of its product casts
        Dyadic value{};
        Events product_events{};
    };
    struct Node {  // of a tree: leaves first .. last
        Sum sum{};
        std::size_t first = 0;
        std::size_t last = 0;
        bool is_leaf = true;
    };

    [[nodiscard]] bool bias_is_first() const { return bias_ && spec_.bias == BiasPosition::First; }
    [[nodiscard]] bool bias_is_last() const { return bias_ && spec_.bias == BiasPosition::Last; }
    [[nodiscard]] Dyadic accumulator() const { return {.raw = acc_, .frac = type_.frac()}; }
    [[nodiscard]] Sum term(std::size_t t) const { return {products_.value(t), products_.events[t]}; }
    [[nodiscard]] Sum exact_sum(const std::vector<std::size_t>& terms) const;

    // Q_A, counted.
    [[nodiscard]] Quantized quantized(const Dyadic& value);
    // acc = Q_A(acc + added), listed under the name that `what()` makes.
    template <typename What>
    void add(const Sum& added, What what);
    template <typename What>
    void list(What what, const Sum& added, const Dyadic& accumulator, const Events& events);

    void start();
    void each_step();
    void each_group();
    void partial();
    void tree();
    void at_end();
    void last_bias();
    [[nodiscard]] Node join(const Node& left, const Node& right);
    [[nodiscard]] Node reduce(const std::vector<Node>& level);

    const AccumulatorSpec& spec_;
    const Quantizer& type_;
    const Groups& groups_;
    const Products& products_;
    EventCounts& counts_;
    std::vector<MacStep>* steps_;
    std::optional<Dyadic> bias_{};
    Events bias_events_{};
    Integer acc_{};
};

}  // namespace bittrue::golden
