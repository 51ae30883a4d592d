#include "import/save_layer.hpp"

#include <algorithm>
#include <bit>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "import/network_text.hpp"

namespace bittrue::detail {

namespace {

std::string quantizer_name(WeightQuantizer quantizer) {
    switch (quantizer) {
        case WeightQuantizer::Cast: return "cast";
        case WeightQuantizer::Sign: return "sign";
        case WeightQuantizer::Bipolar: return "bipolar";
    }
    return "";
}

std::string moment_name(QuantizeAt moment) {
    switch (moment) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return "";
}

std::string kind_name(SoftmaxKind kind) {
    switch (kind) {
        case SoftmaxKind::Stable: return "stable";
        case SoftmaxKind::Latency: return "latency";
        case SoftmaxKind::Legacy: return "legacy";
        case SoftmaxKind::Argmax: return "argmax";
    }
    return "";
}

std::string truth(bool x) {
    return x ? "true" : "false";
}

bool is_single(double x) {
    return static_cast<double>(static_cast<float>(x)) == x;
}

NpyArray array_of(const Parameter& p) {
    if (p.is_raw()) return npy_from_words(p.dims, p.type.format, p.raw);
    const bool single = std::all_of(p.real.begin(), p.real.end(), is_single);
    return {.dims = p.dims, .type = single ? NpyType::Float32 : NpyType::Float64, .integers = {}, .reals = p.real};
}

// Whether `make` of the entries' number gives these very entries.
bool is_made(const Table& table, const std::function<Table(int)>& make) {
    const Parameter& p = table.entries;
    const std::int64_t size = element_count(p.dims);
    if (p.is_raw() || p.quantizer != WeightQuantizer::Cast || size < 2 || size > kMaxTableSize) return false;
    const Table made = make(static_cast<int>(size));
    return made.entries.dims == p.dims && made.entries.type == p.type &&
           std::equal(
               made.entries.real.begin(), made.entries.real.end(), p.real.begin(), p.real.end(),
               [](double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); });
}

class LayerWriter {
public:
    LayerWriter(const Node& node, const FixedType& input, ArrayNames names, std::vector<NamedArray>& arrays)
        : node_(node), input_(input), names_(names), arrays_(arrays) {}

    std::string text() {
        line("name", quoted(node_.name));
        line("op", quoted(op_name_in_file()));
        std::vector<std::string> inputs;
        for (const std::string& i : node_.inputs) inputs.push_back(quoted(i));
        line("inputs", fmt::format("[{}]", fmt::join(inputs, ", ")));
        std::visit(*this, node_.op);
        type("result", node_.result);
        return std::move(text_);
    }

    void operator()(const Quantize&) {}
    void operator()(const Relu&) {}
    void operator()(const Add&) {}
    void operator()(const Multiply&) {}
    void operator()(const Dense& op) { linear(op.weights, op.bias, op.accumulator); }
    void operator()(const Conv2d& op) {
        linear(op.weights, op.bias, op.accumulator);
        line("stride", pair_text(op.stride));
        line("dilation", pair_text(op.dilation));
        line("groups", fmt::format("{}", op.groups));
        line("padding", padding_text(op.padding));
    }
    void operator()(const MaxPool& op) {
        window(op.pool, op.stride, op.padding);
        line("pad_rule", op.pad_rule == PoolPadding::Ignore ? "\"ignore\"" : "\"msb\"");
        if (op.accumulator) type("accumulator", *op.accumulator);
    }
    void operator()(const AveragePool& op) {
        window(op.pool, op.stride, op.padding);
        line("count_padding", truth(op.count_padding));
        type("accumulator", op.accumulator);
        line("divide", quoted(print_rounding(op.divide)));
    }
    void operator()(const ClippedRelu& op) { line("max", real_text(op.max)); }
    void operator()(const LeakyRelu& op) { numbers("alpha", op.alpha, "alpha_type"); }
    void operator()(const Flatten& op) {
        if (op.order) line("order", quoted(layout_name(*op.order)));
    }
    void operator()(const Reshape& op) {
        line("shape", fmt::format("[{}]", fmt::join(op.shape.dims, ", ")));
        line("layout", quoted(layout_name(op.shape.layout)));
    }
    void operator()(const Lookup& op) {
        if (is_curve(op)) {
            line("table_size", fmt::format("{}", element_count(op.table.entries.dims)));
            return type("table_type", op.table.entries.type);
        }
        numbers("table", op.table.entries, "table_type");
        line("index", op.index == TableIndex::Scaled ? "\"scaled\"" : "\"bits\"");
        line("span", fmt::format("{}", op.span));
    }
    void operator()(const Softmax& op) {
        line("kind", quoted(kind_name(op.kind)));
        if (op.kind == SoftmaxKind::Argmax) return;
        const FixedType exp = op.exp_table.entries.type, inv = op.inv_table.entries.type;
        table("exp_table", op.exp_table, [&](int size) {
            if (op.kind == SoftmaxKind::Legacy) return legacy_exp_table(size, exp);
            if (op.kind == SoftmaxKind::Latency) return latency_exp_table(size, exp, input_.format);
            return stable_exp_table(size, exp, op.difference.format);
        });
        table("inv_table", op.inv_table, [&](int size) {
            return op.kind == SoftmaxKind::Legacy ? legacy_inverse_table(size, inv)
                                                  : inverse_table(size, inv, op.inv_input.format);
        });
        if (op.kind == SoftmaxKind::Stable) type("difference", op.difference);
        type("accumulator", op.accumulator);
        if (op.kind != SoftmaxKind::Legacy) type("inv_input", op.inv_input);
    }
    void operator()(const Affine& op) {
        numbers("scale", op.scale, "scale_type");
        bias(op.bias);
    }
    void operator()(const Concat& op) { line("axis", quoted(axis_name(op.axis))); }
    void operator()(const Transpose& op) {
        line("axes", fmt::format("[{}]", fmt::join(op.axes, ", ")));
        line("layout", quoted(layout_name(op.layout)));
    }
    void operator()(const Pad& op) { line("padding", padding_list(op.padding)); }
    void operator()(const Clip& op) {
        line("min", real_text(op.min));
        line("max", real_text(op.max));
    }
    void operator()(const Threshold& op) {
        numbers("thresholds", op.thresholds, "threshold_type");
        line("scale", real_text(op.scale));
        line("bias", real_text(op.bias));
        line("strict", truth(op.strict));
    }
    void operator()(const Requantize& op) {
        numbers("multiplier", op.multiplier, "multiplier_type");
        line("shift", fmt::format("[{}]", fmt::join(op.shift, ", ")));
        line("rule", quoted(rule_name(op.rule)));
        line("zero_point", fmt::format("{}", op.zero_point));
        line("zero_point_first", truth(op.zero_point_first));
    }

private:
    void line(const std::string& key, const std::string& value) { text_ += key_line(key, value); }
    void type(const std::string& key, const FixedType& t) { line(key, quoted(print_type(t))); }

    // Files know sigmoid and tanh by their sizes only; entries of one's own are those of a lookup.
    [[nodiscard]] static bool is_curve(const Lookup& op) {
        const FixedType& t = op.table.entries.type;
        const bool is_sigmoid = op.table.origin == "sigmoid";
        const int span = is_sigmoid ? 16 : 8;
        if (!is_sigmoid && op.table.origin != "tanh") return false;
        return op.index == TableIndex::Scaled && op.span == span && is_made(op.table, [&](int size) {
                   return is_sigmoid ? sigmoid_table(size, t, span) : tanh_table(size, t, span);
               });
    }
    [[nodiscard]] std::string op_name_in_file() const {
        const auto* lookup = std::get_if<Lookup>(&node_.op);
        return lookup != nullptr && !is_curve(*lookup) ? "lookup" : op_name(node_.op);
    }

    // A reference to an array, which is stored; the quantizer stands beside it unless a key of the layer names it.
    std::string stored(const std::string& role, const Parameter& p, bool has_quantizer_key = false) {
        const bool short_name = names_ == ArrayNames::Layer && role == "weights";
        const std::string name = short_name ? node_.name : node_.name + "/" + role;
        arrays_.push_back({.name = name, .array = array_of(p)});
        if (p.is_raw()) return fmt::format("{{ array = {}, raw = true }}", quoted(name));
        if (has_quantizer_key || p.quantizer == WeightQuantizer::Cast) return quoted(name);
        return fmt::format("{{ array = {}, quantizer = {} }}", quoted(name), quoted(quantizer_name(p.quantizer)));
    }
    void numbers(const std::string& key, const Parameter& p, const std::string& type_key) {
        line(key, stored(key, p));
        type(type_key, p.type);
    }
    void bias(const std::optional<Parameter>& b) {
        if (!b) return line("bias", "false");
        numbers("bias", *b, "bias_type");
    }
    template <class Make>
    void table(const std::string& key, const Table& t, Make make) {
        if (!is_made(t, make)) return numbers(key, t.entries, key + "_type");
        line(key + "_size", fmt::format("{}", element_count(t.entries.dims)));
        type(key + "_type", t.entries.type);
    }

    void linear(const Parameter& weights, const std::optional<Parameter>& b, const AccumulatorSpec& a) {
        line("weights", stored("weights", weights, true));
        type("weight_type", weights.type);
        line("quantizer", quoted(quantizer_name(weights.quantizer)));
        bias(b);
        type("accumulator", a.type);
        line("product", !a.product             ? "\"exact\""
                        : *a.product == a.type ? "\"accumulator\""
                                               : quoted(print_type(*a.product)));
        line("terms", a.terms == TermOrder::Input ? "\"input\"" : "\"kernel\"");
        line("schedule", quoted(print_schedule(a)));
        line("quantize", quoted(moment_name(a.quantize)));
        line("bias_position", a.bias == BiasPosition::First ? "\"first\"" : "\"last\"");
        line("bias_cast", a.bias_cast ? quoted(print_type(*a.bias_cast)) : "false");
    }

    void window(std::array<int, 2> pool, std::array<int, 2> stride, const Padding& p) {
        line("pool", pair_text(pool));
        line("stride", pair_text(stride));
        line("padding", padding_text(p));
    }

    const Node& node_;
    const FixedType& input_;
    ArrayNames names_;
    std::vector<NamedArray>& arrays_;
    std::string text_{};
};

}  // namespace

std::string layer_text(const Node& node, const FixedType& input, ArrayNames names, std::vector<NamedArray>& arrays) {
    return LayerWriter(node, input, names, arrays).text();
}

}  // namespace bittrue::detail
