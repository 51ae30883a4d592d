// sweep/<network>/<overflow>: 10,000 images and 24 accumulator widths (8 to 31) on one core, as `bittrue sweep` judges
// them; start-up is in it, making images is not. Configurations times images a second, and how long one sweep takes.
#include <numeric>
#include <random>

#include "bittrue/explore/sweep_judge.hpp"
#include "bittrue/model/notation.hpp"
#include "peers/network.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

constexpr std::size_t kChecked = 24;  // images, chosen anew for every run, that are also swept by brute force

InputBatch random_images(const InputBatch& batch, std::mt19937_64& random) {
    const std::size_t size = batch.values.size() / batch.images;
    InputBatch chosen{.images = kChecked, .dims = batch.dims};
    for (std::size_t k = 0; k < kChecked; ++k) {
        const auto from = batch.values.begin() + static_cast<std::ptrdiff_t>(random() % batch.images * size);
        chosen.values.insert(chosen.values.end(), from, from + static_cast<std::ptrdiff_t>(size));
    }
    return chosen;
}

std::vector<explore::Outcome> sweep(std::unique_ptr<explore::Judge> judge,
                                    std::span<const explore::Configuration> grid) {
    std::vector<explore::Outcome> outcomes(grid.size());
    judge->judge(grid, [&](std::size_t i, const explore::Outcome& outcome) { outcomes[i] = outcome; });
    return outcomes;
}

void time_sweep(benchmark::State& state, const std::string& name, Overflow overflow) {
    const peers::Network network = peers::make_network(name, peers::accumulator_classes().front());
    InputBatch batch{.images = peers::image_count(name), .dims = network.graph.input.shape.dims};
    for (const std::uint8_t word : peers::images_of(network)) batch.values.push_back(word / 256.0);

    explore::SweepAxes axes{.widths = std::vector<int>(24), .overflows = {overflow}};
    std::iota(axes.widths.begin(), axes.widths.end(), 8);
    const std::vector<explore::Configuration> grid = explore::make_grid(network.graph, axes);

    const explore::JudgeOptions one_core{.threads = 1};
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    const InputBatch few = random_images(batch, random);
    const explore::Trial small{.graph = network.graph, .batch = few};
    if (sweep(explore::make_judge(small, one_core), grid) != sweep(explore::make_brute_judge(small, one_core), grid))
        return fail(state, "brute force gives other outcomes (seed " + std::to_string(seed) + ")");

    const explore::Trial trial{.graph = network.graph, .batch = batch};
    for (auto _ : state) benchmark::DoNotOptimize(sweep(explore::make_judge(trial, one_core), grid).data());
    state.SetItemsProcessed(static_cast<std::int64_t>(batch.images * grid.size()) * state.iterations());
}

}  // namespace

void register_sweeps() {
    for (const std::string name : {"N1", "N2"})
        for (const Overflow overflow : {Overflow::Sat, Overflow::Wrap})
            benchmark::RegisterBenchmark(("sweep/" + name + "/" + print_overflow(overflow)).c_str(),
                                         [=](benchmark::State& state) { time_sweep(state, name, overflow); })
                ->Unit(benchmark::kMillisecond)
                ->MeasureProcessCPUTime();
}

}  // namespace bench
