// Checkpoints: what is written is read as the same, and what no run can have come to is refused.
#include "training/checkpoint.hpp"

#include <filesystem>
#include <fstream>
#include <functional>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "bittrue/explore/train.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"

using namespace bittrue;
using namespace bittrue::explore;
namespace fs = std::filesystem;

namespace {

constexpr RunSize kSize{.images = 5, .test_images = 3, .batch = 2};  // three steps an epoch

struct Run {
    Run() {
        TrainingLayer dense;
        dense.name = "dense";
        dense.input.channels = 3;
        dense.sums.channels = dense.output.channels = 2;
        dense.scale = weight_scale(1, 3);
        network.input.channels = 3;
        network.layers = {dense};
        validate(network, "");
        // One epoch and a step.
        at.state = initial_state(network, 1);
        at.best = at.state;
        at.partial.layers.resize(1);
        at.partial.layers[0].errors.add(-3);
        at.partial.layers[0].units = 2;
        at.partial.images = 2;
        at.partial.correct = 1;
        at.log.epochs.push_back(at.partial);
        EpochLog& first = at.log.epochs[0];
        first.images = 5;
        first.test_images = 3;
        first.test_correct = 2;
        first.layers[0].errors.add(-2);
        first.layers[0].gradients.zeros = 3;
        at.epoch = at.partial.epoch = 1;
        at.batch = 1;
        at.step = 4;
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() {
        std::error_code ignored;
        fs::remove(path, ignored);
    }

    [[nodiscard]] Checkpoint read() const { return read_checkpoint(path, identity, kSize, network); }
    // What the refusal of the checkpoint says.
    [[nodiscard]] std::string refusal() const {
        write_checkpoint(path, identity, at);
        try {
            (void)read();
        } catch (const InputError& e) {
            return e.what();
        }
        return "taken";
    }

    std::string path = (fs::temp_directory_path() / ("bittrue-checkpoint-" + std::to_string(::getpid()))).string();
    RunIdentity identity{.version = "1", .network = "ab", .settings = "cd", .data = "ef", .schedule = "0:1"};
    TrainingNetwork network;
    Checkpoint at;
};

}  // namespace

TEST_CASE("a checkpoint is read as it was written") {
    Run run;
    REQUIRE(run.refusal() == "taken");
    const Checkpoint c = run.read();
    CHECK(c.epoch == 1);
    CHECK(c.batch == 1);
    CHECK(c.step == 4);
    CHECK(c.state == run.at.state);
    CHECK(c.best == run.at.best);
    CHECK(c.partial.layers == run.at.partial.layers);
    REQUIRE(c.log.epochs.size() == 1);
    CHECK(c.log.epochs[0].layers == run.at.log.epochs[0].layers);
    // A cancel between the last step of an epoch and its test.
    run.at.batch = 3;
    run.at.step = 6;
    run.at.partial.images = 5;
    CHECK(run.refusal() == "taken");
}

TEST_CASE("a checkpoint in which any character is another one is refused") {
    Run run;
    REQUIRE(run.refusal() == "taken");
    const std::string good = read_file(run.path);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == '1' ? '2' : '1';
        std::ofstream(run.path, std::ios::binary) << bad;
        CAPTURE(i);
        CHECK_THROWS_AS(run.read(), InputError);
    }
    write_file(run.path, good + "\n");
    CHECK_THROWS_WITH(run.read(), Catch::Contains("its checksum is another one"));
}

TEST_CASE("a checkpoint to which no run can have come is refused although its checksum is right") {
    const std::function<void(Checkpoint&)> changes[] = {
        [](Checkpoint& c) { c.batch = 4, c.step = 7, c.partial.images = 5; },
        [](Checkpoint& c) { c.step = 5; },
        [](Checkpoint& c) { c.epoch = c.partial.epoch = 2, c.step = 7; },
        [](Checkpoint& c) { c.log.epochs[0].epoch = 1; },
        [](Checkpoint& c) { c.partial.epoch = 0; },
        [](Checkpoint& c) { c.partial.images = 3; },
        [](Checkpoint& c) { c.partial.correct = 3; },
        [](Checkpoint& c) { c.partial.test_images = 3; },
        [](Checkpoint& c) { c.partial.seconds = -1; },
        [](Checkpoint& c) { c.log.epochs[0].images = 6; },
        [](Checkpoint& c) { c.log.epochs[0].correct = 6; },
        [](Checkpoint& c) { c.log.epochs[0].test_images = 2; },
        [](Checkpoint& c) { c.log.epochs[0].test_correct = 4; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].saturated_weights = 7; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].changed_words = 19; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].clipped_updates = 19; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].errors.zeros = 2; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].errors.count = 4; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].units = 3; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].constant_units = 3; },
        [](Checkpoint& c) { c.state.weights[0][0] = 128; },
        [](Checkpoint& c) { c.state.weights[0][0] = -129; },
        [](Checkpoint& c) { c.state.lfsr[0] = 0; },
        [](Checkpoint& c) { c.state.lfsr[0] = std::uint64_t{1} << 32U; },
        [](Checkpoint& c) { c.best->weights[0].pop_back(); },
        [](Checkpoint& c) { c.best.reset(); },
        [](Checkpoint& c) { c.awaits_next_step = true; },
        // The network holds tensors of zeros, so that nothing becomes NaN.
        [](Checkpoint& c) { c.state.nan[0] = true; },
        [](Checkpoint& c) { c.best->nan[0] = true; },
        [](Checkpoint& c) { c.partial.nan_loss = true; },
        [](Checkpoint& c) { c.log.epochs[0].nan_loss = true; },
        [](Checkpoint& c) { c.log.epochs[0].layers[0].nan = true; },
        [](Checkpoint& c) { c.log.nan = NanStory{}; },
    };
    std::size_t i = 0;
    for (const auto& change : changes) {
        Run run;
        change(run.at);
        CAPTURE(i++);
        CHECK_THAT(run.refusal(), Catch::Contains("is no checkpoint of a training run"));
    }
}

TEST_CASE("a checkpoint may hold NaN where tensors of zeros become NaN, from a step that was made") {
    Run run;
    run.network.zero_scale = ZeroScale::Nan;
    run.at.state.nan[0] = true;
    run.at.log.nan = NanStory{.layer = 0, .gradient = true, .epoch = 1, .batch = 0, .step = 3, .at_once = {"dense"}};
    CHECK(run.refusal() == "taken");
    run.at.log.nan->step = 4;
    CHECK_THAT(run.refusal(), Catch::Contains("do not fit"));
}
