// Checkpoints of training runs, sealed so that damage gets past the checksum: only InputError comes out of damage, and
// what is taken is written as the same again.
#include "bittrue/explore/train.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "fuzz/scratch.hpp"
#include "training/checkpoint.hpp"

namespace bittrue::fuzz {

namespace {

using namespace explore;

const Scratch& folder() {
    static const Scratch one;
    return one;
}

const TrainingNetwork& network() {
    static const TrainingNetwork small = [] {
        TrainingLayer dense;
        dense.name = "dense";
        dense.input.channels = 3;
        dense.sums.channels = dense.output.channels = 2;
        dense.scale = weight_scale(1, 3);
        TrainingNetwork n;
        n.input.channels = 3;
        n.layers = {dense};
        n.zero_scale = ZeroScale::Nan;
        return n;
    }();
    return small;
}

RunIdentity identity() {
    return {.version = "1",
            .network = "ab",
            .settings = "cd",
            .data = "ef",
            .schedule = "0:128/2^7",
            .seed = 1,
            .batch = 2};
}

constexpr RunSize kSize{.images = 4, .test_images = 3, .batch = 2};

Checkpoint begun(bool finished_epoch) {
    Checkpoint c;
    c.state = initial_state(network(), 1);
    c.partial.layers.resize(1);
    c.batch = c.step = 1;
    c.partial.loss_raw = i128{1} << 70;
    c.partial.layers[0].errors.add(-3);
    c.partial.images = 2;
    if (!finished_epoch) return c;
    c.log.epochs.push_back(c.partial);
    c.log.epochs[0].images = 4;
    c.log.epochs[0].test_images = 3;
    c.epoch = c.partial.epoch = 1;
    c.step = 3;
    c.best = c.state;
    c.log.nan = NanStory{.layer = 0, .gradient = true, .at_once = {"dense"}};
    return c;
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (const bool finished : {false, true}) {
        write_checkpoint(folder().file("seed"), identity(), begun(finished));
        const std::string text = read_file(folder().file("seed"));
        all.push_back(text.substr(text.find('\n') + 1));
    }
    return all;
}

std::vector<std::string> dictionary() {
    return {"\"weights\":[",
            "\"lfsr\":[",
            "null",
            "-1",
            "1.5",
            "1e300",
            "18446744073709551616",
            "true",
            "{}",
            "[]",
            "\xff",
            "-128",
            "127",
            "128",
            "\"layers\":[",
            "\"best\":",
            "[[0,0,0,0,0,0]]"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text(text_of(data, size));
    explore::Checkpoint c;
    const auto reads = [&](const std::string& whole) {
        const std::string path = folder().write("checkpoint", whole);
        return takes([&] { c = explore::read_checkpoint(path, identity(), kSize, network()); });
    };
    require(!reads(text), "nothing without a checksum is taken");
    if (!reads(explore::sealed_checkpoint(text))) return 0;
    const std::string again = folder().file("again");
    explore::write_checkpoint(again, identity(), c);
    const std::string once = read_file(again);
    explore::write_checkpoint(again, identity(), explore::read_checkpoint(again, identity(), kSize, network()));
    require(read_file(again) == once, "what is read is written as the same again");
    return 0;
}
