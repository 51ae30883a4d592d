#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "../support.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/digits.hpp"
#include "network.hpp"

namespace bench::peers {

using namespace bittrue;

namespace {

FixedType accumulator_type(const AccumulatorClass& c, int product_frac) {
    const auto type = [&](int frac, Rounding rounding, Overflow overflow) {
        return FixedType{
            .format = {.width = c.width, .integer = c.width - frac}, .rounding = rounding, .overflow = overflow};
    };
    switch (c.kind) {
        case AccumulatorClass::Kind::Wide:
        case AccumulatorClass::Kind::Saturate: return type(product_frac, Rounding::Trn, Overflow::Sat);
        case AccumulatorClass::Kind::Wrap: return type(product_frac, Rounding::Trn, Overflow::Wrap);
        case AccumulatorClass::Kind::Round: return type(product_frac - kDropped, Rounding::Rnd, Overflow::Sat);
        case AccumulatorClass::Kind::Truncate: return type(product_frac - kDropped, Rounding::Trn, Overflow::Sat);
        case AccumulatorClass::Kind::Converge: return type(product_frac - kDropped, Rounding::RndConv, Overflow::Sat);
    }
    throw std::logic_error("no such kind of accumulator");
}

AccumulatorSpec accumulator_spec(const AccumulatorClass& c, int product_frac) {
    AccumulatorSpec spec{.type = accumulator_type(c, product_frac)};
    if (rounds_products(c.kind)) spec.product = spec.type;
    return spec;
}

FixedType activation(bool is_signed, int frac) {
    return {.format = {.width = 8, .integer = 8 - frac, .is_signed = is_signed},
            .rounding = Rounding::RndConv,
            .overflow = Overflow::Sat};
}

// Bell-shaped words like trained weights: deviation 1/sqrt(fan_in), clipped at 8 bits.
Parameter trained_like(Dims dims, std::int64_t fan_in, int frac, std::uint64_t seed) {
    Parameter parameter{.dims = std::move(dims), .type = {.format = {.width = 8, .integer = 8 - frac}}};
    Random random(seed);
    const double scale = std::ldexp(1.0, frac) / std::sqrt(static_cast<double>(fan_in));
    parameter.raw.resize(static_cast<std::size_t>(element_count(parameter.dims)));
    for (auto& word : parameter.raw) {
        double sum = 0;  // of twelve uniform numbers: variance 1
        for (int i = 0; i < 12; ++i) sum += std::ldexp(static_cast<double>(random.next() >> 11U), -53);
        word = std::clamp<std::int64_t>(std::llround((sum - 6) * scale), -128, 127);
    }
    return parameter;
}

class Builder {
public:
    Builder(std::string name, const Shape& shape, AccumulatorClass accumulator) : accumulator_(std::move(accumulator)) {
        graph_.name = std::move(name);
        graph_.input.shape = shape;
        graph_.input.type = {.format = {.width = 8, .integer = 0, .is_signed = false},
                             .rounding = Rounding::RndConv,
                             .overflow = Overflow::Sat};
        frac_ = 8;
    }

    // The sum itself is the result.
    void linear(const std::string& name, Operation op, int weight_frac) {
        spec_ = accumulator_spec(accumulator_, weight_frac + frac_);
        std::visit(
            [&](auto& o) {
                if constexpr (requires { o.accumulator.schedule; }) o.accumulator = spec_;
            },
            op);
        add(name, std::move(op), spec_.type);
    }
    void pool(const std::string& name) { add(name, MaxPool{}, graph_.nodes.back().result); }
    void quantise(const std::string& name, Operation op, const FixedType& type) {
        add(name, std::move(op), type);
        frac_ = type.format.frac();
    }
    Graph finish() {
        validate(graph_);
        return std::move(graph_);
    }

private:
    void add(const std::string& name, Operation op, const FixedType& result) {
        const std::string from = graph_.nodes.empty() ? graph_.input.name : graph_.nodes.back().name;
        graph_.nodes.push_back({.name = name, .inputs = {from}, .op = std::move(op), .result = result});
    }

    AccumulatorClass accumulator_;
    Graph graph_{};
    AccumulatorSpec spec_{};
    int frac_ = 0;
};

Conv2d convolution(std::int64_t kernel, std::int64_t channels, std::int64_t outputs, int pad, int frac,
                   std::uint64_t seed) {
    const std::int64_t fan_in = kernel * kernel * channels;
    return {.weights = trained_like({kernel, kernel, channels, outputs}, fan_in, frac, seed),
            .bias = trained_like({outputs}, 64, 7, seed + 100),
            .padding = {.top = pad, .bottom = pad, .left = pad, .right = pad}};
}

Dense dense(std::int64_t inputs, std::int64_t outputs, int frac, std::uint64_t seed) {
    return {.weights = trained_like({inputs, outputs}, inputs, frac, seed),
            .bias = trained_like({outputs}, 64, 7, seed + 100)};
}

Graph lenet(const AccumulatorClass& accumulator) {
    Builder b("N1", make_map(Layout::Hwc, 1, 28, 28), accumulator);
    b.linear("conv1", convolution(5, 1, 6, 0, 7, 1), 7);
    b.pool("pool1");
    b.quantise("act1", Relu{}, activation(false, 7));
    b.linear("conv2", convolution(5, 6, 8, 0, 8, 2), 8);
    b.pool("pool2");
    b.quantise("act2", Relu{}, activation(false, 7));
    b.linear("dense1", dense(128, 120, 8, 3), 8);
    b.quantise("act3", Relu{}, activation(false, 7));
    b.linear("dense2", dense(120, 84, 8, 4), 8);
    b.quantise("act4", Relu{}, activation(false, 7));
    b.linear("dense3", dense(84, 10, 8, 5), 8);
    b.quantise("scores", Quantize{}, activation(true, 5));
    return b.finish();
}

Graph vgg(const AccumulatorClass& accumulator) {
    Builder b("VGG", make_map(Layout::Hwc, 3, 32, 32), accumulator);
    std::int64_t channels = 3;
    std::uint64_t seed = 11;
    for (const std::int64_t outputs : {64, 128, 256}) {
        for (const char* const half : {"a", "b"}) {
            const std::string name = std::to_string(outputs) + half;
            b.linear("conv" + name, convolution(3, channels, outputs, 1, 8, seed++), 8);
            b.quantise("act" + name, Relu{}, activation(false, 7));
            channels = outputs;
        }
        b.pool("pool" + std::to_string(outputs));
    }
    b.linear("dense", dense(4 * 4 * 256, 10, 8, seed), 8);
    b.quantise("scores", Quantize{}, activation(true, 5));
    return b.finish();
}

// The example's own formats but for the accumulators; tables are nothing that the peers have.
Graph mnist_cnn(const AccumulatorClass& accumulator) {
    Graph graph = load_network(BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml");
    if (!std::holds_alternative<Softmax>(graph.nodes.back().op)) throw std::logic_error("the example has no softmax");
    graph.nodes.pop_back();
    graph.output.clear();
    for (Node& node : graph.nodes) {
        const int input_frac = type_of(graph, node.inputs.front()).format.frac();
        std::visit(
            [&](auto& op) {
                if constexpr (requires { op.accumulator.schedule; })
                    op.accumulator = accumulator_spec(accumulator, op.weights.type.format.frac() + input_frac);
            },
            node.op);
    }
    validate(graph);
    return graph;
}

}  // namespace

const std::vector<AccumulatorClass>& accumulator_classes() {
    using Kind = AccumulatorClass::Kind;
    static const std::vector<AccumulatorClass> classes{
        {"wide", Kind::Wide, 32},      {"wrap16", Kind::Wrap, 16},    {"sat16", Kind::Saturate, 16},
        {"sat8", Kind::Saturate, 8},   {"sat12", Kind::Saturate, 12}, {"sat17", Kind::Saturate, 17},
        {"sat20", Kind::Saturate, 20}, {"sat24", Kind::Saturate, 24}, {"sat31", Kind::Saturate, 31},
        {"rnd16", Kind::Round, 16},    {"trn16", Kind::Truncate, 16}, {"rndconv16", Kind::Converge, 16}};
    return classes;
}

Network make_network(const std::string& name, const AccumulatorClass& accumulator) {
    Network network{.name = name, .accumulator = accumulator};
    if (name == "N1")
        network.graph = lenet(accumulator);
    else if (name == "N2")
        network.graph = mnist_cnn(accumulator);
    else if (name == "VGG")
        network.graph = vgg(accumulator);
    else
        throw std::logic_error("no network " + name);
    network.steps = steps_of(network.graph, accumulator);
    network.inputs = network.graph.input.shape.count();
    network.outputs = network.graph.nodes.back().shape.count();
    network.macs = macs_per_image(network.graph);
    return network;
}

std::size_t image_count(const std::string& network) {
    return network == "VGG" ? 128 : 10'000;
}

std::span<const std::uint8_t> images_of(const Network& network) {
    if (network.inputs == static_cast<std::int64_t>(Digits::kRows * Digits::kColumns)) {
        static const Digits digits = make_digits(image_count(network.name), 1);
        return digits.pixels;
    }
    static const std::vector<std::uint8_t> noise = [&] {
        std::vector<std::uint8_t> words(image_count(network.name) * static_cast<std::size_t>(network.inputs));
        Random random(3);
        for (auto& word : words) word = static_cast<std::uint8_t>(random.next());
        return words;
    }();
    return noise;
}

}  // namespace bench::peers
