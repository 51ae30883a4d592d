// diff/<sets>: two vector sets of the 8-bit example network in memory, all layers, compared word by word.
// import/<file>: a trained Keras model and the network made of it.
#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/float_model.hpp"
#include "bittrue/model/keras.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/digits.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/verify/diff.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

const char* const kNetwork = BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml";
const char* const kModel = BITTRUE_SOURCE_DIR "/examples/mnist-cnn/seed_cnn_mnist.h5";
constexpr std::size_t kImages = 1000;

// `change` gives the actual side; `wrong` is how many words must differ.
void time_diff(benchmark::State& state, void (*change)(VectorLayer&), std::int64_t wrong) {
    const Graph graph = load_network(kNetwork);
    const InputBatch batch = input_from_digits(make_digits(kImages, 1), graph.input);
    const VectorSet expected = from_run(graph, emulator::make_engine(graph)->run(batch, {.keep_layers = true}));
    VectorSet actual = expected;
    for (VectorLayer& layer : actual.layers)
        if (layer.name == "dense") change(layer);
    std::int64_t words = 0;
    for (auto _ : state) {
        const DiffReport report = diff(expected, actual);
        words = report.words_compared();
        if (report.words_different() != wrong || report.equal())
            return fail(state, "found " + std::to_string(report.words_different()) + " wrong words");
    }
    state.SetItemsProcessed(words * state.iterations());
}

void one_wrong_word(VectorLayer& layer) {
    layer.words[layer.words.size() / 2] ^= 1;
}
void one_word_missing(VectorLayer& layer) {
    layer.words.erase(layer.words.begin() + 500);
    layer.dims = {static_cast<std::int64_t>(layer.words.size())};
}

void import_model(benchmark::State& state) {
    for (auto _ : state) {
        const FloatModel model = import_keras(kModel);
        if (model.layers.empty()) return fail(state, "no layers");
    }
}

void load(benchmark::State& state) {
    for (auto _ : state) {
        const Graph graph = load_network(kNetwork);
        if (graph.nodes.empty()) return fail(state, "no layers");
    }
}

void add(const char* name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, run)->Unit(benchmark::kMillisecond)->UseRealTime();
}

}  // namespace

void register_io() {
    add("diff/one_wrong_word", [](benchmark::State& state) { time_diff(state, one_wrong_word, 1); });
    add("diff/one_word_missing", [](benchmark::State& state) { time_diff(state, one_word_missing, 0); });
    add("import/keras", import_model);
    add("import/network", load);
}

}  // namespace bench
