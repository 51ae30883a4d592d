#include "layer_constants.hpp"

#include <bit>

namespace bittrue::sv_package {
namespace {

// Of what has no conversion: its words are exact.
FixedType exact(const Format& format) {
    return {.format = format, .rounding = Rounding::Trn, .overflow = Overflow::Wrap};
}

class Writer {
public:
    explicit Writer(const FixedType& in) : in_(in) {}

    void operator()(const Quantize& /*op*/) {}
    void operator()(const Relu& /*op*/) {}
    void operator()(const Reshape& /*op*/) {}
    void operator()(const Add& /*op*/) {}
    void operator()(const Multiply& /*op*/) {}

    void operator()(const Dense& op) { sums(op.weights, op.bias, op.accumulator); }

    void operator()(const Conv2d& op) {
        out_.number("KERNEL_ROWS", op.weights.dims[0]);
        out_.number("KERNEL_COLUMNS", op.weights.dims[1]);
        pair("STRIDE_", op.stride);
        pair("DILATION_", op.dilation);
        out_.number("GROUPS", op.groups);
        padding(op.padding);
        sums(op.weights, op.bias, op.accumulator);
    }

    void operator()(const MaxPool& op) {
        pair("POOL_", op.pool);
        pair("STRIDE_", op.stride);
        padding(op.padding);
        out_.flag("PAD_MSB", op.pad_rule == PoolPadding::Msb, "a pad word has only its top bit set");
        out_.flag("ACC_CAST", op.accumulator.has_value(), "the largest word is cast to ACC first");
        out_.conversion("ACC_", op.accumulator.value_or(exact(in_.format)));
    }

    void operator()(const AveragePool& op) {
        pair("POOL_", op.pool);
        pair("STRIDE_", op.stride);
        padding(op.padding);
        out_.flag("COUNT_PADDING", op.count_padding);
        out_.conversion("ACC_", op.accumulator);
        out_.code("DIVIDE_ROUND", rounding_code(op.divide));
    }

    void operator()(const ClippedRelu& op) { out_.real("MAX_", op.max); }

    void operator()(const LeakyRelu& op) { words("ALPHA_", op.alpha); }

    void operator()(const Flatten& op) {
        out_.flag("REORDERS", op.order.has_value(), "the elements do not come in the order of storage");
        out_.flag("CHANNELS_FIRST", op.order == Layout::Chw, "where it reorders: channel by channel");
    }

    void operator()(const Lookup& op) {
        table("TABLE_", op.table);
        out_.flag("SCALED", op.index == TableIndex::Scaled, "the index is T3's; 0: the top bits, T4");
        out_.number("SPAN", op.span);
    }

    void operator()(const Softmax& op) {
        out_.code("KIND", softmax_code(op.kind));
        if (op.kind == SoftmaxKind::Argmax) return;
        if (op.kind == SoftmaxKind::Stable) out_.conversion("DIFF_", op.difference);
        table("EXP_", op.exp_table);
        out_.conversion("ACC_", op.accumulator);
        if (op.kind != SoftmaxKind::Legacy) out_.conversion("INDEX_", op.inv_input);
        table("INV_", op.inv_table);
    }

    void operator()(const Affine& op) {
        words("SCALE_", op.scale);
        per_channel("SCALE_", op.scale.dims);
        bias(op.bias);
        if (op.bias) per_channel("B_", op.bias->dims);
    }

    void operator()(const Concat& op) { out_.code("AXIS", axis_code(op.axis)); }

    void operator()(const Transpose& op) {
        for (std::size_t i = 0; i < op.axes.size(); ++i) out_.number(fmt::format("AXIS{}", i), op.axes[i]);
    }

    void operator()(const Pad& op) { padding(op.padding); }

    void operator()(const Clip& op) {
        out_.real("MIN_", op.min);
        out_.real("MAX_", op.max);
    }

    void operator()(const Threshold& op) {
        words("THRESHOLD_", op.thresholds);
        out_.number("THRESHOLDS", op.thresholds.dims.back(), "of a channel");
        per_channel("THRESHOLD_", op.thresholds.dims);
        out_.flag("STRICT", op.strict, "a threshold has to be exceeded; 0: reached");
        out_.real("SCALE_", op.scale);
        out_.real("OFFSET_", op.bias);
    }

    void operator()(const Requantize& op) {
        words("MULTIPLIER_", op.multiplier);
        per_channel("MULTIPLIER_", op.multiplier.dims);
        shifts(op.shift);
        out_.code("RULE", rule_code(op.rule));
        out_.wide("ZERO_POINT", op.zero_point);
        out_.flag("ZERO_POINT_FIRST", op.zero_point_first, "added before rounding");
    }

    std::vector<Constant> take() { return out_.take(); }

private:
    // Words of a memory: they are cast when the network is loaded, not in hardware.
    void words(const std::string& prefix, const Parameter& p) {
        out_.format(prefix, p.type.format, print_type(p.type));
    }

    void bias(const std::optional<Parameter>& p) {
        out_.flag("HAS_BIAS", p.has_value());
        out_.format("B_", p ? p->type.format : Format{.width = 1, .integer = 1, .is_signed = false},
                    p ? print_type(p->type) : "one bit that is 0");
    }

    void sums(const Parameter& weights, const std::optional<Parameter>& b, const AccumulatorSpec& a) {
        words("W_", weights);
        bias(b);
        const Format stored = b ? b->type.format : Format{.width = 1, .integer = 1, .is_signed = false};
        out_.flag("BIAS_CAST", a.bias_cast.has_value(), "the bias is cast to BIAS_CAST_... first");
        out_.conversion("BIAS_CAST_", a.bias_cast.value_or(exact(stored)));
        out_.flag("PRODUCT_CAST", a.product.has_value(), "products are cast to PRODUCT_... first; 0: they are exact");
        out_.conversion("PRODUCT_", a.product.value_or(exact(product_format(weights.type.format, in_.format))));
        out_.conversion("ACC_", a.type);
        out_.code("TERMS", terms_code(a.terms));
        out_.code("SCHEDULE", schedule_code(a.schedule));
        out_.number("GROUP", a.group);
        out_.code("QUANTIZE", quantize_code(a.quantize));
        out_.code("BIAS_POSITION", bias_code(a.bias));
    }

    void table(const std::string& prefix, const Table& t) {
        const std::int64_t size = element_count(t.entries.dims);
        out_.number(prefix + "SIZE", size);
        out_.number(prefix + "BITS", static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(size - 1))),
                    "of an index");
        words(prefix, t.entries);
    }

    void pair(const std::string& prefix, const std::array<int, 2>& rows_columns) {
        out_.number(prefix + "ROWS", rows_columns[0]);
        out_.number(prefix + "COLUMNS", rows_columns[1]);
    }

    void padding(const Padding& p) {
        out_.number("PAD_TOP", p.top);
        out_.number("PAD_BOTTOM", p.bottom);
        out_.number("PAD_LEFT", p.left);
        out_.number("PAD_RIGHT", p.right);
    }

    void per_channel(const std::string& prefix, const Dims& dims) {
        out_.flag(prefix + "PER_CHANNEL", dims.front() > 1);
    }

    void shifts(const std::vector<int>& list) {
        std::string values;
        for (const int shift : list)
            values = fmt::format("8'h{:02x}{}{}", static_cast<std::uint8_t>(shift), values.empty() ? "" : ", ", values);
        out_.number("SHIFTS", static_cast<std::int64_t>(list.size()));
        out_.add(fmt::format("bit [{}:0]", 8 * list.size() - 1), "SHIFT", "{" + values + "}",
                 "8 bits, signed, of each; the first in the low bits");
    }

    FixedType in_;
    Constants out_{};
};

}  // namespace

std::vector<Constant> layer_constants(const Node& node, const FixedType& in) {
    Writer writer(in);
    std::visit(writer, node.op);
    return writer.take();
}

}  // namespace bittrue::sv_package
