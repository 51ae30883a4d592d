// Quantisers of QKeras: their configurations, and what they make of numbers.
#pragma once

#include <optional>
#include <string>

#include "bittrue/model/float_model.hpp"
#include "import/keras_config.hpp"

namespace bittrue::detail {

struct KerasQuantizer {
    enum class Kind : std::uint8_t { Bits, Relu, Binary, Ternary };
    Kind kind = Kind::Bits;
    int bits = 8;
    int integer = 0;  // of quantized_bits without the sign
    bool symmetric = false;
    bool keep_negative = true;
    bool zero_one = false;  // binary: 0 and 1 instead of -1 and 1
    double threshold = 0;   // ternary, a single
    double alpha = 1;
    bool scaled = false;  // alpha is "auto_po2": a power of two per channel, from the numbers themselves
};

// The field's quantiser: an object of class and configuration, or a text as QKeras evaluates it
// ("quantized_relu(6,2)"). None when the field is missing or null. For parameters (weights, not activations) QKeras
// takes a missing alpha as "auto_po2" where `trainable`. InputError for quantisers and choices that are not supported.
[[nodiscard]] std::optional<KerasQuantizer> quantizer_field(const KerasLayer& layer, const char* key, bool trainable);

// True when an activation field holds a quantiser instead of an activation.
[[nodiscard]] bool holds_quantizer(const KerasLayer& layer, const char* key);

// The type whose cast is the quantiser, of numbers that are not scaled: quantized_bits and quantized_relu. The others
// give words of it. None where alpha is no power of two.
[[nodiscard]] std::optional<FixedType> quantizer_type(const KerasQuantizer& quantizer);

// A quantised activation as a layer, without name and inputs: a Quantize or a Threshold.
[[nodiscard]] FloatLayer quantizer_layer(const KerasLayer& layer, const KerasQuantizer& quantizer);

// Numbers of a layer as QKeras sees them at inference.
struct QuantizedNumbers {
    Parameter numbers{};
    std::optional<FixedType> type{};  // holds them all exactly
    bool from_stored = false;         // `type` and the parameter's quantizer make them of the stored numbers
};
[[nodiscard]] QuantizedNumbers quantize_numbers(const KerasLayer& layer, const KerasQuantizer& quantizer,
                                                const Parameter& stored);

// The narrowest signed type of these numbers; none when it would be wider than 64 bits.
[[nodiscard]] std::optional<FixedType> exact_type(const std::vector<double>& numbers);

}  // namespace bittrue::detail
