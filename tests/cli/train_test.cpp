// bittrue train as its users call it: files that run, and runs that continue.
#include <chrono>
#include <csignal>
#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "train_project.hpp"

using namespace bittrue;
using namespace bittrue::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json read_json(const std::string& path) {
    return json::parse(slurp(path));
}

// Without what depends on the machine.
json timeless(json log) {
    for (json& e : log.at("epochs")) {
        for (const char* key : {"seconds", "test_seconds", "images_per_second"}) e.erase(key);
    }
    return log;
}

// Of the run that left this checkpoint; 0 where there is none.
std::uint64_t steps_done(const std::string& checkpoint) {
    const std::string text = slurp(checkpoint), key = "\"step\":";
    const auto at = text.find(key);
    return at == std::string::npos ? 0 : std::stoull(text.substr(at + key.size(), 20));
}

}  // namespace

TEST_CASE("train learns, its weights run in the same network file and in its own, with the accuracy that it says") {
    const Project p;
    const Outcome made = p.train({"--epochs", "10", "--seed", "7", "-o", "weights.npz", "--network", "out.toml",
                                  "--json", "log.json", "--report", "log.html", "--best", "best.npz"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK_THAT(made.out, Catch::Contains("with these weights net.toml answers the test images as training did"));
    const json log = read_json(p.file("log.json"));
    REQUIRE(log.at("epochs").size() == 10);
    const json& last = log.at("epochs").back();
    CHECK(last.at("epoch") == 9);
    CHECK(last.at("learning_rate") == 1.0);
    CHECK(last.at("test_correct").get<int>() > 60);  // a third is chance
    CHECK(last.at("layers").size() == 2);
    CHECK(last.at("layers")[0].at("name") == "conv");
    for (const char* engine : {"emulator", "golden"}) {
        CHECK(p.correct("net.toml", engine) == last.at("test_correct"));
        CHECK(p.correct("out.toml", engine) == last.at("test_correct"));
    }
    CHECK(slurp(p.file("log.html")).find("Training of small") != std::string::npos);
    fs::copy_file(p.file("best.npz"), p.file("weights.npz"), fs::copy_options::overwrite_existing);
    CHECK(static_cast<double>(p.correct("net.toml", "golden")) / 90 == log.at("best_test_accuracy"));
}

TEST_CASE("train writes a network file that runs for other bits than those of the network file") {
    const Project p;
    for (const char* bits : {"1/1/8/8/8", "2/2/8/8/8", "3/4/6/5/4", "8/8/16/16/16"}) {
        CAPTURE(bits);
        const Outcome made = p.train({"--epochs", "2", "--bits", bits, "-o", "new.npz", "--network", "new.toml",
                                      "--json", "log.json", "--restart"});
        INFO(made.err);
        REQUIRE(made.status == 0);
        CHECK_THAT(made.out, Catch::Contains("the types of net.toml are not those of bits"));
        CHECK(p.correct("new.toml", "both") == read_json(p.file("log.json")).at("epochs").back().at("test_correct"));
        CHECK_THAT(slurp(p.file("new.toml")), Catch::Contains("[training]"));
        CHECK(bittrue_in(p.path(), {"train", "new.toml", "--train", "train.npy", "--train-labels", "train_labels.npy",
                                    "--test", "test.npy", "--test-labels", "test_labels.npy", "--batch", "20",
                                    "--epochs", "2", "-o", "again.npz", "--restart"})
                  .status == 0);
        CHECK(slurp(p.file("again.npz")) == slurp(p.file("new.npz")));
    }
}

TEST_CASE("train does not take equal answers of other types for the same network") {
    const Project p;
    // One image: whatever the types, the answers are often equal.
    for (const char* bits : {"2/2/8/8/8", "1/3/8/8/8", "1/1/8/8/8"}) {
        CAPTURE(bits);
        for (const char* seed : {"1", "6"}) {
            const Outcome made = p.train(
                {"--epochs", "4", "--first-test", "1", "--bits", bits, "--seed", seed, "-o", "new.npz", "--restart"});
            REQUIRE(made.status == 0);
            CHECK_THAT(made.out,
                       Catch::Contains("the types of net.toml are not those of bits") && Catch::Contains("--network"));
        }
    }
    const Outcome same =
        p.train({"--epochs", "1", "--first-test", "1", "--bits", "1/2/5/6/7", "-o", "new.npz", "--restart"});
    CHECK_THAT(same.out, Catch::Contains("answers the test images as training did"));
}

TEST_CASE("the LeNet-5 of the examples trains on generated digits, with any number of threads") {
    const Scratch s;
    const auto train = [&](const std::string& name, const std::string& threads) {
        const Outcome o = bittrue_in(s.path(), {"train", kLenet, "--train", "digits:144:1", "--test", "digits:50:2",
                                                "--epochs", "2", "--threads", threads, "-o", name + ".npz", "--network",
                                                name + ".toml", "--json", name + ".json"});
        INFO(o.err);
        REQUIRE(o.status == 0);
        CHECK_THAT(o.out, Catch::Contains("answers the test images as training did"));
    };
    train("one", "1");
    train("two", "2");
    CHECK(slurp(s.file("one.npz")) == slurp(s.file("two.npz")));
    CHECK(timeless(read_json(s.file("one.json"))) == timeless(read_json(s.file("two.json"))));
    const Outcome run =
        bittrue_in(s.path(), {"run", "one.toml", "--input", "digits:50:2", "--engine", "both", "--json", "-"});
    REQUIRE(run.status == 0);
    CHECK(json::parse(run.out).at("correct") == read_json(s.file("one.json")).at("epochs").back().at("test_correct"));
}

TEST_CASE("an interrupted or killed run that is continued gives the bits of one in one piece") {
    const Project p;
    const auto with = [&](std::uint64_t epochs, const std::string& name) {
        return Project::command({"--epochs", std::to_string(epochs), "--first", "290", "--schedule", "0:1,3:0.5",
                                 "--bits", "2/2/8/8/8", "--checkpoint-seconds", "0.002", "--json", "log.json", "-o",
                                 name});
    };
    // As many epochs as this machine, at this hour, does in a second or so: time to be stopped in, and no more.
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(bittrue_in(p.path(), with(10, "short.npz")).status == 0);
    const std::chrono::duration<double> ten = std::chrono::steady_clock::now() - begin;
    const auto epochs = static_cast<std::uint64_t>(std::clamp(10 / ten.count(), 12.0, 120.0));
    const Outcome whole = bittrue_in(p.path(), with(epochs, "whole.npz"));
    INFO(whole.err);
    REQUIRE(whole.status == 0);
    const json log = timeless(read_json(p.file("log.json")));
    fs::remove(p.file("log.json"));
    const std::uint64_t all = epochs * 15;  // 290 images in batches of 20
    int stopped = 0;
    // Twice as many steps from stop to stop, so that there are few; each run gets further than the one before it.
    for (std::uint64_t i = 0;; ++i) {
        const std::string checkpoint = p.file("parts.npz.checkpoint");
        const std::uint64_t from = steps_done(checkpoint);
        CAPTURE(epochs, i, from);
        REQUIRE(i < 20);
        const bool kill = i % 2 == 0;
        const auto far_enough = [&] {
            const std::uint64_t done = steps_done(checkpoint);
            return done >= from + (std::uint64_t{1} << i) || (done == all && from < all);
        };
        const Outcome o = bittrue_stopped(p.path(), with(epochs, "parts.npz"), kill ? SIGKILL : SIGINT, far_enough);
        if (o.status == 0) break;
        CAPTURE(o.err);
        REQUIRE(o.status == (kill ? 137 : 130));
        ++stopped;
        // Only a run that was stopped at its reports, which come last, has weights: then all of them.
        if (fs::exists(p.file("parts.npz"))) CHECK(slurp(p.file("whole.npz")) == slurp(p.file("parts.npz")));
    }
    CHECK(stopped >= 1);  // a fast machine finishes between two stops
    CHECK(slurp(p.file("whole.npz")) == slurp(p.file("parts.npz")));
    CHECK(timeless(read_json(p.file("log.json"))) == log);
}

TEST_CASE("a NaN run names the first tensor of zeros and what it did, goes on, and writes no weights") {
    const Project p;
    NpyArray black = images(300, 1);
    std::fill(black.integers.begin(), black.integers.end(), 0);
    write_npy(p.file("train.npy"), black);
    const Outcome nan = p.train({"--epochs", "3", "--zero-scale", "nan", "-o", "w.npz", "--json", "log.json"});
    CAPTURE(nan.out, nan.err);
    CHECK(nan.status == 1);
    CHECK_FALSE(fs::exists(p.file("w.npz")));
    CHECK_THAT(nan.err, Catch::Contains("w.npz is not written\n"));
    const json log = read_json(p.file("log.json"));
    const json& first = log.at("first_nan");
    CHECK(first.at("tensor") == "gradients");
    CHECK(first.at("epoch") == 0);
    CHECK(first.at("batch") == 0);
    CHECK(first.at("step") == 0);
    CHECK(first.at("layers_at_once").size() + first.at("layers_next_step").size() == 2);
    CHECK_THAT(nan.out, Catch::Contains(fmt::format("the gradients of layer '{}' were all zero at epoch 0, batch 0",
                                                    first.at("layer").get<std::string>())));
    REQUIRE(log.at("epochs").size() == 3);
    CHECK(log.at("epochs")[2].at("loss").is_null());
    CHECK(log.at("epochs")[2].at("train_correct") == 100);  // every answer is 0
    CHECK(log.at("epochs")[2].at("test_correct") == 30);
    const Outcome stopped =
        p.train({"--epochs", "3", "--zero-scale", "nan", "--stop-at-nan", "-o", "s.npz", "--json", "log.json"});
    CHECK(stopped.status == 1);
    CHECK(read_json(p.file("log.json")).at("epochs").size() == 1);
    // No epoch ended without NaN, so there are no best weights to point to.
    const Outcome none =
        p.train({"--epochs", "2", "--zero-scale", "nan", "-o", "n.npz", "--best", "best.npz", "--restart"});
    CHECK(none.status == 1);
    CHECK_THAT(none.err, Catch::Contains("n.npz is not written") && !Catch::Contains("best"));
    CHECK_FALSE(fs::exists(p.file("best.npz")));
    const Outcome hold = p.train({"--epochs", "3", "-o", "h.npz"});
    CHECK(hold.status == 0);
    CHECK_THAT(hold.out, Catch::Contains("tensors of zeros, which have no scale: layer 'fc'"));
}

TEST_CASE("train finds the four files of MNIST in a folder") {
    const std::string folder = shared_file("data/mnist");
    if (folder.empty()) {
        WARN("SKIPPED: MNIST absent");
        return;
    }
    const Scratch s;
    const Outcome o = bittrue_in(
        s.path(), {"train", kLenet, "--data", fs::absolute(folder).string(), "--first", "480", "--first-test", "100",
                   "--epochs", "1", "-o", "w.npz", "--network", "w.toml", "--json", "w.json"});
    INFO(o.err);
    REQUIRE(o.status == 0);
    const std::string test = fs::absolute(folder).string() + "/t10k-";
    const Outcome run = bittrue_in(s.path(), {"run", "w.toml", "--input", test + "images-idx3-ubyte.gz", "--labels",
                                              test + "labels-idx1-ubyte.gz", "--first", "100", "--json", "-"});
    REQUIRE(run.status == 0);
    CHECK(json::parse(run.out).at("correct") == read_json(s.file("w.json")).at("epochs").back().at("test_correct"));
}
