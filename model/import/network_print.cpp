#include <bit>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "import/network_text.hpp"

namespace bittrue {

namespace {

using namespace detail;

struct Types {
    FixedType weight, bias, accumulator, result, input, table;
    std::string product;
};

Types choose(const InitOptions& o) {
    const FixedType base = parse_type(o.type);
    const auto type = [&](const std::string& text, const FixedType& otherwise) {
        return text.empty() ? otherwise : parse_type(text);
    };
    Types t;
    t.weight = type(o.weight, base);
    t.bias = type(o.bias, t.weight);
    t.accumulator = type(o.accumulator, base);
    t.result = type(o.result, base);
    t.input = type(o.input, base);
    t.table = {.format = {.width = 18, .integer = 8, .is_signed = true},
               .rounding = Rounding::Rnd,
               .overflow = Overflow::Sat,
               .saturated_bits = 0,
               .dialect = base.dialect};
    t.product = o.product == "exact" || o.product == "accumulator" ? o.product : print_type(parse_type(o.product));
    return t;
}

struct SoftmaxTypes {
    FixedType difference, accumulator, inv_input;
    int exp_size, inv_size;
    std::string difference_note, inv_note;
};

FixedType index_type(int integer, int frac, Dialect dialect) {
    return {.format = {.width = integer + frac, .integer = integer, .is_signed = false},
            .rounding = Rounding::Rnd,
            .overflow = Overflow::Sat,
            .saturated_bits = 0,
            .dialect = dialect};
}

// hls4ml's types, where 1024 entries indexed by the top bits of the difference (rule T4) leave steps of at most 1/8.
// A wide difference would have all its inputs in one or two entries; then the indices become as narrow as the tables.
SoftmaxTypes softmax_types(const FixedType& in, const FixedType& table, std::int64_t elements) {
    constexpr int kBits = 10;        // of the index into 1024 entries
    constexpr int kCoarsest = -3;    // 2^-3, the largest step that is left as it is
    constexpr int kDifference = 5;   // integer bits: exp(-32) is nothing in any table
    constexpr int kSumFraction = 4;  // 1/x, x from 1, in steps of at most 1/16
    constexpr int kMostBits = 20;    // of a table
    const int sign = in.format.is_signed && in.format.width > 1 ? 1 : 0;
    SoftmaxTypes s{.difference = {.format = {.width = in.format.width - sign,
                                             .integer = in.format.integer - sign,
                                             .is_signed = false},
                                  .rounding = Rounding::Trn,
                                  .overflow = Overflow::Wrap,
                                  .saturated_bits = 0,
                                  .dialect = in.dialect},
                   .accumulator = table,
                   .inv_input = table,
                   .exp_size = 1 << kBits,
                   .inv_size = 1 << kBits,
                   .difference_note = {},
                   .inv_note = {}};
    const Format d = s.difference.format;
    if (d.width <= kBits) {
        s.exp_size = 1 << d.width;  // every difference has its own entry
        return s;
    }
    const int step = d.integer - kBits;
    if (step <= kCoarsest) return s;
    s.difference = index_type(kDifference, kBits - kDifference, in.dialect);
    s.difference_note = fmt::format(": steps of 1/{}, of the input's own format they would be {}",
                                    1 << (kBits - kDifference), std::ldexp(1.0, step));
    const auto sum_bits =
        static_cast<int>(std::bit_width(static_cast<std::uint64_t>(elements)));  // holds 1 to `elements`
    const int inv_bits = std::min(std::max(kBits, sum_bits + kSumFraction), kMostBits);
    s.inv_input = index_type(sum_bits, std::max(inv_bits - sum_bits, 0), in.dialect);
    s.inv_size = 1 << std::min(inv_bits, s.inv_input.format.width);
    s.inv_note = fmt::format(": from 1 to {}", elements);
    const int needed = sum_bits + 1;  // signed
    if (needed > table.format.integer) {
        s.accumulator.format.width = needed + table.format.frac();
        s.accumulator.format.integer = needed;
    }
    return s;
}

class Writer {
public:
    Writer(const FloatModel& model, const Types& types) : model_(model), types_(types) {}

    void line(const std::string& key, const std::string& value, const std::string& note = "") {
        text_ += key_line(key, value, note);
    }
    void type(const std::string& key, const FixedType& t, const std::string& note = "") {
        line(key, quoted(print_type(t)), note);
    }
    void raw(const std::string& text) { text_ += text; }

    void layer(const FloatLayer& l) {
        raw("\n[[layer]]\n");
        line("name", quoted(l.name));
        line("op", quoted(op_name(l.op)),
             fmt::format("{}: {} -> {}", l.class_name, print_dims(shape_of(l.inputs[0]).dims),
                         print_dims(l.shape.dims)));
        std::vector<std::string> inputs;
        for (const std::string& i : l.inputs) inputs.push_back(quoted(i));
        line("inputs", fmt::format("[{}]", fmt::join(inputs, ", ")));
        current_ = &l;
        std::visit(*this, l.op);
        type("result", l.result_type.value_or(types_.result));
    }

    void operator()(const Quantize&) {}
    void operator()(const Relu&) {}
    void operator()(const Add&) {}
    void operator()(const Dense& op) { linear(op.weights, op.bias, "io"); }
    void operator()(const Conv2d& op) {
        linear(op.weights, op.bias, "hwio");
        line("stride", pair_text(op.stride));
        line("dilation", pair_text(op.dilation));
        line("groups", fmt::format("{}", op.groups));
        line("padding", padding_text(op.padding), op.padding == Padding{} ? "" : "top, bottom, left, right");
    }
    void operator()(const MaxPool& op) {
        window(op.pool, op.stride, op.padding);
        line("pad_rule", "\"ignore\"", "padded positions: ignore, or msb as hls4ml does");
    }
    void operator()(const AveragePool& op) {
        window(op.pool, op.stride, op.padding);
        line("count_padding", op.count_padding ? "true" : "false");
        type("accumulator", types_.accumulator);
        line("divide", quoted(print_rounding(op.divide)), "rounding of sum / count to the accumulator's lsb");
    }
    void operator()(const ClippedRelu& op) { line("max", real_text(op.max)); }
    void operator()(const LeakyRelu& op) {
        line("alpha", real_text(op.alpha.real.at(0)));
        type("alpha_type", types_.weight);
    }
    void operator()(const Flatten& op) {
        if (op.order) line("order", quoted(layout_name(*op.order)), "order of the elements in the vector");
    }
    void operator()(const Reshape& op) {
        line("shape", fmt::format("[{}]", fmt::join(op.shape.dims, ", ")));
        line("layout", quoted(layout_name(op.shape.layout)));
    }
    void operator()(const Lookup&) {
        line("table_size", "1024");
        type("table_type", types_.table);
    }
    void operator()(const Softmax&) {
        const SoftmaxTypes s = softmax_types(type_of(current_->inputs[0]), types_.table, current_->shape.count());
        line("kind", "\"stable\"", "stable, latency, legacy (hls4ml's three), argmax");
        line("exp_table_size", fmt::format("{}", s.exp_size));
        type("exp_table_type", types_.table);
        line("inv_table_size", fmt::format("{}", s.inv_size));
        type("inv_table_type", types_.table);
        type("difference", s.difference, "largest input - input" + s.difference_note);
        type("accumulator", s.accumulator, "of the sum of exponentials");
        type("inv_input", s.inv_input, "the sum as index of inv_table" + s.inv_note);
    }

    void operator()(const Affine& op) {
        numbers("scale", op.scale, current_->weights_source);
        type("scale_type", current_->weight_type.value_or(types_.weight));
        if (!op.bias) return line("bias", "false", "none");
        numbers("bias", *op.bias, current_->bias_source);
        type("bias_type", current_->bias_type.value_or(types_.bias));
    }
    void operator()(const Multiply&) {}
    void operator()(const Concat& op) { line("axis", quoted(axis_name(op.axis)), "channel, row, column"); }
    void operator()(const Transpose& op) {
        line("axes", fmt::format("[{}]", fmt::join(op.axes, ", ")), "axes of the input in their new order");
        line("layout", quoted(layout_name(op.layout)));
    }
    void operator()(const Pad& op) { line("padding", padding_list(op.padding), "top, bottom, left, right"); }
    void operator()(const Clip& op) {
        line("min", real_text(op.min));
        line("max", real_text(op.max));
    }
    void operator()(const Threshold& op) {
        numbers("thresholds", op.thresholds, current_->weights_source);
        type("threshold_type", current_->weight_type.value_or(types_.weight));
        line("scale", real_text(op.scale));
        line("bias", real_text(op.bias), "result: scale * thresholds reached + bias");
        line("strict", op.strict ? "true" : "false", "true: a threshold must be exceeded");
    }
    void operator()(const Requantize& op) {
        numbers("multiplier", op.multiplier, current_->weights_source);
        type("multiplier_type", op.multiplier.type);
        line("shift", fmt::format("[{}]", fmt::join(op.shift, ", ")), "of the products, to the right");
        line("rule", quoted(rule_name(op.rule)), "exact, tflite_double, float32");
        line("zero_point", fmt::format("{}", op.zero_point));
        line("zero_point_first", op.zero_point_first ? "true" : "false", "true: added before rounding");
    }

    [[nodiscard]] std::string text() && { return std::move(text_); }

private:
    [[nodiscard]] const Shape& shape_of(const std::string& tensor) const {
        for (const FloatLayer& l : model_.layers) {
            if (l.name == tensor) return l.shape;
        }
        return model_.input_shape;
    }

    [[nodiscard]] const FixedType& type_of(const std::string& tensor) const {
        for (const FloatLayer& l : model_.layers) {
            if (l.name == tensor && l.result_type) return *l.result_type;
        }
        return tensor == model_.input_name ? types_.input : types_.result;
    }

    // The array they came from, or (of numbers that were computed) the numbers themselves.
    void numbers(const std::string& key, const Parameter& p, const std::string& source) {
        if (!source.empty())
            return line(key, p.is_raw() ? fmt::format("{{ array = {}, raw = true }}", quoted(source)) : quoted(source));
        std::vector<std::string> texts;
        for (const double x : p.real) texts.push_back(real_text(x));
        for (const std::int64_t x : p.raw) texts.push_back(fmt::format("{}", x));
        line(key, fmt::format("{{ {} = [{}], shape = [{}] }}", p.is_raw() ? "raw" : "real", fmt::join(texts, ", "),
                              fmt::join(p.dims, ", ")));
    }

    void linear(const Parameter& weights, const std::optional<Parameter>& bias, const std::string& axes) {
        line("weights", quoted(current_->weights_source), fmt::format("{} ({})", print_dims(weights.dims), axes));
        line("bias", current_->bias_source.empty() ? "false" : quoted(current_->bias_source),
             bias ? print_dims(bias->dims) : "none");
        if (const auto& norm = current_->batch_norm) {
            std::vector<std::string> fields;
            const auto field = [&](const char* key, const std::string& name) {
                if (!name.empty()) fields.push_back(fmt::format("{} = {}", key, quoted(name)));
            };
            field("gamma", norm->gamma);
            field("beta", norm->beta);
            field("mean", norm->mean);
            field("variance", norm->variance);
            fields.push_back("epsilon = " + real_text(norm->epsilon));
            line("batch_norm", fmt::format("{{ {} }}", fmt::join(fields, ", ")),
                 "folded into weights and bias, in double precision");
        }
        type("weight_type", current_->weight_type.value_or(types_.weight));
        type("bias_type", current_->bias_type.value_or(types_.bias));
        type("accumulator", types_.accumulator);
        line("product", quoted(types_.product), "exact, accumulator (cast to its type first) or a type");
        line("terms", "\"input\"", "input: channel fastest, kernel: column fastest");
        line("schedule", "\"sequential\"", "sequential, interleave:R, fold:S, cascade:C, partial:L, tree");
        line("quantize", "\"step\"", "step, fold, end");
        line("bias_position", "\"first\"", "first, last");
    }

    void window(std::array<int, 2> pool, std::array<int, 2> stride, const Padding& p) {
        line("pool", pair_text(pool));
        line("stride", pair_text(stride));
        line("padding", padding_text(p));
    }

    const FloatModel& model_;
    const Types& types_;
    const FloatLayer* current_ = nullptr;
    std::string text_{};
};

}  // namespace

std::string weights_path_for(const std::string& weights, const std::string& network_file) {
    namespace fs = std::filesystem;
    if (weights.empty()) return weights;
    // Folders without symbolic links, because ".." leaves a link's target and not the link; the weights' own name
    // stays.
    const auto folder_of = [](const std::string& file) {
        return fs::weakly_canonical(fs::current_path() / fs::path(file).parent_path());
    };
    try {
        const fs::path target = folder_of(weights) / fs::path(weights).filename();
        const fs::path relative = target.lexically_relative(folder_of(network_file));
        return relative.empty() ? weights : relative.generic_string();
    } catch (const fs::filesystem_error&) {
        return weights;
    }
}

std::string print_network(const FloatModel& model, const InitOptions& options) {
    if (model.layers.empty()) {
        std::vector<std::string> names;
        for (const NamedReals& a : model.arrays)
            names.push_back(fmt::format("{} ({})", a.name, print_dims(a.tensor.dims)));
        throw InputError(model.file, fmt::format("holds arrays but no layers, so no network file can be made of it; "
                                                 "give the model's JSON configuration, or write the layers "
                                                 "by hand. Its arrays are {}",
                                                 names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
    if (!std::isfinite(options.divide) || options.divide <= 0)
        throw InputError(fmt::format("--divide must be a positive number, not {}", options.divide));
    const Types types = choose(options);
    Writer w(model, types);
    const std::string file = options.weights_file.empty() ? model.file : options.weights_file;
    w.raw(
        fmt::format("# Network file of bittrue, made from {}{}.\n# Change the types and accumulators to those of your "
                    "datapath; docs/network_file.md explains every key.\n",
                    comment_text(std::filesystem::path(model.file).filename().string()),
                    model.framework.empty() ? "" : " (" + comment_text(model.framework) + ")"));
    for (const std::string& note : model.notes) w.raw("# " + comment_text(note) + ".\n");
    w.line("bittrue", "1", "version of this file format");
    w.line("name", quoted(model.name));
    w.line("dialect", quoted(print_dialect(types.result.dialect)), "of types in neutral notation such as s16.10");
    w.line("weights", quoted(file), "relative to this file");
    w.line("output", quoted(model.output));
    w.raw("\n[input]\n");
    w.line("name", quoted(model.input_name));
    w.line("shape", fmt::format("[{}]", fmt::join(model.input_shape.dims, ", ")));
    w.line("layout", quoted(layout_name(model.input_shape.layout)));
    w.type("type", types.input);
    w.line("pixel",
           fmt::format("{{ divide = {}, precision = \"{}\" }}", real_text(options.divide),
                       options.float32 ? "float32" : "float64"),
           "stored integer -> value");
    for (const FloatLayer& l : model.layers) w.layer(l);
    return std::move(w).text();
}

}  // namespace bittrue
