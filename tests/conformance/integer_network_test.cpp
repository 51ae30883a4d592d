// Models that were trained with quantisers, as the integer networks that they are: every word beside the model in exact
// rational numbers, and beside its float run.
#include "bittrue/explore/integer_network.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/idx.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npz.hpp"
#include "conformance/exact_model.hpp"
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;
using explore::IntegerNetwork;

namespace {

InputBatch batch_of(const Shape& shape, std::vector<double> values) {
    const std::size_t images = values.size() / static_cast<std::size_t>(shape.count());
    return {.images = images, .dims = shape.dims, .values = std::move(values)};
}

const std::vector<double>& values_of(const explore::FloatRun& run, const std::string& name) {
    const auto at = std::find_if(run.layers.begin(), run.layers.end(), [&](const auto& l) { return l.name == name; });
    REQUIRE(at != run.layers.end());
    return at->values;
}

struct Words {
    std::vector<i128> raws{};
    int frac = 0;
};

// Of one tensor; both engines agree on every word and event of every layer.
RunResult checked_run(const Graph& graph, const InputBatch& batch) {
    const RunOptions all{.keep_layers = true, .threads = 2, .progress = {}};
    RunResult fast = emulator::make_engine(graph)->run(batch, all);
    const RunResult slow = golden::make_engine(graph)->run(batch, all);
    REQUIRE(fast.layers.size() == slow.layers.size());
    for (std::size_t i = 0; i < fast.layers.size(); ++i) {
        INFO(fast.layers[i].name);
        REQUIRE(fast.layers[i].words == slow.layers[i].words);
        REQUIRE(fast.layers[i].events == slow.layers[i].events);
        // Nothing saturates in sums: they are as wide as they need to be.
        CHECK(fast.layers[i].events.accumulator.overflows() == 0);
    }
    return fast;
}
const LayerResult& layer_of(const RunResult& run, const std::string& name) {
    const auto at = std::find_if(run.layers.begin(), run.layers.end(), [&](const auto& l) { return l.name == name; });
    REQUIRE(at != run.layers.end());
    return *at;
}
Exact number_of(const LayerResult& l, std::size_t i) {
    const Exact raw(static_cast<std::int64_t>(raw_from_word(l.words[i], l.type.format)));
    const int frac = l.type.format.frac();
    const boost::multiprecision::cpp_int power = boost::multiprecision::cpp_int(1) << std::abs(frac);
    return frac >= 0 ? Exact(raw / power) : Exact(raw * power);
}

// The output's words are the exact numbers of the model: number = scale * word + offset, in rationals.
void compare_exactly(const FloatModel& model, const IntegerNetwork& network,
                     const std::vector<std::vector<Exact>>& images, const InputBatch& stored) {
    const RunResult run = checked_run(network.graph, stored);
    const LayerResult& out = layer_of(run, network.graph.output);
    const auto count = static_cast<std::size_t>(out.shape.count());
    for (std::size_t n = 0; n < images.size(); ++n) {
        const std::vector<Exact> expected = exact_layers(model, images[n]).at(model.output);
        REQUIRE(expected.size() == count);
        for (std::size_t i = 0; i < count; ++i) {
            INFO("image " << n << " output " << i);
            const Exact number = number_of(out, n * count + i);
            // Scale and offset are given as doubles; where both are 1 and 0 the comparison is one for equality.
            if (network.scale[0] == 1 && network.offset[0] == 0) {
                REQUIRE(number == expected[i]);
            } else {
                const Exact error = Exact(network.scale[0]) * number + Exact(network.offset[0]) - expected[i];
                REQUIRE(abs(error) < Exact(1) / 1000000000);
            }
        }
    }
}

void quant(OnnxWriter& w, const std::string& from, const std::string& to, const Reals& scale, double zero, double bits,
           std::int64_t is_signed, const std::string& mode = "ROUND", const Ints& dims = {}) {
    w.constant(to + "_s", dims, scale).constant(to + "_z", {}, {zero}).constant(to + "_b", {}, {bits});
    w.node({"Quant",
            {from, to + "_s", to + "_z", to + "_b"},
            {to},
            {{"signed", is_signed}, {"narrow", std::int64_t{0}}, {"rounding_mode", mode}},
            "",
            "qonnx.custom_op.general"});
}

double single(double x) {
    return static_cast<double>(static_cast<float>(x));
}

class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : random_(seed) {}
    double at(double low, double high) {
        return low + static_cast<double>(random_.next() % static_cast<std::uint64_t>(high - low + 1));
    }
    double real(double size) { return single(size * (at(0, 20000) - 10000) / 10000); }
    Reals reals(std::size_t n, double size) {
        Reals r;
        for (std::size_t i = 0; i < n; ++i) r.push_back(real(size));
        return r;
    }
    Reals positive(std::size_t n, double low, double high) {
        Reals r;
        for (std::size_t i = 0; i < n; ++i) r.push_back(single(low + (high - low) * at(1, 10000) / 10000));
        return r;
    }

private:
    SplitMix64 random_;
};

IntegerNetwork integers_of(const FloatModel& model, const std::string& type, double divide = 1) {
    return explore::integer_network(model, {.input = parse_type(type), .divide = divide, .float32 = false});
}

// Images of whole words of `type` (8 bits with `frac`), and the same as exact numbers.
struct Images {
    InputBatch batch{};
    std::vector<std::vector<Exact>> exact{};
};
Images random_images(Numbers& numbers, const Shape& shape, std::size_t images, int frac) {
    Images result;
    std::vector<double> values;
    for (std::size_t n = 0; n < images; ++n) {
        std::vector<Exact>& image = result.exact.emplace_back();
        for (std::int64_t i = 0; i < shape.count(); ++i) {
            values.push_back(std::ldexp(numbers.at(-128, 127), -frac));
            image.emplace_back(values.back());
        }
    }
    result.batch = batch_of(shape, std::move(values));
    return result;
}

bool has_op(const Graph& graph, const std::string& op) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return op_name(n.op) == op; });
}

}  // namespace

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

TEST_CASE(
    "integer network: random chains with any scale, sign, rounding and batch normalisation equal exact rationals") {
    const char* modes[] = {"ROUND", "HALF_UP", "HALF_DOWN", "UP", "DOWN", "CEIL", "FLOOR"};
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        INFO("seed " << seed);
        Numbers numbers(seed);
        const bool ties = seed % 4 == 0;  // scales that are powers of two and simple numbers, so that ties happen
        const auto scale = [&](double low, double high) {
            return ties ? std::ldexp(1.0, static_cast<int>(numbers.at(-4, -1))) : numbers.positive(1, low, high)[0];
        };
        const bool per_channel = seed % 3 == 0;
        const bool bipolar = seed % 5 == 0;
        const FloatModel model = imported({-1, 6}, [&](OnnxWriter& w) {
            w.constant("w1r", {6, 8}, numbers.reals(48, 1.5)).constant("w2r", {8, 5}, numbers.reals(40, 1.5));
            quant(w, "w1r", "w1", per_channel ? numbers.positive(8, 0.05, 0.3) : Reals{scale(0.05, 0.3)}, 0, 4, 1,
                  "ROUND", per_channel ? Ints{1, 8} : Ints{});
            quant(w, "w2r", "w2", {scale(0.05, 0.3)}, 0, bipolar ? 1 : 3, 1);
            quant(w, "x", "xq", {scale(0.05, 0.2)}, 0, 6, 1, modes[seed % 7]);
            w.node({"MatMul", {"xq", "w1"}, {"a"}});
            w.constant("g", {8}, ties ? Reals{1, -1, 0.5, -0.25, 2, 1, 0, -2} : numbers.reals(8, 2))
                .constant("b", {8}, ties ? Reals{0.5, 0.25, 0, -1, 1, 0, 0.75, -0.125} : numbers.reals(8, 1))
                .constant("m", {8}, ties ? Reals(8) : numbers.reals(8, 1))
                .constant("v", {8}, ties ? Reals(8, 1) : numbers.positive(8, 0.5, 2));
            w.node({"BatchNormalization", {"a", "g", "b", "m", "v"}, {"n"}, {{"epsilon", 0.0}}});
            if (seed % 2 == 0) w.node({"Relu", {"n"}, {"r"}});
            const std::string from = seed % 2 == 0 ? "r" : "n";
            quant(w, from, "h", seed % 6 == 5 ? numbers.positive(8, 0.05, 0.4) : Reals{scale(0.05, 0.4)},
                  seed % 7 == 6 ? 3 : 0, bipolar ? 1 : 4, seed % 2 == 0 && !bipolar ? 0 : 1, modes[(seed / 7) % 7],
                  seed % 6 == 5 ? Ints{1, 8} : Ints{});
            w.node({"MatMul", {"h", "w2"}, {"c"}});
            quant(w, "c", "y", {0.25}, 0, 8, 1, modes[seed % 7]);
        });
        const IntegerNetwork network = integers_of(model, "ap_fixed<8,3>");
        const Images images = random_images(numbers, model.input_shape, 60, 5);
        compare_exactly(model, network, images.exact, images.batch);
    }
}

TEST_CASE("integer network: residual sums and concatenations of different scales are exact") {
    for (std::uint64_t seed = 100; seed < 120; ++seed) {
        INFO("seed " << seed);
        Numbers numbers(seed);
        const FloatModel model = imported({-1, 6}, [&](OnnxWriter& w) {
            w.constant("w1r", {6, 6}, numbers.reals(36, 1)).constant("w2r", {12, 4}, numbers.reals(48, 1));
            quant(w, "w1r", "w1", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "w2r", "w2", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "x", "xq", numbers.positive(1, 0.05, 0.2), 0, 5, 1);
            w.node({"MatMul", {"xq", "w1"}, {"a"}});
            quant(w, "a", "h", numbers.positive(1, 0.05, 0.2), 0, 5, 1);
            w.node({"Add", {"h", "xq"}, {"s"}});
            w.node({"Relu", {"s"}, {"sr"}});
            w.node({"Concat", {"h", "sr"}, {"cat"}, {{"axis", std::int64_t{1}}}});
            w.node({"MatMul", {"cat", "w2"}, {"c"}});
            quant(w, "c", "y", {0.5}, 0, 6, 1);
        });
        IntegerNetwork network = integers_of(model, "ap_fixed<8,3>");
        const Images images = random_images(numbers, model.input_shape, 40, 5);
        compare_exactly(model, network, images.exact, images.batch);
    }
}

TEST_CASE("integer network: convolutions, pools, per-channel scales and MultiThreshold give the float run's numbers") {
    for (std::uint64_t seed = 200; seed < 216; ++seed) {
        INFO("seed " << seed);
        Numbers numbers(seed);
        const FloatModel model = imported({-1, 2, 7, 7}, [&](OnnxWriter& w) {
            w.constant("w1r", {4, 2, 3, 3}, numbers.reals(72, 1)).constant("w2r", {4, 1, 2, 2}, numbers.reals(16, 1));
            w.constant("w3r", {36, 3}, numbers.reals(108, 1)).constant("b1", {4}, numbers.reals(4, 1));
            quant(w, "w1r", "w1", numbers.positive(4, 0.05, 0.3), 0, 4, 1, "ROUND", {4, 1, 1, 1});
            quant(w, "w2r", "w2", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "w3r", "w3", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "x", "xq", numbers.positive(1, 0.05, 0.2), 0, 5, 1);
            w.node({"Conv", {"xq", "w1", "b1"}, {"a"}, {{"pads", Ints{1, 1, 1, 1}}}});
            w.node({"MaxPool", {"a"}, {"p"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{1, 1}}}});
            w.constant("g", {4}, numbers.reals(4, 2)).constant("b", {4}, numbers.reals(4, 1));
            w.constant("m", {4}, numbers.reals(4, 1)).constant("v", {4}, numbers.positive(4, 0.5, 2));
            w.node({"BatchNormalization", {"p", "g", "b", "m", "v"}, {"n"}});
            quant(w, "n", "h", numbers.positive(1, 0.1, 0.4), 0, 4, 1);
            w.node({"Conv", {"h", "w2"}, {"c"}, {{"group", std::int64_t{4}}}});
            Reals t = numbers.reals(4 * 3, 2);
            for (std::size_t i = 0; i < 4; ++i)
                std::sort(t.begin() + static_cast<std::ptrdiff_t>(3 * i),
                          t.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
            w.constant("t", {4, 3}, t);
            w.node({"MultiThreshold",
                    {"c", "t"},
                    {"k"},
                    {{"out_scale", 1.0}, {"out_bias", -1.0}, {"out_dtype", "INT3"}},
                    "",
                    "qonnx.custom_op.general"});
            w.node({"AveragePool", {"k"}, {"q"}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{1, 1}}}});
            w.node({"Flatten", {"q"}, {"f"}});
            w.node({"MatMul", {"f", "w3"}, {"z"}});
            quant(w, "z", "y", {0.25}, 0, 6, 1);
        });
        const IntegerNetwork network = integers_of(model, "ap_fixed<8,3>");
        const Images images = random_images(numbers, model.input_shape, 30, 5);
        const RunResult run = checked_run(network.graph, images.batch);
        const LayerResult& out = layer_of(run, network.graph.output);
        const explore::FloatRun floats = explore::run_float(model, images.batch);
        const std::vector<double>& expected = values_of(floats, model.output);
        REQUIRE(out.words.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(number_of(out, i) == Exact(expected[i]));
    }
}

TEST_CASE("integer network: what is no integer is refused by the layer's name, with what to do") {
    const auto refusal = [](const std::function<void(OnnxWriter&)>& fill) {
        const FloatModel model = imported({-1, 4}, fill);
        return error_of([&] { static_cast<void>(integers_of(model, "ap_fixed<8,3>")); });
    };
    const Reals w = ramp(16, 0.1);
    CHECK_THAT(refusal([&](OnnxWriter& f) {
                   f.constant("w", {4, 4}, w).node({"MatMul", {"x", "w"}, {"y"}, {}, "fc"});
               }),
               Catch::Contains("layer 'fc' (MatMul): has weights that are no multiples of a step") &&
                   Catch::Contains("bittrue quantize"));
    const auto quantised = [&](OnnxWriter& f) {
        f.constant("wr", {4, 4}, w);
        quant(f, "wr", "w", {0.3}, 0, 4, 1);
        f.node({"MatMul", {"x", "w"}, {"a"}, {}, "fc"});
    };
    CHECK_THAT(refusal([&](OnnxWriter& f) {
                   quantised(f), f.node({"Sigmoid", {"a"}, {"s"}, {}, "curve"}), quant(f, "s", "y", {0.3}, 0, 4, 1);
               }),
               Catch::Contains("layer 'curve' (Sigmoid): stands inside of the network and has no exact integers"));
    CHECK_THAT(refusal([&](OnnxWriter& f) { quantised(f), quant(f, "a", "y", {0.0003}, 0, 16, 1); }),
               Catch::Contains("quantises to 65536 levels"));
    CHECK_THAT(
        refusal([&](OnnxWriter& f) {
            quantised(f), f.constant("al", {1}, {0.3}).node({"LeakyRelu", {"a"}, {"l"}, {{"alpha", 0.3}}, "leaky"});
            f.node({"MatMul", {"l", "w"}, {"y"}, {}, "fc2"});
        }),
        Catch::Contains("layer 'fc2' (MatMul): reads what layer 'leaky' makes of integers without a quantiser"));
}
