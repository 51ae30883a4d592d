// Random sequences of what moves numbers in ONNX, run in float, against the same done on arrays: transposes that become
// no layer, axes that change their meaning, joins of tensors that are stored differently.
#include <algorithm>

#include "bittrue/explore/float_engine.hpp"
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// An ONNX tensor of several images.
struct Array {
    Ints dims{};
    Reals values{};
};

std::vector<std::size_t> steps(const Ints& dims) {
    std::vector<std::size_t> step(dims.size(), 1);
    for (std::size_t i = dims.size(); i-- > 1;) step[i - 1] = step[i] * static_cast<std::size_t>(dims[i]);
    return step;
}

Array transposed(const Array& a, const Ints& perm) {
    Array result;
    for (const std::int64_t p : perm) result.dims.push_back(a.dims[static_cast<std::size_t>(p)]);
    const auto from = steps(a.dims);
    const auto to = steps(result.dims);
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        std::size_t at = 0;
        for (std::size_t k = 0; k < perm.size(); ++k)
            at += i / to[k] % static_cast<std::size_t>(result.dims[k]) * from[static_cast<std::size_t>(perm[k])];
        result.values.push_back(a.values[at]);
    }
    return result;
}

Array joined(const Array& a, const Array& b, std::size_t axis) {
    Array result;
    result.dims = a.dims;
    result.dims[axis] += b.dims[axis];
    const std::size_t row_a = steps(a.dims)[axis] * static_cast<std::size_t>(a.dims[axis]);
    const std::size_t row_b = steps(b.dims)[axis] * static_cast<std::size_t>(b.dims[axis]);
    for (std::size_t i = 0; i < a.values.size() / row_a; ++i) {
        result.values.insert(result.values.end(), a.values.begin() + static_cast<std::ptrdiff_t>(i * row_a),
                             a.values.begin() + static_cast<std::ptrdiff_t>((i + 1) * row_a));
        result.values.insert(result.values.end(), b.values.begin() + static_cast<std::ptrdiff_t>(i * row_b),
                             b.values.begin() + static_cast<std::ptrdiff_t>((i + 1) * row_b));
    }
    return result;
}

class Case {
public:
    explicit Case(std::uint64_t seed) : random_(seed) {
        const std::size_t rank = 2 + below(3);
        now_.dims = {2};
        for (std::size_t i = 1; i < rank; ++i) now_.dims.push_back(1 + static_cast<std::int64_t>(below(4)));
        for (std::int64_t i = 0; i < element_count(now_.dims); ++i) now_.values.push_back(static_cast<double>(i) - 7);
        input_ = now_;
        Ints declared = now_.dims;
        declared[0] = -1;
        writer_.input("x", declared).output("y");
    }

    void run() {
        for (std::size_t i = 0, n = 1 + below(6); i < n; ++i) step();
        const std::string from = tensor_;
        tensor_ = "y";
        writer_.node({"Relu", {from}, {"y"}});
        for (double& v : now_.values) v = std::max(v, 0.0);
        const FloatModel model = import_bytes(writer_.bytes());
        InputBatch batch;
        batch.images = 2;
        batch.dims = model.input_shape.dims;
        batch.values = input_.values;
        const explore::FloatRun result = explore::run_float(model, batch);
        REQUIRE(result.layers.back().name == model.output);
        REQUIRE(result.layers.back().values == now_.values);
    }

private:
    std::size_t below(std::size_t n) { return random_.next() % n; }
    std::string next() { return tensor_ = "t" + std::to_string(++count_); }
    std::string constant(const Ints& dims, const Reals& values, OnnxType type) {
        const std::string name = "c" + std::to_string(++count_);
        writer_.constant(name, dims, values, type);
        return name;
    }

    void step() {
        const std::string from = tensor_;
        const std::size_t rank = now_.dims.size();
        switch (below(5)) {
            case 0: {
                Ints perm{0};
                for (std::size_t i = 1; i < rank; ++i)
                    perm.insert(perm.begin() + static_cast<std::ptrdiff_t>(1 + below(i)), static_cast<std::int64_t>(i));
                writer_.node({"Transpose", {from}, {next()}, {{"perm", perm}}});
                now_ = transposed(now_, perm);
                return;
            }
            case 1: {
                // Another shape of as many numbers.
                std::int64_t rest = element_count(now_.dims) / 2;
                Ints dims{0};
                for (std::size_t i = 0, n = below(3); i < n; ++i) {
                    std::int64_t d = 1 + static_cast<std::int64_t>(below(4));
                    while (rest % d != 0) --d;
                    dims.push_back(d);
                    rest /= d;
                }
                dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(1 + below(dims.size())), rest);
                const std::string shape = constant({static_cast<std::int64_t>(dims.size())},
                                                   Reals(dims.begin(), dims.end()), OnnxType::Int64);
                writer_.node({"Reshape", {from, shape}, {next()}});
                now_.dims = dims;
                now_.dims[0] = 2;
                return;
            }
            case 2: {
                // A number for each index of the first or the last axis.
                const std::size_t axis = below(2) == 0 ? 1 : rank - 1;
                Ints dims(rank, 1);
                dims[axis] = now_.dims[axis];
                Reals c;
                for (std::int64_t i = 0; i < dims[axis]; ++i) c.push_back(static_cast<double>(1 + below(9)));
                writer_.node({"Mul", {from, constant(dims, c, OnnxType::Float)}, {next()}});
                const std::size_t s = steps(now_.dims)[axis];
                for (std::size_t i = 0; i < now_.values.size(); ++i)
                    now_.values[i] *= c[i / s % static_cast<std::size_t>(dims[axis])];
                return;
            }
            case 3: {
                // With another view of itself that happens to have the same shape.
                Ints perm{0};
                for (std::size_t i = rank; i-- > 1;) perm.push_back(static_cast<std::int64_t>(i));
                Array other = transposed(now_, perm);
                other.dims = now_.dims;
                const std::string t = next();
                writer_.node({"Transpose", {from}, {t}, {{"perm", perm}}});
                Ints target = now_.dims;
                target[0] = -1;
                const std::string r = next();
                writer_.node({"Reshape",
                              {t, constant({static_cast<std::int64_t>(rank)}, Reals(target.begin(), target.end()),
                                           OnnxType::Int64)},
                              {r}});
                const std::size_t axis = 1 + below(rank - 1);
                if (element_count(now_.dims) > 400) return void(now_ = other);
                writer_.node({"Concat", {from, r}, {next()}, {{"axis", static_cast<std::int64_t>(axis)}}});
                now_ = joined(now_, other, axis);
                return;
            }
            default: {
                if (rank == 4) return;
                const std::size_t axis = 1 + below(rank);
                writer_.node(
                    {"Unsqueeze", {from, constant({1}, {static_cast<double>(axis)}, OnnxType::Int64)}, {next()}});
                now_.dims.insert(now_.dims.begin() + static_cast<std::ptrdiff_t>(axis), 1);
                return;
            }
        }
    }

    SplitMix64 random_;
    OnnxWriter writer_{13};
    Array input_{};
    Array now_{};
    std::string tensor_ = "x";
    int count_ = 0;
};

}  // namespace

TEST_CASE("ONNX: every sequence of transposes, reshapes, joins and products gives the numbers of ONNX in its order") {
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        INFO("seed " << seed);
        Case(seed).run();
    }
}
