// The failure looks like this: an exact bound that some input passes, or one that none reaches. Networks of one small
// layer, and every input that the declared range allows, through golden's accumulation.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "bittrue/explore/bounds.hpp"
#include "bittrue/golden/certificate.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random_graph.hpp"
#include "exhaustive/random_mac.hpp"
#include "exhaustive/types.hpp"
#include "golden_register.hpp"

using namespace bittrue;
using namespace bittrue::explore;
using bittrue::testing::Random;

namespace {

constexpr std::uint64_t kMostInputs = 300;

Format small_format(Random& random, int frac) {
    const int width = random.integer(1, 3);
    return {.width = width, .integer = width - frac, .is_signed = !random.one_in(3)};
}

Parameter words(Random& random, Dims dims, int frac) {
    Parameter p{.dims = std::move(dims), .real = {}, .raw = {}, .type = {.format = small_format(random, frac)}};
    for (std::int64_t i = 0; i < element_count(p.dims); ++i)
        p.raw.push_back(testing::random_word(random, p.type.format));
    return p;
}

AccumulatorSpec accumulator(Random& random, int terms, int frac) {
    AccumulatorSpec spec = testing::random_accumulator(random, 7, terms, frac, 2);
    if (random.one_in(4)) spec.product = spec.type;
    if (random.one_in(4)) spec.bias_cast = spec.type;
    return spec;
}

// One layer on one to four input elements.
Graph random_layer(Random& random) {
    while (true) {
        Graph g;
        g.name = "small";
        const int weight_frac = random.integer(-1, 2);
        g.input.type = {.format = small_format(random, random.integer(-1, 2)),
                        .overflow = random.one_in(3) ? Overflow::SatSym : Overflow::Sat};
        const int frac = g.input.type.format.frac() + weight_frac;
        const auto add = [&](auto op) {
            if (!random.one_in(3)) op.bias = words(random, {op.weights.dims.back()}, frac + random.integer(-2, 2));
            const std::int64_t terms = element_count(op.weights.dims) / op.weights.dims.back();
            op.accumulator = accumulator(random, static_cast<int>(terms), frac);
            g.nodes.push_back(
                {.name = "layer", .inputs = {g.input.name}, .op = std::move(op), .result = {.format = {.width = 8}}});
        };
        if (random.one_in(2)) {
            g.input.shape = {.layout = Layout::Vector, .dims = {random.integer(1, 4)}};
            Dense dense;
            dense.weights = words(random, {g.input.shape.dims[0], 2}, weight_frac);
            add(std::move(dense));
        } else {
            g.input.shape = make_map(random.one_in(2) ? Layout::Hwc : Layout::Chw, random.integer(1, 2),
                                     random.integer(1, 2), random.integer(1, 2));
            Conv2d conv;
            conv.groups = static_cast<int>(random.one_in(3) ? g.input.shape.channels() : 1);
            conv.weights =
                words(random, {random.integer(1, 2), random.integer(1, 3), g.input.shape.channels() / conv.groups, 2},
                      weight_frac);
            conv.stride = {random.integer(1, 2), random.integer(1, 2)};
            conv.padding = {.top = random.integer(0, 1),
                            .bottom = random.integer(0, 1),
                            .left = random.integer(0, 2),
                            .right = random.integer(0, 1)};
            add(std::move(conv));
        }
        try {
            validate(g);
            return g;
        } catch (const InputError&) {  // a kernel larger than its map
        }
    }
}

DeclaredRange random_range(Random& random, const Graph& g) {
    const std::int64_t elements = g.input.shape.count();
    const FixedType& type = g.input.type;
    while (true) {
        const i128 a = raw_from_word(testing::random_word(random, type.format), type.format);
        const i128 b = raw_from_word(testing::random_word(random, type.format), type.format);
        const DeclaredRange range{g.input.name, std::max(std::min(a, b), range_min(type)), std::max(a, b)};
        std::uint64_t inputs = 1;
        for (std::int64_t i = 0; i < elements; ++i) inputs *= static_cast<std::uint64_t>(range.high - range.low + 1);
        if (range.low <= range.high && inputs <= kMostInputs) return range;
    }
}

// Calls visit(operands) for every input, position and channel.
template <class Visit>
void every_accumulation(const Graph& g, const DeclaredRange& range, const LayerBounds& layer, Visit visit) {
    const OperandReader operands(g, layer.node);
    const Node& node = g.nodes[0];
    const bool map = std::holds_alternative<Conv2d>(node.op);
    std::vector<i128> raws(static_cast<std::size_t>(g.input.shape.count()), range.low);
    while (true) {
        std::vector<std::int64_t> input;
        for (const i128 raw : raws) input.push_back(word_from_raw(raw));
        for (std::int64_t y = 0; y < (map ? node.shape.height() : 1); ++y)
            for (std::int64_t x = 0; x < (map ? node.shape.width() : 1); ++x)
                for (int c = 0; c < static_cast<int>(layer.channels.size()); ++c)
                    visit(c, operands({.image = 0, .channel = c, .y = y, .x = x}, input));
        std::size_t i = 0;
        while (i < raws.size() && raws[i] == range.high) raws[i++] = range.low;
        if (i == raws.size()) return;
        ++raws[i];
    }
}

AccumulatorSpec& spec_of_layer(Graph& g) {
    if (auto* dense = std::get_if<Dense>(&g.nodes[0].op)) return dense->accumulator;
    return std::get<Conv2d>(g.nodes[0].op).accumulator;
}

// The network with an accumulator of another width, and what has its type with it. Only the register's and such
// overflows are left: a product or bias type of its own becomes wide.
Graph with_width(Graph g, int width) {
    AccumulatorSpec& spec = spec_of_layer(g);
    const AccumulatorSpec before = spec;
    AccumulatorSpec wide = testing::widened(spec);
    const int frac = spec.type.format.frac();
    spec.type.format.width = width;
    spec.type.format.integer = width - frac;
    if (spec.product) spec.product = before.product == before.type ? spec.type : *wide.product;
    if (before.bias_cast == before.type) spec.bias_cast = spec.type;
    validate(g);
    return g;
}

i128 product_raw(const MacOperands& o, std::size_t term, const std::optional<FixedType>& cast) {
    const i128 exact = raw_from_word(o.weights[term], o.weight) * raw_from_word(o.inputs[term], o.input);
    if (!cast) return exact;
    return raw_from_word(golden::quantize(exact, o.weight.frac() + o.input.frac(), *cast).word, cast->format);
}

struct Truth {
    Extent held{}, product{};
    bool overflows = false;
};

}  // namespace

TEST_CASE("over every input of a small layer the register's ends are the exact bound, and safe means no overflow") {
    Random random(61);
    int safe = 0, unsafe = 0, shut = 0;
    for (int round = 0; round < 600; ++round) {
        const Graph g = random_layer(random);
        const DeclaredRange range = random_range(random, g);
        CAPTURE(round, testing::describe(g), print_raw(range.low), print_raw(range.high));
        const NetworkBounds bounds = bound_network(g, range);
        const LayerBounds& layer = bounds.layers[0];
        std::vector<Truth> truth(layer.channels.size());
        const AccumulatorSpec wide = testing::widened(layer.spec);
        every_accumulation(g, range, layer, [&](int c, const MacOperands& o) {
            Truth& t = truth[static_cast<std::size_t>(c)];
            for (const MacStep& s : golden::mac(o, wide)) {
                if (testing::is_held(layer.spec, s))
                    t.held = {std::min(t.held.low, s.accumulator_raw), std::max(t.held.high, s.accumulator_raw)};
            }
            for (std::size_t i = 0; i < o.weights.size(); ++i) {
                const i128 raw = product_raw(o, i, wide.product);
                t.product = {std::min(t.product.low, raw), std::max(t.product.high, raw)};
            }
            t.overflows = t.overflows || testing::overflows(o, layer.spec);
        });
        for (std::size_t c = 0; c < truth.size(); ++c) {
            const ChannelBounds& b = layer.channels[c];
            CAPTURE(c);
            CHECK(print_raw(b.exact.low) == print_raw(truth[c].held.low));
            CHECK(print_raw(b.exact.high) == print_raw(truth[c].held.high));
            CHECK(print_raw(b.product.low) == print_raw(truth[c].product.low));
            CHECK(print_raw(b.product.high) == print_raw(truth[c].product.high));
            CHECK(b.safe == !truth[c].overflows);
            ++(b.safe ? safe : unsafe);
            if (range.low > 0 || range.high < 0) ++shut;
        }
        CHECK(golden::check_certificate(g, certificate(g, bounds), "certificate").difference == "");
    }
    CHECK(safe > 100);
    CHECK(unsafe > 100);
    CHECK(shut > 100);
}

TEST_CASE("at the proven width no input overflows, and one bit less the witness of the channel does, in golden") {
    Random random(62);
    int proven = 0, beaten = 0;
    for (int round = 0; round < 300; ++round) {
        const Graph g = random_layer(random);
        const DeclaredRange range = random_range(random, g);
        const NetworkBounds bounds = bound_network(g, range);
        for (std::size_t c = 0; c < bounds.layers[0].channels.size(); ++c) {
            const int width = bounds.layers[0].channels[c].width;
            CAPTURE(round, testing::describe(g), print_raw(range.low), print_raw(range.high), c, width);
            if (width == 0) continue;
            const Graph enough = with_width(g, width);
            // A bias type of its own may overflow at any width; then the channel is not safe, but nothing else leaves.
            const NetworkBounds there = bound_network(enough, range);
            const bool bias_fits = there.layers[0].channels[c].bias_fits;
            CHECK(there.layers[0].channels[c].safe == bias_fits);
            CHECK(there.layers[0].channels[c].width == width);
            bool overflows = false;
            every_accumulation(enough, range, there.layers[0], [&](int channel, const MacOperands& o) {
                if (channel == static_cast<int>(c) && bias_fits)
                    overflows = overflows || testing::overflows(o, there.layers[0].spec);
            });
            CHECK_FALSE(overflows);
            ++proven;
            if (width == 1) continue;
            const Graph narrow = with_width(g, width - 1);
            const NetworkBounds less = bound_network(narrow, range);
            CHECK_FALSE(less.layers[0].channels[c].safe);
            const OperandReader operands(narrow, 0);
            int witnesses = 0;
            for (const Witness& w : overflow_witnesses(narrow, less.layers[0])) {
                if (w.place.channel != static_cast<int>(c)) continue;
                ++witnesses;
                for (const std::int64_t word : w.input) {
                    CHECK(raw_from_word(word, g.input.type.format) >= range.low);
                    CHECK(raw_from_word(word, g.input.type.format) <= range.high);
                }
                const MacOperands o = operands(w.place, w.input);
                CHECK(testing::overflows(o, less.layers[0].spec));
                // The same input does no harm to the register that is wide enough.
                if (bias_fits) CHECK_FALSE(testing::overflows(o, there.layers[0].spec));
            }
            CHECK(witnesses > 0);
            ++beaten;
        }
    }
    CHECK(proven > 300);
    CHECK(beaten > 200);
}

TEST_CASE("every channel that is not safe has a witness that overflows, and no other has one") {
    Random random(63);
    int bias_only = 0;
    for (int round = 0; round < 400; ++round) {
        const Graph g = random_layer(random);
        const DeclaredRange range = random_range(random, g);
        CAPTURE(round, testing::describe(g));
        const NetworkBounds bounds = bound_network(g, range);
        const LayerBounds& layer = bounds.layers[0];
        const OperandReader operands(g, 0);
        std::vector<int> witnesses(layer.channels.size());
        for (const Witness& w : overflow_witnesses(g, layer)) {
            ++witnesses[static_cast<std::size_t>(w.place.channel)];
            CHECK(testing::overflows(operands(w.place, w.input), layer.spec));
        }
        for (std::size_t c = 0; c < witnesses.size(); ++c) {
            CHECK((witnesses[c] > 0) == !layer.channels[c].safe);
            if (!layer.channels[c].bias_fits && witnesses[c] == 1) ++bias_only;
        }
    }
    CHECK(bias_only > 10);
}

TEST_CASE("whatever the network computes, every tensor stays within the range that the declared input gives it") {
    Random random(64);
    std::size_t narrower = 0;
    for (int round = 0; round < 150; ++round) {
        const Graph g = testing::random_graph(random, 4);
        const FixedType& type = g.input.type;
        i128 low = range_min(type), high = range_max(type);
        const auto between = [&](i128 a, i128 b) {
            return a + static_cast<i128>(random.bits() % static_cast<std::uint64_t>(b - a + 1));
        };
        if (random.one_in(2)) low = between(low, high);
        if (random.one_in(2)) high = between(low, high);
        const std::vector<Extent> ranges = tensor_ranges(g, {g.input.name, low, high});
        InputBatch batch{.images = 12, .dims = g.input.shape.dims, .values = {}};
        for (std::int64_t i = 0; i < 12 * g.input.shape.count(); ++i) {
            const i128 raw = random.one_in(3) ? low : random.one_in(2) ? high : between(low, high);
            batch.values.push_back(std::ldexp(static_cast<double>(raw), -type.format.frac()));
        }
        CAPTURE(round, testing::describe(g), print_raw(low), print_raw(high));
        RunOptions keep;
        keep.keep_layers = true;
        const RunResult run = golden::make_engine(g)->run(batch, keep);
        REQUIRE(run.layers.size() == ranges.size());
        for (std::size_t t = 0; t < ranges.size(); ++t) {
            const FixedType& of = t == 0 ? type : g.nodes[t - 1].result;
            if (ranges[t].low > range_min(of) || ranges[t].high < range_max(of)) ++narrower;
            const auto inside = [&](std::int64_t word) {
                const i128 raw = raw_from_word(word, of.format);
                return ranges[t].low <= raw && raw <= ranges[t].high;
            };
            CAPTURE(t);
            CHECK(std::all_of(run.layers[t].words.begin(), run.layers[t].words.end(), inside));
        }
    }
    CHECK(narrower > 100);
}
