// Vector sets of training: names, formats and values of the tensors; every kind of file; diff tells the first tensor
// that is wrong from what follows of it, over steps, too.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <catch2/catch.hpp>

#include "bittrue/emulator/training.hpp"
#include "bittrue/golden/training.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/training_vectors.hpp"
#include "bittrue/verify/report.hpp"
#include "training/backward.hpp"
#include "training/networks.hpp"

using namespace bittrue;
using training_tests::make_network;

namespace {

struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "bittrue-training-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::string path;
};

struct Made {
    TrainingNetwork network{};
    std::vector<TrainedStep> steps{};
    [[nodiscard]] VectorSet set(const std::string& layer = {}) const { return training_vectors(network, steps, layer); }
};

// The last step has an image less, as a last batch may have.
Made make(TrainingNetwork network, int steps = 3, std::uint64_t first = 0, LearningRate rate = {}) {
    training_tests::Random random(3);
    Made made{.network = std::move(network)};
    TrainingState state = initial_state(made.network, 2);
    for (int i = 0; i < steps; ++i) {
        TrainedStep step{.number = first + static_cast<std::uint64_t>(i),
                         .batch = training_tests::random_batch(made.network, i + 1 == steps ? 4 : 5, random),
                         .rate = rate};
        step.trace = golden::training_step(made.network, state, step.batch, step.rate);
        made.steps.push_back(std::move(step));
    }
    return made;
}

TrainingNetwork conv_network(TrainingBits bits = {}) {
    return make_network(bits, {.channels = 2, .rows = 8, .columns = 9},
                        {{.name = "conv", .outputs = 3, .kernel = 3, .pool = 2},
                         {.name = "fc/1", .outputs = 7},
                         {.name = "out", .outputs = 4}});
}

const VectorLayer& at(const VectorSet& set, const std::string& name) {
    const VectorLayer* found = set.find(name);
    INFO(name);
    REQUIRE(found != nullptr);
    return *found;
}

std::string type_at(const VectorSet& set, const std::string& name) {
    return print_type(*at(set, name).type);
}

// The set with one word of a tensor changed, as a dump.
VectorSet spoiled(VectorSet set, const std::string& name) {
    for (VectorLayer& layer : set.layers) {
        if (layer.name == name) layer.words.back() ^= 1;
    }
    return set;
}

}  // namespace

TEST_CASE("H2 to H14: every tensor of a step has the format of its value") {
    const VectorSet set = make(conv_network()).set();
    CHECK(type_at(set, "step0.pixels") == "ap_ufixed<8,0>");
    CHECK(type_at(set, "step0.labels") == "ap_ufixed<2,2>");
    CHECK(type_at(set, "step0.input") == "ap_ufixed<1,0>");
    CHECK(type_at(set, "step0.conv.sums") == "ap_fixed<6,3>");  // 18 terms of 1/8
    CHECK(type_at(set, "step0.conv.activations") == "ap_ufixed<1,0>");
    CHECK(type_at(set, "step0.out.activations") == "ap_ufixed<3,1>");
    CHECK(type_at(set, "step0.conv.errors") == "ap_fixed<8,1>");
    CHECK(type_at(set, "step0.conv.error_exponent") == "ap_fixed<8,8>");
    CHECK(type_at(set, "step0.out.gradients") == "ap_fixed<11,3>");  // 5 terms of 127 / 256
    CHECK(type_at(set, "step0.out.scaled") == "ap_fixed<9,-5>");     // up to 1.42 * 128 of 2^-14
    CHECK(type_at(set, "step0.out.draws") == "ap_ufixed<8,0>");
    CHECK(type_at(set, "step0.out.steps") == "ap_fixed<3,-4>");
    CHECK(type_at(set, "step0.out.weights_after") == "ap_fixed<8,1>");
    CHECK(type_at(set, "step0.out.lfsr_after") == "ap_ufixed<32,32>");
    CHECK(at(set, "step0.conv.weights_before").dims == Dims{1, 3, 3, 2, 3});
    CHECK(at(set, "step0.conv.deltas").dims == Dims{1, 5, 3, 6, 7});
    CHECK(at(set, "step0.conv.errors").dims == Dims{1, 5, 3, 3, 3});
    CHECK(at(set, "step2.out.errors").dims == Dims{1, 4, 4});
    TrainingNetwork network = conv_network({.weights = 1, .activations = 1});
    network.store = WeightStore::Unbounded;
    network.layers[1].forward.width = 3;
    network.layers[2].gradient.width = 5;
    const VectorSet other = make(network).set();
    CHECK(type_at(other, "step0.input") == "ap_ufixed<1,1>");
    CHECK(type_at(other, "step0.out.weights_after") == "ap_fixed<32,25>");
    CHECK(at(other, "step0.fc/1.sums").type->format.width == 3);
    CHECK(at(other, "step0.out.gradients").type->format.width == 5);
    CHECK(at(other, "step0.out.gradients").type->format.frac() == 7);
}

TEST_CASE("the tensors of a set are those of the trace, and no word is outside of its format") {
    for (const TrainingBits bits : {TrainingBits{}, TrainingBits{8, 8, 16, 16, 16}, TrainingBits{3, 1, 2, 2, 1}}) {
        const Made made = make(conv_network(bits), 3, 0, {.raw = 65535, .frac = 7});
        const VectorSet set = made.set();
        CHECK(set.layers.size() == 3 * (4 + 3 * 14));
        for (const VectorLayer& tensor : set.layers) {
            INFO(tensor.name);
            CHECK(element_count(tensor.dims) == static_cast<std::int64_t>(tensor.words.size()));
            CHECK(tensor.axes.size() == tensor.dims.size());
            const Format f = tensor.type->format;
            CHECK(std::all_of(tensor.words.begin(), tensor.words.end(),
                              [&](std::int64_t w) { return w >= raw_min(f) && w <= raw_max(f); }));
        }
        for (const TrainedStep& step : made.steps) {
            const std::string prefix = "step" + std::to_string(step.number) + ".";
            CHECK(at(set, prefix + "loss").words == std::vector{step.trace.loss_raw});
            for (std::size_t l = 0; l < made.network.layers.size(); ++l) {
                const LayerStep& t = step.trace.layers[l];
                const auto words = [&](const std::string& tensor) {
                    return at(set, prefix + made.network.layers[l].name + "." + tensor).words;
                };
                CHECK(words("sums") == t.sums);
                CHECK(words("gradients") == t.gradients);
                CHECK(words("scaled") == t.scaled);
                CHECK(words("lfsr_after") == std::vector{static_cast<std::int64_t>(t.lfsr_after)});
                CHECK(words("error_exponent") == std::vector<std::int64_t>{t.error_exponent.value_or(kNoExponent)});
                CHECK(std::equal(t.steps.begin(), t.steps.end(), words("steps").begin()));
                CHECK(std::equal(t.draws.begin(), t.draws.end(), words("draws").begin()));
                CHECK(std::equal(t.weights_after.begin(), t.weights_after.end(), words("weights_after").begin()));
                CHECK(std::equal(t.errors.begin(), t.errors.end(), words("errors").begin()));
                CHECK(std::equal(t.activations.begin(), t.activations.end(), words("activations").begin()));
            }
        }
    }
}

TEST_CASE("H7, H8: the deltas of a set are golden's") {
    const Made made = make(conv_network());
    const VectorSet set = made.set();
    std::size_t passed = 0, stopped = 0;
    for (const TrainedStep& step : made.steps) {
        for (std::size_t l = 0; l < made.network.layers.size(); ++l) {
            const TrainingLayer& layer = made.network.layers[l];
            const LayerStep& t = step.trace.layers[l];
            const int images = static_cast<int>(step.batch.labels.size());
            golden::BatchTensor errors(images, layer.output), sums(images, layer.sums);
            std::copy(t.errors.begin(), t.errors.end(), errors.raws.begin());
            std::copy(t.sums.begin(), t.sums.end(), sums.raws.begin());
            const golden::BatchTensor expected = l + 1 == made.network.layers.size()
                                                     ? golden::last_deltas(errors, sums, made.network.sum_frac(l))
                                                     : golden::deltas(layer, errors, sums);
            const auto& words = at(set, "step" + std::to_string(step.number) + "." + layer.name + ".deltas").words;
            CHECK(golden::words64(expected.raws) == words);
            for (const std::int64_t w : words) ++(w != 0 ? passed : stopped);
        }
    }
    CHECK(passed > 50);
    CHECK(stopped > 50);
}

TEST_CASE("golden and emulator make the same set") {
    const Made made = make(conv_network({2, 4, 8, 8, 8}));
    emulator::Trainer trainer(made.network, 1);
    TrainingState state = initial_state(made.network, 2);
    std::vector<TrainedStep> steps = made.steps;
    for (TrainedStep& step : steps) {
        step.trace = {};
        trainer.step(state, step.batch.pixels, step.batch.labels, step.rate, &step.trace);
    }
    const DiffReport report = diff(made.set(), training_vectors(made.network, steps));
    INFO(print_report(report));
    CHECK(report.equal());
}

TEST_CASE("a set of training is written and read in every kind of file, packed, too, and diff says equal") {
    const Made made = make(conv_network(), 2, 7);
    const VectorSet set = made.set();
    for (const FileKind kind : all_file_kinds()) {
        const Folder folder;
        INFO(file_kind_name(kind));
        write_vector_set(folder.path, set, {.kinds = {kind}, .packing = parse_packing("lanes=3")});
        const VectorSet back = read_vector_set(folder.path);
        CHECK(back.layers.size() == set.layers.size());
        CHECK(at(back, "step7.conv.gradients").axes == at(set, "step7.conv.gradients").axes);
        const DiffReport report = diff(set, back);
        INFO(print_report(report));
        CHECK(report.equal());
        CHECK(report.words_compared() > 1000);
    }
}

TEST_CASE("diff names the tensor of the step that is wrong first, and what follows, over steps") {
    const Made made = make(conv_network());
    const VectorSet set = made.set();
    // A dump without manifest whose hardware updates one weight wrongly: later tensors follow.
    VectorSet actual = spoiled(set, "step0.fc/1.weights_after");
    actual = spoiled(actual, "step1.fc/1.weights_before");
    actual = spoiled(actual, "step1.fc/1.sums");
    for (VectorLayer& layer : actual.layers) layer.inputs.clear();
    DiffReport report = diff(set, actual);
    REQUIRE(report.first_differing.has_value());
    CHECK(report.layers[*report.first_differing].name == "step0.fc/1.weights_after");
    std::string text = print_report(report);
    CHECK(text.find("first differing layer: step0.fc/1.weights_after (its inputs are equal)") != std::string::npos);
    CHECK(text.find("step0.fc/1.weights_after[in 26, out 6] (flat 188): expected ") != std::string::npos);
    CHECK(text.find("follows: step1.fc/1.weights_before (what it reads differs already)") != std::string::npos);
    CHECK(text.find("follows: step1.fc/1.sums (what it reads differs already)") != std::string::npos);
    CHECK(text.find("also differs") == std::string::npos);
    // Errors of one image in the middle of a map.
    actual = set;
    for (VectorLayer& layer : actual.layers) {
        if (layer.name == "step1.conv.errors") layer.words[100] ^= 1;
    }
    report = diff(set, actual);
    REQUIRE(report.first_differing.has_value());
    text = print_report(report);
    CHECK(text.find("step1.conv.errors[image 3, channel 2, row 0, column 1] (flat 100): expected ") !=
          std::string::npos);
    CHECK(report_json(report).find("\"image\": 3") != std::string::npos);
}

TEST_CASE("a set of one layer has what a design of the layer reads and computes") {
    const Made made = make(conv_network(), 1);
    const auto names = [&](const std::string& layer) {
        std::vector<std::string> found;
        for (const VectorLayer& tensor : made.set(layer).layers) found.push_back(tensor.name);
        return found;
    };
    const auto has = [](const std::vector<std::string>& all, const std::string& name) {
        return std::find(all.begin(), all.end(), name) != all.end();
    };
    const auto last = names("out");
    CHECK(last.size() == 19);
    CHECK(has(last, "step0.labels"));
    CHECK(has(last, "step0.fc/1.sums"));
    CHECK(has(last, "step0.fc/1.errors"));
    CHECK_FALSE(has(last, "step0.fc/1.gradients"));
    const auto middle = names("fc/1");
    CHECK(has(middle, "step0.out.deltas"));
    CHECK(has(middle, "step0.out.weights_before"));
    CHECK_FALSE(has(middle, "step0.labels"));
    const auto first = names("conv");
    CHECK(has(first, "step0.input"));
    for (const char* layer : {"conv", "fc/1", "out"}) {
        const VectorSet set = made.set(layer);
        for (const VectorLayer& tensor : set.layers)
            for (const std::string& input : tensor.inputs) CHECK(set.find(input) != nullptr);
    }
    CHECK_THROWS_WITH(made.set("fc"), "--layer: there is no layer 'fc' with weights; those are 'conv', 'fc/1', 'out'");
}

TEST_CASE("the package of a dense layer has its numbers, and refuses what it cannot say") {
    const Made made = make(conv_network(), 2);
    const auto package = [&](const std::string& layer, const std::string& name, std::size_t steps) {
        return make_training_package(made.network, {made.steps.begin(), made.steps.begin() + std::ptrdiff_t(steps)},
                                     layer, name);
    };
    const SetFile file = package("out", "wage", 1);
    CHECK(file.path == "wage.sv");
    for (const char* line : {"package wage;", "LAYER = \"out\";", "FRONT = \"fc_1\";", "int BATCH = 5;",
                             "int INPUTS = 7;", "int OUTPUTS = 4;", "int GRADIENT_WIDTH = 11;",
                             "LFSR_TAPS = 32'h80200003;", "RATES = {16'd128};", "int STORE = 0;", "endpackage"})
        CHECK(file.bytes.find(line) != std::string::npos);
    CHECK_THROWS_WITH(package("conv", "wage", 1), Catch::Contains("'conv' is a convolution"));
    CHECK_THROWS_WITH(package("out", "module", 1), Catch::Contains("'module' is no name of a SystemVerilog package"));
    CHECK_THROWS_WITH(package("out", "wage", 2), Catch::Contains("the steps have 5 and 4 images"));
}

TEST_CASE("H11: a tensor of zeros has no exponent in a set") {
    Made made = make(conv_network(), 1);
    TrainingState state = initial_state(made.network, 2);
    for (TrainedStep& step : made.steps) {
        std::fill(step.batch.pixels.begin(), step.batch.pixels.end(), std::uint8_t{0});
        step.trace = golden::training_step(made.network, state, step.batch, step.rate);
    }
    const VectorSet set = made.set();
    CHECK(at(set, "step0.conv.gradient_exponent").words == std::vector<std::int64_t>{-128});
    CHECK(at(set, "step0.out.error_exponent").words != std::vector<std::int64_t>{-128});
}
