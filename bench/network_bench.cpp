// network/<engine>/<file>/threads:<n>: the two example networks on generated digits, whole runs of images.
#include "bittrue/model/input.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/digits.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

InputBatch digits(const Graph& graph, std::size_t count) {
    const Digits made = make_digits(count, 1);
    InputBatch batch{.images = count, .dims = graph.input.shape.dims};
    batch.values.reserve(made.pixels.size());
    for (const std::uint8_t pixel : made.pixels) batch.values.push_back(pixel_value(pixel, graph.input));
    return batch;
}

void add(Which which, const std::string& file, std::size_t images, int threads) {
    const std::string name = "network/" + print_engine(which) + "/" + file +
                             "/threads:" + (threads == 0 ? std::string("all") : std::to_string(threads));
    // Nothing is loaded for a benchmark that the filter leaves out.
    benchmark::RegisterBenchmark(name.c_str(),
                                 [=](benchmark::State& state) {
                                     const Graph graph =
                                         load_network(std::string(BITTRUE_SOURCE_DIR "/examples/") + file);
                                     time_engine(state, which, graph, digits(graph, images), 4, threads);
                                 })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}

}  // namespace

void register_networks() {
    for (const std::string file : {"mnist-cnn/mnist_cnn_8bit.toml", "lenet5-wage/lenet5_wage.toml"}) {
        add(Which::Emulator, file, 200, 1);
        add(Which::Emulator, file, 200, 0);
        add(Which::Golden, file, 8, 1);
    }
}

}  // namespace bench
