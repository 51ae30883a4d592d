// What every layer of the oracle is: exact values of its inputs in, words of its result and events out.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "quantizer.hpp"

namespace bittrue::golden {

// One image's tensor: raws of one format in storage order.
struct Map {
    Shape shape{};
    Format format{};
    std::vector<Integer> raws{};

    [[nodiscard]] Dyadic value(std::size_t i) const { return {.raw = raws[i], .frac = format.frac()}; }
    [[nodiscard]] const Integer& at(std::int64_t channel, std::int64_t y, std::int64_t x) const {
        return raws[static_cast<std::size_t>(shape.index(channel, y, x))];
    }
};

// Where a node stands in the graph: what it reads and what it makes.
struct NodeContext {
    std::string name{};
    std::vector<Shape> input_shapes{};
    std::vector<Format> input_formats{};
    Shape shape{};
    FixedType result{};
};

// Takes a layer's results for one image; every word passes the final cast here (class `result`).
class ResultWriter {
public:
    ResultWriter(const Shape& shape, const Quantizer& type, LayerEvents& events, const std::atomic<bool>* cancel);

    // Q(value) as the element with this index in storage order. Throws Interrupted.
    void put(std::size_t index, const Dyadic& value);
    // The same as a word of an output channel (rule E5), for which `made` counts what was met on the way to the value;
    // the layer's counts are the sums over the channels.
    void put(std::size_t index, const Dyadic& value, std::int64_t channel, ChannelEvents made);
    // A word whose rounding is the layer's own (L24): only the range is left to look at.
    void put_rounded(std::size_t index, const Rounded& rounded);
    [[nodiscard]] std::size_t index(std::int64_t channel, std::int64_t y, std::int64_t x) const {
        return static_cast<std::size_t>(map_.shape.index(channel, y, x));
    }

    [[nodiscard]] LayerEvents& events() { return events_; }
    [[nodiscard]] const Shape& shape() const { return map_.shape; }
    [[nodiscard]] Map take() { return std::move(map_); }

private:
    [[nodiscard]] Events store(std::size_t index, Quantized word);

    Map map_;
    const Quantizer& type_;
    LayerEvents& events_;
    const std::atomic<bool>* cancel_;
};

// Stored numbers after the W and T rules.
class Constants {
public:
    Constants() = default;
    Constants(const Parameter& parameter, std::string role);

    [[nodiscard]] std::size_t size() const { return raws_.size(); }
    [[nodiscard]] const Format& format() const { return format_; }
    [[nodiscard]] const Integer& raw(std::size_t i) const { return raws_[i]; }
    [[nodiscard]] Dyadic value(std::size_t i) const { return {.raw = raws_[i], .frac = format_.frac()}; }
    [[nodiscard]] const EventCounts& events() const { return events_; }
    [[nodiscard]] ParameterWords words(const std::string& layer) const;

private:
    std::string role_{};
    Dims dims_{};
    Format format_{};
    std::vector<Integer> raws_{};
    EventCounts events_{};
};

class Layer {
public:
    explicit Layer(const NodeContext& context) : context_(context), result_(context.result) {}
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;
    virtual ~Layer() = default;

    virtual void run(const std::vector<const Map*>& inputs, ResultWriter& out) const = 0;
    // In the order of ParameterWords::role; empty for a layer without.
    [[nodiscard]] virtual std::vector<const Constants*> constants() const { return {}; }

    // Output channels (rule E5); 0 for a layer without.
    [[nodiscard]] virtual std::size_t channels() const { return 0; }

    [[nodiscard]] const NodeContext& context() const { return context_; }
    [[nodiscard]] const Quantizer& result() const { return result_; }

private:
    NodeContext context_;
    Quantizer result_;
};

using LayerPtr = std::unique_ptr<Layer>;

// One file per operation; chapter L.
[[nodiscard]] LayerPtr make_layer(const Quantize& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Dense& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Conv2d& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const MaxPool& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const AveragePool& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Relu& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const ClippedRelu& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const LeakyRelu& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Flatten& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Reshape& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Add& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Lookup& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Softmax& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Affine& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Multiply& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Concat& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Transpose& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Pad& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Clip& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Threshold& op, const NodeContext& context);
[[nodiscard]] LayerPtr make_layer(const Requantize& op, const NodeContext& context);

}  // namespace bittrue::golden
