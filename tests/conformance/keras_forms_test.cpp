// Keras' layers by the formulas of its documentation, index by index, against the imported layers in float.
#include "bittrue/explore/float_engine.hpp"
#include "model/keras_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// A tensor as Keras sees it, without the batch, or a kernel.
struct Array {
    std::vector<std::size_t> dims;
    std::vector<double> values{};

    explicit Array(std::vector<std::size_t> d) : dims(std::move(d)) {
        std::size_t n = 1;
        for (const std::size_t i : dims) n *= i;
        values.resize(n);
    }
    double& operator()(std::initializer_list<std::size_t> index) {
        std::size_t at = 0;
        std::size_t axis = 0;
        for (const std::size_t i : index) at = at * dims[axis++] + i;
        return values.at(at);
    }
};

// Small multiples of 1/16: every sum is exact.
Array numbers(std::vector<std::size_t> dims, std::uint64_t seed) {
    Array a(std::move(dims));
    SplitMix64 random(seed);
    for (double& x : a.values) x = static_cast<double>(random.next() % 33) / 16 - 1;
    return a;
}

KerasArray stored(const std::string& name, const Array& a) {
    return {name, {a.dims.begin(), a.dims.end()}, a.values};
}

std::string shape_text(const Array& a) {
    std::string text = "[null";
    for (const std::size_t d : a.dims) text += ", " + std::to_string(d);
    return text + "]";
}

std::vector<double> run(const FloatModel& model, const Array& image) {
    InputBatch batch{.images = 1, .dims = model.input_shape.dims, .values = image.values};
    const explore::FloatRun result = explore::run_float(model, batch);
    for (const auto& l : result.layers) {
        if (l.name == model.output) return l.values;
    }
    return {};
}

// x[i + top][j + left], zero outside.
double padded(Array& x, std::size_t i, std::size_t j, std::size_t c, std::size_t top, std::size_t left) {
    if (i < top || j < left || i - top >= x.dims[0] || j - left >= x.dims[1]) return 0;
    return x({i - top, j - left, c});
}

}  // namespace

TEST_CASE("DepthwiseConv2D: output channel c * multiplier + m is the sum over the window of channel c") {
    for (const bool same : {false, true}) {
        Array x = numbers({6, 7, 3}, 1);
        Array k = numbers({3, 2, 3, 2}, 2);
        Array b = numbers({6}, 3);
        const std::size_t rows = same ? 6 : 4;
        const std::size_t columns = same ? 7 : 6;
        Array y({rows, columns, 6});
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = 0; j < columns; ++j)
                for (std::size_t c = 0; c < 3; ++c)
                    for (std::size_t m = 0; m < 2; ++m) {
                        double sum = b({c * 2 + m});
                        for (std::size_t u = 0; u < 3; ++u)
                            for (std::size_t v = 0; v < 2; ++v)
                                sum += padded(x, i + u, j + v, c, same ? 1 : 0, 0) * k({u, v, c, m});
                        y({i, j, c * 2 + m}) = sum;
                    }
        const FloatModel model = import_with(
            sequential({input(shape_text(x)),
                        layer("DepthwiseConv2D", "d",
                              R"("depth_multiplier": 2, "padding": ")" + std::string(same ? "same" : "valid") + "\"")}),
            {{"d", {stored("d/depthwise_kernel:0", k), stored("d/bias:0", b)}}});
        CHECK(run(model, x) == y.values);
    }
}

TEST_CASE("SeparableConv2D: a depthwise convolution, then a sum over its channels") {
    Array x = numbers({5, 5, 2}, 4);
    Array k = numbers({2, 2, 2, 3}, 5);
    Array p = numbers({1, 1, 6, 4}, 6);
    Array b = numbers({4}, 7);
    Array y({4, 4, 4});
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j)
            for (std::size_t o = 0; o < 4; ++o) {
                double sum = b({o});
                for (std::size_t c = 0; c < 2; ++c)
                    for (std::size_t m = 0; m < 3; ++m)
                        for (std::size_t u = 0; u < 2; ++u)
                            for (std::size_t v = 0; v < 2; ++v)
                                sum += x({i + u, j + v, c}) * k({u, v, c, m}) * p({0, 0, c * 3 + m, o});
                y({i, j, o}) = sum;
            }
    const FloatModel model = import_with(
        sequential({input(shape_text(x)), layer("SeparableConv2D", "s")}),
        {{"s", {stored("s/depthwise_kernel:0", k), stored("s/pointwise_kernel:0", p), stored("s/bias:0", b)}}});
    CHECK(run(model, x) == y.values);
}

TEST_CASE("Conv1D, causal with a dilation: step t sees t, t - 2 and t - 4 only") {
    Array x = numbers({9, 2}, 8);
    Array k = numbers({3, 2, 4}, 9);
    Array b = numbers({4}, 10);
    Array y({9, 4});
    for (std::size_t t = 0; t < 9; ++t)
        for (std::size_t o = 0; o < 4; ++o) {
            double sum = b({o});
            for (std::size_t u = 0; u < 3; ++u)
                for (std::size_t c = 0; c < 2; ++c)
                    if (t + 2 * u >= 4) sum += x({t + 2 * u - 4, c}) * k({u, c, o});
            y({t, o}) = sum;
        }
    const FloatModel model = import_with(
        sequential({input(shape_text(x)), layer("Conv1D", "c", R"("padding": "causal", "dilation_rate": [2])")}),
        {{"c", {stored("c/kernel:0", k), stored("c/bias:0", b)}}});
    CHECK(run(model, x) == y.values);
}

TEST_CASE("a Dense on steps, Permute, pooling and Concatenate along the steps") {
    Array x = numbers({4, 3}, 11);
    Array k = numbers({3, 2}, 12);
    Array b = numbers({2}, 13);
    Array d({4, 2});
    for (std::size_t t = 0; t < 4; ++t)
        for (std::size_t o = 0; o < 2; ++o) {
            d({t, o}) = b({o});
            for (std::size_t c = 0; c < 3; ++c) d({t, o}) += x({t, c}) * k({c, o});
        }
    // Permute to [2, 4], average over pairs to [1, 4], behind a maximum over pairs.
    std::vector<double> expected;
    for (std::size_t t = 0; t < 4; ++t) expected.push_back((d({t, 0}) + d({t, 1})) / 2);
    for (std::size_t t = 0; t < 4; ++t) expected.push_back(std::max(d({t, 0}), d({t, 1})));
    const std::vector<std::string> layers{node("InputLayer", "x", {}, R"("batch_input_shape": )" + shape_text(x)),
                                          node("Dense", "d", {"x"}),
                                          node("Permute", "p", {"d"}, R"("dims": [2, 1])"),
                                          node("AveragePooling1D", "a", {"p"}),
                                          node("MaxPooling1D", "m", {"p"}),
                                          node("Concatenate", "j", {"a", "m"}, R"("axis": 1)"),
                                          node("Flatten", "f", {"j"})};
    const FloatModel model =
        import_with(functional(layers, "x", "f"), {{"d", {stored("d/kernel:0", k), stored("d/bias:0", b)}}});
    CHECK(run(model, x) == expected);
}

TEST_CASE("a residual graph: padding kept, Add, Multiply, global average") {
    Array x = numbers({4, 4, 2}, 14);
    // MaxPooling2D over the zeros of a frame of one, then twice itself plus itself squared, then the mean.
    std::vector<double> sums(2, 0.0);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            for (std::size_t c = 0; c < 2; ++c) {
                double largest = -100;
                for (std::size_t u = 0; u < 2; ++u)
                    for (std::size_t v = 0; v < 2; ++v)
                        largest = std::max(largest, padded(x, 2 * i + u, 2 * j + v, c, 1, 1));
                sums[c] += 2 * largest + largest * largest;
            }
    const std::vector<std::string> layers{node("InputLayer", "x", {}, R"("batch_input_shape": [null, 4, 4, 2])"),
                                          node("ZeroPadding2D", "z", {"x"}),
                                          node("MaxPooling2D", "m", {"z"}),
                                          node("Multiply", "square", {"m", "m"}),
                                          node("Add", "sum", {"m", "square", "m"}),
                                          node("GlobalAveragePooling2D", "g", {"sum"})};
    const std::vector<double> y = run(import_with(functional(layers, "x", "g"), {}), x);
    REQUIRE(y.size() == 2);
    for (std::size_t c = 0; c < 2; ++c) CHECK(y[c] == sums[c] / 9);
}

TEST_CASE("quantised activations: a relu of 3 bits, a sign, three levels") {
    Array x({8});
    x.values = {-0.5, -0.33, 0, 0.0625, 0.1875, 0.32, 0.34, 2};
    const auto through = [&](const std::string& activation) {
        return run(import_with(sequential({input("[null, 8]"),
                                           layer("QActivation", "a", R"("activation": ")" + activation + "\"")}),
                               {}),
                   x);
    };
    CHECK(through("quantized_relu(3)") == std::vector<double>{0, 0, 0, 0, 0.25, 0.375, 0.375, 0.875});
    CHECK(through("quantized_bits(3,0,1)") == std::vector<double>{-0.5, -0.25, 0, 0, 0.25, 0.25, 0.25, 0.75});
    CHECK(through("binary(alpha=1)") == std::vector<double>{-1, -1, 1, 1, 1, 1, 1, 1});
    CHECK(through("ternary(threshold=0.33)") == std::vector<double>{-1, -1, 0, 0, 0, 0, 1, 1});
}
