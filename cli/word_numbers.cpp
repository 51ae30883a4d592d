// The numbers between the words that a layer reads and its result cast, one operation after the other.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/emulator/single.hpp"
#include "bittrue/model/exact_double.hpp"
#include "word_sources.hpp"

namespace bittrue::cli {

namespace {

constexpr int kMostBits = 126;  // of a number that is brought to another frac

i128 magnitude(i128 raw) {
    return raw < 0 ? -raw : raw;
}

// Both at the larger frac, or nothing where that takes too many bits.
std::optional<ExactNumber> sum(ExactNumber a, ExactNumber b) {
    const int frac = std::max(a.frac, b.frac);
    for (ExactNumber* const n : {&a, &b}) {
        const int up = frac - n->frac;
        if (n->raw != 0 && (up > kMostBits || magnitude(n->raw) > (i128{1} << (kMostBits - up)))) return std::nullopt;
        n->raw = n->raw == 0 ? 0 : n->raw << up;
    }
    return ExactNumber{a.raw + b.raw, frac};
}

bool is_less(const ExactNumber& a, const ExactNumber& b) {
    if (const auto difference = sum(a, {-b.raw, b.frac})) return difference->raw < 0;
    // One of them is so much finer that the signs and the sizes in double decide.
    return std::ldexp(static_cast<double>(a.raw), -a.frac) < std::ldexp(static_cast<double>(b.raw), -b.frac);
}

ExactNumber exact(double value) {
    const ExactDouble d = exact_double(value);
    return {d.raw, d.frac};
}

ExactNumber integer(i128 raw) {
    return {raw, 0};
}

class Computer {
public:
    Computer(const Graph& graph, const Node& node, std::int64_t element, const std::vector<WordSource>& sources,
             const std::vector<std::int64_t>& words)
        : node_(node), element_(element), words_(words), in_(type_of(graph, node.inputs.front()).format) {
        for (std::size_t i = 0; i < sources.size(); ++i)
            numbers_.push_back(number(words[i], type_of(graph, node.inputs[sources[i].input]).format));
        parameters_ = emulator::parameters_of(node, {shape_of(graph, node.inputs.front()), in_, {}});
    }

    Computed operator()() {
        std::visit([this](const auto& op) { compute(op); }, node_.op);
        return std::move(out_);
    }

private:
    static ExactNumber number(std::int64_t word, Format format) { return {raw_from_word(word, format), format.frac()}; }
    static ExactNumber number(const Converted& c, const FixedType& type) { return number(c.word, type.format); }

    void stage(std::string what, const ExactNumber& n, const Events& events = {}) {
        out_.stages.push_back({std::move(what), n, events});
    }
    // A conversion on the way.
    ExactNumber cast(const std::string& what, const ExactNumber& n, const FixedType& to) {
        const Converted c = emulator::quantize(n.raw, n.frac, to);
        stage(what, number(c, to), c.events);
        return number(c, to);
    }
    const Tensor& parameter(std::string_view role) const {
        for (const ParameterWords& p : parameters_)
            if (p.role == role) return p.tensor;
        throw std::logic_error(fmt::format("layer '{}' has no {}", node_.name, role));
    }
    // Of the word's channel, or of all.
    std::size_t channel(std::size_t numbers) const {
        return numbers == 1 ? 0 : static_cast<std::size_t>(node_.shape.channel_of(element_));
    }
    ExactNumber entry(const Tensor& table, i128 index) const {
        return number(table.words[static_cast<std::size_t>(index)], table.format);
    }
    static i128 size_of(const Tensor& table) { return static_cast<i128>(table.words.size()); }

    // Layers that only move a word; behind padding a zero.
    template <class Op>
    void compute(const Op& /*op*/) {
        out_.exact = numbers_.empty() ? ExactNumber{} : numbers_.front();
    }
    void compute(const Dense& /*op*/) {}
    void compute(const Conv2d& /*op*/) {}
    void compute(const Relu& /*op*/) {
        out_.exact = ExactNumber{std::max(numbers_.front().raw, i128{0}), numbers_.front().frac};
    }
    void compute(const ClippedRelu& op) { clip(0, op.max); }
    void compute(const Clip& op) { clip(op.min, op.max); }
    void clip(double low, double high) {
        const ExactNumber& x = numbers_.front();
        out_.exact = is_less(x, exact(low)) ? exact(low) : is_less(exact(high), x) ? exact(high) : x;
    }
    void compute(const LeakyRelu& /*op*/) {
        const ExactNumber& x = numbers_.front();
        const ExactNumber alpha = entry(parameter("alpha"), 0);
        stage("alpha", alpha);
        out_.exact = x.raw < 0 ? ExactNumber{alpha.raw * x.raw, alpha.frac + x.frac} : x;
    }
    void compute(const MaxPool& op) {
        std::vector<i128> raws;
        for (const ExactNumber& n : numbers_) raws.push_back(n.raw);
        const bool padded = raws.size() < static_cast<std::size_t>(op.pool[0]) * static_cast<std::size_t>(op.pool[1]);
        if (padded && op.pad_rule == PoolPadding::Msb)
            raws.push_back(raw_from_word(word_from_pattern(std::uint64_t{1} << (in_.width - 1), in_), in_));
        const ExactNumber largest{*std::max_element(raws.begin(), raws.end()), in_.frac()};
        stage("largest", largest);
        out_.exact = op.accumulator ? cast("cast to the accumulator", largest, *op.accumulator) : largest;
    }
    void compute(const AveragePool& op) {
        ExactNumber acc{0, op.accumulator.format.frac()};
        for (std::size_t i = 0; i < numbers_.size(); ++i)
            acc = cast(fmt::format("sum {}", i), sum(acc, numbers_[i]).value_or(ExactNumber{}), op.accumulator);
        const i128 whole = i128{op.pool[0]} * op.pool[1];
        const i128 taken = op.count_padding ? whole : static_cast<i128>(numbers_.size());
        stage("divided by", integer(taken));
        const i128 mean = divided(acc.raw, taken, op.divide);
        stage("mean", {mean, acc.frac}, {.inexact = mean * taken != acc.raw});
        out_.exact = ExactNumber{mean, acc.frac};
    }
    // Rules Q on an exact quotient.
    static i128 divided(i128 n, i128 d, Rounding rounding) {
        const i128 floor = n / d - (n % d < 0 ? 1 : 0);
        const i128 rest = n - floor * d;
        if (rest == 0) return floor;
        const i128 twice = 2 * rest;
        const auto nearest = [&](bool tie_up) { return floor + (twice > d || (twice == d && tie_up) ? 1 : 0); };
        switch (rounding) {
            case Rounding::Trn: return floor;
            case Rounding::TrnZero: return n < 0 ? floor + 1 : floor;
            case Rounding::Rnd: return nearest(true);
            case Rounding::RndZero: return nearest(n < 0);
            case Rounding::RndMinInf: return nearest(false);
            case Rounding::RndInf: return nearest(n > 0);
            case Rounding::RndConv: return nearest(floor % 2 != 0);
            case Rounding::RndConvOdd: return nearest(floor % 2 == 0);
        }
        return floor;
    }
    void compute(const Add& /*op*/) {
        std::optional<ExactNumber> total = ExactNumber{0, numbers_.front().frac};
        for (const ExactNumber& n : numbers_)
            if (total) total = sum(*total, n);
        out_.exact = total;
    }
    void compute(const Multiply& /*op*/) {
        ExactNumber product{1, 0};
        for (const ExactNumber& n : numbers_) product = {product.raw * n.raw, product.frac + n.frac};
        out_.exact = product;
    }
    void compute(const Affine& op) {
        const ExactNumber& x = numbers_.front();
        const Tensor& scales = parameter("scale");
        const ExactNumber scale = entry(scales, static_cast<i128>(channel(scales.words.size())));
        const ExactNumber product{scale.raw * x.raw, scale.frac + x.frac};
        stage("scale", scale);
        out_.exact = product;
        if (!op.bias) return;
        const Tensor& biases = parameter("bias");
        const ExactNumber bias = entry(biases, static_cast<i128>(channel(biases.words.size())));
        stage("product", product);
        stage("bias", bias);
        out_.exact = sum(product, bias);
    }
    void compute(const Threshold& op) {
        const Tensor& all = parameter("thresholds");
        const std::size_t count = static_cast<std::size_t>(all.dims[1]);
        const std::size_t first = channel(static_cast<std::size_t>(all.dims[0])) * count;
        i128 reached = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const ExactNumber t = entry(all, static_cast<i128>(first + i));
            if (op.strict ? is_less(t, numbers_.front()) : !is_less(numbers_.front(), t)) ++reached;
        }
        stage(fmt::format("thresholds reached of {}", count), integer(reached));
        const ExactNumber scale = exact(op.scale);
        out_.exact = sum({scale.raw * reached, scale.frac}, exact(op.bias));
    }
    void compute(const Requantize& op) {
        const Tensor& all = parameter("multiplier");
        const std::size_t c = channel(all.words.size());
        const i128 multiplier = raw_from_word(all.words[c], all.format);
        const int shift = op.shift[c];
        const i128 product = numbers_.front().raw * multiplier;
        stage("raw", integer(numbers_.front().raw));
        stage("multiplier", integer(multiplier));
        stage("product", integer(product));
        stage(fmt::format("product * 2^{}", -shift), {product, shift});
        stage("zero point", integer(op.zero_point));
        if (op.rule != RequantizeRule::Exact || (op.zero_point != 0 && !op.zero_point_first)) return;
        const int frac = node_.result.format.frac();
        if (const auto moved = sum({product, shift}, integer(op.zero_point)))
            out_.exact = ExactNumber{moved->raw, moved->frac + frac};
    }
    void compute(const Lookup& op) {
        const Tensor& table = parameter("table");
        const i128 entries = size_of(table);
        const i128 index = op.index == TableIndex::Bits ? bit_index(words_.front(), in_, entries)
                                                        : centred_index(numbers_.front(), entries, op.span);
        stage(fmt::format("table index of {}", table.words.size()), integer(index));
        out_.exact = entry(table, index);
        stage("entry", *out_.exact);
    }
    // T4
    static i128 bit_index(std::int64_t word, Format format, i128 entries) {
        int bits = 0;
        while ((i128{1} << bits) < entries) ++bits;
        return bits == 0 ? 0 : static_cast<i128>(pattern_from_word(word, format) >> (format.width - bits));
    }
    // T3 without the middle: x * entries / span, toward zero at x's lsb and then to an integer.
    static i128 scaled(const ExactNumber& x, i128 entries, i128 span) {
        const i128 at_lsb = magnitude(x.raw) * entries / span;
        constexpr int kEnough = 62;
        const i128 most = i128{1} << kEnough;
        i128 whole = 0;
        if (x.frac >= 0) {
            whole = x.frac < kMostBits ? at_lsb >> x.frac : i128{0};
        } else {
            whole = at_lsb != 0 && (-x.frac > kEnough || at_lsb > most >> -x.frac)
                        ? most
                        : at_lsb << std::min(-x.frac, kEnough);
        }
        return x.raw < 0 ? -whole : whole;
    }
    static i128 centred_index(const ExactNumber& x, i128 entries, i128 span) {
        return std::clamp<i128>(scaled(x, entries, span) + entries / 2, 0, entries - 1);
    }

    void compute(const Softmax& op) {
        switch (op.kind) {
            case SoftmaxKind::Argmax: return argmax();
            case SoftmaxKind::Legacy: return legacy(op);
            case SoftmaxKind::Stable:
            case SoftmaxKind::Latency: return by_tables(op);
        }
    }
    void argmax() {
        std::size_t best = 0;
        for (std::size_t i = 1; i < numbers_.size(); ++i)
            if (numbers_[i].raw > numbers_[best].raw) best = i;
        stage("first of the largest", integer(static_cast<i128>(best)));
        out_.exact = integer(static_cast<std::int64_t>(best) == element_ ? 1 : 0);
    }
    void by_tables(const Softmax& op) {
        const Tensor& exp_table = parameter("exp_table");
        const Tensor& inv_table = parameter("inv_table");
        i128 largest = numbers_.front().raw;
        for (const ExactNumber& n : numbers_) largest = std::max(largest, n.raw);
        const bool stable = op.kind == SoftmaxKind::Stable;
        if (stable) stage("largest", {largest, in_.frac()});
        std::vector<ExactNumber> nodes;
        for (std::size_t i = 0; i < numbers_.size(); ++i) {
            std::int64_t word = words_[i];
            Format format = in_;
            if (stable) {
                const ExactNumber d =
                    cast(fmt::format("difference {}", i), {largest - numbers_[i].raw, in_.frac()}, op.difference);
                format = op.difference.format;
                word = word_from_raw(d.raw);
            }
            const i128 index = bit_index(word, format, size_of(exp_table));
            stage(fmt::format("exp index {}", i), integer(index));
            nodes.push_back(cast(fmt::format("exp entry {}", i), entry(exp_table, index), op.accumulator));
        }
        const ExactNumber own = nodes[static_cast<std::size_t>(element_)];
        // The tree of rule A9.
        while (nodes.size() > 1) {
            std::vector<ExactNumber> next;
            for (std::size_t i = 0; i + 1 < nodes.size(); i += 2) {
                const Converted c = emulator::quantize(nodes[i].raw + nodes[i + 1].raw, nodes[i].frac, op.accumulator);
                next.push_back(number(c, op.accumulator));
                if (c.events.above || c.events.below) stage("a sum overflows", next.back(), c.events);
            }
            if (nodes.size() % 2 != 0) next.push_back(nodes.back());
            nodes = std::move(next);
        }
        stage("sum", nodes.front());
        const ExactNumber s = cast("sum as an index", nodes.front(), op.inv_input);
        const i128 index = bit_index(word_from_raw(s.raw), op.inv_input.format, size_of(inv_table));
        stage("inverse index", integer(index));
        const ExactNumber inverse = entry(inv_table, index);
        stage("inverse entry", inverse);
        out_.exact = ExactNumber{own.raw * inverse.raw, own.frac + inverse.frac};
    }
    void legacy(const Softmax& op) {
        constexpr i128 kExpSpan = 16, kInvSpan = 64;
        const Tensor& exp_table = parameter("exp_table");
        const Tensor& inv_table = parameter("inv_table");
        const auto own = static_cast<std::size_t>(element_);
        ExactNumber acc{0, op.accumulator.format.frac()};
        for (std::size_t j = 0; j < numbers_.size(); ++j) {
            ExactNumber term;
            if (j == own) {
                const FixedType& type = op.exp_table.entries.type;
                term = number(emulator::quantize(1, 0, type), type);
            } else {
                const ExactNumber difference{numbers_[j].raw - numbers_[own].raw, in_.frac()};
                const i128 index = centred_index(difference, size_of(exp_table), kExpSpan);
                stage(fmt::format("exp index {}", j), integer(index));
                term = entry(exp_table, index);
            }
            acc = cast(fmt::format("sum {}", j), sum(acc, term).value_or(ExactNumber{}), op.accumulator);
        }
        const i128 entries = size_of(inv_table);
        const i128 index = std::clamp<i128>(scaled(acc, entries, kInvSpan), 0, entries - 1);
        stage("inverse index", integer(index));
        out_.exact = entry(inv_table, index);
        stage("inverse entry", *out_.exact);
    }

    const Node& node_;
    std::int64_t element_;
    const std::vector<std::int64_t>& words_;
    Format in_;
    std::vector<ExactNumber> numbers_{};
    std::vector<ParameterWords> parameters_{};
    Computed out_{};
};

}  // namespace

Computed compute(const Graph& graph, const Node& node, std::int64_t element, const std::vector<WordSource>& sources,
                 const std::vector<std::int64_t>& words) {
    return Computer(graph, node, element, sources, words)();
}

}  // namespace bittrue::cli
