// Which graphs can be trained, and why others cannot.
#include <fmt/format.h>

#include "bittrue/explore/train_network.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "training/types.hpp"

namespace bittrue::explore {

namespace {

MapShape map_of(const Shape& shape) {
    return {.channels = static_cast<int>(shape.channels()),
            .rows = static_cast<int>(shape.height()),
            .columns = static_cast<int>(shape.width())};
}

// Whether storage order is another one than channel, row, column.
bool is_channels_last(const Shape& shape) {
    return shape.layout == Layout::Hwc && shape.channels() > 1 && shape.height() * shape.width() > 1;
}

class Chain {
public:
    Chain(const Graph& graph, const TrainingSettings& settings, std::string place)
        : graph_(graph), settings_(settings), place_(std::move(place)) {
        TrainingNetwork& n = out_.network;
        n.name = graph.name;
        n.bits = settings.bits;
        n.randomizer = settings.randomizer;
        n.zero_scale = settings.zero_scale;
        n.store = settings.store;
        stored_ = graph.input.shape;
        n.input = map_of(stored_);
    }

    TrainableNetwork walk() && {
        std::string before = graph_.input.name;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            node_ = &graph_.nodes[i];
            index_ = i;
            if (node_->inputs.size() != 1 || node_->inputs[0] != before)
                fail(fmt::format("does not read '{}' alone; training knows a chain of layers, without branches",
                                 before));
            if (finished_) fail("stands behind the final clipped_relu; training ends there");
            std::visit([this](const auto& op) { take(op); }, node_->op);
            before = node_->name;
        }
        if (!finished_)
            throw InputError(place_, fmt::format("'{}' ends without a clipped_relu with max = 1, which the loss needs; "
                                                 "add one behind the last dense layer",
                                                 graph_.name));
        validate(out_.network, place_);
        return std::move(out_);
    }

private:
    [[noreturn]] void fail(const std::string& why) const {
        throw InputError(fmt::format("{}: layer '{}' ({})", place_, node_->name, op_name(node_->op)), why);
    }

    [[nodiscard]] std::vector<TrainingLayer>& layers() { return out_.network.layers; }

    void take(const Conv2d& op) {
        begin_linear();
        if (op.stride != std::array{1, 1}) fail("has a stride; training knows stride 1");
        if (op.dilation != std::array{1, 1}) fail("has a dilation; training knows dilation 1");
        if (op.groups != 1) fail("has groups; training knows one group");
        if (op.padding != Padding{}) fail("has padding; training knows \"valid\"");
        if (map_at_vector_)
            fail("reads a map that a reshape makes of a vector between layers; only the input may be reshaped");
        if (layers().empty()) out_.channels_last = is_channels_last(stored_);
        TrainingLayer layer = linear(op.bias.has_value());
        layer.kernel_rows = static_cast<int>(op.weights.dims[0]);
        layer.kernel_columns = static_cast<int>(op.weights.dims[1]);
        layer.sums = map_of(node_->shape);
        finish_linear(std::move(layer), op.accumulator, op.weights.type);
    }

    void take(const Dense& op) {
        begin_linear();
        if (is_channels_last(stored_)) {
            if (!layers().empty())
                fail(
                    "reads a map as row, column, channel; training reads channel, row, column: put a flatten with "
                    "order = "
                    "\"chw\" in front");
            fail(
                "reads images as row, column, channel; training reads channel, row, column: store them with layout = "
                "\"chw\"");
        }
        TrainingLayer layer = linear(op.bias.has_value());
        layer.sums = {.channels = static_cast<int>(op.weights.dims[1]), .rows = 1, .columns = 1};
        finish_linear(std::move(layer), op.accumulator, op.weights.type);
    }

    void take(const MaxPool& op) {
        if (!open_ || !layers().back().is_conv() || layers().back().pool_rows * layers().back().pool_columns > 1)
            fail(
                "does not stand right behind a conv2d; training pools the sums, so put it between conv2d and "
                "activation");
        if (op.pool != op.stride) fail("has windows that overlap or leave gaps; training needs stride = pool");
        if (op.padding != Padding{}) fail("has padding; training knows \"valid\"");
        if (op.accumulator) fail("has an accumulator; training compares the sums as they are: leave it out");
        TrainingLayer& layer = layers().back();
        layer.pool_rows = op.pool[0];
        layer.pool_columns = op.pool[1];
        layer.output = map_of(node_->shape);
        stored_ = node_->shape;
    }

    void take(const Relu&) { close("relu"); }
    void take(const Threshold& op) {
        const Parameter& t = op.thresholds;
        const bool at_zero = element_count(t.dims) == 1 && (t.is_raw() ? t.raw[0] == 0 : t.real[0] == 0);
        if (!at_zero || !op.strict || op.scale != 1 || op.bias != 0)
            fail(
                "is not the activation of 1 bit that training knows: one threshold 0 with strict = true, scale 1, bias "
                "0");
        close("threshold");
    }
    void take(const ClippedRelu& op) {
        if (index_ + 1 != graph_.nodes.size())
            fail("stands between layers; training's activation there is relu, whose result type clips");
        if (op.max != 1) fail("has another max than 1; the loss of training needs outputs from 0 to 1");
        if (!open_ || layers().back().is_conv())
            fail("does not stand right behind a dense layer; training ends with dense and clipped_relu");
        open_ = false;
        finished_ = true;
    }
    void take(const Flatten& op) {
        reshapes();
        if (is_channels_last(stored_) && op.order != Layout::Chw)
            fail("reads a map as row, column, channel; training reads channel, row, column: write order = \"chw\"");
        if (layers().empty()) out_.channels_last = is_channels_last(stored_);
        stored_ = node_->shape;
    }
    void take(const Reshape& op) {
        reshapes();
        if (is_channels_last(stored_) && op.shape.layout == Layout::Vector)
            fail(
                "reads a map as row, column, channel; training reads channel, row, column: use flatten with order = "
                "\"chw\"");
        if (op.shape.layout != Layout::Vector) {
            map_at_vector_ = !layers().empty();
            if (layers().empty()) out_.network.input = map_of(op.shape);
        }
        stored_ = node_->shape;
    }
    template <class Op>
    void take(const Op&) {
        fail(
            "cannot be trained; training knows conv2d, dense, max_pool, relu, threshold, flatten, reshape and at the "
            "end "
            "clipped_relu");
    }

    void reshapes() const {
        if (open_) fail(fmt::format("stands between '{}' and its activation; put it behind", layers_name()));
    }
    [[nodiscard]] std::string layers_name() const { return out_.network.layers.back().name; }

    void begin_linear() const {
        if (open_) fail(fmt::format("follows '{}' without an activation; put a relu between", layers_name()));
    }

    void close(const char* what) {
        if (!open_)
            fail(fmt::format("does not stand behind a layer with weights; training knows one {} behind each", what));
        if (index_ + 1 == graph_.nodes.size())
            fail("is the end; training ends with dense and clipped_relu with max = 1");
        open_ = false;
    }

    [[nodiscard]] TrainingLayer linear(bool bias) const {
        if (bias) fail("has a bias; training knows none: write bias = false");
        TrainingLayer layer;
        layer.name = node_->name;
        layer.input = layers().empty() ? out_.network.input : layers().back().output;
        return layer;
    }
    [[nodiscard]] const std::vector<TrainingLayer>& layers() const { return out_.network.layers; }

    void finish_linear(TrainingLayer layer, const AccumulatorSpec& spec, const FixedType& weight) {
        layer.output = layer.sums;
        layer.scale = weight_scale(settings_.bits.weights, layer.fan_in());
        layer.forward = forward(layer, spec, weight);
        layer.error = settings_.error;
        layer.gradient = settings_.gradient;
        for (const TrainingSettings::Layer& own : settings_.layers) {
            if (own.name != layer.name) continue;
            if (own.error && layers().empty())
                fail(
                    "is the first with weights, so no sums go back from it: leave error_accumulator out of its "
                    "[[training.layer]]");
            layer.error = own.error.value_or(layer.error);
            layer.gradient = own.gradient.value_or(layer.gradient);
        }
        layers().push_back(std::move(layer));
        out_.nodes.push_back(index_);
        open_ = true;
        stored_ = node_->shape;
    }

    // H15: the file's accumulator, where its layer has the types of the bits and it is narrower than the sums.
    [[nodiscard]] TrainingAccumulator forward(const TrainingLayer& layer, const AccumulatorSpec& spec,
                                              const FixedType& weight) const {
        const TrainingBits& bits = settings_.bits;
        const int fw = weight_frac(bits, layer.scale), fa = bits.activations - 1;
        const Format& type = spec.type.format;
        const FixedType& read = type_of(graph_, node_->inputs[0]);
        if (weight.format.frac() != fw || read.format.frac() != fa) return {};
        const int needed = sum_width(bits, layer.fan_in());
        const int integer_needed = needed - (fw + fa);
        if (type.is_signed && type.integer >= integer_needed && type.frac() >= fw + fa) return {};
        const std::string text = print_type(spec.type);
        if (type.frac() != fw + fa || !type.is_signed)
            fail(fmt::format("has the accumulator {}, but its sums have {} fraction bits and a sign; give it that many",
                             text, fw + fa));
        if (spec.product || spec.schedule != Schedule::Sequential || spec.quantize != QuantizeAt::Step ||
            (layer.is_conv() && spec.terms != TermOrder::Kernel))
            fail(fmt::format(
                "has the accumulator {}, which may overflow; training then adds exact products one by one in the "
                "order \"kernel\": write product = \"exact\", terms = \"kernel\", schedule = \"sequential\", "
                "quantize = \"step\", or give it {} bits",
                text, needed));
        const bool wraps = spec.type.overflow == Overflow::Wrap && spec.type.saturated_bits == 0;
        if (!wraps && spec.type.overflow != Overflow::Sat)
            fail(fmt::format("has the accumulator {}, which may overflow; training knows WRAP and SAT", text));
        return {.width = type.width, .saturate = !wraps};
    }

    const Graph& graph_;
    const TrainingSettings& settings_;
    std::string place_;
    TrainableNetwork out_{};
    const Node* node_ = nullptr;
    std::size_t index_ = 0;
    Shape stored_{};     // of the tensor at hand
    bool open_ = false;  // a layer with weights waits for its activation
    bool finished_ = false;
    bool map_at_vector_ = false;
};

}  // namespace

TrainableNetwork trainable_network(const Graph& graph, const TrainingSettings& settings, const std::string& place) {
    return Chain(graph, settings, place).walk();
}

std::vector<std::uint8_t> channels_first(std::span<const std::uint8_t> pixels, MapShape shape) {
    std::vector<std::uint8_t> moved(pixels.size());
    const auto places = static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(shape.columns);
    const auto channels = static_cast<std::size_t>(shape.channels);
    const std::size_t size = places * channels;
    for (std::size_t at = 0; at + size <= pixels.size(); at += size) {
        for (std::size_t p = 0; p < places; ++p) {
            for (std::size_t c = 0; c < channels; ++c) moved[at + c * places + p] = pixels[at + p * channels + c];
        }
    }
    return moved;
}

}  // namespace bittrue::explore
