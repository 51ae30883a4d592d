// startup/<file>: from a network's file to the words of its first image: read, check, plan, run. What the program adds
// is its own start (`time bittrue run`).
#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/network_file.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

void time_startup(benchmark::State& state, const std::string& path) {
    const Graph known = load_network(path);
    const InputBatch image = random_batch(known, 1, 4);
    if (const std::string reason = difference(known, image); !reason.empty()) return fail(state, reason);
    const RunOptions one_core{.threads = 1};
    for (auto _ : state) {
        const Graph graph = load_network(path);
        const RunResult result = emulator::make_engine(graph)->run(image, one_core);
        benchmark::DoNotOptimize(result.layers.back().words.data());
    }
}

}  // namespace

void register_startup() {
    for (const std::string file : {"mnist-cnn/mnist_cnn_8bit.toml", "lenet5-wage/lenet5_wage.toml"})
        benchmark::RegisterBenchmark(
            ("startup/" + file).c_str(),
            [=](benchmark::State& state) { time_startup(state, std::string(BITTRUE_SOURCE_DIR "/examples/") + file); })
            ->Unit(benchmark::kMillisecond)
            ->MeasureProcessCPUTime();
}

}  // namespace bench
