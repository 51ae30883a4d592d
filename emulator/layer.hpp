// The interface behind which a layer's kernel stands: a prepared node, run image by image by any number of threads at
// once.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bittrue/emulator/bounds.hpp"
#include "bittrue/emulator/single.hpp"
#include "bittrue/model/engine.hpp"
#include "quantizer.hpp"

namespace bittrue::emulator {

// Working room of one thread, reused from layer to layer and image to image. A slot's contents do not survive the
// layer.
class Scratch {
public:
    template <class Int>
    [[nodiscard]] std::span<Int> get(std::size_t slot, std::int64_t count) {
        auto& room = slots(Int{})[slot];
        const auto size = static_cast<std::size_t>(count);
        if (room.size() < size) room.resize(size);
        return {room.data(), size};
    }

private:
    static constexpr std::size_t kSlots = 2;
    std::array<std::vector<std::int64_t>, kSlots>& slots(std::int64_t /*tag*/) { return narrow_; }
    std::array<std::vector<i128>, kSlots>& slots(i128 /*tag*/) { return wide_; }
    std::array<std::vector<std::int64_t>, kSlots> narrow_{};
    std::array<std::vector<i128>, kSlots> wide_{};
};

// What a layer is made from. The references live as long as the construction only.
struct LayerSetup {
    const Node& node;
    std::vector<FixedType> input_types{};
    std::vector<Shape> input_shapes{};
    std::vector<InputRange> input_ranges{};    // where their raws lie; empty: any words of the formats
    const AccumulationFault* fault = nullptr;  // of a dense or conv2d layer that runs image by image

    [[nodiscard]] std::string where() const { return "layer '" + node.name + "'"; }
    [[nodiscard]] const FixedType& type() const { return input_types.front(); }
    [[nodiscard]] const Shape& shape() const { return input_shapes.front(); }
    [[nodiscard]] Format format() const { return type().format; }
    [[nodiscard]] InputRange range() const {
        return input_ranges.empty() ? InputRange{raw_min(format()), raw_max(format())} : input_ranges.front();
    }

    // InputError when an exact intermediate of `bits` (two's complement) is wider than the emulator's integers.
    void require_exact(int bits) const;
};

// Weights, biases and tables of a layer after the cast, and what happened to them.
class LayerParameters {
public:
    // Casts a parameter (rules W1-W3, T1), counts its conversions and keeps a copy of the words under `role`.
    Tensor cast(const LayerSetup& setup, const std::string& role, const Parameter& parameter);

    [[nodiscard]] const EventCounts& events() const { return events_; }
    [[nodiscard]] const std::vector<ParameterWords>& words() const { return words_; }

private:
    EventCounts events_{};
    std::vector<ParameterWords> words_{};
};

// All of an operation, in the order of its fields.
[[nodiscard]] LayerParameters cast_parameters(const LayerSetup& setup, const Operation& op);

class Layer {
public:
    explicit Layer(LayerParameters parameters = {}) : parameters_(std::move(parameters)) {}
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;
    virtual ~Layer() = default;

    // One image: the words of the inputs in storage order to the words of the result; adds to product, accumulator and
    // result of `events`. Called from many threads at once, each with its own scratch and events.
    virtual void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
                     Scratch& scratch) const = 0;

    [[nodiscard]] const LayerParameters& parameters() const { return parameters_; }

private:
    LayerParameters parameters_;
};

// Stores a converted word and counts its conversion.
inline void store(std::int64_t& out, const Converted& converted, EventCounts& counts) {
    out = converted.word;
    counts.add(converted.events);
}

// Distances in words between neighbours along the three axes of a map, in its layout.
struct Strides {
    std::int64_t c = 0, y = 0, x = 0;
};
[[nodiscard]] inline Strides strides_of(const Shape& shape) {
    if (shape.layout == Layout::Vector) return {1, 0, 0};
    return {shape.index(1, 0, 0), shape.index(0, 1, 0), shape.index(0, 0, 1)};
}

// One maker per operation; each stands in the file of its operation.
using LayerPointer = std::unique_ptr<Layer>;
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Quantize& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Dense& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Conv2d& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const MaxPool& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const AveragePool& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Relu& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const ClippedRelu& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const LeakyRelu& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Flatten& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Reshape& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Add& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Lookup& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Softmax& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Affine& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Multiply& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Concat& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Transpose& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Pad& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Clip& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Threshold& op);
[[nodiscard]] LayerPointer make_layer(const LayerSetup& setup, const Requantize& op);

}  // namespace bittrue::emulator
