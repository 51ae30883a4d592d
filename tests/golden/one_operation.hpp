// Runs one operation of the oracle alone: raws in, words and events out, no network around it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "golden/one_layer.hpp"
#include "layer.hpp"

namespace bittrue::testing {

struct Operand {
    Shape shape{};
    Format format{};
    std::vector<std::int64_t> words{};
};

struct Outcome {
    Words words{};
    LayerEvents events{};
    std::vector<ParameterWords> parameters{};
};

template <typename Op>
Outcome run_operation(const Op& op, const std::vector<Operand>& operands, const Shape& shape, const FixedType& result) {
    golden::NodeContext context{.name = "layer", .shape = shape, .result = result};
    std::vector<golden::Map> maps;
    for (const Operand& o : operands) {
        context.input_shapes.push_back(o.shape);
        context.input_formats.push_back(o.format);
        golden::Map map{.shape = o.shape, .format = o.format};
        for (const std::int64_t word : o.words) map.raws.push_back(golden::raw_of_word(word, o.format));
        REQUIRE(map.raws.size() == static_cast<std::size_t>(o.shape.count()));
        maps.push_back(std::move(map));
    }
    std::vector<const golden::Map*> inputs;
    for (const golden::Map& map : maps) inputs.push_back(&map);

    const golden::LayerPtr layer = golden::make_layer(op, context);
    Outcome outcome;
    golden::ResultWriter out(shape, layer->result(), outcome.events, nullptr);
    layer->run(inputs, out);
    for (const golden::Constants* c : layer->constants()) {
        outcome.parameters.push_back(c->words("layer"));
        outcome.events.weights += c->events();
    }
    for (const golden::Integer& raw : out.take().raws) outcome.words.push_back(golden::word_of_raw(raw));
    return outcome;
}

// One input whose shape the result has.
template <typename Op>
Outcome run_same_shape(const Op& op, const Operand& operand, const FixedType& result) {
    return run_operation(op, {operand}, operand.shape, result);
}

constexpr Format format_of(int width, int frac, bool is_signed = true) {
    return {.width = width, .integer = width - frac, .is_signed = is_signed};
}

constexpr FixedType clamped(int width, int frac, Rounding rounding, bool is_signed = true) {
    return {.format = format_of(width, frac, is_signed), .rounding = rounding, .overflow = Overflow::Sat};
}

inline Operand vector_operand(std::vector<std::int64_t> words, Format format) {
    const auto n = static_cast<std::int64_t>(words.size());
    return {.shape = vector_of(n), .format = format, .words = std::move(words)};
}

inline Parameter words_parameter(Dims dims, std::vector<std::int64_t> words, Format format) {
    return {.dims = std::move(dims), .raw = std::move(words), .type = {.format = format}};
}

}  // namespace bittrue::testing
