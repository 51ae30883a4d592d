#include "sweep/stage.hpp"

#include <algorithm>
#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "sweep/lanes.hpp"
#include "sweep/numbers.hpp"

namespace bittrue::explore {

namespace {

std::unique_ptr<Engine> one_node_engine(const Graph& graph, const Node& node, const std::vector<Shape>& shapes) {
    Graph alone{.name = node.name};
    const std::string& in = node.inputs.front();
    alone.input = {.name = "in", .shape = shapes.front(), .type = type_of(graph, in)};
    Node copy = node;
    copy.inputs = {"in"};
    alone.nodes.push_back(std::move(copy));
    alone.output = node.name;
    validate(alone);
    return emulator::make_engine(alone);
}

// Casts of whole planes; the words of `from` in lanes of 32 bits where that is exact.
class PlaneCast {
public:
    PlaneCast(Format from, const FixedType& to) : cast_(from.frac(), to), narrow_(cast_.fits(signed_width(from), 32)) {}

    void operator()(const std::int32_t* in, std::int32_t* out, int lanes) const {
        if (narrow_) {
            cast_lanes(cast_, in, out, lanes);
            return;
        }
        std::int64_t wide[kLaneStep];
        for (int l = 0; l < lanes; l += kLaneStep) {
            widen_lanes(in + l, wide, kLaneStep);
            cast_lanes(cast_, wide, out + l, kLaneStep);
        }
    }
    // Whether 64 bits are enough.
    [[nodiscard]] static bool fits(Format from, const FixedType& to) {
        return LaneCast(from.frac(), to).fits(signed_width(from), 64);
    }

private:
    LaneCast cast_;
    bool narrow_;
};

// L1, L6, L9, L10: every element by itself, maybe cut off at zero, maybe in another order.
class ElementStage : public Stage {
public:
    ElementStage(PlaneCast cast, bool relu, std::vector<std::int64_t> from)
        : cast_(cast), relu_(relu), from_(std::move(from)) {}

    void run(std::span<const Block* const> inputs, int /*images*/, Block& out) const override {
        const Block& in = *inputs[0];
        out.reset(in.elements(), in.lanes());
        for (std::int64_t e = 0; e < in.elements(); ++e) {
            const std::int32_t* source = in.plane(from_.empty() ? e : from_[static_cast<std::size_t>(e)]);
            if (relu_) {
                relu_lanes(source, out.plane(e), in.lanes());
                source = out.plane(e);
            }
            cast_(source, out.plane(e), in.lanes());
        }
    }

private:
    PlaneCast cast_;
    bool relu_;
    std::vector<std::int64_t> from_;
};

// L4 without padding words and accumulator.
class MaxPoolStage : public Stage {
public:
    MaxPoolStage(PlaneCast cast, const MaxPool& op, Shape in, Shape out)
        : cast_(cast), op_(op), in_(std::move(in)), out_(std::move(out)) {}

    void run(std::span<const Block* const> inputs, int /*images*/, Block& out) const override {
        const Block& in = *inputs[0];
        out.reset(out_.count(), in.lanes());
        for (std::int64_t c = 0; c < out_.channels(); ++c)
            for (std::int64_t y = 0; y < out_.height(); ++y)
                for (std::int64_t x = 0; x < out_.width(); ++x) one(in, c, y, x, out.plane(out_.index(c, y, x)));
    }

private:
    void one(const Block& in, std::int64_t c, std::int64_t y, std::int64_t x, std::int32_t* out) const {
        const std::int64_t top = y * op_.stride[0] - op_.padding.top, left = x * op_.stride[1] - op_.padding.left;
        bool first = true;
        for (std::int64_t r = std::max<std::int64_t>(top, 0); r < std::min(top + op_.pool[0], in_.height()); ++r) {
            for (std::int64_t s = std::max<std::int64_t>(left, 0); s < std::min(left + op_.pool[1], in_.width()); ++s) {
                const std::int32_t* plane = in.plane(in_.index(c, r, s));
                if (first) {
                    std::copy_n(plane, in.lanes(), out);
                } else {
                    max_lanes(out, plane, in.lanes());
                }
                first = false;
            }
        }
        cast_(out, out, in.lanes());
    }

    PlaneCast cast_;
    MaxPool op_;
    Shape in_, out_;
};

// L11
class AddStage : public Stage {
public:
    AddStage(std::vector<int> ups, LaneCast cast) : ups_(std::move(ups)), cast_(cast) {}

    void run(std::span<const Block* const> inputs, int /*images*/, Block& out) const override {
        const int lanes = inputs[0]->lanes();
        out.reset(inputs[0]->elements(), lanes);
        std::vector<std::int64_t> sums(static_cast<std::size_t>(lanes));
        for (std::int64_t e = 0; e < out.elements(); ++e) {
            std::fill(sums.begin(), sums.end(), 0);
            for (std::size_t k = 0; k < inputs.size(); ++k) {
                const std::int32_t* in = inputs[k]->plane(e);
                for (std::size_t l = 0; l < sums.size(); ++l) sums[l] += std::int64_t{in[l]} << ups_[k];
            }
            cast_lanes(cast_, sums.data(), out.plane(e), lanes);
        }
    }

private:
    std::vector<int> ups_;
    LaneCast cast_;
};

// An operation that works element by element, by a table of all words.
class TableStage : public Stage {
public:
    static constexpr int kMostBits = 16;
    TableStage(const Graph& graph, const Node& node) : lowest_(raw_min(type_of(graph, node.inputs.front()).format)) {
        const Format f = type_of(graph, node.inputs.front()).format;
        const auto words = static_cast<std::size_t>(raw_max(f) - raw_min(f) + 1);
        InputBatch batch{.images = words, .dims = {1}, .values = {}};
        for (std::size_t i = 0; i < words; ++i)
            batch.values.push_back(value_of(raw_min(f) + static_cast<i128>(i), f.frac()));
        const Shape one{.layout = Layout::Vector, .dims = {1}};
        const RunResult run = one_node_engine(graph, node, {one})->run(batch, {});
        for (const std::int64_t word : run.layers.back().words) table_.push_back(static_cast<std::int32_t>(word));
    }

    void run(std::span<const Block* const> inputs, int images, Block& out) const override {
        const Block& in = *inputs[0];
        out.reset(in.elements(), in.lanes());
        const auto lowest = static_cast<std::int64_t>(lowest_);
        for (std::int64_t e = 0; e < in.elements(); ++e) {
            const std::int32_t* from = in.plane(e);
            std::int32_t* to = out.plane(e);
            for (int l = 0; l < images; ++l) to[l] = table_[static_cast<std::size_t>(from[l] - lowest)];
            std::fill(to + images, to + in.lanes(), 0);
        }
    }

private:
    i128 lowest_;
    std::vector<std::int32_t> table_{};
};

// Everything else: image by image through the emulator.
class EngineStage : public Stage {
public:
    EngineStage(const Graph& graph, const Node& node)
        : shape_(shape_of(graph, node.inputs.front())),
          frac_(type_of(graph, node.inputs.front()).format.frac()),
          engine_(one_node_engine(graph, node, {shape_})) {}

    void run(std::span<const Block* const> inputs, int images, Block& out) const override {
        const Block& in = *inputs[0];
        const std::int64_t elements = in.elements();
        InputBatch batch{.images = static_cast<std::size_t>(images), .dims = shape_.dims, .values = {}};
        batch.values.resize(static_cast<std::size_t>(images * elements));
        const double lsb = std::ldexp(1.0, -frac_);
        for (std::int64_t e = 0; e < elements; ++e) {
            for (int l = 0; l < images; ++l)
                batch.values[static_cast<std::size_t>(l * elements + e)] = in.plane(e)[l] * lsb;
        }
        RunOptions options;
        options.threads = 1;
        const RunResult result = engine_->run(batch, options);
        const LayerResult& layer = result.layers.back();
        const std::int64_t count = layer.shape.count();
        out.reset(count, in.lanes());
        for (std::int64_t e = 0; e < count; ++e) {
            for (int l = 0; l < images; ++l)
                out.plane(e)[l] = static_cast<std::int32_t>(layer.words[static_cast<std::size_t>(l * count + e)]);
            std::fill(out.plane(e) + images, out.plane(e) + in.lanes(), 0);
        }
    }

private:
    Shape shape_;
    int frac_;
    std::unique_ptr<Engine> engine_;
};

std::vector<std::int64_t> order_of(const Shape& in, std::optional<Layout> order) {
    std::vector<std::int64_t> from;
    if (!order || in.layout == Layout::Vector || in.layout == *order) return from;
    const bool hwc = *order == Layout::Hwc;
    const std::int64_t channels = in.channels(), height = in.height(), width = in.width();
    for (std::int64_t i = 0; i < in.count(); ++i) {
        const std::int64_t c = hwc ? i % channels : i / (height * width);
        const std::int64_t place = hwc ? i / channels : i % (height * width);
        from.push_back(in.index(c, place / width, place % width));
    }
    return from;
}

struct Maker {
    const Graph& graph;
    const Node& node;

    [[nodiscard]] Format from() const { return type_of(graph, node.inputs.front()).format; }
    [[nodiscard]] PlaneCast cast() const { return {from(), node.result}; }
    [[nodiscard]] bool casts_in_lanes() const { return PlaneCast::fits(from(), node.result); }
    [[nodiscard]] std::unique_ptr<Stage> by_engine() const { return std::make_unique<EngineStage>(graph, node); }
    [[nodiscard]] std::unique_ptr<Stage> by_table() const {
        if (from().width > TableStage::kMostBits) return by_engine();
        return std::make_unique<TableStage>(graph, node);
    }
    [[nodiscard]] std::unique_ptr<Stage> element(bool relu, std::vector<std::int64_t> order = {}) const {
        if (!casts_in_lanes()) return by_engine();
        return std::make_unique<ElementStage>(cast(), relu, std::move(order));
    }

    std::unique_ptr<Stage> operator()(const Quantize&) const { return element(false); }
    std::unique_ptr<Stage> operator()(const Reshape&) const { return element(false); }
    std::unique_ptr<Stage> operator()(const Relu&) const { return element(true); }
    std::unique_ptr<Stage> operator()(const Flatten& op) const {
        return element(false, order_of(shape_of(graph, node.inputs.front()), op.order));
    }
    std::unique_ptr<Stage> operator()(const ClippedRelu&) const { return by_table(); }
    std::unique_ptr<Stage> operator()(const LeakyRelu&) const { return by_table(); }
    std::unique_ptr<Stage> operator()(const Lookup&) const { return by_table(); }
    std::unique_ptr<Stage> operator()(const MaxPool& op) const {
        const bool pads = op.padding != Padding{} && op.pad_rule == PoolPadding::Msb;
        if (pads || op.accumulator || !casts_in_lanes()) return by_engine();
        return std::make_unique<MaxPoolStage>(cast(), op, shape_of(graph, node.inputs.front()), node.shape);
    }
    std::unique_ptr<Stage> operator()(const Add&) const {
        int frac = from().frac();
        for (const std::string& in : node.inputs) frac = std::max(frac, type_of(graph, in).format.frac());
        std::vector<int> ups;
        int bits = 0;
        for (const std::string& in : node.inputs) {
            const Format f = type_of(graph, in).format;
            ups.push_back(frac - f.frac());
            bits = std::max(bits, signed_width(f) + frac - f.frac());
        }
        const LaneCast to_result(frac, node.result);
        if (!to_result.fits(bits + ceil_log2(std::ssize(node.inputs)), 64)) return nullptr;
        return std::make_unique<AddStage>(std::move(ups), to_result);
    }
    std::unique_ptr<Stage> operator()(const AveragePool&) const { return by_engine(); }
    std::unique_ptr<Stage> operator()(const Softmax&) const { return by_engine(); }
    std::unique_ptr<Stage> operator()(const Dense&) const { return nullptr; }
    std::unique_ptr<Stage> operator()(const Conv2d&) const { return nullptr; }
};

}  // namespace

std::unique_ptr<Stage> make_stage(const Graph& graph, const Node& node) {
    return std::visit(Maker{graph, node}, node.op);
}

bool is_renaming(const Graph& graph, const Node& node) {
    const Format from = type_of(graph, node.inputs.front()).format;
    if (node.result.format != from) return false;
    const bool symmetric = range_min(node.result) != raw_min(from);
    if (symmetric) return false;
    if (std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Quantize>(node.op)) return true;
    const auto* flatten = std::get_if<Flatten>(&node.op);
    return flatten != nullptr && order_of(shape_of(graph, node.inputs.front()), flatten->order).empty();
}

}  // namespace bittrue::explore
