// linear/<shape>/<accumulator>/<isa>: the kernels of dense and convolution layers over one block of images, on one
// core: arranging the input and all accumulators, without what stands behind them. The kernel is the benchmark's label.
#include <memory>
#include <vector>

#include "../emulator/linear/linear.hpp"
#include "bittrue/model/notation.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;
using namespace bittrue::emulator;

namespace {

const FixedType kInput{.format = {.width = 8, .integer = 0, .is_signed = false}};
const FixedType kWeight{.format = {.width = 8, .integer = 1}};
constexpr int kProductFrac = 15;

// Weights as training leaves them: most of them small.
Parameter bell_parameter(const Dims& dims) {
    Random random(5);
    Parameter p{.dims = dims, .real = {}, .raw = {}, .type = kWeight};
    for (std::int64_t i = 0; i < element_count(dims); ++i) {
        std::int64_t sum = 0;
        for (int k = 0; k < 3; ++k) sum += static_cast<std::int64_t>(random.raw(kWeight.format));
        p.raw.push_back(sum / 3);
    }
    return p;
}

struct ShapeCase {
    std::string name{};
    Shape shape{};
    Dims weights{};  // two dimensions: dense
    int pad = 0;
};

Operation operation_of(const ShapeCase& c, const AccumulatorSpec& spec) {
    if (c.weights.size() == 2) return Dense{.weights = bell_parameter(c.weights), .bias = {}, .accumulator = spec};
    return Conv2d{.weights = bell_parameter(c.weights),
                  .bias = {},
                  .accumulator = spec,
                  .padding = {.top = c.pad, .bottom = c.pad, .left = c.pad, .right = c.pad}};
}

LayerSetup setup_of(const Graph& graph) {
    return {.node = graph.nodes[0], .input_types = {graph.input.type}, .input_shapes = {graph.input.shape}};
}

struct Prepared {
    Graph graph{};
    std::unique_ptr<Linear> linear{};
    std::unique_ptr<LinearRoom> room{};
    std::vector<std::int32_t> sums{};
    std::shared_ptr<std::byte> memory{};
    Planes in{};

    Prepared(const ShapeCase& c, const AccumulatorSpec& spec, const LinearOptions& options)
        : graph(network_of(c.shape, kInput, operation_of(c, spec), spec.type)) {
        LayerParameters parameters;
        const LayerSetup setup = setup_of(graph);
        if (c.weights.size() == 2) {
            linear = make_linear(setup, std::get<Dense>(graph.nodes[0].op), options, parameters);
        } else {
            linear = make_linear(setup, std::get<Conv2d>(graph.nodes[0].op), options, parameters);
        }
        room = linear->make_room();
        sums.resize(static_cast<std::size_t>(graph.nodes[0].shape.channels() * kLanes * 2));
        const auto elements = c.shape.count();
        const auto bytes = static_cast<std::size_t>(elements * kLanes);
        memory = {static_cast<std::byte*>(::operator new (bytes, std::align_val_t{64})),
                  [](std::byte* p) { ::operator delete (p, std::align_val_t{64}); }};
        in = {.data = memory.get(), .type = LaneType::U8, .elements = elements};
        Random random(6);
        for (std::size_t i = 0; i < bytes; ++i) memory.get()[i] = static_cast<std::byte>(random.raw(kInput.format));
    }

    template <class Visit>
    void run(ChannelCounts* counts, Visit visit) {
        linear->begin(in, *room);
        const Shape& out = graph.nodes[0].shape;
        for (std::size_t g = 0; g < linear->groups().size(); ++g) {
            for (std::int64_t y = 0; y < out.height(); ++y) {
                for (std::int64_t x = 0; x < out.width(); ++x) {
                    linear->sums(g, y, x, sums.data(), *room, kLanes, counts);
                    visit(g, y, x);
                }
            }
        }
    }
};

// Empty when the sums of two images are those of the per-image layer.
std::string first_difference(Prepared& p) {
    const Node& node = p.graph.nodes[0];
    const LayerPointer layer = node.op.index() == Operation(Dense{}).index()
                                   ? make_layer(setup_of(p.graph), std::get<Dense>(node.op))
                                   : make_layer(setup_of(p.graph), std::get<Conv2d>(node.op));
    std::string difference;
    for (const int image : {0, kLanes - 1}) {
        std::vector<std::int64_t> words, result(static_cast<std::size_t>(node.shape.count()));
        for (std::int64_t e = 0; e < p.in.elements; ++e) words.push_back(p.in.plane<std::uint8_t>(e)[image]);
        LayerEvents events;
        Scratch scratch;
        const std::int64_t* const input = words.data();
        layer->run({&input, 1}, result.data(), events, scratch);
        p.run(nullptr, [&](std::size_t g, std::int64_t y, std::int64_t x) {
            const auto& channels = p.linear->groups()[g].channels;
            for (std::size_t i = 0; i < channels.size(); ++i) {
                const std::int64_t wanted = result[static_cast<std::size_t>(node.shape.index(channels[i], y, x))];
                if (p.sums[i * kLanes + static_cast<std::size_t>(image)] != wanted && difference.empty()) {
                    difference = "channel " + std::to_string(channels[i]) + " at row " + std::to_string(y) +
                                 ", column " + std::to_string(x);
                }
            }
        });
    }
    return difference;
}

void time_linear(benchmark::State& state, const ShapeCase& c, const AccumulatorSpec& spec,
                 const LinearOptions& options) {
    Prepared p(c, spec, options);
    const std::string difference = first_difference(p);
    if (!difference.empty()) return fail(state, "the per-image layer differs: " + difference);
    std::vector<ChannelCounts> counts(static_cast<std::size_t>(p.graph.nodes[0].shape.channels()));
    for (auto _ : state) {
        p.run(options.count_events ? counts.data() : nullptr, [](std::size_t, std::int64_t, std::int64_t) {});
        benchmark::DoNotOptimize(p.sums.data());
        benchmark::ClobberMemory();
    }
    state.SetLabel(p.linear->groups()[0].kernel);
    const auto macs = static_cast<double>(cost_of(p.graph.nodes[0]).macs) * kLanes;
    state.counters["MAC/s"] =
        benchmark::Counter(macs * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

AccumulatorSpec accumulator(int width, Rounding rounding, Overflow overflow, int dropped = 0) {
    return {.type = {.format = {.width = width, .integer = width - kProductFrac + dropped},
                     .rounding = rounding,
                     .overflow = overflow}};
}

}  // namespace

void register_linear() {
    std::vector<ShapeCase> shapes;
    const auto convolution = [&](const char* name, const Shape& shape, const Dims& weights, int pad = 0) {
        shapes.push_back({name, shape, weights, pad});
    };
    const auto dense = [&](const char* name, std::int64_t inputs, std::int64_t outputs) {
        shapes.push_back({name, make_map(Layout::Vector, inputs, 1, 1), Dims{inputs, outputs}, 0});
    };
    convolution("N1/conv5x5x1x6", make_map(Layout::Chw, 1, 28, 28), {5, 5, 1, 6});
    convolution("N1/conv5x5x6x8", make_map(Layout::Chw, 6, 12, 12), {5, 5, 6, 8});
    dense("N1/dense128x120", 128, 120);
    convolution("N2/conv3x3x1x2", make_map(Layout::Hwc, 1, 28, 28), {3, 3, 1, 2});
    dense("N2/dense338x128", 338, 128);
    dense("dense128x10", 128, 10);
    convolution("vgg/conv3x3x64x64", make_map(Layout::Hwc, 64, 16, 16), {3, 3, 64, 64}, 1);
    convolution("vgg/conv3x3x512x512", make_map(Layout::Hwc, 512, 4, 4), {3, 3, 512, 512}, 1);
    struct Named {
        const char* name;
        AccumulatorSpec spec;
        bool count_events = false;
    };
    const std::vector<Named> accumulators{
        {"proven32", accumulator(32, Rounding::Trn, Overflow::Sat), true},
        {"wrap16", accumulator(16, Rounding::Trn, Overflow::Wrap)},
        {"sat16", accumulator(16, Rounding::Trn, Overflow::Sat)},
        {"sat12", accumulator(12, Rounding::Trn, Overflow::Sat)},
        {"sat20", accumulator(20, Rounding::Trn, Overflow::Sat)},
        {"rnd16", accumulator(16, Rounding::Rnd, Overflow::Sat, 6)},
        {"trn12", accumulator(12, Rounding::Trn, Overflow::Sat, 6)},
        {"rnd_conv16", accumulator(16, Rounding::RndConv, Overflow::Sat, 6)},
        {"sat16/counted", accumulator(16, Rounding::Trn, Overflow::Sat), true},
    };
    for (const Isa isa : available_isas()) {
        for (const ShapeCase& shape : shapes) {
            for (const Named& a : accumulators) {
                const LinearOptions options{.isa = isa, .count_events = a.count_events};
                benchmark::RegisterBenchmark(
                    ("linear/" + shape.name + "/" + a.name + "/" + print_isa(isa)).c_str(),
                    [=](benchmark::State& state) { time_linear(state, shape, a.spec, options); })
                    ->Unit(benchmark::kMicrosecond);
            }
        }
    }
}

}  // namespace bench
