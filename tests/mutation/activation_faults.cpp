// Activations: missing, in another order, of another shape; and integer requantisers.
#include <algorithm>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

Fault missing(const std::string& stand, const std::string& layer) {
    return fault("activation is missing", stand, layer, edited([](Node& n) { n.op = Quantize{}; }),
                 truth(Cause::ActivationMissing, layer));
}

// Q(x), and then relu of that: shows where the cast wraps.
Fault behind_the_cast(const std::string& stand, const std::string& layer) {
    return fault("relu looks at the word behind the cast", stand, layer, edited([](Node& n) { n.op = Quantize{}; }),
                 truth({Cause::ActivationOrder, Cause::ActivationMissing}, {layer}));
}

// The sums of the layer go through relu, then into the sums' result type.
Stage sums_clipped() {
    return [](const Node& node, const TensorWords& input) {
        Node wide = node;
        wide.result = accumulator(wide).type;
        const TensorWords sums = golden_layer(wide, input);
        return golden_layer({.name = node.name, .inputs = {"given"}, .op = Relu{}, .result = node.result}, sums);
    };
}
Fault relu_in_the_sums(const std::string& stand, const std::string& layer, const std::string& activation) {
    return fault("relu comes before the result's cast", stand, layer, sums_clipped(),
                 truth({Cause::ActivationOrder, Cause::ActivationShape}, {layer, activation}, {"relu"}));
}

// The design casts once: relu of the sums, straight into the activation's type; the sums' words do not exist.
Fault cast_once(const std::string& stand, const std::string& layer, const std::string& activation) {
    Fault f{.name = layer + ": its sums are not cast before " + activation,
            .stand = stand,
            .truths = {truth({Cause::ActivationOrder, Cause::ResultFormat}, {layer, activation})}};
    f.layers[layer] = [](const Node& node, const TensorWords& input) {
        Node wide = node;
        wide.result = accumulator(wide).type;
        return golden_layer(wide, input);
    };
    f.absent = {layer};
    f.judged = {activation};
    return f;
}

// Of two unary layers the second comes first; what is between them was not dumped. `shape` of the middle differs, so
// both are computed in the second's place.
Fault exchanged(const std::string& stand, const std::string& first, const std::string& second) {
    Fault f{.name = first + " and " + second + " are exchanged",
            .stand = stand,
            .truths = {truth(Cause::ActivationOrder, first)}};
    f.truths.front().nodes.push_back(second);
    const Stand& s = stand_of(stand);
    const Node a = s.graph.nodes[static_cast<std::size_t>(node_index(s.graph, first))];
    const Node b = s.graph.nodes[static_cast<std::size_t>(node_index(s.graph, second))];
    const TensorWords& given = s.right.at(a.inputs.front());
    const TensorWords middle = golden_layer(b, given);
    TensorWords result = golden_layer(a, middle);
    // Types: what leaves is what the second layer's reader takes.
    Node cast{.name = second, .inputs = {"given"}, .op = Quantize{}, .result = b.result};
    result = golden_layer(cast, result);
    f.layers[second] = [result](const Node&, const TensorWords&) { return result; };
    f.absent = {first};
    f.judged = {second};
    return f;
}

Fault shape_of_activation(const std::string& what, const std::string& stand, const std::string& layer,
                          std::function<void(Node&)> edit) {
    return fault(what, stand, layer, edited(std::move(edit)), truth(Cause::ActivationShape, layer));
}

Fault requantizer(const std::string& what, const std::string& stand, std::vector<Cause> causes,
                  std::function<void(Requantize&)> edit) {
    return fault(what, stand, "requantize", edited([edit](Node& n) { edit(std::get<Requantize>(n.op)); }),
                 truth(std::move(causes), {"requantize"}));
}
Fault shifted(const std::string& stand, int by) {
    return requantizer("shift is off by " + std::to_string(by), stand, {Cause::RequantizeShift}, [by](Requantize& r) {
        for (int& s : r.shift) s += by;
    });
}

}  // namespace

std::vector<Fault> activation_faults() {
    return {
        missing("cnn-sat", "conv2d_relu"),
        missing("cnn-sat", "dense_relu"),
        missing("lenet-sat", "qactivation"),
        missing("lenet-sat", "qactivation_1"),
        missing("cnn-integer", "dense_relu"),
        behind_the_cast("cnn-wrap", "conv2d_relu"),
        behind_the_cast("lenet-wrap", "qactivation_2"),
        relu_in_the_sums("cnn", "conv2d", "conv2d_relu"),
        relu_in_the_sums("lenet", "qfc", "qactivation_2"),
        cast_once("cnn", "conv2d", "conv2d_relu"),
        cast_once("cnn-stride", "conv2d", "conv2d_relu"),
        exchanged("cnn-average", "conv2d_relu", "average_pooling2d"),
        exchanged("lenet-average", "maxpool", "qactivation"),
        shape_of_activation("clips at 0.5", "lenet", "qsoftmax",
                            [](Node& n) { std::get<ClippedRelu>(n.op).max = 0.5; }),
        shape_of_activation("clips at 0.25", "lenet-integer", "qactivation_3",
                            [](Node& n) { std::get<ClippedRelu>(n.op).max = 0.25; }),
        shape_of_activation("is not clipped", "lenet-integer", "qactivation_3", [](Node& n) { n.op = Relu{}; }),
        shape_of_activation("has slope 0.25", "cnn-integer", "dense_relu",
                            [](Node& n) { std::get<LeakyRelu>(n.op).alpha.real = {0.25}; }),
        shape_of_activation("has no slope", "cnn-integer", "dense_relu", [](Node& n) { n.op = Relu{}; }),
        shifted("cnn-integer", 1),
        shifted("cnn-integer", -1),
        shifted("lenet-integer", 2),
        requantizer("multipliers are exchanged", "cnn-integer", {Cause::RequantizeMultiplier},
                    [](Requantize& r) { std::swap(r.multiplier.raw[0], r.multiplier.raw[1]); }),
        requantizer("multiplier of all channels is that of the first", "cnn-integer", {Cause::RequantizeMultiplier},
                    [](Requantize& r) { r.multiplier.raw[1] = r.multiplier.raw[0]; }),
        requantizer("rounds once instead of twice", "lenet-integer", {Cause::RequantizeRule},
                    [](Requantize& r) { r.rule = RequantizeRule::Exact; }),
        requantizer("rounds twice instead of once", "cnn-integer", {Cause::RequantizeRule},
                    [](Requantize& r) { r.rule = RequantizeRule::TfliteDouble; }),
        requantizer("zero point is missing", "cnn-integer", {Cause::ZeroPoint},
                    [](Requantize& r) { r.zero_point = 0; }),
        requantizer("zero point has the other sign", "lenet-integer", {Cause::ZeroPoint},
                    [](Requantize& r) { r.zero_point = -r.zero_point; }),
        fault("rounds by TRN", "cnn-integer", "requantize", edited([](Node& n) { n.result.rounding = Rounding::Trn; }),
              truth({Cause::ResultRounding, Cause::RequantizeRule}, {"requantize"})),
    };
}

}  // namespace bittrue::mutation
