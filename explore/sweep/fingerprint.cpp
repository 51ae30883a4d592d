// Structured bindings name every field, so a field that is added later does not compile before it is taken in.
#include "bittrue/explore/fingerprint.hpp"

#include <bit>
#include <type_traits>

#include <fmt/format.h>

#include "bittrue/model/checksum.hpp"

namespace bittrue::explore {

namespace {

class Fingerprint {
public:
    [[nodiscard]] std::string hex() { return sum_.hex(); }

    template <class... T>
    void all(const T&... x) {
        (add(x), ...);
    }

    void add(const std::string& text) { sum_.add(fmt::format("{}:{} ", text.size(), text)); }
    void add(double x) { add(std::bit_cast<std::int64_t>(x)); }
    template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
    void add(T x) { sum_.add(fmt::format("{} ", static_cast<std::int64_t>(x))); }
    template <class T>
    void add(const std::optional<T>& x) {
        add(x.has_value());
        if (x) add(*x);
    }
    template <class T>
    void add(const std::vector<T>& list) {
        add(list.size());
        if constexpr (std::is_arithmetic_v<T>) {
            sum_.add({reinterpret_cast<const char*>(list.data()), list.size() * sizeof(T)});
        } else {
            for (const T& x : list) add(x);
        }
    }
    template <class T, std::size_t N>
    void add(const std::array<T, N>& list) {
        for (const T& x : list) add(x);
    }

    void add(const Format& x) {
        const auto& [width, integer, is_signed] = x;
        all(width, integer, is_signed);
    }
    void add(const FixedType& x) {
        const auto& [format, rounding, overflow, saturated_bits, dialect] = x;
        all(format, rounding, overflow, saturated_bits, dialect);
    }
    void add(const Shape& x) {
        const auto& [layout, dims] = x;
        all(layout, dims);
    }
    void add(const Parameter& x) {
        const auto& [dims, real, raw, type, quantizer] = x;
        all(dims, real, raw, type, quantizer);
    }
    void add(const Padding& x) {
        const auto& [top, bottom, left, right] = x;
        all(top, bottom, left, right);
    }
    void add(const AccumulatorSpec& x) {
        const auto& [type, product, terms, schedule, group, quantize, bias, bias_cast] = x;
        all(type, product, terms, schedule, group, quantize, bias, bias_cast);
    }
    void add(const Table& x) { add(x.entries); }  // its origin is a name for people
    void add(const Dense& x) {
        const auto& [weights, bias, accumulator] = x;
        all(weights, bias, accumulator);
    }
    void add(const Conv2d& x) {
        const auto& [weights, bias, accumulator, stride, dilation, groups, padding] = x;
        all(weights, bias, accumulator, stride, dilation, groups, padding);
    }
    void add(const MaxPool& x) {
        const auto& [pool, stride, padding, pad_rule, accumulator] = x;
        all(pool, stride, padding, pad_rule, accumulator);
    }
    void add(const AveragePool& x) {
        const auto& [pool, stride, padding, count_padding, accumulator, divide] = x;
        all(pool, stride, padding, count_padding, accumulator, divide);
    }
    void add(const ClippedRelu& x) { add(x.max); }
    void add(const LeakyRelu& x) { add(x.alpha); }
    void add(const Flatten& x) { add(x.order); }
    void add(const Reshape& x) { add(x.shape); }
    void add(const Lookup& x) {
        const auto& [table, index, span] = x;
        all(table, index, span);
    }
    void add(const Softmax& x) {
        const auto& [kind, exp_table, inv_table, accumulator, inv_input, difference] = x;
        all(kind, exp_table, inv_table, accumulator, inv_input, difference);
    }
    void add(const Affine& x) {
        const auto& [scale, bias] = x;
        all(scale, bias);
    }
    void add(const Concat& x) { add(x.axis); }
    void add(const Transpose& x) {
        const auto& [axes, layout] = x;
        all(axes, layout);
    }
    void add(const Pad& x) { add(x.padding); }
    void add(const Clip& x) {
        const auto& [min, max] = x;
        all(min, max);
    }
    void add(const Threshold& x) {
        const auto& [thresholds, scale, bias, strict] = x;
        all(thresholds, scale, bias, strict);
    }
    void add(const Requantize& x) {
        const auto& [multiplier, shift, rule, zero_point, zero_point_first] = x;
        all(multiplier, shift, rule, zero_point, zero_point_first);
    }
    template <class Op>
    requires std::is_empty_v<Op>
    void add(const Op&) {}
    void add(const Operation& op) {
        add(op.index());
        std::visit([this](const auto& x) { add(x); }, op);
    }
    void add(const ValueRange& x) { all(x.low, x.high); }
    void add(const InputSpec& x) {
        const auto& [name, shape, type, divide, float32, range] = x;
        all(name, shape, type, divide, float32, range);
    }
    void add(const Node& x) {
        const auto& [name, inputs, op, result, shape] = x;
        all(name, inputs, op, result, shape);
    }

private:
    Sha256 sum_{};
};

}  // namespace

std::string fingerprint(const Graph& graph) {
    Fingerprint sum;
    sum.all(graph.input, graph.nodes, graph.output);
    return sum.hex();
}

}  // namespace bittrue::explore
