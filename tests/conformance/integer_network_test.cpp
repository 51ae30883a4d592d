// Models of others that were trained with quantisers, as the integer networks that they are: every word beside the
// model in exact rational numbers, and beside its float run.
#include "conformance/integer_networks.hpp"

using namespace bittrue;
using namespace bittrue::test;

TEST_CASE("integer network: 2-bit TFC of Brevitas decides like its float reference on every pixel") {
    std::string path, references;
    if (!shared_file("thirdparty/qonnx_tfc/TFC_2W2A.onnx", path) ||
        !shared_file("thirdparty/qonnx_tfc/TFC_2W2A.ref.npz", references))
        return;
    const FloatModel model = import_model(path);
    const IntegerNetwork network = integers_of(model, "ap_ufixed<8,8>", 255);
    CHECK(network.notes.empty());
    CHECK_FALSE(has_op(network.graph, "affine"));
    CHECK_FALSE(has_op(network.graph, "quantize"));

    // The reference images, pixels / 255 in single, and random pixels of sparse images.
    const NpyArray input = read_npz_array(references, "input");
    std::vector<double> pixels;
    for (std::size_t i = 0; i < input.count(); ++i) pixels.push_back(std::round(input.number(i) * 255));
    Numbers numbers(3);
    for (int n = 0; n < 2000; ++n) {
        const double most = numbers.at(1, 255);
        const double ink = numbers.at(1, 9);
        for (int i = 0; i < 784; ++i) pixels.push_back(numbers.at(0, 9) < ink ? numbers.at(0, most) : 0);
    }
    const InputBatch stored = batch_of(model.input_shape, pixels);
    const RunResult run = emulator::make_engine(network.graph)->run(stored, {.keep_layers = true, .progress = {}});
    std::vector<double> values;
    for (const double p : pixels) values.push_back(single(single(p) / single(255)));
    const explore::FloatRun floats =
        explore::run_float(model, batch_of(model.input_shape, values), {.keep_layers = true});

    // Every quantiser's words are its float results, and the scores order the classes alike.
    for (const FloatLayer& l : model.layers) {
        if (!l.quantizer) continue;
        const LayerResult& words = layer_of(run, l.name);
        const std::vector<double>& expected = values_of(floats, l.name);
        REQUIRE(words.words.size() == expected.size());
        std::size_t different = 0;
        for (std::size_t i = 0; i < expected.size(); ++i)
            different += static_cast<double>(words.words[i]) == expected[i] / l.quantizer->scale[0] ? 0U : 1U;
        INFO(l.name);
        CHECK(different == 0);
    }
    const LayerResult& scores = layer_of(run, network.graph.output);
    const std::vector<double>& outputs = values_of(floats, model.output);
    const NpyArray reference = read_npz_array(references, "output");
    for (std::size_t n = 0; n < run.images; ++n) {
        const auto from = scores.words.begin() + static_cast<std::ptrdiff_t>(n) * 10;
        const auto begin = outputs.begin() + static_cast<std::ptrdiff_t>(n) * 10;
        REQUIRE(std::max_element(from, from + 10) - from == std::max_element(begin, begin + 10) - begin);
        for (std::ptrdiff_t i = 0; i < 10; ++i) {
            const double number = network.scale[0] * static_cast<double>(from[i]) + network.offset[0];
            REQUIRE(std::abs(number - begin[i]) < 1e-12);
            const auto at = n * 10 + static_cast<std::size_t>(i);
            if (at < reference.count()) REQUIRE(std::abs(number - reference.number(at)) < 1e-12);
        }
    }

    // Exact rationals of 60 images: pixel / 255 is a fraction there, and nothing is near enough to matter.
    const auto some = std::size_t{60};
    std::vector<std::vector<Exact>> exact;
    for (std::size_t n = 0; n < some; ++n) {
        std::vector<Exact>& image = exact.emplace_back();
        for (std::size_t i = 0; i < 784; ++i) image.push_back(Exact(pixels[(n * 40) * 784 + i]) / 255);
    }
    std::vector<double> chosen;
    for (std::size_t n = 0; n < some; ++n)
        chosen.insert(chosen.end(), pixels.begin() + static_cast<std::ptrdiff_t>(n * 40 * 784),
                      pixels.begin() + static_cast<std::ptrdiff_t>((n * 40 + 1) * 784));
    compare_exactly(model, network, exact, batch_of(model.input_shape, chosen));
}

TEST_CASE("integer network: 2-bit TFC answers 9,660 of MNIST's 10,000 test images, as published") {
    std::string path, images, labels;
    if (!shared_file("thirdparty/qonnx_tfc/TFC_2W2A.onnx", path) ||
        !shared_file("data/mnist/t10k-images-idx3-ubyte.gz", images) ||
        !shared_file("data/mnist/t10k-labels-idx1-ubyte.gz", labels))
        return;
    const IntegerNetwork network = integers_of(import_model(path), "ap_ufixed<8,8>", 255);
    const NpyArray pixels = read_idx(images), answers = read_idx(labels);
    std::vector<double> values;
    for (std::size_t i = 0; i < pixels.count(); ++i) values.push_back(pixels.number(i));
    const RunResult run =
        emulator::make_engine(network.graph)->run(batch_of(network.graph.input.shape, values), {.progress = {}});
    const LayerResult& scores = layer_of(run, network.graph.output);
    int right = 0;
    for (std::size_t n = 0; n < run.images; ++n) {
        const auto from = scores.words.begin() + static_cast<std::ptrdiff_t>(n) * 10;
        right += std::max_element(from, from + 10) - from == static_cast<std::ptrdiff_t>(answers.number(n)) ? 1 : 0;
    }
    CHECK(right == 9660);
}

TEST_CASE("integer network: scales that are powers of two stay in the words, and logits equal those of the float run") {
    struct Model {
        const char* file;
        const char* reference;
        bool pixels;
    };
    for (const Model& m :
         {Model{"qonnx_jettagging/qkeras_jettagging.onnx", "qonnx_jettagging/qkeras_jettagging.ref.npz", false},
          Model{"hls4ml_qkeras_3layer/qkeras_3layer_weights.h5", "qonnx_jettagging/qkeras_jettagging.ref.npz", false},
          Model{"pinpacho_mnist/teacherModelQATMnistMLP.h5", "pinpacho_mnist/teacherModelQATMnistMLP.ref.npz", true}}) {
        std::string path, references;
        if (!shared_file(std::string("thirdparty/") + m.file, path) ||
            !shared_file(std::string("thirdparty/") + m.reference, references))
            continue;
        INFO(m.file);
        const FloatModel model = import_model(path);
        // 28 fraction bits hold the references' singles, but for the last bits of tiny ones: those are cut for both.
        const IntegerNetwork network = integers_of(model, "ap_fixed<36,8,AP_RND>");
        CHECK(network.scale == std::vector<double>{1});
        CHECK(network.offset == std::vector<double>{0});
        CHECK_FALSE(has_op(network.graph, "threshold"));
        const NpyArray input = read_npz_array(references, "input");
        std::vector<double> values;
        for (std::size_t i = 0; i < input.count(); ++i)
            values.push_back(std::ldexp(std::round(std::ldexp(input.number(i), 28)), -28));
        const InputBatch batch = batch_of(model.input_shape, values);
        const RunResult run = checked_run(network.graph, batch);
        const LayerResult& logits = layer_of(run, network.graph.output);
        const explore::FloatRun floats = explore::run_float(model, batch, {.keep_layers = true});
        const std::vector<double>& expected =
            values_of(floats, network.graph.output);  // sums of doubles without rounding
        REQUIRE(logits.words.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(number_of(logits, i) == Exact(expected[i]));
        // The same answers as the reference's probabilities.
        const NpyArray reference = read_npz_array(references, "output");
        const std::size_t classes = logits.words.size() / run.images;
        for (std::size_t n = 0; n < run.images; ++n) {
            const auto from = logits.words.begin() + static_cast<std::ptrdiff_t>(n * classes);
            const auto answer =
                static_cast<std::size_t>(std::max_element(from, from + static_cast<std::ptrdiff_t>(classes)) - from);
            for (std::size_t i = 0; i < classes; ++i)
                CHECK(reference.number(n * classes + i) <= reference.number(n * classes + answer));
        }
    }
}

TEST_CASE("integer network: the QONNX form of the QKeras jet tagger is the same network, word for word") {
    std::string qonnx, qkeras, references;
    if (!shared_file("thirdparty/qonnx_jettagging/qkeras_jettagging.onnx", qonnx) ||
        !shared_file("thirdparty/hls4ml_qkeras_3layer/qkeras_3layer_weights.h5", qkeras) ||
        !shared_file("thirdparty/qonnx_jettagging/qkeras_jettagging.ref.npz", references))
        return;
    const FloatModel one = import_model(qonnx), other = import_model(qkeras);
    const IntegerNetwork first = integers_of(one, "ap_fixed<16,6,AP_RND,AP_SAT>"),
                         second = integers_of(other, "ap_fixed<16,6,AP_RND,AP_SAT>");
    // The reference inputs and many random ones.
    const NpyArray input = read_npz_array(references, "input");
    std::vector<double> values;
    for (std::size_t i = 0; i < input.count(); ++i) values.push_back(input.number(i));
    Numbers numbers(11);
    for (const double x : numbers.reals(16 * 2000, 6)) values.push_back(x);
    const InputBatch batch = batch_of(one.input_shape, values);
    const RunResult a = checked_run(first.graph, batch), b = checked_run(second.graph, batch);
    const auto tensors_of = [](const Graph& graph, const RunResult& run, bool dense) {
        std::vector<const LayerResult*> found;
        for (const Node& n : graph.nodes)
            if (dense ? std::holds_alternative<Dense>(n.op) : std::holds_alternative<Quantize>(n.op))
                found.push_back(&layer_of(run, n.name));
        return found;
    };
    for (const bool dense : {true, false}) {
        const auto mine = tensors_of(first.graph, a, dense), theirs = tensors_of(second.graph, b, dense);
        REQUIRE(mine.size() == (dense ? 4 : 3));
        REQUIRE(theirs.size() == mine.size());
        for (std::size_t l = 0; l < mine.size(); ++l) {
            INFO(mine[l]->name << " and " << theirs[l]->name);
            CHECK(mine[l]->type.format.frac() == theirs[l]->type.format.frac());
            CHECK(mine[l]->words == theirs[l]->words);
        }
    }
    // The float runs as well, softmax included.
    CHECK(values_of(explore::run_float(one, batch), one.output) ==
          values_of(explore::run_float(other, batch), other.output));
}
