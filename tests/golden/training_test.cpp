// Two complete training steps of a WAGE LeNet-5, tensor by tensor, as another program computed them in floating point.
#include <array>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "bittrue/model/npz.hpp"
#include "golden/training_network.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const std::string kFile = std::string(BITTRUE_SOURCE_DIR) + "/../shared/data/wage/two_steps_lr1.npz";
constexpr std::size_t kLayers = 5;

TrainingNetwork lenet() {
    return network_of({conv_layer({.channels = 1, .rows = 28, .columns = 28}, 6, 5, 5, 2, 2, 2),
                       conv_layer({.channels = 6, .rows = 12, .columns = 12}, 8, 5, 5, 2, 2, 3),
                       dense_layer({.channels = 8, .rows = 4, .columns = 4}, 120, 3), dense_layer(elements(120), 84, 3),
                       dense_layer(elements(84), 10, 3)});
}

// One array of the file. Those that belong to the weights of a convolution stand there as [out][in][row][column].
class Arrays {
public:
    explicit Arrays(std::string step) : step_(std::move(step)) {}

    [[nodiscard]] Words64 plain(const std::string& name) const {
        return read_npz_array(kFile, step_ + "." + name).integers;
    }
    [[nodiscard]] Words64 like_weights(const std::string& name) const {
        const NpyArray array = read_npz_array(kFile, step_ + "." + name);
        if (array.dims.size() != 4) return array.integers;
        const std::int64_t out = array.dims[0];
        const std::int64_t in = array.dims[1];
        const std::int64_t positions = array.dims[2] * array.dims[3];
        Words64 ordered;
        for (std::int64_t p = 0; p < positions; ++p) {
            for (std::int64_t c = 0; c < in; ++c) {
                for (std::int64_t o = 0; o < out; ++o) {
                    ordered.push_back(array.integers[static_cast<std::size_t>((o * in + c) * positions + p)]);
                }
            }
        }
        return ordered;
    }
    [[nodiscard]] std::optional<int> exponent(const std::string& name) const {
        return static_cast<int>(read_npz_array(kFile, step_ + ".shift_" + name).reals.at(0));
    }

private:
    std::string step_;
};

Words64 wide(const Words32& words) {
    return {words.begin(), words.end()};
}

Words32 narrow(const Words64& words) {
    Words32 result;
    for (const std::int64_t w : words) result.push_back(static_cast<std::int32_t>(w));
    return result;
}

std::vector<std::uint8_t> bytes(const Words64& words) {
    std::vector<std::uint8_t> result;
    for (const std::int64_t w : words) result.push_back(static_cast<std::uint8_t>(w));
    return result;
}

// Names of the sums and of what the layer hands on.
struct Names {
    const char* sums;
    const char* activations;
};
constexpr std::array<Names, kLayers> kNames = {{{"conv1_x8", "a1_x2"},
                                                {"conv2_x16", "a2_x2"},
                                                {"fc1_x16", "a3_x2"},
                                                {"fc2_x16", "a4_x2"},
                                                {"fc3_x16", "out_x16"}}};

void compare(const LayerStep& layer, const Arrays& arrays, std::size_t l) {
    const std::string number = std::to_string(l + 1);
    CAPTURE(number);
    CHECK(layer.sums == arrays.plain(kNames[l].sums));
    CHECK(wide(layer.activations) == arrays.plain(kNames[l].activations));
    CHECK(wide(layer.errors) == arrays.plain("e" + number + "_x128"));
    CHECK(layer.error_exponent == arrays.exponent("e" + number));
    CHECK(layer.gradients == arrays.like_weights("g" + number + "_x256"));
    CHECK(layer.gradient_exponent == arrays.exponent("g" + number));
    CHECK(layer.scaled == arrays.like_weights("n" + number + "_x128"));
    CHECK(wide(layer.draws) == arrays.like_weights("r" + number));
    CHECK(wide(layer.steps) == arrays.like_weights("step" + number));
    CHECK(wide(layer.weights_before) == arrays.like_weights("w" + number + "_before"));
    CHECK(wide(layer.weights_after) == arrays.like_weights("w" + number + "_after"));
    CHECK_FALSE(layer.nan_errors);
    CHECK_FALSE(layer.nan_gradients);
    CHECK(layer.forward_overflows + layer.error_overflows + layer.gradient_overflows == 0);
}

// H5, of the file's outputs.
void compare_judgement(const StepTrace& trace, const Arrays& arrays) {
    const Words64 p = arrays.plain("out_x16");
    const Words64 labels = arrays.plain("labels");
    std::int64_t loss = 0;
    int correct = 0;
    for (std::size_t n = 0; n < labels.size(); ++n) {
        const auto label = static_cast<std::size_t>(labels[n]);
        std::size_t best = 0;
        for (std::size_t c = 0; c < 10; ++c) {
            const std::int64_t difference = p[n * 10 + c] - (c == label ? 16 : 0);
            loss += difference * difference;
            if (p[n * 10 + c] > p[n * 10 + best]) best = c;
        }
        correct += best == label ? 1 : 0;
    }
    CHECK(trace.loss_raw == loss);
    CHECK(trace.correct == correct);
    CHECK_FALSE(trace.nan_loss);
}

}  // namespace

TEST_CASE("H2-H14: two training steps of a WAGE LeNet-5 equal another program's in every tensor", "[golden]") {
    if (!std::filesystem::exists(kFile)) {
        WARN("SKIPPED: the WAGE training steps are absent");
        return;
    }
    const TrainingNetwork network = lenet();
    TrainingState state = state_of(std::vector<Words32>(kLayers));
    for (std::size_t l = 0; l < kLayers; ++l) {
        state.weights[l] = narrow(Arrays("s0").like_weights("w" + std::to_string(l + 1) + "_before"));
    }
    for (const std::string step : {"s0", "s1"}) {
        CAPTURE(step);
        const Arrays arrays(step);
        const TrainingBatch batch{.pixels = bytes(arrays.plain("images")), .labels = bytes(arrays.plain("labels"))};
        REQUIRE(batch.labels.size() == 48);
        std::vector<Words32> draws;
        for (std::size_t l = 0; l < kLayers; ++l) {
            draws.push_back(narrow(arrays.like_weights("r" + std::to_string(l + 1))));
        }
        const StepTrace trace = golden::training_step(network, state, batch, {}, &draws);
        CHECK(wide(trace.input) == arrays.plain("h0_x2"));
        for (std::size_t l = 0; l < kLayers; ++l) compare(trace.layers[l], arrays, l);
        compare_judgement(trace, arrays);
    }
}
