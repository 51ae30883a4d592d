// The two networks of the seeds, calibrated on 500 training images: how much accuracy few bits cost on the test images.
#include <catch2/catch.hpp>

#include "bittrue/explore/convert.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/model/input.hpp"
#include "model/files.hpp"

using namespace bittrue;
using namespace bittrue::test;
using namespace bittrue::explore;

namespace {

struct Mnist {
    InputBatch calibration{}, test{};
    std::vector<int> labels{};
};

bool load_mnist(const FloatModel& model, Mnist& mnist) {
    std::string training, images, labels;
    if (!shared_file("data/mnist/train-images-idx3-ubyte.gz", training) ||
        !shared_file("data/mnist/t10k-images-idx3-ubyte.gz", images) ||
        !shared_file("data/mnist/t10k-labels-idx1-ubyte.gz", labels))
        return false;
    const InputSpec spec{.name = "in", .shape = model.input_shape, .type = {}, .divide = 255, .float32 = true};
    mnist = {load_input(training, spec, 500), load_input(images, spec, 0), load_labels(labels)};
    return true;
}

// Points of accuracy lost.
double lost(const FloatModel& model, const Mnist& mnist, int weights, int others) {
    ConvertOptions options;
    options.bits = {.input = others, .weight = weights, .bias = weights, .activation = others, .output = others};
    options.objective = Objective::Kl;
    options.divide = 255;
    const double real = accuracy(run_float(model, mnist.test).layers.back().values, mnist.labels);
    const double fixed =
        accuracy(outputs_of(convert(model, mnist.calibration, options).graph, mnist.test), mnist.labels);
    return 100 * (real - fixed);
}

}  // namespace

TEST_CASE("the seed's CNN keeps its accuracy with few bits") {
    const FloatModel model = import_model(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/seed_cnn_mnist.h5");
    Mnist mnist;
    if (!load_mnist(model, mnist)) return;
    constexpr double kRounding = 1e-9;
    CHECK(lost(model, mnist, 8, 8) <= 0.02 + kRounding);
    CHECK(lost(model, mnist, 6, 6) <= 0.10 + kRounding);
    CHECK(lost(model, mnist, 4, 6) <= 0.25 + kRounding);
    CHECK(lost(model, mnist, 4, 4) <= 1.0 + kRounding);
}

TEST_CASE("the seed's CNN keeps its accuracy in accumulators of 12 bits") {
    const FloatModel model = import_model(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/seed_cnn_mnist.h5");
    Mnist mnist;
    if (!load_mnist(model, mnist)) return;
    ConvertOptions options;
    options.objective = Objective::Kl;
    options.divide = 255;
    options.accumulator = 12;
    CHECK(accuracy(outputs_of(convert(model, mnist.calibration, options).graph, mnist.test), mnist.labels) >= 0.979);
}

TEST_CASE("the seed's CNN loses at most a tenth of a point with 136,300 bits of weights and biases") {
    const FloatModel model = import_model(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/seed_cnn_mnist.h5");
    Mnist mnist;
    if (!load_mnist(model, mnist)) return;
    ConvertOptions options;
    options.bits = {.input = 6, .weight = 8, .bias = 8, .activation = 6, .output = 6};
    options.objective = Objective::Kl;
    options.divide = 255;
    options.budget = Budget{.most = 136'300};
    const Conversion done = convert(model, mnist.calibration, options);
    CHECK(done.weight_bits <= 136'300);
    const double real = accuracy(run_float(model, mnist.test).layers.back().values, mnist.labels);
    CHECK(100 * (real - accuracy(outputs_of(done.graph, mnist.test), mnist.labels)) <= 0.10 + 1e-9);
}

TEST_CASE("LeNet-5 keeps its accuracy with 8 bits") {
    std::string file;
    if (!shared_file("models/lenet5_mnist/lenet5_mnist.h5", file)) return;
    const FloatModel model = import_model(file);
    Mnist mnist;
    if (!load_mnist(model, mnist)) return;
    CHECK(lost(model, mnist, 8, 8) <= 0.05 + 1e-9);
}
