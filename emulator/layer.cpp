#include "layer.hpp"

#include <type_traits>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::emulator {
namespace {

std::int64_t sign_word(double stored, WeightQuantizer quantizer) {
    if (stored < 0) return -1;
    return stored > 0 || quantizer == WeightQuantizer::Bipolar ? 1 : 0;
}

}  // namespace

void LayerSetup::require_exact(int bits) const {
    if (bits > kExactBits) {
        throw InputError(where(), "the exact sum needs " + std::to_string(bits) + " bits, the emulator has " +
                                      std::to_string(kExactBits) + "; use --engine golden");
    }
}

Tensor LayerParameters::cast(const LayerSetup& setup, const std::string& role, const Parameter& parameter) {
    Tensor tensor{.dims = parameter.dims, .format = parameter.type.format, .words = parameter.raw};
    for (const double stored : parameter.real) {
        if (parameter.quantizer == WeightQuantizer::Cast) {
            const Converted converted = quantize_real(stored, parameter.type);
            events_.add(converted.events);
            tensor.words.push_back(converted.word);
        } else {
            tensor.words.push_back(sign_word(stored, parameter.quantizer));
        }
    }
    words_.push_back({setup.node.name, role, tensor});
    return tensor;
}

LayerParameters cast_parameters(const LayerSetup& setup, const Operation& op) {
    LayerParameters cast;
    std::visit(
        [&](const auto& of) {
            using Op = std::decay_t<decltype(of)>;
            if constexpr (std::is_same_v<Op, Dense> || std::is_same_v<Op, Conv2d>) {
                (void)cast.cast(setup, "weights", of.weights);
                if (of.bias) (void)cast.cast(setup, "bias", *of.bias);
            } else if constexpr (std::is_same_v<Op, LeakyRelu>) {
                (void)cast.cast(setup, "alpha", of.alpha);
            } else if constexpr (std::is_same_v<Op, Lookup>) {
                (void)cast.cast(setup, "table", of.table.entries);
            } else if constexpr (std::is_same_v<Op, Softmax>) {
                if (of.kind == SoftmaxKind::Argmax) return;
                (void)cast.cast(setup, "exp_table", of.exp_table.entries);
                (void)cast.cast(setup, "inv_table", of.inv_table.entries);
            } else if constexpr (std::is_same_v<Op, Affine>) {
                (void)cast.cast(setup, "scale", of.scale);
                if (of.bias) (void)cast.cast(setup, "bias", *of.bias);
            } else if constexpr (std::is_same_v<Op, Threshold>) {
                (void)cast.cast(setup, "thresholds", of.thresholds);
            } else if constexpr (std::is_same_v<Op, Requantize>) {
                (void)cast.cast(setup, "multiplier", of.multiplier);
            }
        },
        op);
    return cast;
}

}  // namespace bittrue::emulator
