// Every fault put into the reference RTL fails in the design's own generated testbench, and diff of what it dumped
// names the layer and the first wrong word, or what happened to the beats.
#include "mutants.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/verify/report.hpp"
#include "replay.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

struct Stand {
    Design design{};
    VectorSet golden{};
};

const Stand& stand_of(Bench bench) {
    static const Stand dense{dense_design(), dense_vectors(24)};
    static const Stand conv{conv_relu_pool_design(), conv_relu_pool_vectors(3)};
    static const Stand softmax{softmax_design(), softmax_vectors(16)};
    switch (bench) {
        case Bench::Dense: return dense;
        case Bench::ConvReluPool: return conv;
        case Bench::Softmax: return softmax;
    }
    throw std::logic_error("bench");
}

// "dense[image 1, channel 5] (flat 13): ...": the number of the first word that the testbench calls wrong in the layer.
std::int64_t first_flat(const std::string& said, const std::string& layer) {
    const std::string text = "\n" + said;
    const std::size_t line = text.find("\n" + layer + "[");
    const std::size_t flat = text.find("(flat ", line);
    return line == std::string::npos || flat == std::string::npos ? -1 : std::stoll(text.substr(flat + 6));
}

std::string check_stopped(const Mutant& mutant, const DiffReport& report) {
    REQUIRE(report.first_incomplete.has_value());
    const LayerDiff& layer = report.layers[*report.first_incomplete];
    CHECK(layer.name == mutant.layer);
    CHECK(print_report(report).find("first layer that ends early: " + mutant.layer + " (") != std::string::npos);
    const bool right = layer.name == mutant.layer && layer.words_missing > 0;
    return right ? fmt::format("{}: {} words of {} are missing", mutant.fault, layer.words_missing, layer.name) : "";
}

// One line for a caught mutant; empty, and failed, for one that lives.
std::string check_killed(const Mutant& mutant) {
    const Folder folder;
    mutate(mutant, folder / "rtl");
    const Stand& stand = stand_of(mutant.bench);
    const Replay played = replay(Simulator::Icarus, stand.golden, stand.design, folder / "rtl");
    INFO(mutant.fault);
    INFO(played.outcome.text);
    CHECK(played.outcome.status != 0);
    CHECK(played.outcome.text.find("bittrue: FAIL") != std::string::npos);
    REQUIRE(played.report.has_value());
    const DiffReport& report = *played.report;
    INFO(print_report(report));
    CHECK_FALSE(report.equal());
    if (mutant.stops) return check_stopped(mutant, report);
    REQUIRE(report.first_differing.has_value());
    const LayerDiff& layer = report.layers[*report.first_differing];
    CHECK(layer.name == mutant.layer);
    std::string said;
    bool right = false;
    if (mutant.finding) {
        for (const Finding& f : layer.findings) {
            said = layer.name + ": " + f.text;
            right = f.kind == *mutant.finding && f.from == mutant.from && !f.benign;
            if (right) break;
        }
    } else if (layer.first) {
        said = mismatch_line(layer, *layer.first);
        right = layer.first->flat == first_flat(played.outcome.text, mutant.layer);
    }
    CAPTURE(said);
    CHECK(right);
    const bool caught = right && layer.name == mutant.layer && !report.equal() && played.outcome.status != 0;
    return caught ? fmt::format("{}: {}", mutant.fault, said) : std::string{};
}

}  // namespace

TEST_CASE("every mutant of the reference RTL is caught by its testbench, and diff names layer and first wrong word") {
    const std::vector<Mutant> mutants = all_mutants();
    CHECK(mutants.size() == 38);
    std::size_t caught = 0;
    for (const Mutant& mutant : mutants) {
        const std::string line = check_killed(mutant);
        if (line.empty()) continue;
        ++caught;
        fmt::print("{}\n", line);
    }
    CHECK(caught == mutants.size());
    fmt::print("{} of {} mutants caught\n", caught, mutants.size());
}

TEST_CASE("the same benches without a fault pass") {
    for (const Bench bench : {Bench::Dense, Bench::ConvReluPool, Bench::Softmax}) {
        const Stand& stand = stand_of(bench);
        const Replay played = replay(Simulator::Icarus, stand.golden, stand.design);
        INFO(played.outcome.text);
        CHECK(played.outcome.status == 0);
        REQUIRE(played.report.has_value());
        CHECK(played.report->equal());
    }
}
