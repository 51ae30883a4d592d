// Two consecutive steps of the WAGE LeNet-5, computed by an independent program of doubles whose values are all dyadic.
#include <filesystem>
#include <map>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/training.hpp"
#include "bittrue/model/npz.hpp"
#include "training/networks.hpp"

using namespace bittrue;
using training_tests::lenet;

namespace {

const std::filesystem::path kFile = std::filesystem::path(BITTRUE_SOURCE_DIR) / "../shared/data/wage/two_steps_lr1.npz";

using Numbers = std::vector<std::int64_t>;

class Steps {
public:
    Steps() {
        for (NamedArray& named : read_npz(kFile.string())) arrays_.emplace(named.name, std::move(named.array));
    }
    Numbers operator()(const std::string& name) const {
        const NpyArray& array = arrays_.at(name);
        Numbers numbers;
        for (std::size_t i = 0; i < array.count(); ++i)
            numbers.push_back(array.is_real() ? static_cast<std::int64_t>(array.reals[i]) : array.integers[i]);
        return numbers;
    }

private:
    std::map<std::string, NpyArray> arrays_;
};

template <class T>
Numbers wide(const std::vector<T>& numbers) {
    return {numbers.begin(), numbers.end()};
}

// Theirs is [out][in][row][column] in convolutions, ours [row][column][in][out].
Numbers weight_order(const TrainingLayer& layer, const Numbers& theirs) {
    if (!layer.is_conv()) return theirs;
    Numbers ours;
    const int rows = layer.kernel_rows, columns = layer.kernel_columns, in = layer.input.channels;
    for (int r = 0; r < rows; ++r)
        for (int s = 0; s < columns; ++s)
            for (int c = 0; c < in; ++c)
                for (int o = 0; o < layer.sums.channels; ++o)
                    ours.push_back(theirs[static_cast<std::size_t>(((o * in + c) * rows + r) * columns + s)]);
    return ours;
}

template <class To>
std::vector<To> narrow(const Numbers& numbers) {
    std::vector<To> out;
    for (const std::int64_t v : numbers) out.push_back(static_cast<To>(v));
    return out;
}

// The words of `layer` under the names of the file.
void check_layer(const Steps& given, const std::string& at, const TrainingNetwork& network, std::size_t l,
                 const LayerStep& step) {
    const TrainingLayer& layer = network.layers[l];
    const std::string sums[] = {"conv1_x8", "conv2_x16", "fc1_x16", "fc2_x16", "fc3_x16"};
    const auto number = static_cast<int>(l) + 1;
    const auto weights = [&](const std::string& name) { return weight_order(layer, given(at + name)); };
    INFO(at << layer.name);
    CHECK(wide(step.sums) == given(at + sums[l]));
    CHECK(wide(step.activations) == given(at + (number == 5 ? "out_x16" : fmt::format("a{}_x2", number))));
    CHECK(Numbers{step.error_exponent.value()} == given(at + fmt::format("shift_e{}", number)));
    CHECK(wide(step.errors) == given(at + fmt::format("e{}_x128", number)));
    CHECK(Numbers{step.gradient_exponent.value()} == given(at + fmt::format("shift_g{}", number)));
    CHECK(wide(step.gradients) == weights(fmt::format("g{}_x256", number)));
    CHECK(wide(step.scaled) == weights(fmt::format("n{}_x128", number)));
    CHECK(wide(step.draws) == weights(fmt::format("r{}", number)));
    CHECK(wide(step.steps) == weights(fmt::format("step{}", number)));
    CHECK(wide(step.weights_before) == weights(fmt::format("w{}_before", number)));
    CHECK(wide(step.weights_after) == weights(fmt::format("w{}_after", number)));
}

}  // namespace

TEST_CASE("H: two steps of the WAGE LeNet-5 are those of an independent float64 program") {
    if (!std::filesystem::exists(kFile)) {
        WARN("SKIPPED: " << kFile << " absent");
        return;
    }
    const Steps given;
    const TrainingNetwork network = lenet();
    emulator::Trainer trainer(network, 1);
    TrainingState state = initial_state(network, 0);
    for (std::size_t l = 0; l < network.layers.size(); ++l)
        state.weights[l] =
            narrow<std::int32_t>(weight_order(network.layers[l], given(fmt::format("s0.w{}_before", l + 1))));
    const std::vector<std::uint64_t> lfsr = state.lfsr;
    for (const std::string at : {"s0.", "s1."}) {
        std::vector<std::vector<std::int32_t>> draws;
        for (std::size_t l = 0; l < network.layers.size(); ++l)
            draws.push_back(
                narrow<std::int32_t>(weight_order(network.layers[l], given(at + fmt::format("r{}", l + 1)))));
        StepTrace trace;
        trainer.step(state, narrow<std::uint8_t>(given(at + "images")), narrow<std::uint8_t>(given(at + "labels")), {},
                     &trace, &draws);
        CHECK(wide(trace.input) == given(at + "h0_x2"));
        for (std::size_t l = 0; l < network.layers.size(); ++l) check_layer(given, at, network, l, trace.layers[l]);
    }
    CHECK(state.lfsr == lfsr);
}
