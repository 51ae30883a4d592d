#include "bittrue/emulator/single.hpp"

#include <stdexcept>
#include <type_traits>

#include "bittrue/emulator/stages.hpp"
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

// Every word of the format, whatever made it.
FixedType plain(Format format) {
    return {.format = format};
}

// The node without its operation, which may hold many weights: layers are made from both.
Node frame_of(const Node& node, const Shape& shape) {
    return {.name = node.name, .inputs = node.inputs, .op = Quantize{}, .result = node.result, .shape = shape};
}

LayerSetup setup_of(const Node& frame, std::span<const LayerInput> inputs, const AccumulationFault* fault) {
    LayerSetup setup{.node = frame};
    for (const LayerInput& input : inputs) {
        setup.input_types.push_back(plain(input.format));
        setup.input_shapes.push_back(input.shape);
    }
    setup.fault = fault;
    return setup;
}

bool is_linear(const Operation& op) {
    return std::holds_alternative<Dense>(op) || std::holds_alternative<Conv2d>(op);
}

std::vector<std::int64_t> image_by_image(const Node& node, const Shape& shape, std::span<const LayerInput> inputs,
                                         std::size_t images, const AccumulationFault* fault) {
    const Node frame = frame_of(node, shape);
    const LayerSetup setup = setup_of(frame, inputs, fault);
    const LayerPointer layer = std::visit([&setup](const auto& op) { return make_layer(setup, op); }, node.op);
    const auto size = static_cast<std::size_t>(shape.count());
    std::vector<std::int64_t> out(images * size);
    std::vector<const std::int64_t*> at;
    for (const LayerInput& input : inputs) at.push_back(input.words.data());
    LayerEvents events;
    Scratch scratch;
    for (std::size_t image = 0; image < images; ++image) {
        layer->run(at, out.data() + image * size, events, scratch);
        for (std::size_t i = 0; i < inputs.size(); ++i) at[i] += inputs[i].shape.count();
    }
    return out;
}

WordBatch batch_of(const LayerInput& input, std::size_t images) {
    WordBatch batch{.images = images, .dims = input.shape.dims, .bytes = word_bytes(input.format)};
    const auto bytes = static_cast<std::size_t>(batch.bytes);
    batch.data.resize(input.words.size() * bytes);
    for (std::size_t i = 0; i < input.words.size(); ++i) {
        const auto word = static_cast<std::uint64_t>(input.words[i]);
        for (std::size_t b = 0; b < bytes; ++b) batch.data[i * bytes + b] = static_cast<std::byte>(word >> (8 * b));
    }
    return batch;
}

// Many images at once: the kernels take longer to prepare.
std::vector<std::int64_t> in_blocks(const Node& node, const Shape& shape, const LayerInput& input, std::size_t images) {
    Graph graph;
    graph.input = {.name = node.inputs.front(), .shape = input.shape, .type = plain(input.format)};
    graph.nodes.push_back(node);
    graph.nodes.back().shape = shape;
    graph.output = node.name;
    const auto stages = make_stages(std::move(graph));
    const auto part = stages->part({.known = {0}, .wanted = {1}});
    const WordBatch words = batch_of(input, images);
    const WordBatch* const known[] = {&words};
    std::vector<std::uint32_t> all(images);
    for (std::size_t i = 0; i < images; ++i) all[i] = static_cast<std::uint32_t>(i);
    const PartResult result = part->run(known, all);
    std::vector<std::int64_t> out(images * static_cast<std::size_t>(shape.count()));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = result.wanted.front().word(i, node.result.format);
    return out;
}

// From so many multiplications on kernels for blocks of images are worth their preparation, which takes a time for each
// weight.
bool is_much(const Node& node, const Shape& shape, std::size_t images) {
    constexpr double kPerWeight = 64;
    const auto* const dense = std::get_if<Dense>(&node.op);
    const Dims& dims = dense != nullptr ? dense->weights.dims : std::get<Conv2d>(node.op).weights.dims;
    const double positions = dense != nullptr ? 1 : static_cast<double>(shape.width() * shape.height());
    return positions * static_cast<double>(images) > kPerWeight && element_count(dims) > 0;
}

}  // namespace

std::vector<std::int64_t> run_layer(const Node& node, const Shape& shape, std::span<const LayerInput> inputs,
                                    std::size_t images, const AccumulationFault* fault) {
    if (fault != nullptr && !is_linear(node.op))
        throw std::logic_error("layer '" + node.name + "' has no accumulator that could be faulty");
    for (const LayerInput& input : inputs) {
        if (input.words.size() != images * static_cast<std::size_t>(input.shape.count()))
            throw std::logic_error("layer '" + node.name + "' is given other than " + std::to_string(images) +
                                   " images");
    }
    if (fault == nullptr && is_linear(node.op) && is_much(node, shape, images))
        return in_blocks(node, shape, inputs.front(), images);
    return image_by_image(node, shape, inputs, images, fault);
}

std::vector<ParameterWords> parameters_of(const Node& node, const LayerInput& input) {
    const Node frame = frame_of(node, node.shape);
    const LayerInput inputs[] = {input};
    return cast_parameters(setup_of(frame, inputs, nullptr), node.op).words();
}

}  // namespace bittrue::emulator
