// The mutants of the reference RTL, simulated for real: what they dump is diagnosed, and the first verdict must be the
// fault that was put in.
#include <algorithm>
#include <chrono>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/model/network_file.hpp"
#include "mutants.hpp"
#include "mutation/suite.hpp"
#include "replay.hpp"

using namespace bittrue;
using namespace bittrue::test;
using bittrue::mutation::Row;

namespace {

struct Stand {
    Design design{};
    VectorSet golden{};
    Graph graph{};
};

Graph network(const std::string& name) {
    return load_network(std::string(BITTRUE_SOURCE_DIR) + "/examples/rtl/" + name + ".toml");
}

const Stand& stand_of(Bench bench) {
    static const Stand dense{dense_design(), dense_vectors(200), network("dense")};
    static const Stand conv{conv_relu_pool_design(), conv_relu_pool_vectors(3), network("conv_relu_pool")};
    static const Stand softmax{softmax_design(), softmax_vectors(48), network("softmax")};
    switch (bench) {
        case Bench::Dense: return dense;
        case Bench::ConvReluPool: return conv;
        case Bench::Softmax: return softmax;
    }
    throw std::logic_error("bench");
}

std::vector<mutation::Truth> truths_of(const Mutant& mutant) {
    std::vector<mutation::Truth> truths;
    for (const Mutant::Named& n : mutant.named)
        truths.push_back(mutation::truth(n.causes, {mutant.layer}, {n.mention}));
    return truths;
}

// A stream whose beats are elsewhere, and one that ends early, are diff's to tell: no setting may be blamed. Lanes in
// another order are the result's channels in another order.
mutation::Outcome judge_stream(const Mutant& mutant, const LayerDiagnosis* layer) {
    if (mutant.finding) {
        if (layer == nullptr) return mutation::Outcome::Missed;
        const bool reordered =
            mutant.finding == FindingKind::Lanes &&
            mutation::find_truths(*layer, {mutation::truth(Cause::OutputOrder, mutant.layer)}).rank == 1;
        return reordered || layer->verdict == Verdict::Moved ? mutation::Outcome::First : mutation::Outcome::Missed;
    }
    const bool blames = layer != nullptr && (layer->verdict == Verdict::Explained || layer->verdict == Verdict::Partly);
    return blames ? mutation::Outcome::False : mutation::Outcome::Right;
}

Row diagnosed(const Mutant& mutant) {
    const Folder folder;
    mutate(mutant, folder / "rtl");
    const Stand& stand = stand_of(mutant.bench);
    const Replay played = replay(Simulator::Icarus, stand.golden, stand.design, folder / "rtl");
    Row row{.kind = mutant.named.empty()       ? mutation::Kind::Noise
                    : mutant.named.size() == 2 ? mutation::Kind::Double
                                               : mutation::Kind::Single,
            .fault = mutant.layer + ": " + mutant.fault,
            .network = "rtl",
            .accumulator = "narrow, saturating",
            .layer = mutant.layer};
    REQUIRE(played.report.has_value());
    const auto start = std::chrono::steady_clock::now();
    const DiagnosisReport report = mutation::diagnose_dump(stand.graph, stand.golden, *played.dump, *played.report);
    row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto at = std::find_if(report.layers.begin(), report.layers.end(),
                                 [&](const LayerDiagnosis& l) { return l.layer == mutant.layer; });
    const LayerDiagnosis* layer = at == report.layers.end() ? nullptr : &*at;
    if (layer != nullptr) {
        row.verdict = verdict_name(layer->verdict);
        row.named = mutation::first_named(*layer);
        row.wrong = layer->words_different;
        if (!layer->hypotheses.empty()) row.explained = layer->hypotheses.front().explained;
    }
    if (mutant.named.empty()) {
        row.outcome = judge_stream(mutant, layer);
        if (row.outcome == mutation::Outcome::First) row.outcome = mutation::Outcome::Right;
    } else if (layer != nullptr) {
        mutation::Found found = mutation::find_truths(*layer, truths_of(mutant));
        if (mutant.everywhere && found.rank != 1)
            found = mutation::find_truths(*layer, {mutation::truth({Cause::ResultRounding, Cause::AccumulatorRounding},
                                                                   {mutant.layer}, {"all casts"})});
        row.outcome = found.outcome;
        row.rank = found.rank;
    }
    const auto others = mutation::accused(report, {mutant.layer});
    if (!others.empty() && !mutant.finding) {
        row.outcome = mutation::Outcome::False;
        row.remark = fmt::format("also accuses {}", fmt::join(others, ", "));
    }
    return row;
}

}  // namespace

TEST_CASE("every mutant of the reference RTL, simulated, is diagnosed as the fault that it has") {
    mutation::set_seconds(20);
    std::vector<Row> rows;
    for (const Mutant& mutant : all_mutants()) {
        INFO(mutant.fault);
        rows.push_back(diagnosed(mutant));
        fmt::print("{}", mutation::print_row(rows.back()));
    }
    const mutation::Summary summary = mutation::summarize(rows);
    fmt::print("{}", mutation::print_summary(summary));
    CHECK(rows.size() == 38);
    const std::vector<std::string> missed = mutation::missed_limits(summary);
    CAPTURE(missed);
    CHECK(missed.empty());
}
