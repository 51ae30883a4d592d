// ONNX models in float against results computed elsewhere, and the integer operators against ONNX' own formulas.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/explore/float_engine.hpp"
#include "bittrue/model/npz.hpp"
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

Reals run(const FloatModel& model, const Reals& values) {
    InputBatch batch;
    batch.dims = model.input_shape.dims;
    batch.values = values;
    batch.images = values.size() / static_cast<std::size_t>(model.input_shape.count());
    const explore::FloatRun result = explore::run_float(model, batch);
    for (const explore::FloatLayerValues& l : result.layers) {
        if (l.name == model.output) return l.values;
    }
    FAIL("the output has no values");
    return {};
}

Reals numbers(const NpyArray& array) {
    Reals result;
    for (std::size_t i = 0; i < array.count(); ++i) result.push_back(array.number(i));
    return result;
}

double at(SplitMix64& random, double low, double high) {
    return low + static_cast<double>(random.next() % static_cast<std::uint64_t>(high - low + 1));
}

}  // namespace

TEST_CASE("ONNX: models of others give the results that were computed elsewhere") {
    const std::pair<const char*, const char*> models[] = {
        {"hls4ml_onnx/conv1d_small_keras.onnx", "hls4ml_onnx/conv1d_small_keras.ref.npz"},
        {"hls4ml_onnx/conv2d_small_keras.onnx", "hls4ml_onnx/conv2d_small_keras.ref.npz"},
        {"hls4ml_onnx/dense_big_keras.onnx", "hls4ml_onnx/dense_big_keras.ref.npz"},
        {"hls4ml_onnx/three_layer_keras.onnx", "hls4ml_onnx/three_layer_keras.ref.npz"},
        {"hls4ml_onnx/two_layer_pytorch.onnx", "hls4ml_onnx/two_layer_pytorch.ref.npz"},
        {"onnx_mnist_v1/model.onnx", "qonnx_mnist_conv/mnist_conv.ref.npz"},
        {"qonnx_mnist_conv/model.onnx", "qonnx_mnist_conv/mnist_conv.ref.npz"},
        {"qonnx_jettagging/qkeras_jettagging.onnx", "qonnx_jettagging/qkeras_jettagging.ref.npz"},
        {"qonnx_tfc/TFC_2W2A.onnx", "qonnx_tfc/TFC_2W2A.ref.npz"}};
    for (const auto& [file, reference] : models) {
        std::string path;
        std::string npz;
        if (!shared_file(std::string("thirdparty/") + file, path) ||
            !shared_file(std::string("thirdparty/") + reference, npz))
            continue;
        const Reals result = run(import_model(path), numbers(read_npz_array(npz, "input")));
        const Reals expected = numbers(read_npz_array(npz, "output"));
        REQUIRE(result.size() == expected.size());
        double error = 0;
        double largest = 0;
        for (std::size_t i = 0; i < result.size(); ++i) {
            error = std::max(error, std::abs(result[i] - expected[i]));
            largest = std::max(largest, std::abs(expected[i]));
        }
        fmt::print("{}: largest error {:.2g} of numbers up to {:.4g}\n", file, error, largest);
        // Both are sums in double precision, in another order.
        INFO(file);
        CHECK(error <= 1e-14 * std::max(largest, 1.0));
    }
}

TEST_CASE("ONNX: the examples of the operators' own pages, in integers") {
    const FloatModel q = imported({1, 6}, [](OnnxWriter& w) {
        w.constant("s", {}, {2})
            .constant("z", {}, {128}, OnnxType::UInt8)
            .node({"QuantizeLinear", {"x", "s", "z"}, {"y"}});
    });
    CHECK(run(q, {0, 2, 3, 1000, -254, -1000}) == Reals{128, 129, 130, 255, 1, 0});

    const FloatModel conv = imported(
        {1, 1, 3, 3},
        [](OnnxWriter& w) {
            w.constant("z", {}, {1}, OnnxType::UInt8).constant("w", {1, 1, 2, 2}, {1, 1, 1, 1}, OnnxType::UInt8);
            w.node({"ConvInteger", {"x", "w", "z"}, {"y"}, {{"pads", Ints{1, 1, 1, 1}}}});
        },
        13, OnnxType::UInt8);
    CHECK(run(conv, {2, 3, 4, 5, 6, 7, 8, 9, 10}) == Reals{1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9});

    const FloatModel matmul = imported(
        {4, 3},
        [](OnnxWriter& w) {
            w.constant("az", {1}, {12}, OnnxType::UInt8)
                .constant("b", {3, 2}, {1, 4, 2, 5, 3, 6}, OnnxType::UInt8)
                .constant("bz", {1}, {0}, OnnxType::UInt8);
            w.node({"MatMulInteger", {"x", "b", "az", "bz"}, {"y"}});
        },
        13, OnnxType::UInt8);
    CHECK(run(matmul, {11, 7, 3, 10, 6, 2, 9, 5, 1, 8, 4, 0}) == Reals{-38, -83, -44, -98, -50, -113, -56, -128});

    const FloatModel linear = imported(
        {2, 4},
        [](OnnxWriter& w) {
            w.constant("as", {1}, {0.0066})
                .constant("az", {1}, {113}, OnnxType::UInt8)
                .constant("bs", {1}, {0.00705})
                .constant("bz", {1}, {114}, OnnxType::UInt8);
            w.constant("b", {4, 3}, {152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247}, OnnxType::UInt8);
            w.constant("ys", {1}, {0.0107}).constant("yz", {1}, {118}, OnnxType::UInt8);
            w.node({"QLinearMatMul", {"x", "as", "az", "b", "bs", "bz", "ys", "yz"}, {"y"}});
        },
        13, OnnxType::UInt8);
    CHECK(run(linear, {208, 236, 0, 238, 3, 214, 255, 29}) == Reals{168, 115, 255, 1, 66, 151});
}

TEST_CASE("ONNX: QLinearConv is its formula in single precision, ties and odd zero points included") {
    SplitMix64 random(5);
    for (int round = 0; round < 200; ++round) {
        const bool powers = round % 2 == 0;  // many ties
        const auto scale = [&] {
            return powers ? std::ldexp(1.0, static_cast<int>(at(random, -6, -1)))
                          : static_cast<double>(static_cast<float>(at(random, 1, 5000) / 10000));
        };
        const double xs = scale();
        const double ys = powers ? std::ldexp(xs, 1) : scale();
        const double xz = at(random, 0, 255);
        const double yz = at(random, 0, 255);
        const Reals ws{scale(), scale()};
        const Reals wz{at(random, -20, 20), at(random, -20, 20)};
        Reals w;
        Reals x;
        for (int i = 0; i < 16; ++i) w.push_back(at(random, -128, 127));
        for (int i = 0; i < 24; ++i) x.push_back(at(random, 0, 255));
        const Reals bias{at(random, -900, 900), at(random, -900, 900)};
        const FloatModel m = imported(
            {1, 2, 3, 4},
            [&](OnnxWriter& f) {
                f.constant("xs", {}, {xs})
                    .constant("xz", {}, {xz}, OnnxType::UInt8)
                    .constant("ys", {}, {ys})
                    .constant("yz", {}, {yz}, OnnxType::UInt8);
                f.constant("w", {2, 2, 2, 2}, w, OnnxType::Int8)
                    .constant("ws", {2}, ws)
                    .constant("wz", {2}, wz, OnnxType::Int8)
                    .constant("b", {2}, bias, OnnxType::Int32);
                f.node({"QLinearConv",
                        {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"},
                        {"y"},
                        {{"pads", Ints{1, 0, 0, 1}}}});
            },
            13, OnnxType::UInt8);
        Reals expected;
        for (int o = 0; o < 2; ++o) {
            const auto so = static_cast<std::size_t>(o);
            const float factor = static_cast<float>(xs) * static_cast<float>(ws[so]) / static_cast<float>(ys);
            for (int r = 0; r < 3; ++r) {
                for (int c = 0; c < 4; ++c) {
                    double sum = bias[so];
                    for (int i = 0; i < 2; ++i)
                        for (int kr = 0; kr < 2; ++kr)
                            for (int kc = 0; kc < 2; ++kc) {
                                const int row = r + kr - 1;
                                const int column = c + kc;
                                if (row < 0 || column >= 4) continue;  // the padding is the zero point
                                sum += (x[static_cast<std::size_t>((i * 3 + row) * 4 + column)] - xz) *
                                       (w[static_cast<std::size_t>(((o * 2 + i) * 2 + kr) * 2 + kc)] - wz[so]);
                            }
                    const double scaled = static_cast<double>(static_cast<float>(sum) * factor);
                    expected.push_back(std::clamp(std::nearbyint(scaled + yz), 0.0, 255.0));
                }
            }
        }
        INFO("round " << round);
        REQUIRE(run(m, x) == expected);
    }
}
