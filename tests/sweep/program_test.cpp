// `bittrue sweep` and `sweep-merge` as users start them: outputs, shards, bad input, and kill -9 at any moment.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../cli/bad_files.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "exhaustive/random.hpp"

using namespace bittrue::test;

namespace {

const std::string kNetwork = std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml";

std::vector<std::string> sweep_of(const std::string& images, const std::string& file) {
    return {"sweep", kNetwork,     "--input",       images, "--accumulator-width",
            "8:16",  "--overflow", "wrap,saturate", "-o",   file};
}

pid_t started(const std::vector<std::string>& arguments) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const int null = ::open("/dev/null", O_WRONLY);
        ::dup2(null, STDOUT_FILENO);
        ::dup2(null, STDERR_FILENO);
        std::vector<char*> argv{const_cast<char*>(BITTRUE_PROGRAM)};
        for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
        argv.push_back(nullptr);
        ::execv(BITTRUE_PROGRAM, argv.data());
        ::_exit(127);
    }
    return child;
}

// Its status as wait() gives it.
int ended(pid_t child, int signal) {
    ::kill(child, signal);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

std::size_t size_of(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : static_cast<std::size_t>(size);
}

// Waits until the file has that many bytes, or the program is done.
void wait_for(pid_t child, const std::string& path, std::size_t bytes) {
    siginfo_t done{};
    while (size_of(path) < bytes && done.si_pid == 0) {
        ::waitid(P_PID, static_cast<id_t>(child), &done, WEXITED | WNOHANG | WNOWAIT);
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

}  // namespace

TEST_CASE("sweep prints a table, and writes CSV, JSON, a page and the results") {
    const Scratch s;
    auto arguments = sweep_of("digits:60", s.file("r.jsonl"));
    for (const char* more : {"--csv", "c.csv", "--json", "j.json", "--html", "p.html"}) arguments.emplace_back(more);
    const Outcome r = bittrue_in(s.path(), arguments);
    CAPTURE(r.out, r.err);
    REQUIRE(r.status == 0);
    CHECK(r.err.empty());
    for (const char* text : {"w8/WRAP", "w16/SAT", "wide", "accuracy", "*", "LUT", "'dense_1'"})
        CHECK_THAT(r.out, Catch::Contains(text));
    const auto json = nlohmann::json::parse(slurp(s.file("j.json")));
    CHECK(json.at("configurations").size() == 18);
    CHECK(json.at("images") == 60);
    CHECK(json.at("wide").at("flips") == 0);
    CHECK(json.at("configurations").at(17).at("accuracy") == json.at("wide").at("accuracy"));
    CHECK(json.at("configurations").at(0).at("layers_touched").size() == 3);
    CHECK_THAT(slurp(s.file("c.csv")), Catch::StartsWith("configuration,layer,width"));
    CHECK_THAT(slurp(s.file("p.html")), Catch::StartsWith("<!DOCTYPE html>") && Catch::EndsWith("</html>\n"));
}

TEST_CASE("a sweep that is killed at 20 random moments ends with the file of one that was not") {
    const Scratch s;
    const std::string images = "digits:1000";
    REQUIRE(bittrue_in(s.path(), sweep_of(images, "whole.jsonl")).status == 0);
    const std::string whole = slurp(s.file("whole.jsonl"));
    bittrue::testing::Random random(2026);
    int halfway = 0;
    for (int i = 0; i < 20; ++i) {
        const std::string file = fmt::format("killed{}.jsonl", i);
        std::size_t from = 0;
        for (int kill = 0; kill < 2; ++kill) {  // the second one hits a sweep that continues
            const std::size_t bytes = from + static_cast<std::size_t>(random.bits() % (whole.size() - from));
            const pid_t child = started(sweep_of(images, s.file(file)));
            wait_for(child, s.file(file), bytes);
            std::this_thread::sleep_for(std::chrono::microseconds(random.bits() % 2000));
            const bool hit = WIFSIGNALED(ended(child, SIGKILL));
            from = size_of(s.file(file));
            halfway += hit && from > 0 && from < whole.size() ? 1 : 0;
            CHECK(whole.starts_with(slurp(s.file(file))));
            if (from == whole.size()) break;
        }
        INFO("continued from " << from << " of " << whole.size() << " bytes");
        const Outcome r = bittrue_in(s.path(), sweep_of(images, file));
        CAPTURE(r.err);
        CHECK(r.status == 0);
        CHECK(slurp(s.file(file)) == whole);
    }
    INFO(halfway << " hit a sweep between its first and its last line");
    CHECK(halfway >= 10);
}

TEST_CASE("Ctrl-C leaves a file that continues and the status 130") {
    const Scratch s;
    // Long enough to be hit in the middle on any machine.
    std::vector<std::string> arguments = sweep_of("digits:4000", s.file("r.jsonl"));
    arguments.insert(arguments.end(), {"--order", "tree", "--rounding", "rnd_conv,trn"});
    const pid_t child = started(arguments);
    wait_for(child, s.file("r.jsonl"), 1000);
    const int status = ended(child, SIGINT);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK_THAT(slurp(s.file("r.jsonl")), Catch::Contains("\"wide\"") && Catch::EndsWith("\n"));
}

TEST_CASE("a full disk ends a sweep in one sentence, and it continues when there is room") {
    const Scratch s;
    REQUIRE(bittrue_in(s.path(), sweep_of("digits:50", "whole.jsonl")).status == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const rlimit few{.rlim_cur = 1500, .rlim_max = 1500};
        ::setrlimit(RLIMIT_FSIZE, &few);
        const Outcome r = bittrue_in(s.path(), sweep_of("digits:50", "r.jsonl"));
        const bool sentence = r.err.find("r.jsonl: cannot be written") != std::string::npos &&
                              std::count(r.err.begin(), r.err.end(), '\n') == 1;
        ::_exit(r.status == 2 && sentence ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(size_of(s.file("r.jsonl")) == 1500);  // the last line is torn
    CHECK(bittrue_in(s.path(), sweep_of("digits:50", "r.jsonl")).status == 0);
    CHECK(slurp(s.file("r.jsonl")) == slurp(s.file("whole.jsonl")));
}

TEST_CASE("shards joined by sweep-merge are the file of the whole sweep") {
    const Scratch s;
    REQUIRE(bittrue_in(s.path(), sweep_of("digits:50", "whole.jsonl")).status == 0);
    std::vector<std::string> merge{"sweep-merge"};
    for (int shard = 1; shard <= 4; ++shard) {
        auto arguments = sweep_of("digits:50", fmt::format("part{}.jsonl", shard));
        arguments.insert(arguments.end(), {"--shard", fmt::format("{}/4", shard), "--threads", "1"});
        const Outcome r = bittrue_in(s.path(), arguments);
        CAPTURE(r.err);
        REQUIRE(r.status == 0);
        merge.push_back(fmt::format("part{}.jsonl", shard));
    }
    merge.insert(merge.end(), {"-o", "merged.jsonl", "--html", "p.html"});
    const Outcome r = bittrue_in(s.path(), merge);
    CAPTURE(r.err);
    REQUIRE(r.status == 0);
    CHECK(slurp(s.file("merged.jsonl")) == slurp(s.file("whole.jsonl")));
    const Outcome missing = bittrue_in(s.path(), {"sweep-merge", "part1.jsonl", "part2.jsonl", "part4.jsonl"});
    CHECK(missing.status == 2);
    CHECK_THAT(missing.err, Catch::Contains("shard 3/4 is missing"));
}

TEST_CASE("A search per layer prints its path and writes a network file that keeps the accuracy") {
    const Scratch s;
    const Outcome r = bittrue_in(s.path(), {"sweep", kNetwork, "--input", "digits:200:7", "--accumulator-width", "6:24",
                                            "--per-layer", "--max-loss", "1", "-o", "cheap.toml", "--json", "p.json"});
    CAPTURE(r.out, r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("start") && Catch::Contains("accumulator = \"ap_fixed<"));
    const auto json = nlohmann::json::parse(slurp(s.file("p.json")));
    const auto& last = json.at("path").back();
    CHECK(last.at("lut").get<int>() < json.at("path").front().at("lut").get<int>());
    const Outcome run = bittrue_in(s.path(), {"run", "cheap.toml", "--input", "digits:200:7", "--json", "run.json"});
    CAPTURE(run.err);
    REQUIRE(run.status == 0);
    const auto result = nlohmann::json::parse(slurp(s.file("run.json")));
    CHECK(result.at("correct") == last.at("correct"));
    CHECK(result.at("correct").get<int>() >= json.at("floor_correct").get<int>());
}

TEST_CASE("A network file that a search writes into another folder finds its list of weights") {
    const Scratch s;
    namespace fs = std::filesystem;
    fs::create_directories(s.file("a/b"));
    fs::create_directories(s.file("c"));
    const fs::path examples = fs::path(kNetwork).parent_path();
    fs::copy(examples / "seed_cnn_mnist.h5", s.file("a/b/w.h5"));
    std::string text = slurp(kNetwork);
    const std::string line = "weights = \"seed_cnn_mnist.h5\"";
    text.replace(text.find(line), line.size(), "weights = [  # a \"list\" [\n  \"b/w.h5\",  # here\n]");
    bittrue::write_file(s.file("a/net.toml"), text);
    const Outcome r = bittrue_in(s.path(), {"sweep", "a/net.toml", "--input", "digits:20", "--accumulator-width",
                                            "16:20", "--per-layer", "-o", "c/cheap.toml"});
    CAPTURE(r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(slurp(s.file("c/cheap.toml")),
               Catch::Contains("weights = [  # a \"list\" [\n  \"../a/b/w.h5\",  # here\n]"));
    CHECK(bittrue_in(s.path(), {"run", "c/cheap.toml", "--input", "digits:20"}).status == 0);
}

TEST_CASE("what a sweep cannot use is refused with status 2 and one sentence") {
    const Scratch s;
    const auto refused = [&](std::vector<std::string> more, const char* reason) {
        std::vector<std::string> arguments{"sweep", kNetwork, "--input", "digits:5"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Outcome r = bittrue_in(s.path(), arguments);
        CAPTURE(r.err);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, Catch::Contains(reason));
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
        CHECK(s.listing().empty());
    };
    refused({}, "--accumulator-width");
    refused({"--accumulator-width", "8:"}, "no integer");
    refused({"--accumulator-width", "9:8"}, "range of 1 to 64");
    refused({"--accumulator-width", "8:99"}, "range of 1 to 64");
    refused({"--accumulator-width", "8,8"}, "occurs twice");
    refused({"--accumulator-width", "8", "--overflow", "clip"}, "--overflow");
    refused({"--accumulator-width", "8", "--order", "fold"}, "fold:8");
    refused({"--accumulator-width", "8", "--layer", "flatten"}, "'conv2d', 'dense', 'dense_1'");
    refused({"--accumulator-width", "8", "--shard", "3/2"}, "2/8");
    refused({"--accumulator-width", "8", "--product", "wide"}, "exact and accumulator");
    refused({"--accumulator-width", "8", "--floor", "90"}, "--per-layer");
    refused({"--accumulator-width", "8", "--per-layer", "--overflow", "wrap,saturate"}, "one entry");
    refused({"--accumulator-width", "4:5", "--per-layer", "--max-loss", "0"}, "lower --floor");
    refused({"--accumulator-width", "8", "--csv", "a", "--html", "a"}, "two outputs");
    refused({"--accumulator-width", "8", "-o", "no/such/folder/r.jsonl"}, "cannot be written");
}
