// What makes one element of one element or of several in the same place.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "reference/kernel.hpp"

namespace bittrue::explore::reference {

namespace {

template <class Combine>
class Combined : public Kernel {
public:
    Combined(const LayerView& layer, Combine combine) : size_(layer.size()), combine_(combine) {}
    void run(std::span<const double* const> in, double* out) const override {
        std::copy_n(in[0], size_, out);
        for (const double* const x : in.subspan(1)) {
            for (std::size_t i = 0; i < size_; ++i) out[i] = combine_(out[i], x[i]);
        }
    }

private:
    std::size_t size_;
    Combine combine_;
};

template <class Combine>
KernelPtr combined(const LayerView& layer, Combine combine) {
    for (const Source& s : layer.inputs) {
        if (s.shape->count() != layer.shape->count())
            throw layer.error("its inputs have different shapes; give it tensors of one shape");
    }
    return std::make_unique<Combined<Combine>>(layer, combine);
}

// T3 of a real x: its lsb is as small as one likes.
KernelPtr scaled_table(std::vector<double> entries, int span, const LayerView& layer) {
    return elementwise(layer, [entries = std::move(entries), span](double x, std::size_t) {
        const auto n = static_cast<std::int64_t>(entries.size());
        // Far outside the domain the clamp decides, and the conversion to an integer must not overflow.
        const double q =
            std::clamp(x * static_cast<double>(n) / span, -2.0 * static_cast<double>(n), 2.0 * static_cast<double>(n));
        const std::int64_t at = std::clamp<std::int64_t>(static_cast<std::int64_t>(q) + n / 2, 0, n - 1);
        return entries[static_cast<std::size_t>(at)];
    });
}

// T4: the pattern is that of x cast into the type of the layer's input.
KernelPtr indexed_table(std::vector<double> entries, const LayerView& layer) {
    const FixedType* type = layer.inputs.front().type;
    if (type == nullptr)
        throw layer.error(
            "its table is indexed by the bits of a word, which real numbers do not have; run it from a network file");
    return elementwise(layer, [entries = std::move(entries), type = *type](double x, std::size_t) {
        const std::uint64_t pattern = pattern_from_word(emulator::quantize_real(x, type).word, type.format);
        int index_bits = 0;
        while ((std::size_t{1} << index_bits) < entries.size()) ++index_bits;
        return entries[index_bits == 0 ? 0 : pattern >> (type.format.width - index_bits)];
    });
}

}  // namespace

KernelPtr make(const Relu&, const LayerView& layer) {
    return elementwise(layer, [](double x, std::size_t) { return x > 0 ? x : 0.0; });
}

KernelPtr make(const ClippedRelu& op, const LayerView& layer) {
    return elementwise(layer, [max = op.max](double x, std::size_t) { return std::min(std::max(x, 0.0), max); });
}

KernelPtr make(const LeakyRelu& op, const LayerView& layer) {
    const double alpha = numbers(op.alpha, layer, 1).front();
    return elementwise(layer, [alpha](double x, std::size_t) { return x < 0 ? alpha * x : x; });
}

KernelPtr make(const Clip& op, const LayerView& layer) {
    return elementwise(layer,
                       [min = op.min, max = op.max](double x, std::size_t) { return std::min(std::max(x, min), max); });
}

KernelPtr make(const Affine& op, const LayerView& layer) {
    const auto spread = [&](const Parameter& p) {
        return per_channel(numbers(p, layer, element_count(p.dims)), layer);
    };
    std::vector<double> bias = op.bias ? spread(*op.bias) : per_channel({0.0}, layer);
    return elementwise(layer, [scale = spread(op.scale), bias = std::move(bias)](double x, std::size_t c) {
        return scale[c] * x + bias[c];
    });
}

KernelPtr make(const Add&, const LayerView& layer) {
    return combined(layer, [](double a, double b) { return a + b; });
}

KernelPtr make(const Multiply&, const LayerView& layer) {
    return combined(layer, [](double a, double b) { return a * b; });
}

KernelPtr make(const Threshold& op, const LayerView& layer) {
    if (op.thresholds.dims.size() != 2) throw layer.error("its thresholds need two axes: channels, then thresholds");
    const std::int64_t rows = op.thresholds.dims[0];
    if (rows != 1 && rows != layer.in().channels())
        throw layer.error("it needs one row of thresholds, or one for each channel of its input");
    const std::int64_t n = op.thresholds.dims[1];
    std::vector<double> all = numbers(op.thresholds, layer, rows * n);
    return elementwise(layer, [all = std::move(all), rows, n, scale = op.scale, bias = op.bias, strict = op.strict](
                                  double x, std::size_t c) {
        const auto first = all.begin() + (rows == 1 ? 0 : static_cast<std::int64_t>(c) * n);
        const auto end = strict ? std::lower_bound(first, first + n, x) : std::upper_bound(first, first + n, x);
        return scale * static_cast<double>(end - first) + bias;
    });
}

// The functions that hls4ml's tables stand for; every other table is what it holds.
KernelPtr make(const Lookup& op, const LayerView& layer) {
    if (op.table.origin == "sigmoid")
        return elementwise(layer, [](double x, std::size_t) { return 1 / (1 + std::exp(-x)); });
    if (op.table.origin == "tanh") return elementwise(layer, [](double x, std::size_t) { return std::tanh(x); });
    const auto size = static_cast<std::int64_t>(std::max(op.table.entries.real.size(), op.table.entries.raw.size()));
    if (size == 0) throw layer.error("its table has no entries; give it a file, sigmoid or tanh");
    std::vector<double> entries = numbers(op.table.entries, layer, size);
    return op.index == TableIndex::Scaled ? scaled_table(std::move(entries), op.span, layer)
                                          : indexed_table(std::move(entries), layer);
}

}  // namespace bittrue::explore::reference
