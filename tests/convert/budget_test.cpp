// Budgets of weight bits, LUTs and DSPs, and the least bits for a loss.
#include <algorithm>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/convert.hpp"
#include "bittrue/explore/cost.hpp"
#include "bittrue/explore/fingerprint.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "convert/models.hpp"

using namespace bittrue;
using namespace bittrue::test;
using namespace bittrue::explore;

TEST_CASE("a budget of LUTs or DSPs of the datapath is kept by narrower weights and results") {
    for (std::uint32_t seed = 41; seed < 44; ++seed) {
        const FloatModel model = seed == 41 ? small_cnn(seed, true) : residual_cnn(seed);
        const InputBatch batch = random_batch(seed, model.input_shape, 40);
        const Graph plain = convert(model, batch, {}).graph;
        for (const Resource resource : {Resource::Lut, Resource::Dsp}) {
            ConvertOptions options;
            options.budget = Budget{.most = spent(plain, resource) * 2 / 3, .of = resource};
            const Conversion done = convert(model, batch, options);
            INFO(print_resource(resource) << " " << spent(done.graph, resource) << " of " << options.budget->most);
            CHECK(spent(done.graph, resource) <= options.budget->most);
            CHECK(done.graph.nodes.back().result.format.width == 8);  // the network's own results keep their bits
            const RunOptions all{.keep_layers = true, .progress = {}};
            const RunResult fast = emulator::make_engine(done.graph)->run(batch, all);
            const RunResult slow = golden::make_engine(done.graph)->run(batch, all);
            for (std::size_t i = 0; i < fast.layers.size(); ++i) CHECK(fast.layers[i].words == slow.layers[i].words);
        }
    }
}

TEST_CASE("bits that are given back keep to the budget with the weights that come of it") {
    for (std::uint32_t seed = 100; seed < 108; ++seed) {
        const FloatModel model = small_cnn(seed, false);
        const InputBatch batch = random_batch(seed, model.input_shape, 30);
        ConvertOptions options;
        options.bits.bias = options.bits.output = 4;
        const std::int64_t all = spent(convert(model, batch, options).graph, Resource::Lut);
        for (const int percent : {60, 65, 70, 75, 80, 90}) {
            options.budget = Budget{.most = all * percent / 100, .of = Resource::Lut};
            INFO(seed << " " << percent);
            CHECK(spent(convert(model, batch, options).graph, Resource::Lut) <= options.budget->most);
        }
        options.budget.reset();
    }
}

TEST_CASE("a refused budget names what it leaves alone, and the options it names help") {
    const FloatModel model = small_cnn(48, true);
    const InputBatch batch = random_batch(48, model.input_shape, 30);
    ConvertOptions options;
    options.budget = Budget{.most = 1, .of = Resource::Lut};
    CHECK_THROWS_WITH(convert(model, batch, options),
                      Catch::Contains("words of 1 bit need beside biases of 8 bits, network results of 8 bits") &&
                          Catch::Contains("--bias-bits or --output-bits"));
    const auto needed = [&] {
        try {
            (void)convert(model, batch, options);
        } catch (const InputError& e) {
            const std::string text = e.what();
            const std::string before = "fewer than the ";
            return std::stoll(text.substr(text.find(before) + before.size()));
        }
        return 0LL;
    };
    const std::int64_t wide = needed();
    options.bits.bias = options.bits.output = 1;
    const std::int64_t narrow = needed();
    CHECK(narrow > 0);
    CHECK(narrow < wide);
    CHECK_THROWS_WITH(convert(model, batch, options), !Catch::Contains("beside"));
}

TEST_CASE("a budget that is large enough takes nothing away") {
    const FloatModel model = small_cnn(45, false);
    const InputBatch batch = random_batch(45, model.input_shape, 40);
    ConvertOptions options;
    options.budget = Budget{.most = 1'000'000, .of = Resource::Lut};
    const Conversion done = convert(model, batch, options);
    for (const LayerFormats& layer : done.layers) CHECK(layer.weight.bits == 8);
    CHECK(done.input.bits == 8);
}

TEST_CASE("a budget does not depend on the number of threads") {
    const FloatModel model = residual_cnn(46);
    const InputBatch batch = random_batch(46, model.input_shape, 40);
    ConvertOptions one, three;
    one.budget = three.budget = Budget{.most = 2500};
    one.threads = 1, three.threads = 3;
    CHECK(fingerprint(convert(model, batch, one).graph) == fingerprint(convert(model, batch, three).graph));
}

TEST_CASE("the bits that are left of a budget are given back where they help") {
    const FloatModel model = small_cnn(47, false);
    const InputBatch batch = random_batch(47, model.input_shape, 60);
    ConvertOptions options;
    double before = 1e9;
    for (const std::int64_t budget : {1000, 1600, 2600}) {
        options.budget = Budget{.most = budget};
        const Conversion done = convert(model, batch, options);
        CHECK(done.weight_bits <= budget);
        CHECK(done.error < before);
        before = done.error;
    }
}

TEST_CASE("the least bits for a loss keep to it, and fewer were tried") {
    // One whose answers are not always the same.
    const auto varied = [](std::uint32_t seed) {
        const FloatModel model = small_cnn(seed, true);
        const InputBatch batch = random_batch(seed, model.input_shape, 200);
        std::vector<int> counts(5);
        for (const std::size_t answer : answers_of(run_float(model, batch).layers.back().values, 200)) ++counts[answer];
        return *std::max_element(counts.begin(), counts.end()) < 120;
    };
    std::uint32_t seed = 1;
    while (!varied(seed)) ++seed;
    const FloatModel model = small_cnn(seed, true);
    const InputBatch batch = random_batch(seed, model.input_shape, 200);
    ConvertOptions options;
    options.bits = {.input = 12, .weight = 12, .bias = 12, .activation = 12, .output = 12};
    std::int64_t before = 0;
    for (const double most : {30.0, 1.0}) {
        options.max_loss = most;
        const Conversion done = convert(model, batch, options);
        REQUIRE(done.loss.has_value());
        CHECK(*done.loss <= most);
        const std::vector<std::size_t> real = answers_of(run_float(model, batch).layers.back().values, 200),
                                       fixed = answers_of(outputs_of(done.graph, batch), 200);
        int other = 0;
        for (std::size_t i = 0; i < 200; ++i) other += real[i] != fixed[i] ? 1 : 0;
        CHECK(*done.loss == Approx(other / 2.0));
        CHECK(done.weight_bits > before);
        CHECK(done.weight_bits < (72 + 4 + 192 + 12 + 60 + 5) * 12);
        before = done.weight_bits;
    }
}

TEST_CASE("a loss that the bits cannot keep is refused with the remedy") {
    const FloatModel model = small_cnn(49, true);
    const InputBatch batch = random_batch(49, model.input_shape, 200);
    ConvertOptions options;
    options.bits = {.input = 1, .weight = 1, .bias = 1, .activation = 1, .output = 1};
    options.max_loss = 0;
    CHECK_THROWS_WITH(convert(model, batch, options), Catch::Contains("allow more bits"));
}

TEST_CASE("copies that are moved by a pixel calibrate, too, and only maps can be moved") {
    const FloatModel model = small_cnn(50, true);
    const InputBatch batch = random_batch(50, model.input_shape, 30);
    ConvertOptions plain, augmented;
    augmented.augment = 4;
    CHECK(fingerprint(convert(model, batch, plain).graph) != fingerprint(convert(model, batch, augmented).graph));
    FloatModel vector{.name = "v", .framework = "test", .file = "v", .input_name = "x", .input_shape = vector_of(4)};
    std::mt19937 random(1);
    vector.layers.push_back({.name = "out",
                             .inputs = {"x"},
                             .op = Dense{.weights = random_reals(random, {4, 3}, 1)},
                             .shape = vector_of(3)});
    vector.output = "out";
    CHECK_THROWS_WITH(convert(vector, random_batch(1, vector.input_shape, 5), augmented), Catch::Contains("vector"));
}

TEST_CASE("the least bits of a network of a few bits are found, or refused, in finite time") {
    std::mt19937 random(48);
    FloatModel model{
        .name = "tiny", .framework = "test", .file = "tiny", .input_name = "x", .input_shape = vector_of(3)};
    model.layers.push_back(
        {.name = "out",
         .inputs = {"x"},
         .op = Dense{.weights = random_reals(random, {3, 2}, 0.9), .bias = random_reals(random, {2}, 0.5)},
         .shape = vector_of(2)});
    model.output = "out";
    const InputBatch batch = random_batch(48, model.input_shape, 30);
    for (const double most : {0.0, 20.0, 100.0}) {
        ConvertOptions options;
        options.bits.weight = options.bits.bias = 4;
        options.max_loss = most;
        try {
            const Conversion done = convert(model, batch, options);
            CHECK(*done.loss <= most + 1e-9);
            CHECK(weight_bits(done.graph) <= 32);
        } catch (const InputError& e) {
            CHECK(most < 100);
            CHECK(std::string(e.what()).find("--max-loss") == 0);
        }
    }
}
