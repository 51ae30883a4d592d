// What bittrue train refuses, and what it leaves behind when it cannot go on.
#include <csignal>
#include <filesystem>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "train_project.hpp"

using namespace bittrue;
using namespace bittrue::test;
namespace fs = std::filesystem;

namespace {

void refused(const Project& p, const std::vector<std::string>& more, const std::string& words) {
    const auto before = p.listing();
    const Outcome o = p.train(more);
    CAPTURE(more, o.status, o.out, o.err);
    CHECK(o.status == 2);
    CHECK_THAT(o.err, Catch::StartsWith("bittrue: ") && Catch::Contains(words));
    CHECK(std::count(o.err.begin(), o.err.end(), '\n') == 1);
    CHECK(p.listing() == before);
}

}  // namespace

TEST_CASE("an interrupted run says how it continues, and stops after the step at hand") {
    const Project p;
    const Outcome o = bittrue_stopped(p.path(), Project::command({"--epochs", "1000000", "-o", "w.npz"}), SIGINT,
                                      [&] { return fs::exists(p.file("w.npz.checkpoint")); });
    CAPTURE(o.err);
    CHECK(o.status == 130);
    CHECK_THAT(o.err, Catch::Contains("interrupted; the same command continues from w.npz.checkpoint"));
    CHECK(fs::exists(p.file("w.npz.checkpoint")));
    CHECK_FALSE(fs::exists(p.file("w.npz")));
}

TEST_CASE("a finished run is continued by more epochs, and a checkpoint of another run is refused") {
    const Project p;
    REQUIRE(p.train({"--epochs", "5", "-o", "whole.npz"}).status == 0);
    REQUIRE(p.train({"--epochs", "2", "-o", "w.npz"}).status == 0);
    const Outcome on = p.train({"--epochs", "5", "-o", "w.npz"});
    CHECK_THAT(on.err, Catch::Contains("continues from w.npz.checkpoint at epoch 2"));
    CHECK(slurp(p.file("w.npz")) == slurp(p.file("whole.npz")));
    refused(p, {"--epochs", "4", "-o", "w.npz"}, "5 epochs of this run are done already");
    refused(p, {"--epochs", "9", "-o", "w.npz", "--seed", "2"}, "the seed 1");
    refused(p, {"--epochs", "9", "-o", "w.npz", "--schedule", "0:0.5"}, "another schedule");
    refused(p, {"--epochs", "9", "-o", "w.npz", "--bits", "1/2/8/8/7"}, "other bits");
    refused(p, {"--epochs", "9", "-o", "w.npz", "--store", "wrap"}, "other bits or settings");
    refused(p, {"--epochs", "9", "-o", "w.npz", "--first", "299"}, "other images");
    const std::string good = slurp(p.file("w.npz.checkpoint"));
    for (const std::string& damaged :
         {std::string{}, std::string("{"), good.substr(0, good.size() / 2), std::string("[1, 2]"),
          replaced(good, "\"lfsr\":[", "\"lfsr\":[0,"), replaced(good, "\"correct\":", "\"correct\":1"), good + " ",
          good.substr(good.find('\n') + 1)}) {
        spill(p.file("w.npz.checkpoint"), damaged);
        refused(p, {"--epochs", "9", "-o", "w.npz"}, "is no checkpoint of a training run");
    }
    CHECK(p.train({"--epochs", "2", "-o", "w.npz", "--restart"}).status == 0);
}

TEST_CASE("train says in one sentence what it cannot use, and leaves nothing behind") {
    const Project p;
    refused(p, {"--epochs", "1", "-o", "w.txt"}, "must end with .npz");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--network", "w"}, "must end with .toml");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--best", "w.npz"}, "two outputs need two names");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--json", "net.toml"}, "NET");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--checkpoint", "train.npy"}, "--train");
    refused(p, {"--epochs", "1", "-o", "nowhere/w.npz"}, "nowhere");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--report", "nowhere/w.html"}, "nowhere");
    refused(p, {"--epochs", "0", "-o", "w.npz"}, "--epochs");
    for (const char* seed : {"18446744073709551616", "-1", "+1", "1.5", "07", "", "0x"})
        refused(p, {"--epochs", "1", "-o", "w.npz", "--seed", seed}, "--seed");
    refused(p, {"--epochs", "-18446744073709551615", "-o", "w.npz"}, "--epochs");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--first", "-18446744073709551600"}, "--first");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--bits", "9/2/8/8/8"}, "training knows 1 to 8");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--bits", "1/2/8"}, "1/2/8/8/8");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--schedule", "1:1"}, "0:1,70:0.7");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--store", "clip"}, "--store");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--zero-scale", "inf"}, "--zero-scale");
    refused(p, {"--epochs", "1", "-o", "w.npz", "--data", "."}, "--data");
    NpyArray high = labels(300);
    high.integers[7] = 3;
    write_npy(p.file("train_labels.npy"), high);
    refused(p, {"--epochs", "1", "-o", "w.npz"}, "label 3 of image 7 is outside of the network's 3 outputs");
    write_npy(p.file("train_labels.npy"), labels(299));
    refused(p, {"--epochs", "1", "-o", "w.npz"}, "299 labels for 300 images");
    write_npy(p.file("train_labels.npy"), labels(300));
    NpyArray half{.dims = {300, 6, 6}, .type = NpyType::Float32};
    half.reals.assign(300 * 36, 0.5);
    write_npy(p.file("train.npy"), half);
    refused(p, {"--epochs", "1", "-o", "w.npz"}, "pixels are whole numbers from 0 to 255");
    write_npy(p.file("train.npy"),
              {.dims = {300, 5, 6}, .type = NpyType::UInt8, .integers = std::vector<std::int64_t>(9000, 1)});
    refused(p, {"--epochs", "1", "-o", "w.npz"}, "needs images of 1x6x6");
    const auto lone = [&](const std::vector<std::string>& arguments, const std::string& words) {
        const Outcome o = bittrue_in(p.path(), arguments);
        CAPTURE(arguments, o.err);
        CHECK(o.status == 2);
        CHECK_THAT(o.err, Catch::Contains(words));
    };
    lone({"train", "net.toml", "--epochs", "1", "-o", "w.npz"}, "give a folder, or both --train and --test");
    lone({"train", "net.toml", "--data", "none", "--epochs", "1", "-o", "w.npz"}, "is no folder");
    lone({"train", "net.toml", "--data", ".", "--epochs", "1", "-o", "w.npz"}, "holds no train-images-idx3-ubyte");
    lone({"train", "net.toml", "--train", "digits:9", "--test", "digits:9", "--epochs", "1", "-o", "w.npz"}, "28x28");
    lone({"train", kLenet, "--train", "test.npy", "--test", "digits:9", "--epochs", "1", "-o", "w.npz"},
         "--train-labels");
    lone({"train", std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml", "--train", "digits:9",
          "--test", "digits:9", "--epochs", "1", "-o", "w.npz"},
         "layer 'conv2d' (conv2d): has a bias");
    CHECK_FALSE(fs::exists(p.file("w.npz")));
}

TEST_CASE("a full disk ends training with a sentence") {
    if (access("/dev/full", W_OK) != 0) {
        WARN("SKIPPED: /dev/full absent");
        return;
    }
    const Project p;
    const Outcome o = p.train({"--epochs", "1", "-o", "w.npz", "--checkpoint", "/dev/full"});
    CAPTURE(o.err);
    CHECK(o.status == 2);
    CHECK_THAT(o.err, Catch::Contains("/dev/full") && Catch::Contains("no space"));
    // Reports come last, so that the weights are there.
    for (const char* report : {"--json", "--report"}) {
        CAPTURE(report);
        const Outcome late =
            p.train({"--epochs", "1", "-o", "late.npz", "--network", "late.toml", report, "/dev/full", "--restart"});
        CHECK(late.status == 2);
        CHECK_THAT(late.err, Catch::Contains("/dev/full") && Catch::Contains("no space"));
        CHECK_THAT(late.out, Catch::Contains("wrote late.npz and late.toml"));
        CHECK(fs::remove(p.file("late.npz")));
        CHECK(fs::remove(p.file("late.toml")));
    }
}
