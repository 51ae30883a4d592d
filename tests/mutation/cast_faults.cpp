// Casts into results and of stored numbers: rounding, overflow, format, signedness, dialect.
#include "bittrue/model/notation.hpp"
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

Fault result_rounding(const std::string& stand, const std::string& layer, Rounding to) {
    return fault("result rounds by " + print_rounding(to), stand, layer,
                 edited([to](Node& n) { n.result.rounding = to; }),
                 truth(Cause::ResultRounding, layer, {print_rounding(to)}));
}

Fault result_overflow(const std::string& stand, const std::string& layer, Overflow to) {
    return fault("result overflows by " + print_overflow(to), stand, layer,
                 edited([to](Node& n) { n.result.overflow = to; }),
                 truth(Cause::ResultOverflow, layer, {print_overflow(to)}));
}

// The dump's words have another binary point than the file says.
Fault result_point(const std::string& stand, const std::string& layer, int move) {
    return fault("result's binary point " + std::to_string(move) + " to the right", stand, layer,
                 edited([move](Node& n) { n.result.format.integer += move; }),
                 truth({Cause::ResultFormat, Cause::RequantizeShift}, {layer}));
}

Fault result_width(const std::string& stand, const std::string& layer, int less) {
    return fault("result " + std::to_string(less) + " bits narrower at the top", stand, layer, edited([less](Node& n) {
                     n.result.format.width -= less;
                     n.result.format.integer -= less;
                 }),
                 truth(Cause::ResultFormat, layer));
}

Fault weight_type(const std::string& what, const std::string& stand, const std::string& layer, Cause cause,
                  std::function<void(FixedType&)> edit) {
    return fault("weights " + what, stand, layer, edited([edit](Node& n) { edit(weights(n).type); }),
                 truth(cause, layer));
}

// Fewer bits in the weight memory at the bottom: the words are cut, the binary point stays.
void one_bit_less(FixedType& type) {
    --type.format.width;
}

Fault bias_type(const std::string& what, const std::string& stand, const std::string& layer, Cause cause,
                std::function<void(FixedType&)> edit) {
    return fault("bias " + what, stand, layer, edited([edit](Node& n) { edit(bias(n)->type); }), truth(cause, layer));
}

Fault input_sign(const std::string& stand, const std::string& layer, const std::string& type) {
    return fault("input read as " + type, stand, layer, reads_as(parse_type(type)), truth(Cause::Signedness, layer));
}

Fault weights_unsigned(const std::string& stand, const std::string& layer) {
    return fault("weights read as unsigned", stand, layer, edited([](Node& n) {
                     Parameter& w = weights(n);
                     hold_words(w);
                     FixedType other = w.type;
                     other.format.is_signed = false;
                     other.overflow = Overflow::Wrap;
                     for (std::int64_t& word : w.raw)
                         word = word_from_pattern(pattern_from_word(word, w.type.format), other.format);
                     w.type = other;
                 }),
                 truth(Cause::Signedness, layer));
}

Fault dialect(const std::string& stand, const std::string& layer, Dialect to) {
    return fault("result by the rules of " + print_dialect(to), stand, layer,
                 edited([to](Node& n) { n.result.dialect = to; }), truth(Cause::Dialect, layer, {print_dialect(to)}));
}

}  // namespace

std::vector<Fault> cast_faults() {
    const auto rounds = [](Rounding r) { return [r](FixedType& t) { t.rounding = r; }; };
    const auto overflows = [](Overflow o) { return [o](FixedType& t) { t.overflow = o; }; };
    return {
        result_rounding("cnn", "conv2d", Rounding::Trn),
        result_rounding("cnn-sat", "dense", Rounding::Rnd),
        result_rounding("cnn-wrap", "dense_1", Rounding::TrnZero),
        result_rounding("cnn-stride", "conv2d_relu", Rounding::Trn),
        result_rounding("cnn", "dense_1_softmax", Rounding::Trn),
        result_rounding("lenet", "qactivation", Rounding::Rnd),
        result_rounding("lenet-sat", "qactivation_2", Rounding::Trn),
        result_overflow("cnn-wrap", "conv2d", Overflow::Wrap),
        result_overflow("cnn-sat", "dense", Overflow::Wrap),
        result_overflow("cnn-wrap", "dense_1", Overflow::Wrap),
        result_overflow("cnn-sat", "dense_relu", Overflow::SatZero),
        result_overflow("cnn-sat", "dense_1", Overflow::SatSym),
        result_overflow("lenet", "qactivation_1", Overflow::Wrap),
        result_overflow("lenet-wrap", "qactivation_2", Overflow::Sat),
        result_point("cnn", "dense", 1),
        result_point("cnn-wrap", "dense_1", -1),
        result_point("lenet", "qconv2d_1", 1),
        result_width("cnn", "conv2d", 1),
        result_width("lenet", "qfc_2", 3),
        weight_type("rounded by TRN", "cnn", "conv2d", Cause::WeightRounding, rounds(Rounding::Trn)),
        weight_type("rounded by TRN_ZERO", "cnn", "dense", Cause::WeightRounding, rounds(Rounding::TrnZero)),
        weight_type("rounded by TRN_ZERO", "cnn-sat", "dense_1", Cause::WeightRounding, rounds(Rounding::TrnZero)),
        weight_type("one bit short", "cnn", "dense_1", Cause::WeightFormat, one_bit_less),
        weight_type("one bit short", "cnn-wrap", "conv2d", Cause::WeightFormat, one_bit_less),
        weight_type("in <8,1>", "cnn", "conv2d", Cause::WeightFormat, [](FixedType& t) { t.format.integer = 1; }),
        weight_type("in <8,0> that saturates", "cnn", "dense_1", Cause::WeightFormat,
                    [](FixedType& t) { t.format.integer = 0; }),
        bias_type("rounded by TRN", "cnn", "dense", Cause::BiasRounding, rounds(Rounding::Trn)),
        bias_type("rounded by TRN_ZERO", "cnn-stride", "dense", Cause::BiasRounding, rounds(Rounding::TrnZero)),
        bias_type("three bits short", "cnn", "dense_1", Cause::BiasFormat, [](FixedType& t) { t.format.width -= 3; }),
        input_sign("cnn", "conv2d", "ap_fixed<8,0>"),
        input_sign("cnn-wrap", "dense", "ap_fixed<6,0>"),
        input_sign("lenet", "qfc_1", "ap_fixed<1,0>"),
        input_sign("cnn-wrap", "dense_1", "ap_fixed<6,1>"),
        weights_unsigned("cnn", "conv2d"),
        weights_unsigned("lenet", "qconv2d"),
        weights_unsigned("cnn-sat", "dense_1"),
        dialect("cnn-dialect", "conv2d", Dialect::Sc),
        dialect("cnn-dialect", "dense", Dialect::Sc),
        dialect("lenet-dialect", "qfc", Dialect::Sc),
        weight_type("wrap", "cnn-wrap", "dense", Cause::WeightOverflow, overflows(Overflow::Wrap)),
        weight_type("wrap", "cnn-sat", "dense_1", Cause::WeightOverflow, overflows(Overflow::Wrap)),
        bias_type("wraps", "cnn-wrap", "dense", Cause::BiasOverflow, overflows(Overflow::Wrap)),
    };
}

}  // namespace bittrue::mutation
