// Bounds of whole layers: golden's checker agrees with every number, golden's accumulations reach the exact bounds and
// never leave them, and what is seen on images is what golden holds.
#include <algorithm>
#include <cmath>
#include <map>

#include <catch2/catch.hpp>

#include "bittrue/emulator/bounds.hpp"
#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/bounds.hpp"
#include "bittrue/golden/certificate.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random_graph.hpp"
#include "exhaustive/random_mac.hpp"
#include "golden_register.hpp"

using namespace bittrue;
using namespace bittrue::explore;
using bittrue::testing::held;
using bittrue::testing::overflows;
using bittrue::testing::Random;

namespace {

bool is_linear_node(const Node& n) {
    return std::holds_alternative<Dense>(n.op) || std::holds_alternative<Conv2d>(n.op);
}

// A random network with at least one dense or convolution layer, and a declared range of its input.
struct Case {
    Graph graph{};
    DeclaredRange declared{};
};

Case random_case(Random& random) {
    Case c;
    do c.graph = testing::random_graph(random, 3);
    while (std::none_of(c.graph.nodes.begin(), c.graph.nodes.end(), is_linear_node));
    const FixedType& type = c.graph.input.type;
    i128 low = range_min(type), high = range_max(type);
    if (random.one_in(2)) {
        const auto middle = low + static_cast<i128>(random.bits() % static_cast<std::uint64_t>(high - low + 1));
        (random.one_in(2) ? low : high) = middle;
    }
    c.declared = {c.graph.input.name, low, high};
    return c;
}

std::string text(const Extent& x) {
    return print_raw(x.low) + ".." + print_raw(x.high);
}

}  // namespace

TEST_CASE("golden's checker computes every number of a certificate again and agrees, on random networks") {
    Random random(51);
    std::size_t channels = 0, safe = 0;
    for (int round = 0; round < 300; ++round) {
        const Case c = random_case(random);
        CAPTURE(round, testing::describe(c.graph), print_raw(c.declared.low), print_raw(c.declared.high));
        const NetworkBounds bounds = bound_network(c.graph, c.declared);
        const auto check = golden::check_certificate(c.graph, certificate(c.graph, bounds), "certificate");
        CHECK(check.difference == "");
        CHECK(check.layers == bounds.layers.size());
        channels += check.channels;
        safe += check.safe_layers;
    }
    CHECK(channels > 500);
    CHECK(safe > 20);
}

TEST_CASE(
    "I3: golden's checker finds the input's declared range in the network file, when another tensor is declared") {
    Random random(57);
    std::size_t narrowed = 0;
    for (int round = 0; round < 150; ++round) {
        Case c = random_case(random);
        const int frac = c.graph.input.type.format.frac();
        const double beyond = random.one_in(2) ? std::ldexp(0.375, -frac) : 0;
        c.graph.input.range =
            ValueRange{value_of(c.declared.low, frac) - beyond, value_of(c.declared.high, frac) + beyond};
        const Node& last = c.graph.nodes.back();
        const DeclaredRange other{last.name, range_min(last.result), range_max(last.result)};
        const NetworkBounds bounds = bound_network(c.graph, other);
        CAPTURE(round, testing::describe(c.graph), print_raw(c.declared.low), print_raw(c.declared.high));
        CHECK(golden::check_certificate(c.graph, certificate(c.graph, bounds), "certificate").difference == "");
        for (const LayerBounds& layer : bounds.layers) {
            if (c.graph.nodes[static_cast<std::size_t>(layer.node)].inputs.front() != c.graph.input.name) continue;
            CHECK(layer.range.low == c.declared.low);
            CHECK(layer.range.high == c.declared.high);
            if (c.declared.low > range_min(c.graph.input.type) || c.declared.high < range_max(c.graph.input.type))
                ++narrowed;
        }
    }
    CHECK(narrowed > 20);
}

TEST_CASE("random inputs within the range never leave the exact bound, and the witnesses reach it") {
    Random random(52);
    int reached = 0, products = 0;
    for (int round = 0; round < 600; ++round) {
        const Case c = random_case(random);
        CAPTURE(round, testing::describe(c.graph));
        const NetworkBounds bounds = bound_network(c.graph, c.declared);
        for (const LayerBounds& layer : bounds.layers) {
            const OperandReader operands(c.graph, layer.node);
            const Node& node = c.graph.nodes[static_cast<std::size_t>(layer.node)];
            const std::int64_t inputs = shape_of(c.graph, node.inputs.front()).count();
            for (int draw = 0; draw < 8; ++draw) {
                std::vector<std::int64_t> words;
                for (std::int64_t i = 0; i < inputs; ++i) {
                    const auto span = static_cast<std::uint64_t>(layer.range.high - layer.range.low + 1);
                    words.push_back(word_from_raw(layer.range.low + static_cast<i128>(random.bits() % span)));
                }
                const int channel = random.integer(0, static_cast<int>(layer.channels.size()) - 1);
                Place place{.channel = channel};
                if (std::holds_alternative<Conv2d>(node.op)) {
                    place.y = random.integer(0, static_cast<int>(node.shape.height()) - 1);
                    place.x = random.integer(0, static_cast<int>(node.shape.width()) - 1);
                }
                const MacOperands o = operands(place, words);
                const Extent seen = held(o, layer.spec);
                const ChannelBounds& b = layer.channels[static_cast<std::size_t>(channel)];
                CAPTURE(layer.layer, channel, text(seen), text(b.exact));
                CHECK(seen.low >= b.exact.low);
                CHECK(seen.high <= b.exact.high);
                CHECK(seen.low >= b.any_order.low);
                CHECK(seen.high <= b.any_order.high);
                CHECK(seen.high <= b.l1);
                CHECK(seen.low >= -b.l1);
                CHECK(seen.low >= layer.data_type.low);
                CHECK(seen.high <= layer.data_type.high);
                if (b.safe) CHECK_FALSE(overflows(o, layer.spec));
            }
            for (const Witness& w : overflow_witnesses(c.graph, layer)) {
                const MacOperands o = operands(w.place, w.input);
                for (const std::int64_t x : w.input) {
                    CHECK(raw_from_word(x, layer.input) >= layer.range.low);
                    CHECK(raw_from_word(x, layer.input) <= layer.range.high);
                }
                const Extent seen = held(o, layer.spec);
                const ChannelBounds& b = layer.channels[static_cast<std::size_t>(w.place.channel)];
                CAPTURE(layer.layer, w.place.channel, w.place.high, text(seen), text(b.exact));
                CHECK(overflows(o, layer.spec));
                CHECK((w.place.high ? seen.high : seen.low) == w.bound);
                const bool of_register = w.bound == (w.place.high ? b.exact.high : b.exact.low);
                ++(of_register ? reached : products);
            }
        }
    }
    CHECK(reached > 200);
    CHECK(products > 0);  // only a product leaves its type, and at a place of its own
}

TEST_CASE("the width that a bound proves holds every accumulation, and one bit less does not") {
    Random random(53);
    int narrowed = 0;
    for (int round = 0; round < 150; ++round) {
        const Case c = random_case(random);
        const NetworkBounds bounds = bound_network(c.graph, c.declared);
        for (const LayerBounds& layer : bounds.layers) {
            for (const ChannelBounds& b : layer.channels) {
                const int width = width_for(b.exact, layer.spec.type);
                if (width == 0) {
                    CHECK_FALSE(layer.spec.type.format.is_signed);
                    CHECK(b.exact.low < 0);
                    continue;
                }
                FixedType type = layer.spec.type;
                const int frac = type.format.frac();
                type.format.width = width;
                type.format.integer = width - frac;
                CHECK(range_min(type) <= b.exact.low);
                CHECK(range_max(type) >= b.exact.high);
                if (width == 1) continue;
                --type.format.width;
                --type.format.integer;
                CHECK((range_min(type) > b.exact.low || range_max(type) < b.exact.high));
                ++narrowed;
            }
        }
    }
    CHECK(narrowed > 200);
}

TEST_CASE("on images the observed range, the overflows and the first of them are golden's") {
    Random random(54);
    std::uint64_t overflowed = 0;
    std::size_t ranges = 0;
    for (int round = 0; round < 80; ++round) {
        const Case c = random_case(random);
        CAPTURE(round, testing::describe(c.graph));
        const InputBatch batch = testing::random_batch(random, c.graph, 3);
        NetworkBounds bounds =
            bound_network(c.graph, {c.graph.input.name, range_min(c.graph.input.type), range_max(c.graph.input.type)});
        observe(bounds, c.graph, batch, {.threads = 1 + round % 2});
        CHECK(bounds.images == 3);
        RunOptions keep;
        keep.keep_layers = true;
        const RunResult run = golden::make_engine(c.graph)->run(batch, keep);
        for (const LayerBounds& layer : bounds.layers) {
            const OperandReader operands(c.graph, layer.node);
            const Node& node = c.graph.nodes[static_cast<std::size_t>(layer.node)];
            const bool map = std::holds_alternative<Conv2d>(node.op);
            const LayerResult& read =
                run.layers[static_cast<std::size_t>(node_index(c.graph, node.inputs.front()) + 1)];
            const auto size = static_cast<std::size_t>(read.shape.count());
            std::vector<Extent> seen(layer.channels.size());
            std::vector<std::uint64_t> counts(layer.channels.size());
            std::optional<Place> first;
            for (std::int64_t image = 0; image < 3; ++image) {
                const auto begin = read.words.begin() + static_cast<std::ptrdiff_t>(size) * image;
                const std::vector<std::int64_t> words(begin, begin + static_cast<std::ptrdiff_t>(size));
                for (std::int64_t y = 0; y < (map ? node.shape.height() : 1); ++y) {
                    for (std::int64_t x = 0; x < (map ? node.shape.width() : 1); ++x) {
                        for (std::size_t ch = 0; ch < seen.size(); ++ch) {
                            const Place place{.image = image, .channel = static_cast<int>(ch), .y = y, .x = x};
                            MacOperands o = operands(place, words);
                            const Extent e = held(o, layer.spec);
                            seen[ch] = {std::min(seen[ch].low, e.low), std::max(seen[ch].high, e.high)};
                            if (!overflows(o, layer.spec)) continue;
                            ++counts[ch];
                            if (!first) first = place;
                        }
                    }
                }
            }
            for (std::size_t ch = 0; ch < seen.size(); ++ch) {
                const ChannelBounds& b = layer.channels[ch];
                CAPTURE(layer.layer, ch, text(b.observed), text(seen[ch]));
                CHECK(b.observed == seen[ch]);
                ++ranges;
                CHECK(b.overflows == counts[ch]);
                if (b.safe) CHECK(b.overflows == 0);
                overflowed += b.overflows;
            }
            REQUIRE(layer.first_overflow.has_value() == first.has_value());
            if (!first) continue;
            CHECK(layer.first_overflow->image == first->image);
            CHECK(layer.first_overflow->y == first->y);
            CHECK(layer.first_overflow->x == first->x);
            CHECK(layer.first_overflow->channel == first->channel);
        }
    }
    CHECK(ranges > 200);
    CHECK(overflowed > 100);
}

TEST_CASE("where nothing is dropped the bound of any order is the engine's prefix bound") {
    Random random(55);
    int compared = 0;
    for (int round = 0; round < 200; ++round) {
        const Case c = random_case(random);
        const NetworkBounds bounds = bound_network(c.graph, c.declared);
        for (const LayerBounds& layer : bounds.layers) {
            const OperandReader operands(c.graph, layer.node);
            const Node& node = c.graph.nodes[static_cast<std::size_t>(layer.node)];
            const std::vector<std::int64_t> zeros(
                static_cast<std::size_t>(shape_of(c.graph, node.inputs.front()).count()));
            for (std::size_t ch = 0; ch < layer.channels.size(); ++ch) {
                const MacOperands o = operands({.channel = static_cast<int>(ch)}, zeros);
                std::optional<std::int64_t> bias;
                if (o.has_bias) bias = o.bias_word;
                const auto prefix = emulator::prefix_bound(
                    o.weights, o.weight, o.input, {layer.range.low, layer.range.high}, layer.spec, bias, o.bias);
                const int frac = layer.spec.type.format.frac();
                if (!prefix || prefix->frac > frac) continue;
                const Extent& any = layer.channels[ch].any_order;
                CHECK(prefix->low * (i128{1} << (frac - prefix->frac)) == any.low);
                CHECK(prefix->high * (i128{1} << (frac - prefix->frac)) == any.high);
                ++compared;
            }
        }
    }
    CHECK(compared > 100);
}
