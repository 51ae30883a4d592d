#include "exhaustive/random_graph.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "exhaustive/random_mac.hpp"
#include "exhaustive/types.hpp"

namespace bittrue::testing {
namespace {

constexpr int kMaxWidth = 10;

class Builder {
public:
    Builder(Random& random, int max_nodes) : random_(random), nodes_(random.integer(1, max_nodes)) {}

    Graph build() {
        graph_.name = "random";
        graph_.input = {.shape = any_shape(), .type = type()};
        tensors_.push_back({graph_.input.name, graph_.input.shape, graph_.input.type.format});
        for (int k = 0; k < nodes_; ++k) add_node(k);
        graph_.output = graph_.nodes.back().name;
        validate(graph_);
        return std::move(graph_);
    }

private:
    struct TensorInfo {
        std::string name{};
        Shape shape{};
        Format format{};
    };

    int draw(int low, int high) { return random_.integer(low, high); }
    Layout map_layout() { return random_.one_in(2) ? Layout::Hwc : Layout::Chw; }

    Shape any_shape() {
        if (random_.one_in(3)) return {.layout = Layout::Vector, .dims = {draw(1, 9)}};
        return make_map(map_layout(), draw(1, 4), draw(1, 6), draw(1, 6));
    }

    Format format() {
        const int width = draw(1, kMaxWidth);
        return {.width = width, .integer = width - draw(-4, 9), .is_signed = !random_.one_in(3)};
    }
    FixedType type() { return random_type(random_, format()); }

    // Quarters of an lsb, from deep inside the range to far outside.
    double real_near(Format f) {
        const int range = 1 << draw(0, f.width + 3);
        return std::ldexp(draw(-range, range), -f.frac() - 2);
    }

    Parameter parameter(Dims dims, bool infinity_allowed = false) {
        Parameter p{.dims = std::move(dims), .type = type()};
        const std::int64_t count = element_count(p.dims);
        if (p.type.format.is_signed && p.type.format.width >= 2 && random_.one_in(5)) {
            p.quantizer = random_.one_in(2) ? WeightQuantizer::Sign : WeightQuantizer::Bipolar;
        }
        const bool raw = p.quantizer == WeightQuantizer::Cast && random_.one_in(3);
        for (std::int64_t i = 0; i < count; ++i) {
            if (raw) {
                p.raw.push_back(random_word(random_, p.type.format));
            } else if (infinity_allowed && random_.one_in(12)) {
                const double infinity = std::numeric_limits<double>::infinity();
                p.real.push_back(random_.one_in(2) ? infinity : -infinity);
            } else {
                p.real.push_back(real_near(p.type.format));
            }
        }
        return p;
    }

    Table table(std::int64_t entries) { return {.entries = parameter({entries}, true), .origin = "random"}; }
    // For a bit index: a power of two that the word has bits for.
    Table bit_table(Format index) { return table(std::int64_t{1} << draw(0, index.width < 5 ? index.width : 5)); }

    std::optional<Parameter> maybe_bias(std::int64_t outputs) {
        if (random_.one_in(3)) return std::nullopt;
        return parameter({outputs});
    }

    AccumulatorSpec accumulator(std::int64_t terms, int product_frac) {
        return random_accumulator(random_, 14, static_cast<int>(terms), product_frac, 6);
    }

    Dense dense(const TensorInfo& in) {
        const std::int64_t outputs = draw(1, 5);
        Dense op{.weights = parameter({in.shape.count(), outputs}), .bias = maybe_bias(outputs)};
        op.accumulator = accumulator(in.shape.count(), op.weights.type.format.frac() + in.format.frac());
        return op;
    }

    Conv2d conv2d(const TensorInfo& in) {
        const auto channels = static_cast<int>(in.shape.channels());
        Conv2d op;
        op.groups = random_.one_in(2) ? channels : 1;
        const int outputs = op.groups * draw(1, 3);
        op.stride = {draw(1, 3), draw(1, 3)};
        op.dilation = {draw(1, 2), draw(1, 2)};
        op.padding = {.top = draw(0, 2), .bottom = draw(0, 2), .left = draw(0, 2), .right = draw(0, 2)};
        const int rows = kernel(in.shape.height() + op.padding.top + op.padding.bottom, op.dilation[0]);
        const int columns = kernel(in.shape.width() + op.padding.left + op.padding.right, op.dilation[1]);
        op.weights = parameter({rows, columns, channels / op.groups, outputs});
        op.bias = maybe_bias(outputs);
        op.accumulator =
            accumulator(rows * columns * (channels / op.groups), op.weights.type.format.frac() + in.format.frac());
        return op;
    }

    // The largest draw of 1..3 whose dilated window still fits.
    int kernel(std::int64_t length, int dilation) {
        int size = draw(1, 3);
        while ((size - 1) * dilation + 1 > length) --size;
        return size;
    }

    void pool_window(const Shape& in, std::array<int, 2>& pool, std::array<int, 2>& stride, Padding& padding) {
        pool = {draw(1, 3), draw(1, 3)};
        stride = {draw(1, 3), draw(1, 3)};
        padding = {.top = draw(0, pool[0] - 1),
                   .bottom = draw(0, pool[0] - 1),
                   .left = draw(0, pool[1] - 1),
                   .right = draw(0, pool[1] - 1)};
        if (in.height() + padding.top + padding.bottom < pool[0]) pool[0] = 1, padding.top = padding.bottom = 0;
        if (in.width() + padding.left + padding.right < pool[1]) pool[1] = 1, padding.left = padding.right = 0;
    }

    MaxPool max_pool(const TensorInfo& in) {
        MaxPool op{.pad_rule = random_.one_in(2) ? PoolPadding::Ignore : PoolPadding::Msb};
        if (random_.one_in(3)) op.accumulator = type();
        pool_window(in.shape, op.pool, op.stride, op.padding);
        return op;
    }

    AveragePool average_pool(const TensorInfo& in) {
        AveragePool op{.count_padding = random_.one_in(2), .accumulator = type()};
        pool_window(in.shape, op.pool, op.stride, op.padding);
        do op.divide = random_.pick(kAllRoundings);
        while (op.divide == Rounding::RndConvOdd && op.accumulator.dialect != Dialect::Ac);
        return op;
    }

    Flatten flatten() {
        if (random_.one_in(3)) return {};
        return {.order = map_layout()};
    }

    Reshape reshape(const TensorInfo& in) {
        const std::int64_t count = in.shape.count();
        if (random_.one_in(4)) return {.shape = {.layout = Layout::Vector, .dims = {count}}};
        std::int64_t channels = draw(1, 6);
        while (count % channels != 0) --channels;
        std::int64_t rows = draw(1, 6);
        while (count / channels % rows != 0) --rows;
        return {.shape = make_map(map_layout(), channels, rows, count / channels / rows)};
    }

    Lookup lookup(const TensorInfo& in) {
        if (random_.one_in(2)) return {.table = bit_table(in.format), .index = TableIndex::Bits};
        return {.table = table(draw(2, 20)), .index = TableIndex::Scaled, .span = draw(1, 20)};
    }

    Softmax softmax(const TensorInfo& in) {
        constexpr SoftmaxKind kKinds[] = {SoftmaxKind::Stable, SoftmaxKind::Latency, SoftmaxKind::Legacy,
                                          SoftmaxKind::Argmax};
        Softmax op{.kind = random_.pick(kKinds)};
        op.accumulator = type();
        op.inv_input = type();
        op.difference = type();
        switch (op.kind) {
            case SoftmaxKind::Stable:
                op.exp_table = bit_table(op.difference.format);
                op.inv_table = bit_table(op.inv_input.format);
                break;
            case SoftmaxKind::Latency:
                op.exp_table = bit_table(in.format);
                op.inv_table = bit_table(op.inv_input.format);
                break;
            case SoftmaxKind::Legacy:
                op.exp_table = table(draw(2, 20));
                op.inv_table = table(draw(2, 20));
                break;
            case SoftmaxKind::Argmax: break;
        }
        return op;
    }

    // One for all channels or one for each.
    std::int64_t one_or_all(const TensorInfo& in) { return random_.one_in(2) ? 1 : in.shape.channels(); }

    Affine affine(const TensorInfo& in) {
        Affine op{.scale = parameter({one_or_all(in)})};
        if (!random_.one_in(3)) op.bias = parameter({one_or_all(in)});
        return op;
    }

    Clip clip(const TensorInfo& in) {
        const double a = real_near(in.format), b = real_near(in.format);
        return {.min = std::min(a, b), .max = std::max(a, b)};
    }

    Pad pad() {
        return {.padding = {.top = draw(0, 2), .bottom = draw(0, 2), .left = draw(0, 2), .right = draw(0, 2)}};
    }

    Transpose transpose() {
        constexpr std::array<int, 3> kOrders[] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        return {.axes = random_.pick(kOrders), .layout = map_layout()};
    }

    Threshold threshold(const TensorInfo& in) {
        const std::int64_t n = draw(1, 8);
        Threshold op{.thresholds = parameter({one_or_all(in), n}), .strict = random_.one_in(2)};
        // Thresholds near the words that they are compared with, mostly.
        if (!random_.one_in(4)) op.thresholds.type.format = in.format;
        if (!reason_invalid(op.thresholds.type).empty() || op.thresholds.quantizer != WeightQuantizer::Cast)
            op.thresholds.type = {.format = in.format};
        op.thresholds.quantizer = WeightQuantizer::Cast;
        const Format f = op.thresholds.type.format;
        for (double& x : op.thresholds.real) x = real_near(f);
        for (std::int64_t& x : op.thresholds.raw) x = random_word(random_, f);
        for (std::ptrdiff_t c = 0; c < op.thresholds.dims[0]; ++c) {
            const auto sort = [&](auto& all) {
                if (!all.empty()) std::sort(all.begin() + c * n, all.begin() + (c + 1) * n);
            };
            sort(op.thresholds.real);
            sort(op.thresholds.raw);
        }
        op.scale = std::ldexp(draw(-9, 9), draw(-6, 4));
        op.bias = std::ldexp(draw(-99, 99), draw(-6, 4));
        return op;
    }

    Requantize requantize(const TensorInfo& in) {
        constexpr RequantizeRule kRules[] = {RequantizeRule::Exact, RequantizeRule::TfliteDouble,
                                             RequantizeRule::Float32};
        const int width = draw(2, 16);
        Requantize op{.multiplier = {.dims = {one_or_all(in)}}, .rule = random_.pick(kRules)};
        op.multiplier.type.format = {.width = width, .integer = width, .is_signed = !random_.one_in(4)};
        for (std::int64_t i = 0; i < op.multiplier.dims[0]; ++i) {
            op.multiplier.raw.push_back(random_word(random_, op.multiplier.type.format));
            op.shift.push_back(random_.one_in(8) ? draw(-8, 62) : draw(0, width + 2));
        }
        if (random_.one_in(2)) op.zero_point = draw(-150, 150);
        op.zero_point_first = random_.one_in(2);
        return op;
    }

    Operation any_operation(const TensorInfo& in, bool& second_input) {
        const bool is_vector = in.shape.layout == Layout::Vector;
        switch (draw(0, 19)) {
            case 12: return affine(in);
            case 13: second_input = true; return Multiply{};
            case 14: {
                constexpr Axis kAxes[] = {Axis::Channel, Axis::Row, Axis::Column};
                second_input = true;
                return Concat{.axis = is_vector ? Axis::Channel : random_.pick(kAxes)};
            }
            case 15: return is_vector ? Operation{Clip{clip(in)}} : Operation{transpose()};
            case 16: return is_vector ? Operation{affine(in)} : Operation{pad()};
            case 17: return clip(in);
            case 18: return threshold(in);
            case 19: return requantize(in);
            case 0: return Quantize{};
            case 1: return Relu{};
            case 2: return ClippedRelu{.max = std::abs(real_near(in.format))};
            case 3: return LeakyRelu{.alpha = parameter({1})};
            case 4: return flatten();
            case 5: return reshape(in);
            case 6: second_input = true; return Add{};
            case 7: return lookup(in);
            case 8:
            case 9: return is_vector ? Operation{dense(in)} : Operation{conv2d(in)};
            case 10: return is_vector ? Operation{softmax(in)} : Operation{max_pool(in)};
            default: return is_vector ? Operation{softmax(in)} : Operation{average_pool(in)};
        }
    }

    void add_node(int k) {
        const TensorInfo in = tensors_[static_cast<std::size_t>(draw(random_.one_in(2) ? k : 0, k))];
        bool second_input = false;
        Node node{.name = "layer" + std::to_string(k), .inputs = {in.name}, .result = type()};
        node.op = any_operation(in, second_input);
        if (second_input) {
            const auto* const concat = std::get_if<Concat>(&node.op);
            std::vector<std::string> fitting;
            for (const TensorInfo& t : tensors_) {
                Shape shape = t.shape;
                // What is joined may be longer or shorter along the axis.
                if (concat != nullptr && shape.layout == in.shape.layout) {
                    const std::size_t axis = axis_position(shape.layout, concat->axis);
                    shape.dims[axis] = in.shape.dims[axis];
                }
                if (shape == in.shape) fitting.push_back(t.name);
            }
            for (int i = draw(1, 3); i > 0; --i) {
                node.inputs.push_back(fitting[static_cast<std::size_t>(draw(0, static_cast<int>(fitting.size()) - 1))]);
            }
        }
        graph_.nodes.push_back(node);
        Graph checked = graph_;
        checked.output = node.name;
        validate(checked);
        tensors_.push_back({node.name, shape_of(checked, node.name), node.result.format});
    }

    Random& random_;
    int nodes_;
    Graph graph_{};
    std::vector<TensorInfo> tensors_{};
};

}  // namespace

Graph random_graph(Random& random, int max_nodes) {
    return Builder(random, max_nodes).build();
}

InputBatch random_batch(Random& random, const Graph& graph, std::size_t images) {
    InputBatch batch{.images = images, .dims = graph.input.shape.dims};
    const Format format = graph.input.type.format;
    for (std::size_t i = 0; i < images * static_cast<std::size_t>(graph.input.shape.count()); ++i) {
        const int range = 1 << random.integer(0, format.width + 3);
        batch.values.push_back(std::ldexp(random.integer(-range, range), -format.frac() - 2));
    }
    return batch;
}

}  // namespace bittrue::testing
