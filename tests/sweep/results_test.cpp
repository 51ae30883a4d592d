// The results file: continued after a torn line, refused after any other change, joined from shards.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "bittrue/explore/sweep_results.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "exhaustive/random.hpp"
#include "sweep/example.hpp"

using namespace bittrue;
using namespace bittrue::explore;
namespace fs = std::filesystem;

namespace {

struct Setup {
    Setup() {
        folder = fs::temp_directory_path() / fmt::format("bittrue-sweep-{}", ::getpid());
        fs::create_directories(folder);
    }
    ~Setup() { fs::remove_all(folder); }
    Setup(const Setup&) = delete;
    Setup& operator=(const Setup&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const { return (folder / name).string(); }
    [[nodiscard]] SweepHeader header(int shard = 1, int shards = 1) const {
        SweepHeader h = make_header(trial(), grid);
        h.version = "bittrue test";
        h.network_sha256 = "abc";
        h.input = "digits:40:3";
        h.shard = shard;
        h.shards = shards;
        return h;
    }
    [[nodiscard]] Trial trial() const { return {.graph = graph, .batch = images.batch, .labels = images.labels}; }
    void sweep(const std::string& path, const SweepHeader& h) const {
        (void)run_sweep(trial(), grid, h, path, {.threads = 1});
    }

    Graph graph = test::example_network();
    test::ExampleImages images{graph, 40, 3};
    std::vector<Configuration> grid =
        make_grid(graph, {.widths = {8, 10, 12, 14, 16}, .overflows = {Overflow::Wrap, Overflow::Sat}});
    fs::path folder{};
};

}  // namespace

TEST_CASE("a results file reads back as what was found") {
    const Setup s;
    const SweepResults found = run_sweep(s.trial(), s.grid, s.header(), s.file("a.jsonl"), {.threads = 1});
    const SweepResults read = read_results(s.file("a.jsonl"));
    CHECK(read.header == found.header);
    CHECK(read.wide == found.wide);
    CHECK(read.rows == found.rows);
    REQUIRE(read.rows.size() == 10);
    CHECK(read.rows[3].id == "w14/WRAP");
    CHECK(read.rows[3].overflow == "WRAP");
    CHECK(read.rows[0].outcome.flips > 0);
    CHECK(read.rows[0].area.lut < read.rows[4].area.lut);
    CHECK(results_text(found) == read_file(s.file("a.jsonl")));
}

TEST_CASE("a file that was cut anywhere continues to the same bytes") {
    const Setup s;
    s.sweep(s.file("whole.jsonl"), s.header());
    const std::string whole = read_file(s.file("whole.jsonl"));
    testing::Random random(7);
    std::vector<std::size_t> cuts{0, 1, whole.find('\n'), whole.find('\n') + 1, whole.size() - 1, whole.size()};
    for (int i = 0; i < 8; ++i) cuts.push_back(static_cast<std::size_t>(random.bits() % whole.size()));
    for (const std::size_t cut : cuts) {
        INFO("cut at " << cut << " of " << whole.size());
        write_file(s.file("cut.jsonl"), whole.substr(0, cut));
        s.sweep(s.file("cut.jsonl"), s.header());
        CHECK(read_file(s.file("cut.jsonl")) == whole);
    }
}

TEST_CASE("a file of another sweep, or one that was changed, is refused in one sentence and stays as it is") {
    const Setup s;
    s.sweep(s.file("a.jsonl"), s.header());
    const std::string whole = read_file(s.file("a.jsonl"));
    const auto refused = [&](const std::string& bytes, const SweepHeader& h, const char* reason) {
        write_file(s.file("b.jsonl"), bytes);
        CHECK_THROWS_WITH(s.sweep(s.file("b.jsonl"), h), Catch::Contains(reason));
        CHECK(read_file(s.file("b.jsonl")) == bytes);
    };
    SweepHeader other = s.header();
    other.network_sha256 = "abd";
    refused(whole, other, "another network");
    // Known by its arithmetic alone, as where its text cannot be hashed: the same file, parameters and accumulators.
    Graph changed_graph = s.graph;
    changed_graph.nodes.back().result.rounding = Rounding::Rnd;
    other = make_header({.graph = changed_graph, .batch = s.images.batch, .labels = s.images.labels}, s.grid);
    other.version = s.header().version;
    other.network_sha256 = s.header().network_sha256;
    other.input = s.header().input;
    CHECK(other.grid_sha256 == s.header().grid_sha256);
    refused(whole, other, "another network");
    SweepHeader second_shard = other;
    second_shard.shard = second_shard.shards = 2;
    s.sweep(s.file("s1.jsonl"), s.header(1, 2));
    s.sweep(s.file("s2.jsonl"), second_shard);
    CHECK_THROWS_WITH(merge_shards({s.file("s1.jsonl"), s.file("s2.jsonl")}), Catch::Contains("another sweep"));
    other = s.header();
    other.input = "digits:40:4";
    refused(whole, other, "other images");
    refused(whole, s.header(1, 2), "another shard");
    other = s.header();
    other.version = "bittrue 99";
    refused(whole, other, "another version");
    std::string changed = whole;
    changed.replace(changed.find("\"flips\":", changed.find("w10/WRAP")), 9, "\"flips\":7");
    refused(changed, s.header(), "check sum");
    const auto second = whole.find("{\"n\":1,"), third = whole.find("{\"n\":2,");
    refused(whole.substr(0, second) + whole.substr(third), s.header(), "should stand here");
    refused("some notes\n", s.header(), "does not begin like");
    refused("some notes", s.header(), "does not begin like");
    refused(whole.substr(0, second) + "\n" + whole.substr(second), s.header(), "check sum");
}

TEST_CASE("shards joined in any order are the sweep without shards, byte by byte") {
    const Setup s;
    s.sweep(s.file("whole.jsonl"), s.header());
    std::vector<std::string> parts;
    for (int shard = 1; shard <= 3; ++shard) {
        parts.push_back(s.file(fmt::format("part{}.jsonl", shard)));
        s.sweep(parts.back(), s.header(shard, 3));
    }
    std::swap(parts[0], parts[2]);
    CHECK(results_text(merge_shards(parts)) == read_file(s.file("whole.jsonl")));
    CHECK(results_text(merge_shards({s.file("whole.jsonl")})) == read_file(s.file("whole.jsonl")));
    CHECK_THROWS_WITH(merge_shards({parts[0], parts[1]}), Catch::Contains("shard 1/3 is missing"));
    CHECK_THROWS_WITH(merge_shards({parts[0], parts[1], parts[1]}), Catch::Contains("the same shard"));
    CHECK_THROWS_WITH(merge_shards({parts[0], s.file("whole.jsonl")}), Catch::Contains("another sweep"));
    const std::string text = read_file(parts[1]);
    write_file(parts[1], text.substr(0, text.rfind("{\"n\"")));
    CHECK_THROWS_WITH(merge_shards(parts), Catch::Contains("not finished"));
}
