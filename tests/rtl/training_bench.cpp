#include "training_bench.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/golden/training.hpp"
#include "training/networks.hpp"

namespace bittrue::test {

namespace {

std::string commands(Simulator simulator, const std::string& rtl) {
    if (simulator == Simulator::Icarus)
        return fmt::format(
            "iverilog -g2012 -Wall -y {0} -Y .sv -s wage_fc_tb -o tb.vvp wage.sv {0}/wage_fc_tb.sv && vvp -n tb.vvp",
            rtl);
    return fmt::format(
        "verilator --binary -j 1 -O1 -Wno-fatal -y {0} --top-module wage_fc_tb -Mdir obj wage.sv {0}/wage_fc_tb.sv "
        "-MAKEFLAGS 'OBJCACHE=ccache OPT_FAST=-O1' >build.log 2>&1 || {{ cat build.log; exit 1; }}; obj/Vwage_fc_tb",
        rtl);
}

// The steps again, from this state.
void repeat(TrainingRun& run, TrainingState state) {
    for (TrainedStep& step : run.steps) step.trace = golden::training_step(run.network, state, step.batch, step.rate);
}

}  // namespace

TrainingRun make_run(TrainingBits bits, int inputs, int hidden, int outputs, std::size_t batch,
                     const std::vector<int>& rates, WeightStore store) {
    training_tests::Random random(11);
    TrainingRun run{
        .network = training_tests::make_network(
            bits, {.channels = inputs}, {{.name = "hidden", .outputs = hidden}, {.name = "out", .outputs = outputs}})};
    run.network.store = store;
    TrainingState state = initial_state(run.network, 5);
    std::vector<std::int32_t>& weights = state.weights.back();
    const std::int32_t top = (1 << (bits.gradients - 1)) - 1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (i % 11 == 3) weights[i] = 0;
        if (i % 13 == 5) weights[i] = -top - 1;
        if (i % static_cast<std::size_t>(outputs) == 0) weights[i] = top;
    }
    for (const int rate : rates) {
        TrainedStep step{.number = run.steps.size(),
                         .batch = training_tests::random_batch(run.network, batch, random),
                         .rate = {.raw = rate, .frac = 7}};
        step.trace = golden::training_step(run.network, state, step.batch, step.rate);
        run.steps.push_back(std::move(step));
    }
    return run;
}

TrainingRun make_blank_run() {
    TrainingRun run = make_run({}, 20, 24, 7, 6, {128, 128});
    std::fill(run.steps[0].batch.pixels.begin(), run.steps[0].batch.pixels.end(), std::uint8_t{0});
    repeat(run, initial_state(run.network, 5));
    return run;
}

TrainingRun make_exact_run() {
    TrainingRun run = make_run({}, 20, 60, 2, 1, {128, 128});
    TrainingState state = initial_state(run.network, 5);
    std::vector<std::int32_t>& weights = state.weights.back();
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = i % 2 == 0 ? 127 : -128;
    for (TrainedStep& step : run.steps) {
        step.batch.labels = {0};
        std::fill(step.batch.pixels.begin(), step.batch.pixels.end(), std::uint8_t{255});
    }
    repeat(run, state);
    return run;
}

TrainingRun make_wrapping_run() {
    TrainingRun run = make_run({}, 20, 24, 7, 6, {128, 128, 128});
    TrainingLayer& last = run.network.layers.back();
    last.forward.width = 3;
    last.error.width = 8;
    last.gradient.width = 7;
    repeat(run, initial_state(run.network, 5));
    return run;
}

TrainingReplay replay(Simulator simulator, const TrainingRun& run, const std::string& rtl) {
    const Folder folder;
    const std::string& layer = run.network.layers.back().name;
    const VectorSet golden = training_vectors(run.network, run.steps, layer);
    VectorOptions options{.kinds = {FileKind::Mem}};
    options.extra.push_back(make_training_package(run.network, run.steps, layer, "wage"));
    const std::string set = folder / "set";
    write_vector_set(set, golden, options);
    std::filesystem::create_directory(set + "/dump");
    TrainingReplay result{.outcome = shell(set, commands(simulator, rtl))};
    if (!std::filesystem::is_empty(set + "/dump")) {
        result.dump = read_vector_set(set + "/dump", {.allow_undefined = true, .schema = &golden});
        result.report = diff(golden, result.dump);
    }
    result.golden = golden;
    return result;
}

}  // namespace bittrue::test
