// Two causes at once: in one layer, and one each in two layers.
#include <algorithm>

#include "bittrue/model/notation.hpp"
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

// A setting of a layer.
struct Part {
    std::string what{};
    std::vector<Cause> causes{};
    std::vector<std::string> mentions{};
    std::function<void(Node&)> edit{};
};

Part result_rounding(Rounding to) {
    return {"result rounds by " + print_rounding(to), {Cause::ResultRounding}, {print_rounding(to)}, [to](Node& n) {
                n.result.rounding = to;
            }};
}
Part result_overflow(Overflow to) {
    return {"result overflows by " + print_overflow(to), {Cause::ResultOverflow}, {print_overflow(to)}, [to](Node& n) {
                n.result.overflow = to;
            }};
}
Part sum_overflow(Overflow to) {
    return {"accumulator overflows by " + print_overflow(to),
            {Cause::AccumulatorOverflow},
            {print_overflow(to)},
            [to](Node& n) { accumulator(n).type.overflow = to; }};
}
Part sum_rounding(Rounding to) {
    return {"accumulator rounds by " + print_rounding(to),
            {Cause::AccumulatorRounding},
            {print_rounding(to)},
            [to](Node& n) {
                accumulator(n).type.rounding = to;
                if (accumulator(n).product) accumulator(n).product->rounding = to;
            }};
}
Part sum_width(int top) {
    return {"accumulator has " + std::to_string(top) + " more bits", {Cause::AccumulatorFormat}, {}, [top](Node& n) {
                accumulator(n).type.format.width += top;
                accumulator(n).type.format.integer += top;
                if (accumulator(n).product) accumulator(n).product->format = accumulator(n).type.format;
            }};
}
Part products_exact() {
    return {"products are not cast", {Cause::ProductCast}, {}, [](Node& n) { accumulator(n).product.reset(); }};
}
Part bias_missing() {
    return {"bias is missing", {Cause::BiasMissing}, {}, [](Node& n) { bias(n).reset(); }};
}
Part bias_late() {
    return {"bias is added last", {Cause::BiasPosition}, {}, [](Node& n) { accumulator(n).bias = BiasPosition::Last; }};
}
Part bias_doubled() {
    return {"bias is added twice", {Cause::BiasDoubled, Cause::BiasAlignment}, {}, [](Node& n) {
                hold_words(*bias(n));
                ++bias(n)->type.format.integer;
            }};
}
Part kernel_flipped() {
    return {"kernel is flipped in rows and columns", {Cause::WeightOrder}, {}, [](Node& n) {
                Parameter& w = weights(n);
                hold_words(w);
                const std::vector<std::int64_t> stored = w.raw;
                const auto block = static_cast<std::size_t>(w.dims[2] * w.dims[3]),
                           places = static_cast<std::size_t>(w.dims[0] * w.dims[1]);
                for (std::size_t i = 0; i < stored.size(); ++i)
                    w.raw[i] = stored[(places - 1 - i / block) * block + i % block];
            }};
}
Part schedule(Schedule to, int group) {
    AccumulatorSpec named;
    named.schedule = to;
    named.group = group;
    return {"terms by " + print_schedule(named), {Cause::Schedule}, {}, [to, group](Node& n) {
                accumulator(n).schedule = to;
                accumulator(n).group = group;
            }};
}
Part weights_truncated() {
    return {"weights are truncated", {Cause::WeightRounding}, {}, [](Node& n) {
                weights(n).type.rounding = Rounding::Trn;
            }};
}
Part activation_missing() {
    return {"activation is missing", {Cause::ActivationMissing}, {}, [](Node& n) { n.op = Quantize{}; }};
}

Truth truth_of(const Part& part, const std::string& layer) {
    return {.causes = part.causes, .nodes = {layer}, .mentions = part.mentions};
}

Fault together(const std::string& stand, const std::string& layer, const Part& a, const Part& b) {
    Fault f{.name = layer + ": " + a.what + ", and " + b.what, .stand = stand};
    f.truths = {truth_of(a, layer), truth_of(b, layer)};
    f.layers.emplace(layer, edited([a, b](Node& n) {
                         a.edit(n);
                         b.edit(n);
                     }));
    for (const Part& part : {a, b}) f.halves.push_back({{layer, edited(part.edit)}});
    return f;
}

Fault stuck_and(const std::string& stand, const std::string& layer, int bit, bool value, std::int64_t lanes,
                std::int64_t lane, const Part& b) {
    const std::string what = "bit " + std::to_string(bit) + " of products of lane " + std::to_string(lane) + " of " +
                             std::to_string(lanes) + " is stuck at " + (value ? "1" : "0");
    Fault f{.name = layer + ": " + what + ", and " + b.what, .stand = stand};
    f.truths = {truth(Cause::StuckBit, layer, {std::to_string(bit)}), truth_of(b, layer)};
    f.layers.emplace(layer, summed({.product =
                                        [=](const Term& t, std::int64_t product) {
                                            const std::int64_t mask = std::int64_t{1} << bit;
                                            if (t.t % lanes != lane) return product;
                                            return value ? product | mask : product & ~mask;
                                        }},
                                   b.edit));
    return f;
}

Fault apart(const std::string& stand, const std::string& first, const Part& a, const std::string& second,
            const Part& b) {
    Fault f{.name = first + ": " + a.what + "; " + second + ": " + b.what, .stand = stand};
    f.truths = {truth_of(a, first), truth_of(b, second)};
    f.layers.emplace(first, edited(a.edit));
    f.layers.emplace(second, edited(b.edit));
    f.judged = {first, second};
    return f;
}

}  // namespace

std::vector<Fault> double_faults() {
    return {
        together("cnn", "conv2d", bias_missing(), result_rounding(Rounding::Trn)),
        together("cnn", "dense", bias_doubled(), result_rounding(Rounding::Trn)),
        together("cnn", "conv2d", kernel_flipped(), bias_missing()),
        together("cnn", "dense_1", weights_truncated(), result_rounding(Rounding::Trn)),
        together("cnn-sat", "conv2d", sum_overflow(Overflow::Wrap), result_rounding(Rounding::Trn)),
        together("cnn-sat", "conv2d", products_exact(), bias_late()),
        together("cnn-sat", "dense", sum_overflow(Overflow::SatSym), result_overflow(Overflow::Wrap)),
        together("cnn-sat", "dense", sum_width(-1), bias_missing()),
        together("cnn-sat", "dense_1", bias_late(), result_rounding(Rounding::TrnZero)),
        together("cnn-sat", "dense_1", sum_rounding(Rounding::Rnd), bias_missing()),
        together("cnn-wrap", "conv2d", result_overflow(Overflow::Wrap), result_rounding(Rounding::Trn)),
        together("cnn-wrap", "dense", sum_overflow(Overflow::Sat), bias_doubled()),
        together("cnn-wrap", "dense_1", sum_rounding(Rounding::Trn), result_overflow(Overflow::Wrap)),
        together("cnn-wrap", "dense_1", sum_width(-1), bias_missing()),
        together("lenet-sat", "qconv2d_1", kernel_flipped(), sum_overflow(Overflow::Wrap)),
        together("lenet-sat", "qfc", schedule(Schedule::Tree, 1), sum_width(-1)),
        together("lenet-wrap", "qconv2d_1", kernel_flipped(), products_exact()),
        together("lenet-wrap", "qconv2d", kernel_flipped(), sum_overflow(Overflow::Sat)),
        stuck_and("cnn", "conv2d", 9, true, 3, 1, bias_missing()),
        stuck_and("cnn-sat", "dense", 3, true, 8, 2, result_rounding(Rounding::Trn)),
        stuck_and("lenet-wrap", "qfc_1", 0, true, 8, 3, sum_overflow(Overflow::Sat)),
        apart("cnn", "conv2d", bias_missing(), "dense", result_rounding(Rounding::Trn)),
        apart("cnn", "conv2d", kernel_flipped(), "dense_1", bias_doubled()),
        apart("cnn-sat", "conv2d", sum_overflow(Overflow::Wrap), "dense", sum_rounding(Rounding::RndConv)),
        apart("cnn-sat", "conv2d_relu", activation_missing(), "dense", bias_late()),
        apart("cnn-wrap", "dense", sum_overflow(Overflow::Sat), "dense_1", sum_rounding(Rounding::Trn)),
        apart("cnn-stride", "conv2d", bias_missing(), "conv2d_relu", result_rounding(Rounding::Trn)),
        apart("lenet", "qconv2d_1", kernel_flipped(), "qactivation_2", result_rounding(Rounding::Rnd)),
        apart("lenet-sat", "qconv2d", sum_width(1), "qfc", sum_overflow(Overflow::Wrap)),
        apart("lenet-sat", "qactivation", activation_missing(), "qfc_1", schedule(Schedule::Tree, 1)),
        apart("lenet-wrap", "qconv2d_1", products_exact(), "qfc", sum_overflow(Overflow::Sat)),
    };
}

}  // namespace bittrue::mutation
