// Plainer operations, types and numbers.
#include <cmath>

#include "block/shrink_moves.hpp"

namespace bittrue::testing {
namespace {

template <class Op>
Op* get(Failing& f, std::size_t node) {
    return std::get_if<Op>(&f.graph.nodes[node].op);
}

// Every type of the network that is not a parameter's.
std::vector<FixedType*> types_of(Failing& f) {
    std::vector<FixedType*> types{&f.graph.input.type};
    for (Node& node : f.graph.nodes) {
        types.push_back(&node.result);
        if (AccumulatorSpec* const spec = accumulator_of(node.op)) {
            types.push_back(&spec->type);
            if (spec->product) types.push_back(&*spec->product);
            if (spec->bias_cast) types.push_back(&*spec->bias_cast);
        }
    }
    return types;
}

std::vector<Parameter*> parameters_of(Failing& f) {
    std::vector<Parameter*> all;
    for (Node& node : f.graph.nodes) {
        if (Parameter* const weights = weights_of(node.op)) all.push_back(weights);
        if (auto* const bias = bias_of(node.op); bias != nullptr && *bias) all.push_back(&**bias);
    }
    return all;
}

// Sets runs of numbers to zero, long ones first, then halves what is left toward zero.
template <class Number, class Numbers, class Half>
void shrink_numbers(std::size_t count, const Attempt& attempt, Numbers numbers, Half half) {
    for (std::size_t chunk = count; chunk >= 1; chunk /= 2) {
        for (std::size_t first = 0; first < count; first += chunk) {
            attempt([&](Failing& f) {
                auto& all = numbers(f);
                for (std::size_t i = first; i < std::min(first + chunk, count); ++i) all[i] = Number{0};
            });
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        while (attempt([&](Failing& f) { numbers(f)[i] = half(f, numbers(f)[i]); })) {
        }
    }
}

}  // namespace

Parameter* weights_of(Operation& op) {
    if (auto* dense = std::get_if<Dense>(&op)) return &dense->weights;
    if (auto* conv = std::get_if<Conv2d>(&op)) return &conv->weights;
    return nullptr;
}
std::optional<Parameter>* bias_of(Operation& op) {
    if (auto* dense = std::get_if<Dense>(&op)) return &dense->bias;
    if (auto* conv = std::get_if<Conv2d>(&op)) return &conv->bias;
    return nullptr;
}
AccumulatorSpec* accumulator_of(Operation& op) {
    if (auto* dense = std::get_if<Dense>(&op)) return &dense->accumulator;
    if (auto* conv = std::get_if<Conv2d>(&op)) return &conv->accumulator;
    return nullptr;
}

void plainer_operations(const Failing& now, const Attempt& attempt) {
    for (std::size_t i = 0; i < now.graph.nodes.size(); ++i) {
        attempt([&](Failing& f) {
            if (auto* const conv = get<Conv2d>(f, i)) conv->stride = {1, 1};
        });
        attempt([&](Failing& f) {
            if (auto* const conv = get<Conv2d>(f, i)) conv->dilation = {1, 1};
        });
        for (int Padding::*const side : {&Padding::top, &Padding::bottom, &Padding::left, &Padding::right})
            attempt([&](Failing& f) {
                if (auto* const conv = get<Conv2d>(f, i)) conv->padding.*side = 0;
                if (auto* const pool = get<MaxPool>(f, i)) pool->padding.*side = 0;
                if (auto* const pool = get<AveragePool>(f, i)) pool->padding.*side = 0;
            });
        attempt([&](Failing& f) {
            if (auto* const bias = bias_of(f.graph.nodes[i].op)) bias->reset();
        });
        const auto plain = [&](const std::function<void(AccumulatorSpec&)>& change) {
            attempt([&](Failing& f) {
                if (AccumulatorSpec* const spec = accumulator_of(f.graph.nodes[i].op)) change(*spec);
            });
        };
        plain([](AccumulatorSpec& spec) { spec.schedule = Schedule::Sequential, spec.group = 1; });
        plain([](AccumulatorSpec& spec) { spec.quantize = QuantizeAt::Step; });
        plain([](AccumulatorSpec& spec) { spec.terms = TermOrder::Input; });
        plain([](AccumulatorSpec& spec) { spec.bias = BiasPosition::First; });
        plain([](AccumulatorSpec& spec) { spec.product.reset(); });
        plain([](AccumulatorSpec& spec) { spec.bias_cast.reset(); });
    }
}

void plainer_types(const Failing& now, const Attempt& attempt) {
    Failing copy = now;
    for (std::size_t t = 0; t < types_of(copy).size(); ++t) {
        const auto change = [&](const std::function<void(FixedType&)>& to) {
            return attempt([&](Failing& f) {
                const auto types = types_of(f);
                if (t < types.size()) to(*types[t]);
            });
        };
        change([](FixedType& type) { type.rounding = Rounding::Trn; });
        change([](FixedType& type) { type.overflow = Overflow::Wrap; });
        change([](FixedType& type) { type.saturated_bits = 0; });
        change([](FixedType& type) { type.dialect = Dialect::Ap; });
        for (const int integer : {1, 0}) {
            while (change([&](FixedType& type) {
                if (type.format.width <= 1) return;
                type.format.width -= 1;
                type.format.integer -= integer;
            })) {
            }
        }
    }
    // Words keep their values, or lose their last bit.
    for (std::size_t p = 0; p < parameters_of(copy).size(); ++p) {
        for (const int integer : {1, 0}) {
            const auto narrow = [&](Failing& f) {
                const auto all = parameters_of(f);
                if (p >= all.size() || all[p]->type.format.width <= 1) return;
                Format& format = all[p]->type.format;
                format.width -= 1;
                format.integer -= integer;
                for (std::int64_t& word : all[p]->raw) {
                    if (integer == 0) word /= 2;
                    if (word < raw_min(format) || word > raw_max(format)) word = 0;
                }
            };
            while (attempt(narrow)) {
            }
        }
    }
}

void smaller_numbers(const Failing& now, const Attempt& attempt) {
    shrink_numbers<double>(
        now.batch.values.size(), attempt, [](Failing & f) -> auto& { return f.batch.values; },
        [](const Failing& f, double value) {
            const int frac = f.graph.input.type.format.frac();
            return std::ldexp(std::trunc(std::ldexp(value, frac) / 2), -frac);
        });
    Failing copy = now;
    for (std::size_t p = 0; p < parameters_of(copy).size(); ++p) {
        shrink_numbers<std::int64_t>(
            parameters_of(copy)[p]->raw.size(), attempt, [p](Failing & f) -> auto& { return parameters_of(f)[p]->raw; },
            [](const Failing&, std::int64_t word) { return word / 2; });
        shrink_numbers<double>(
            parameters_of(copy)[p]->real.size(),
            attempt, [p](Failing & f) -> auto& { return parameters_of(f)[p]->real; },
            [](const Failing&, double value) { return std::trunc(value / 2); });
    }
}

}  // namespace bittrue::testing
