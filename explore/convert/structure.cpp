#include "structure.hpp"

#include <utility>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue::explore {
namespace {

template <class... Ops>
bool is_any(const Operation& op) {
    return (std::holds_alternative<Ops>(op) || ...);
}

// Its result depends on each number alone, so that one rounding behind it does for the sum in front, too.
bool rounds_once(const Operation& op) {
    return is_any<Relu, ClippedRelu, LeakyRelu, Clip, Lookup>(op);
}

bool keeps_words(const Operation& op) {
    return is_any<MaxPool, Flatten, Reshape, Transpose, Pad>(op);
}

// Every reader rounds, if need be behind layers that pass words on.
bool only_rounded(const FloatModel& model, const Structure& s, int tensor) {
    const std::vector<int>& readers = s.readers[static_cast<std::size_t>(tensor)];
    if (readers.empty() || tensor == s.output) return false;
    for (const int reader : readers) {
        const Operation& op = model.layers[static_cast<std::size_t>(reader)].op;
        if (rounds_once(op) || model.layers[static_cast<std::size_t>(reader)].rescales) continue;
        if (!keeps_words(op) || !only_rounded(model, s, reader + 1)) return false;
    }
    return true;
}

Role role_of(const FloatModel& model, const Structure& s, int layer) {
    const Operation& op = model.layers[static_cast<std::size_t>(layer)].op;
    if (keeps_words(op)) return Role::Same;
    if (is_any<Dense, Conv2d, Affine, Add, Multiply, AveragePool>(op))
        return only_rounded(model, s, layer + 1) ? Role::Wide : Role::Converter;
    return Role::Converter;
}

[[noreturn]] void refuse(const FloatLayer& layer, const std::string& why) {
    throw InputError(fmt::format("layer '{}'", layer.name), why);
}

void check(const FloatLayer& layer) {
    if (layer.quantizer && !layer.result_type)
        refuse(layer,
               "is a quantiser whose steps are no power of two; 'bittrue init MODEL --exact' makes the integer network "
               "that "
               "the model is, quantize needs a model whose scales are powers of two");
    if (is_any<Threshold, Requantize>(layer.op))
        refuse(layer, "works on integers already; a quantised model needs no quantize, use 'bittrue init --exact'");
}

}  // namespace

Structure structure_of(const FloatModel& model) {
    if (model.layers.empty())
        throw InputError(model.file, "holds arrays but no layers; give the model's configuration, too");
    Structure s;
    const auto tensor_of = [&](const std::string& name) {
        if (name == model.input_name) return 0;
        for (std::size_t i = 0; i < model.layers.size(); ++i)
            if (model.layers[i].name == name) return static_cast<int>(i) + 1;
        throw std::logic_error("no tensor '" + name + "'");
    };
    s.readers.resize(model.layers.size() + 1);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        check(model.layers[i]);
        std::vector<int>& inputs = s.inputs.emplace_back();
        for (const std::string& name : model.layers[i].inputs) {
            inputs.push_back(tensor_of(name));
            s.readers[static_cast<std::size_t>(inputs.back())].push_back(static_cast<int>(i));
        }
    }
    s.output = tensor_of(model.output);
    for (std::size_t i = 0; i < model.layers.size(); ++i) s.roles.push_back(role_of(model, s, static_cast<int>(i)));
    s.scored = s.output;
    if (s.output > 0) {
        const auto last = static_cast<std::size_t>(s.output - 1);
        s.ends_in_softmax = std::holds_alternative<Softmax>(model.layers[last].op);
        if (s.ends_in_softmax) s.scored = s.inputs[last][0];
    }
    return s;
}

bool multiplies_weights(const Operation& op) {
    return is_any<Dense, Conv2d>(op);
}

const Parameter* weights_of(const Operation& op) {
    if (const auto* d = std::get_if<Dense>(&op)) return &d->weights;
    if (const auto* c = std::get_if<Conv2d>(&op)) return &c->weights;
    if (const auto* a = std::get_if<Affine>(&op)) return &a->scale;
    return nullptr;
}
Parameter* weights_of(Operation& op) {
    return const_cast<Parameter*>(weights_of(std::as_const(op)));
}
const std::optional<Parameter>* bias_of(const Operation& op) {
    if (const auto* d = std::get_if<Dense>(&op)) return &d->bias;
    if (const auto* c = std::get_if<Conv2d>(&op)) return &c->bias;
    if (const auto* a = std::get_if<Affine>(&op)) return &a->bias;
    return nullptr;
}
std::optional<Parameter>* bias_of(Operation& op) {
    return const_cast<std::optional<Parameter>*>(bias_of(std::as_const(op)));
}

}  // namespace bittrue::explore
