// A float model computed in exact rational numbers: what thresholds must decide, without any rounding of doubles.
// Written for the test from the layers' definitions; shares nothing with what makes the thresholds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/multiprecision/cpp_int.hpp>
#include <catch2/catch.hpp>

#include "bittrue/model/float_model.hpp"

namespace bittrue::test {

using Exact = boost::multiprecision::cpp_rational;

inline boost::multiprecision::cpp_int exact_floor(const Exact& x) {
    using boost::multiprecision::cpp_int;
    const cpp_int n = numerator(x);
    const cpp_int d = denominator(x);
    return n >= 0 ? cpp_int(n / d) : cpp_int(-((-n + d - 1) / d));
}

inline Exact exact_round(const Exact& x, QuantizerRounding mode) {
    const Exact size = abs(x);
    const Exact whole(exact_floor(size));
    const Exact rest = size - whole;
    const int sign = x < 0 ? -1 : 1;
    const bool odd = exact_floor(size) % 2 != 0;
    const Exact half(1, 2);
    switch (mode) {
        case QuantizerRounding::HalfEven: return sign * Exact(whole + (rest > half || (rest == half && odd) ? 1 : 0));
        case QuantizerRounding::HalfUp: return sign * Exact(whole + (rest >= half ? 1 : 0));
        case QuantizerRounding::HalfDown: return sign * Exact(whole + (rest > half ? 1 : 0));
        case QuantizerRounding::Up: return sign * Exact(whole + (rest > 0 ? 1 : 0));
        case QuantizerRounding::Down: return sign * whole;
        case QuantizerRounding::Ceil: return Exact(-exact_floor(Exact(-x)));
        case QuantizerRounding::Floor: return Exact(exact_floor(x));
    }
    return x;
}

// Every layer's numbers of one image. Vectors, and maps without windows: dense, affine, relu, leaky relu, clip, add,
// concat of vectors, flatten in storage order, quantisers and thresholds.
inline std::map<std::string, std::vector<Exact>> exact_layers(const FloatModel& model,
                                                              const std::vector<Exact>& image) {
    std::map<std::string, std::vector<Exact>> known{{model.input_name, image}};
    for (const FloatLayer& l : model.layers) {
        const std::vector<Exact>& x = known.at(l.inputs[0]);
        std::vector<Exact> y = x;
        const auto channel = [&](std::size_t i) {
            return static_cast<std::size_t>(l.shape.channel_of(static_cast<std::int64_t>(i)));
        };
        const auto of = [](const std::vector<double>& v, std::size_t c) { return Exact(v[v.size() == 1 ? 0 : c]); };
        if (const auto* dense = std::get_if<Dense>(&l.op)) {
            const std::size_t outputs = static_cast<std::size_t>(l.shape.count());
            y.assign(outputs, Exact(0));
            for (std::size_t o = 0; o < outputs; ++o) {
                if (dense->bias) y[o] = Exact(dense->bias->real[o]);
                for (std::size_t i = 0; i < x.size(); ++i) {
                    const double w = dense->weights.real[i * outputs + o];
                    if (w != 0 && x[i] != 0) y[o] += Exact(w) * x[i];
                }
            }
        } else if (const auto* affine = std::get_if<Affine>(&l.op)) {
            for (std::size_t i = 0; i < y.size(); ++i) {
                y[i] *= of(affine->scale.real, channel(i));
                if (affine->bias) y[i] += of(affine->bias->real, channel(i));
            }
        } else if (std::holds_alternative<Relu>(l.op)) {
            for (Exact& v : y) v = v > 0 ? v : Exact(0);
        } else if (const auto* leaky = std::get_if<LeakyRelu>(&l.op)) {
            for (Exact& v : y) v = v < 0 ? Exact(v * Exact(leaky->alpha.real[0])) : v;
        } else if (const auto* clip = std::get_if<Clip>(&l.op)) {
            for (Exact& v : y)
                v = v < Exact(clip->min) ? Exact(clip->min) : v > Exact(clip->max) ? Exact(clip->max) : v;
        } else if (std::holds_alternative<Add>(l.op)) {
            for (std::size_t k = 1; k < l.inputs.size(); ++k)
                for (std::size_t i = 0; i < y.size(); ++i) y[i] += known.at(l.inputs[k])[i];
        } else if (std::holds_alternative<Concat>(l.op)) {
            for (std::size_t k = 1; k < l.inputs.size(); ++k) {
                const std::vector<Exact> more = known.at(l.inputs[k]);
                y.insert(y.end(), more.begin(), more.end());
            }
        } else if (const auto* t = std::get_if<Threshold>(&l.op)) {
            const std::int64_t n = t->thresholds.dims[1];
            for (std::size_t i = 0; i < y.size(); ++i) {
                const std::size_t row = t->thresholds.dims[0] == 1 ? 0 : channel(i) * static_cast<std::size_t>(n);
                int count = 0;
                for (std::int64_t k = 0; k < n; ++k)
                    if (Exact(t->thresholds.real[row + static_cast<std::size_t>(k)]) <= x[i]) ++count;
                y[i] = Exact(t->scale) * count + Exact(t->bias);
            }
        } else if (l.quantizer) {
            const FloatQuantizer& q = *l.quantizer;
            for (std::size_t i = 0; i < y.size(); ++i) {
                const Exact s = of(q.scale, channel(i)), z = of(q.zero_point, channel(i));
                if (q.bipolar) {
                    y[i] = y[i] >= 0 ? s : Exact(-s);
                    continue;
                }
                const Exact u = exact_round(Exact(y[i] / s + z), q.rounding);
                y[i] = ((u < Exact(q.low) ? Exact(q.low) : u > Exact(q.high) ? Exact(q.high) : u) - z) * s;
            }
        } else {
            REQUIRE((std::holds_alternative<Flatten>(l.op) || std::holds_alternative<Reshape>(l.op) ||
                     std::holds_alternative<Quantize>(l.op)));
        }
        known[l.name] = std::move(y);
    }
    return known;
}

}  // namespace bittrue::test
