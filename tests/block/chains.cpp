#include "chains.hpp"

#include <cmath>

#include "exhaustive/random_mac.hpp"
#include "exhaustive/types.hpp"

namespace bittrue::testing {
namespace {

class ChainBuilder {
public:
    ChainBuilder(Random& random, int max_width) : random_(random), max_width_(max_width) {}

    Graph build() {
        const Layout layout = random_.one_in(2) ? Layout::Hwc : Layout::Chw;
        graph_.name = "chain";
        graph_.input = {.shape = make_map(layout, draw(1, 3), draw(5, 9), draw(5, 9)), .type = type()};
        add(conv(graph_.input.shape.channels(), graph_.input.type.format));
        for (int i = draw(0, 3); i > 0; --i) add_any();
        if (random_.one_in(2)) add(pool());
        for (int i = draw(0, 2); i > 0; --i) add_any();
        if (random_.one_in(3)) add_residual();
        if (random_.one_in(2)) add(Flatten{});
        add(dense());
        if (random_.one_in(2)) add(Relu{});
        graph_.output = graph_.nodes.back().name;
        validate(graph_);
        return std::move(graph_);
    }

private:
    int draw(int low, int high) { return random_.integer(low, high); }

    // Mostly the types of real datapaths.
    FixedType type() {
        const int width = draw(2, max_width_);
        const Format format{.width = width, .integer = width - draw(0, 8), .is_signed = !random_.one_in(3)};
        if (random_.one_in(4)) return random_type(random_, format);
        constexpr Rounding kRoundings[] = {Rounding::Trn, Rounding::Rnd, Rounding::RndConv, Rounding::RndInf};
        constexpr Overflow kOverflows[] = {Overflow::Sat, Overflow::Sat, Overflow::Wrap, Overflow::SatSym};
        return {.format = format, .rounding = random_.pick(kRoundings), .overflow = random_.pick(kOverflows)};
    }

    Parameter parameter(Dims dims) {
        Parameter p{.dims = std::move(dims), .type = type()};
        for (std::int64_t i = 0; i < element_count(p.dims); ++i) p.raw.push_back(random_word(random_, p.type.format));
        return p;
    }

    AccumulatorSpec accumulator(std::int64_t terms, Format weight, Format input) {
        const int frac = weight.frac() + input.frac();
        if (random_.one_in(3)) return random_accumulator(random_, 14, static_cast<int>(terms), frac, 6);
        const int width = draw(4, 24), dropped = random_.one_in(2) ? draw(1, 6) : 0;
        AccumulatorSpec spec{.type = {.format = {.width = width, .integer = width - frac + dropped}}};
        spec.type.overflow = random_.one_in(2) ? Overflow::Sat : Overflow::Wrap;
        if (random_.one_in(2)) spec.type.rounding = Rounding::Rnd;
        return spec;
    }

    Conv2d conv(std::int64_t channels, Format in) {
        Conv2d op;
        const int side = draw(1, 3);
        op.weights = parameter({side, side, channels, draw(1, 20)});
        if (random_.one_in(2)) op.bias = parameter({op.weights.dims[3]});
        op.accumulator = accumulator(side * side * channels, op.weights.type.format, in);
        if (random_.one_in(3)) op.padding = {.top = 1, .bottom = 1, .left = 1, .right = 1};
        return op;
    }

    Dense dense() {
        const std::int64_t inputs = shape().count(), outputs = draw(1, 12);
        Dense op{.weights = parameter({inputs, outputs})};
        if (random_.one_in(2)) op.bias = parameter({outputs});
        op.accumulator = accumulator(inputs, op.weights.type.format, last().result.format);
        return op;
    }

    MaxPool pool() {
        MaxPool op{.pad_rule = PoolPadding::Ignore};
        op.pool = {draw(1, 3), draw(1, 3)};
        op.stride = {draw(op.pool[0], 3), draw(op.pool[1], 3)};
        if (random_.one_in(4)) op.stride = {1, 1};
        if (shape().height() < op.pool[0]) op.pool[0] = op.stride[0] = 1;
        if (shape().width() < op.pool[1]) op.pool[1] = op.stride[1] = 1;
        if (random_.one_in(4)) op.accumulator = type();
        return op;
    }

    Lookup lookup() {
        Lookup op{.table = {.entries = parameter({1 << draw(0, 2)}), .origin = "random"}, .index = TableIndex::Bits};
        return op;
    }

    void add_any() {
        switch (draw(0, 7)) {
            case 0: return add(Quantize{});
            case 1:
            case 2: return add(Relu{});
            case 3: return add(ClippedRelu{.max = std::ldexp(draw(0, 40), -draw(0, 4))});
            case 4: {
                LeakyRelu op{.alpha = parameter({1})};
                return add(op);
            }
            case 5: return add(lookup());
            case 6: return add(Reshape{.shape = shape()});
            default: return add(pool());
        }
    }

    void add_residual() {
        const std::string before = last().name;
        add(Quantize{});
        add(Add{});
        graph_.nodes.back().inputs.push_back(before);
        check();
    }

    void add(Operation op) {
        const std::string input = graph_.nodes.empty() ? graph_.input.name : last().name;
        graph_.nodes.push_back({.name = "layer" + std::to_string(graph_.nodes.size()),
                                .inputs = {input},
                                .op = std::move(op),
                                .result = type()});
        if (!std::holds_alternative<Add>(graph_.nodes.back().op)) check();
    }
    // Fills in the shape of the last node.
    void check() {
        Graph checked = graph_;
        checked.output = last().name;
        validate(checked);
        graph_.nodes.back().shape = shape_of(checked, last().name);
    }

    [[nodiscard]] const Node& last() const { return graph_.nodes.back(); }
    [[nodiscard]] const Shape& shape() const { return last().shape; }

    Random& random_;
    int max_width_;
    Graph graph_{};
};

}  // namespace

Graph random_chain(Random& random, int max_width) {
    return ChainBuilder(random, max_width).build();
}

}  // namespace bittrue::testing
