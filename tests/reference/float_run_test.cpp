// Whole networks in float: against the references of the models' training, and the run's own promises.
#include <atomic>
#include <cmath>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/model/npz.hpp"
#include "model/files.hpp"
#include "reference/layers.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const explore::FloatLayerValues& layer(const explore::FloatRun& run, const std::string& name) {
    for (const auto& l : run.layers) {
        if (l.name == name) return l;
    }
    FAIL("no layer " << name);
    return run.layers.front();
}

double largest_difference(const explore::FloatLayerValues& layer, const NpyArray& expected) {
    REQUIRE(layer.values.size() >= expected.count());
    double largest = 0;
    for (std::size_t i = 0; i < expected.count(); ++i)
        largest = std::max(largest, std::fabs(layer.values[i] - expected.number(i)));
    return largest;
}

bool mnist(const FloatModel& model, std::size_t first, InputBatch& batch) {
    std::string images;
    if (!shared_file("data/mnist/t10k-images-idx3-ubyte.gz", images)) return false;
    const InputSpec spec{.name = "in", .shape = model.input_shape, .type = {}, .divide = 255, .float32 = true};
    batch = load_input(images, spec, first);
    return true;
}

FloatModel chain() {
    FloatModel m = one_layer(Dense{.weights = reals({2, 2}, {1, 0.1, 0.2, 1}), .bias = {}, .accumulator = {}},
                             vector_of(2), vector_of(2));
    m.layers.push_back({.name = "z", .inputs = {"y"}, .op = Relu{}, .shape = vector_of(2)});
    m.output = "z";
    return m;
}

InputBatch ramp(std::size_t images) {
    InputBatch batch{.images = images, .dims = {2}, .values = {}};
    for (std::size_t i = 0; i < 2 * images; ++i) batch.values.push_back(std::sin(static_cast<double>(i)));
    return batch;
}

}  // namespace

TEST_CASE("the seed's CNN in float gives the references of its training") {
    std::string model_file, references;
    if (!shared_file("models/seed_cnn_mnist/seed_cnn_mnist.h5", model_file) ||
        !shared_file("models/seed_cnn_mnist/seed_cnn_mnist_ref1000.npz", references))
        return;
    const FloatModel m = import_model(model_file);
    InputBatch batch;
    if (!mnist(m, 1000, batch)) return;
    const explore::FloatRun run = explore::run_float(m, batch, {.keep_layers = true});
    // Layers of the import are named after Keras', activations behind them.
    const auto compare = [&](const std::string& ours, const std::string& theirs, double tolerance) {
        const double difference = largest_difference(layer(run, ours), read_npz_array(references, theirs));
        INFO(ours << " against " << theirs << ": largest difference " << difference);
        CHECK(difference <= tolerance);
    };
    // float32 stores 24 bits: half a unit of values up to 4, 16, 16 and 32.
    compare("max_pooling2d", "max_pooling2d", 1.3e-7);
    compare("dense", "dense.preact", 5e-7);
    compare("dense_relu", "dense", 5e-7);
    compare("dense_1", "dense_1.preact", 1e-6);
    compare("dense_1_softmax", "dense_1", 1e-6);
    compare("dense_1", "logits_float64", 1e-12);
}

TEST_CASE("LeNet-5 in float gives the references of its training") {
    std::string model_file, references;
    if (!shared_file("models/lenet5_mnist/lenet5_mnist.h5", model_file) ||
        !shared_file("models/lenet5_mnist/lenet5_mnist_ref100_bigmaps.npz", references))
        return;
    const FloatModel m = import_model(model_file);
    InputBatch batch;
    if (!mnist(m, 100, batch)) return;
    const explore::FloatRun run = explore::run_float(m, batch, {.keep_layers = true});
    CHECK(largest_difference(run.layers.front(), read_npz_array(references, "input_1")) == 0);
    CHECK(largest_difference(layer(run, "conv1"), read_npz_array(references, "conv1")) <= 2.5e-7);
}

TEST_CASE("a float run is the same with any number of threads, kept or not") {
    const FloatModel m = chain();
    const InputBatch batch = ramp(257);
    const explore::FloatRun one = explore::run_float(m, batch, {.threads = 1});
    const explore::FloatRun kept = explore::run_float(m, batch, {.keep_layers = true});
    REQUIRE(one.layers.size() == 3);
    CHECK(one.layers[0].values.empty());
    CHECK(one.layers[1].values.empty());
    CHECK(one.layers[2].values.size() == 514);
    CHECK(one.layers[2].values == kept.layers[2].values);
    CHECK(kept.layers[0].values == batch.values);
    CHECK(kept.layers[1].values[0] == batch.values[0] + 0.2 * batch.values[1]);
}

TEST_CASE("a float run counts its images, stops when it is told to and keeps an output that others read") {
    FloatModel m = chain();
    std::size_t done = 0;
    (void)explore::run_float(m, ramp(10), {.progress = [&](std::size_t images) { done = std::max(done, images); }});
    CHECK(done == 10);
    const std::atomic<bool> stop{true};
    CHECK_THROWS_AS(explore::run_float(m, ramp(10), {.cancel = &stop}), Interrupted);
    m.output = "y";
    CHECK(explore::run_float(m, ramp(10)).layers[1].values.size() == 20);
}

TEST_CASE("a float run refuses other shapes, layers without weights that fit and unknown names") {
    FloatModel m = chain();
    InputBatch batch = ramp(1);
    batch.dims = {1, 2};
    CHECK_THAT(error_of([&] { (void)explore::run_float(m, batch); }),
               Catch::Contains("1x2") && Catch::Contains("needs 2"));
    std::get<Dense>(m.layers[0].op).weights.real.pop_back();
    CHECK_THAT(error_of([&] { (void)explore::run_float(m, ramp(1)); }),
               Catch::Contains("layer 'y'") && Catch::Contains("3 numbers"));
    m.layers[1].inputs = {"nobody"};
    CHECK_THAT(error_of([&] { (void)explore::run_float(m, ramp(1)); }),
               Catch::Contains("layer 'z'") && Catch::Contains("'nobody'"));
    m.layers.clear();
    CHECK_THAT(error_of([&] { (void)explore::run_float(m, ramp(1)); }), Catch::Contains("arrays but no layers"));
}
