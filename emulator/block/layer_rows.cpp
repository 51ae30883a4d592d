#include "layer_rows.hpp"

#include <algorithm>

#include "affine.hpp"
#include "threshold.hpp"

namespace bittrue::emulator {
namespace {

constexpr i128 kMost = i128{1} << 61;  // of numbers in 64-bit lanes, with room for a product without its offset

class RowsOf {
public:
    RowsOf(const Preparation& preparation, std::size_t node)
        : preparation_(preparation), node_(node), setup_(preparation.setup_of(node)), to_(setup_.node.result) {}

    std::optional<LayerRows> operator()(const Affine& op) const {
        const Tensor* const bias = op.bias ? &preparation_.parameter(node_, "bias") : nullptr;
        AffineNumbers exact = affine_numbers(setup_.format(), preparation_.parameter(node_, "scale"), bias);
        if (exact.bits > kExactBits) return std::nullopt;
        return channels({std::move(exact.factors), std::move(exact.offsets), {}, exact.frac}, to_);
    }
    std::optional<LayerRows> operator()(const Requantize& op) const {
        FixedType to = to_;
        if (!is_a_cast(op, to)) return std::nullopt;
        to.format.integer = to.format.width;  // raws are the values
        const Tensor& multiplier = preparation_.parameter(node_, "multiplier");
        const int frac = std::max(0, *std::max_element(op.shift.begin(), op.shift.end()));
        ChannelNumbers numbers{.frac = frac};
        for (std::size_t i = 0; i < multiplier.words.size(); ++i) {
            const int up = frac - op.shift[i];
            if (signed_width(multiplier.format) + up > 62) return std::nullopt;
            numbers.factors.push_back(raw_from_word(multiplier.words[i], multiplier.format) << up);
        }
        numbers.offsets = {i128{op.zero_point} << frac};
        return channels(std::move(numbers), to);
    }
    std::optional<LayerRows> operator()(const Threshold& op) const {
        const ThresholdTable table(setup_, op, preparation_.parameter(node_, "thresholds"));
        LayerRows rows{.source = make_reached_source(setup_, table.firsts(), input())};
        rows.ops.push_back(make_table_op(table.results(), to_.format, tensor()));
        return rows;
    }
    std::optional<LayerRows> operator()(const Multiply& /*op*/) const {
        int bits = 0, frac = 0;
        for (const FixedType& t : setup_.input_types) {
            bits += signed_width(t.format);
            frac += t.format.frac();
        }
        if (bits > 62) return std::nullopt;
        const RawRange range{-(i128{1} << (bits - 1)), i128{1} << (bits - 1)};
        return cast(make_product_source(setup_, preparation_.inputs_of(node_)), range, frac, to_);
    }
    std::optional<LayerRows> operator()(const Concat& op) const { return moved(moves_of(setup_, op)); }
    std::optional<LayerRows> operator()(const Transpose& op) const { return moved(moves_of(setup_, op)); }
    std::optional<LayerRows> operator()(const Pad& op) const { return moved(moves_of(setup_, op)); }
    std::optional<LayerRows> operator()(const auto& /*op*/) const { return std::nullopt; }

private:
    [[nodiscard]] std::size_t input() const { return preparation_.inputs_of(node_).front(); }
    [[nodiscard]] std::size_t tensor() const { return node_ + 1; }

    [[nodiscard]] LayerRows cast(RowSourcePointer source, RawRange range, int frac, const FixedType& to) const {
        LayerRows rows{.source = std::move(source)};
        rows.ops.push_back(make_cast_op(RowCast(range, frac, to), tensor(), CastClass::Result));
        return rows;
    }

    [[nodiscard]] std::optional<LayerRows> channels(ChannelNumbers numbers, const FixedType& to) const {
        const InputRange words = setup_.range();
        for (std::size_t i = 0; i < std::max(numbers.factors.size(), numbers.offsets.size()); ++i) {
            const i128 factor = numbers.factors[numbers.factors.size() == 1 ? 0 : i];
            const i128 offset = numbers.offsets[numbers.offsets.size() == 1 ? 0 : i];
            if (factor >= kMost || factor <= -kMost || offset >= kMost || offset <= -kMost) return std::nullopt;
            const auto [low, high] = std::minmax({factor * words.low, factor * words.high});
            if (low <= -kMost || high >= kMost) return std::nullopt;
            numbers.range.low = std::min({numbers.range.low, low, low + offset});
            numbers.range.high = std::max({numbers.range.high, high, high + offset});
        }
        const RawRange range = numbers.range;
        const int frac = numbers.frac;
        return cast(make_channel_source(setup_, std::move(numbers), input()), range, frac, to);
    }

    [[nodiscard]] std::optional<LayerRows> moved(const std::vector<Moved>& moves) const {
        int frac = setup_.format().frac();
        for (const FixedType& t : setup_.input_types) frac = std::max(frac, t.format.frac());
        RawRange range{};  // zeros may be among the numbers
        for (const FixedType& t : setup_.input_types) {
            const int up = frac - t.format.frac();
            if (signed_width(t.format) + up > 62) return std::nullopt;
            range.low = std::min(range.low, raw_min(t.format) << up);
            range.high = std::max(range.high, raw_max(t.format) << up);
        }
        return cast(make_move_source(setup_, preparation_.inputs_of(node_), moves, frac), range, frac, to_);
    }

    // Whether the rule is a cast of a * m * 2^-s + Z; where Z is added behind a rounding that looks at the parity, an
    // odd Z turns it round.
    static bool is_a_cast(const Requantize& op, FixedType& to) {
        if (op.rule != RequantizeRule::Exact) return false;
        if (op.zero_point == 0 || op.zero_point_first) return true;
        const bool odd = op.zero_point % 2 != 0;
        switch (to.rounding) {
            case Rounding::Trn:
            case Rounding::Rnd:
            case Rounding::RndMinInf: return true;
            case Rounding::RndConv:
                if (odd) to.rounding = Rounding::RndConvOdd;
                return true;
            case Rounding::RndConvOdd:
                if (odd) to.rounding = Rounding::RndConv;
                return true;
            case Rounding::TrnZero:
            case Rounding::RndZero:
            case Rounding::RndInf: return false;  // they look at the sign
        }
        return false;
    }

    const Preparation& preparation_;
    std::size_t node_;
    LayerSetup setup_;
    const FixedType& to_;
};

}  // namespace

std::optional<LayerRows> layer_rows(const Preparation& preparation, std::size_t node) {
    return std::visit(RowsOf(preparation, node), preparation.graph().nodes[node].op);
}

}  // namespace bittrue::emulator
