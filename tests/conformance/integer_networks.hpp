// Integer networks beside the models they were made of: what their tests share.
#pragma once

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/explore/integer_network.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/idx.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npz.hpp"
#include "conformance/exact_model.hpp"
#include "model/onnx_support.hpp"

namespace bittrue::test {

using explore::IntegerNetwork;

inline InputBatch batch_of(const Shape& shape, std::vector<double> values) {
    const std::size_t images = values.size() / static_cast<std::size_t>(shape.count());
    return {.images = images, .dims = shape.dims, .values = std::move(values)};
}

inline const std::vector<double>& values_of(const explore::FloatRun& run, const std::string& name) {
    const auto at = std::find_if(run.layers.begin(), run.layers.end(), [&](const auto& l) { return l.name == name; });
    REQUIRE(at != run.layers.end());
    return at->values;
}

// Of one tensor; both engines agree on every word and event of every layer.
inline RunResult checked_run(const Graph& graph, const InputBatch& batch) {
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
inline const LayerResult& layer_of(const RunResult& run, const std::string& name) {
    const auto at = std::find_if(run.layers.begin(), run.layers.end(), [&](const auto& l) { return l.name == name; });
    REQUIRE(at != run.layers.end());
    return *at;
}
inline Exact number_of(const LayerResult& l, std::size_t i) {
    const Exact raw(static_cast<std::int64_t>(raw_from_word(l.words[i], l.type.format)));
    const int frac = l.type.format.frac();
    const boost::multiprecision::cpp_int power = boost::multiprecision::cpp_int(1) << std::abs(frac);
    return frac >= 0 ? Exact(raw / power) : Exact(raw * power);
}

// The output's words are the exact numbers of the model: number = scale * word + offset, in rationals.
inline void compare_exactly(const FloatModel& model, const IntegerNetwork& network,
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

inline void quant(OnnxWriter& w, const std::string& from, const std::string& to, const Reals& scale, double zero,
                  double bits, std::int64_t is_signed, const std::string& mode = "ROUND", const Ints& dims = {}) {
    w.constant(to + "_s", dims, scale).constant(to + "_z", {}, {zero}).constant(to + "_b", {}, {bits});
    w.node({"Quant",
            {from, to + "_s", to + "_z", to + "_b"},
            {to},
            {{"signed", is_signed}, {"narrow", std::int64_t{0}}, {"rounding_mode", mode}},
            "",
            "qonnx.custom_op.general"});
}

inline double single(double x) {
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

inline IntegerNetwork integers_of(const FloatModel& model, const std::string& type, double divide = 1) {
    return explore::integer_network(model, {.input = parse_type(type), .divide = divide, .float32 = false});
}

// Images of whole words of `type` (8 bits with `frac`), and the same as exact numbers.
struct Images {
    InputBatch batch{};
    std::vector<std::vector<Exact>> exact{};
};
inline Images random_images(Numbers& numbers, const Shape& shape, std::size_t images, int frac) {
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

inline bool has_op(const Graph& graph, const std::string& op) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return op_name(n.op) == op; });
}

}  // namespace bittrue::test
