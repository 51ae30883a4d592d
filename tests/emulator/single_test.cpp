// One layer alone, and faults inside its accumulations: by hand, and against accumulations of the altered products.
#include "bittrue/emulator/single.hpp"

#include <catch2/catch.hpp>

#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using emulator::AccumulationFault;

namespace {

const Format kByte{8, 8, true};

MacOperands operands_of(const Words& weights, const Words& inputs) {
    return {.weight = kByte, .input = kByte, .weights = weights, .inputs = inputs};
}
AccumulatorSpec wide() {
    AccumulatorSpec spec;
    spec.type = fixed(40, 40);
    return spec;
}
AccumulationFault stuck(int bit, bool value, std::int64_t lanes = 1, std::int64_t lane = 0) {
    AccumulationFault fault;
    fault.stuck = {.bit = bit, .value = value, .lanes = lanes, .lane = lane};
    return fault;
}

std::int64_t forced(std::int64_t product, Format format, const AccumulationFault::StuckBit& s, std::int64_t term) {
    if (term % s.lanes != s.lane || s.bit >= format.width) return product;
    const std::uint64_t bit = std::uint64_t{1} << s.bit;
    const auto pattern = pattern_from_word(product, format);
    return word_from_pattern(s.value ? pattern | bit : pattern & ~bit, format);
}

std::vector<AccumulatorSpec> specs_of(const FixedType& acc) {
    std::vector<AccumulatorSpec> specs;
    for (const char* const schedule : {"sequential", "interleave:3", "fold:3", "cascade:2", "partial:3", "tree"}) {
        for (const QuantizeAt at : {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End}) {
            for (const BiasPosition bias : {BiasPosition::First, BiasPosition::Last}) {
                for (const bool casts : {false, true}) {
                    AccumulatorSpec s;
                    s.type = acc;
                    parse_schedule(schedule, s);
                    s.quantize = at;
                    s.bias = bias;
                    if (casts) s.product = fixed(9, 5, Rounding::RndConv, Overflow::Sat);
                    if (reason_invalid(s).empty()) specs.push_back(s);
                }
            }
        }
    }
    return specs;
}

}  // namespace

TEST_CASE("a stuck bit of a lane is forced in that lane's products only") {
    const MacOperands o = operands_of({1, 2, 3, 4}, {1, 1, 1, 1});
    CHECK(emulator::faulty_mac(o, wide(), stuck(1, false)) == 1 + 0 + 1 + 4);
    CHECK(emulator::faulty_mac(o, wide(), stuck(0, true)) == 1 + 3 + 3 + 5);
    CHECK(emulator::faulty_mac(o, wide(), stuck(0, true, 2, 1)) == 1 + 3 + 3 + 5);
    CHECK(emulator::faulty_mac(o, wide(), stuck(0, true, 2, 0)) == 10);
    CHECK(emulator::faulty_mac(o, wide(), stuck(0, true, 4, 1)) == 11);
}

TEST_CASE("the highest bit of a product is its sign, and one above is none") {
    const MacOperands o = operands_of({3, -2}, {1, 1});
    CHECK(emulator::faulty_mac(o, wide(), stuck(15, true)) == 3 - 32768 - 2);
    CHECK(emulator::faulty_mac(o, wide(), stuck(15, false)) == 3 + 32768 - 2);
    CHECK(emulator::faulty_mac(o, wide(), stuck(16, true)) == 1);
}

TEST_CASE("terms are left out at either end, and without any the bias stands alone") {
    MacOperands o = operands_of({1, 2, 3, 4}, {10, 10, 10, 10});
    AccumulationFault fault;
    fault.skip_first = 1;
    CHECK(emulator::faulty_mac(o, wide(), fault) == 90);
    fault.skip_last = 2;
    CHECK(emulator::faulty_mac(o, wide(), fault) == 20);
    o.has_bias = true;
    o.bias = kByte;
    o.bias_word = 7;
    CHECK(emulator::faulty_mac(o, wide(), fault) == 27);
    fault.skip_last = 5;
    CHECK(emulator::faulty_mac(o, wide(), fault) == 7);
    fault.stuck = {.bit = 3, .value = true};
    CHECK(emulator::faulty_mac(o, wide(), fault) == 7);
}

TEST_CASE("of every schedule a stuck bit gives what an accumulation of the altered products gives") {
    Random random(7);
    for (const FixedType& acc :
         {fixed(12, 8, Rounding::Rnd, Overflow::Wrap), fixed(11, 6, Rounding::Trn, Overflow::Sat),
          fixed(70, 40, Rounding::Trn, Overflow::Sat)}) {
        for (const AccumulatorSpec& spec :
             specs_of({acc.format.width > 64 ? Format{64, 40, true} : acc.format, acc.rounding, acc.overflow})) {
            MacOperands o{.weight = {7, 2, true}, .input = {6, 3, random.below(2) == 0}, .has_bias = true};
            o.bias = {6, 3, true};
            o.bias_word = random.word(o.bias);
            for (int t = 0; t < 7; ++t) {
                o.weights.push_back(random.word(o.weight));
                o.inputs.push_back(random.word(o.input));
            }
            const AccumulationFault fault = stuck(random.below(9), random.below(2) == 0, 3, random.below(3));
            // The same sum of products that are given: each times one.
            MacOperands altered = o;
            AccumulatorSpec exact = spec;
            exact.product.reset();
            altered.weight = spec.product ? spec.product->format : product_format(o.weight, o.input);
            altered.input = {2, 2, true};
            for (std::size_t t = 0; t < 7; ++t) {
                std::int64_t product = o.weights[t] * o.inputs[t];
                if (spec.product)
                    product = emulator::quantize(product, o.weight.frac() + o.input.frac(), *spec.product).word;
                altered.weights[t] = forced(product, altered.weight, *fault.stuck, static_cast<std::int64_t>(t));
                altered.inputs[t] = 1;
            }
            CAPTURE(print_schedule(spec), static_cast<int>(spec.quantize));
            CHECK(emulator::faulty_mac(o, spec, fault) == emulator::mac(altered, exact).back().accumulator_raw);
            CHECK(emulator::faulty_mac(o, spec, {}) == emulator::mac(o, spec).back().accumulator_raw);
            CHECK(emulator::faulty_steps(o, spec, fault).back().accumulator_raw ==
                  emulator::faulty_mac(o, spec, fault));
        }
    }
}

TEST_CASE("a layer with a fault has it in each of its words") {
    Random random(11);
    const FixedType in = fixed(6, 3);
    Conv2d op;
    Words weights;
    for (int i = 0; i < 3 * 2 * 2 * 3; ++i) weights.push_back(random.word({6, 2, true}));
    op.weights = words({3, 2, 2, 3}, weights, fixed(6, 2));
    op.bias = words({3}, {5, -3, 1}, fixed(6, 2));
    op.accumulator.type = fixed(10, 5, Rounding::Trn, Overflow::Sat);
    op.padding = {.top = 1, .bottom = 1, .left = 0, .right = 0};
    const FixedType result = fixed(5, 3, Rounding::Rnd, Overflow::Sat);
    const Graph graph = one_layer({Layout::Hwc, {5, 4, 2}}, in, op, result);
    const Shape& shape = graph.nodes[0].shape;
    Words image;
    for (int i = 0; i < 5 * 4 * 2; ++i) image.push_back(random.word(in.format));
    AccumulationFault fault = stuck(4, true, 4, 1);
    fault.skip_last = 1;
    const emulator::LayerInput inputs[] = {{graph.input.shape, in.format, image}};
    const Words got = emulator::run_layer(graph.nodes[0], shape, inputs, 1, &fault);
    for (std::int64_t y = 0; y < shape.height(); ++y) {
        for (std::int64_t x = 0; x < shape.width(); ++x) {
            for (std::int64_t c = 0; c < 3; ++c) {
                MacOperands o{.weight = {6, 2, true}, .input = in.format, .has_bias = true, .bias = {6, 2, true}};
                o.bias_word = op.bias->raw[static_cast<std::size_t>(c)];
                for (std::int64_t r = 0; r < 3; ++r) {
                    for (std::int64_t s = 0; s < 2; ++s) {
                        for (std::int64_t k = 0; k < 2; ++k) {
                            const std::int64_t row = y + r - 1;
                            const bool inside = row >= 0 && row < 5;
                            o.weights.push_back(weights[static_cast<std::size_t>(((r * 2 + s) * 2 + k) * 3 + c)]);
                            o.inputs.push_back(inside ? image[static_cast<std::size_t>((row * 4 + x + s) * 2 + k)] : 0);
                        }
                    }
                }
                const i128 raw = emulator::faulty_mac(o, op.accumulator, fault);
                CHECK(got[static_cast<std::size_t>(shape.index(c, y, x))] ==
                      emulator::quantize(raw, op.accumulator.type.format.frac(), result).word);
            }
        }
    }
}

TEST_CASE("a layer gives the same words for few images and for many") {
    Random random(3);
    for (const Overflow overflow : {Overflow::Wrap, Overflow::Sat}) {
        Dense op;
        Words weights;
        for (int i = 0; i < 9 * 5; ++i) weights.push_back(random.word(kByte));
        op.weights = words({9, 5}, weights, fixed(8, 8));
        op.accumulator.type = fixed(15, 15, Rounding::Trn, overflow);
        const Graph graph = one_layer(vector_of(9), fixed(8, 8), op, fixed(9, 9, Rounding::Trn, overflow));
        constexpr std::size_t kImages = 150;
        Words images;
        for (std::size_t i = 0; i < kImages * 9; ++i) images.push_back(random.word(kByte));
        const auto run = [&](std::span<const std::int64_t> given) {
            const emulator::LayerInput inputs[] = {{graph.input.shape, kByte, given}};
            return emulator::run_layer(graph.nodes[0], graph.nodes[0].shape, inputs, given.size() / 9);
        };
        Words one_by_one;
        for (std::size_t i = 0; i < kImages; ++i) {
            const Words word = run(std::span(images).subspan(i * 9, 9));
            one_by_one.insert(one_by_one.end(), word.begin(), word.end());
        }
        CHECK(run(images) == one_by_one);
        CHECK(run_layer(graph, images).words == one_by_one);
    }
}

TEST_CASE("a fault of a layer without accumulator is refused") {
    const Graph graph = one_layer(vector_of(2), fixed(8, 8), Relu{}, fixed(8, 8));
    const Words image{1, 2};
    const emulator::LayerInput inputs[] = {{graph.input.shape, kByte, image}};
    const AccumulationFault fault;
    CHECK_THROWS_AS(emulator::run_layer(graph.nodes[0], graph.nodes[0].shape, inputs, 1, &fault), std::logic_error);
    CHECK(emulator::run_layer(graph.nodes[0], graph.nodes[0].shape, inputs, 1) == image);
}

TEST_CASE("the steps of a faulty accumulation show the altered products, and terms keep their numbers") {
    AccumulationFault fault = stuck(1, false, 2, 1);
    fault.skip_first = 1;
    const auto steps = emulator::faulty_steps(operands_of({1, 2, 3, 7}, {1, 1, 1, 1}), wide(), fault);
    REQUIRE(steps.size() == 4);
    CHECK(steps[1].what == "term 1");
    CHECK(steps[1].product_raw == 0);
    CHECK(steps[2].product_raw == 3);
    CHECK(steps[3].what == "term 3");
    CHECK(steps[3].product_raw == 5);
    CHECK(steps[3].accumulator_raw == 8);
}

TEST_CASE("operands with a stuck bit are those that the multipliers get") {
    AccumulationFault fault = stuck(7, true, 2, 1);
    fault.stuck->at = AccumulationFault::At::Weight;
    const MacOperands o = operands_of({1, 2, 3, 4}, {1, 2, 3, 4});
    CHECK(emulator::faulty_operands(o, fault).weights == Words{1, 2 - 128, 3, 4 - 128});
    CHECK(emulator::faulty_operands(o, fault).inputs == o.inputs);
    fault.stuck->at = AccumulationFault::At::Product;
    CHECK(emulator::faulty_operands(o, fault).weights == o.weights);
}
