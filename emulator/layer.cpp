#include "layer.hpp"

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

}  // namespace bittrue::emulator
