#include "row_op.hpp"

#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "bound_raws.hpp"

namespace bittrue::emulator {
namespace {

// Both widths of run() from one template member: `apply(tile, rows, block)`.
template <class Derived>
class RowOpOf : public RowOp {
public:
    void run(std::int32_t* tile, std::int64_t rows, Block& block) const final {
        static_cast<const Derived*>(this)->apply(tile, rows, block);
    }
    void run(std::int64_t* tile, std::int64_t rows, Block& block) const final {
        static_cast<const Derived*>(this)->apply(tile, rows, block);
    }
};

class CastOp final : public RowOpOf<CastOp> {
public:
    CastOp(RowCast cast, std::size_t tensor, CastClass kind) : cast_(cast), tensor_(tensor), kind_(kind) {}

    [[nodiscard]] int lane_bits() const override { return cast_.lane_bits(); }
    [[nodiscard]] bool is_monotone() const override { return cast_.is_monotone(); }
    [[nodiscard]] const RowCast* as_cast() const override { return &cast_; }

    void pass(LaneType type, const void* planes, std::int64_t rows, Block& block) const override {
        if (!block.counts) return;
        const bool is_result = kind_ == CastClass::Result;
        EventCounts& counts = is_result ? block.events[tensor_].result : block.events[tensor_].accumulator;
        counts.conversions += static_cast<std::uint64_t>(rows) * static_cast<unsigned>(block.images);
        if (is_result) block.see(tensor_, type, planes, rows);
    }

    template <class Int>
    void apply(Int* tile, std::int64_t rows, Block& block) const {
        const bool is_result = kind_ == CastClass::Result;
        EventCounts* const counts = is_result ? block.result_counts(tensor_) : block.accumulator_counts(tensor_);
        cast_(tile, rows, *block.kernels, block.images, counts);
        if (is_result) block.see(tensor_, tile_type<Int>(), tile, rows);
    }

private:
    RowCast cast_;
    std::size_t tensor_;
    CastClass kind_;
};

// Counts `each` once per number that `chosen` and lies in a valid lane.
template <class Int, class Chosen>
void count_chosen(const Int* tile, std::int64_t rows, const Block& block, const Events& each, EventCounts& counts,
                  Chosen chosen) {
    std::uint64_t many = 0;
    for (std::int64_t row = 0; row < rows; ++row)
        for (int lane = 0; lane < block.images; ++lane) many += chosen(tile[row * kLanes + lane]) ? 1U : 0U;
    counts.inexact += each.inexact ? many : 0U;
    counts.above += each.above ? many : 0U;
    counts.below += each.below ? many : 0U;
    counts.saturations += each.saturated ? many : 0U;
}

class ClipOp final : public RowOpOf<ClipOp> {
public:
    ClipOp(Format from, const FixedType& to, double limit, std::size_t tensor)
        : cast_(from, to, true), at_limit_(quantize_real(limit, to)), tensor_(tensor) {
        const double scaled = std::floor(std::ldexp(limit, from.frac()));
        if (scaled < std::ldexp(1.0, 100)) limit_ = static_cast<i128>(scaled);
        limit_ = std::min<i128>(limit_, raw_max(from));  // where it is never exceeded
    }

    [[nodiscard]] int lane_bits() const override { return cast_.lane_bits(); }

    template <class Int>
    void apply(Int* tile, std::int64_t rows, Block& block) const {
        const std::int64_t numbers = rows * kLanes;
        const auto limit = static_cast<Int>(limit_), word = static_cast<Int>(at_limit_.word);
        Int* const above = block.rooms[1].get_as<Int>(numbers);
        EventCounts* const counts = block.result_counts(tensor_);
        if (counts != nullptr)
            count_chosen(tile, rows, block, at_limit_.events, *counts, [limit](Int x) { return x > limit; });
        for (std::int64_t i = 0; i < numbers; ++i) {
            above[i] = tile[i] > limit ? Int{-1} : Int{0};
            tile[i] = tile[i] > limit ? Int{0} : tile[i];
        }
        cast_(tile, rows, *block.kernels, block.images, counts);
        for (std::int64_t i = 0; i < numbers; ++i) tile[i] = above[i] != 0 ? word : tile[i];
        block.see(tensor_, tile_type<Int>(), tile, rows);
    }

private:
    RowCast cast_;
    Converted at_limit_;
    i128 limit_ = i128{1} << 100;
    std::size_t tensor_;
};

// What lies beyond a limit is zero for the cast, which has no events, and becomes the limit's word.
class LimitsOp final : public RowOpOf<LimitsOp> {
public:
    LimitsOp(Format from, const FixedType& to, const Clip& op, std::size_t tensor)
        : cast_(from, to),
          at_min_(quantize_real(op.min, to)),
          at_max_(quantize_real(op.max, to)),
          low_(std::clamp(first_raw_from(op.min, from.frac()), raw_min(from), raw_max(from) + 1)),
          high_(std::clamp(last_raw_to(op.max, from.frac()), raw_min(from) - 1, raw_max(from))),
          tensor_(tensor) {}

    [[nodiscard]] int lane_bits() const override { return cast_.lane_bits(); }

    template <class Int>
    void apply(Int* tile, std::int64_t rows, Block& block) const {
        const std::int64_t numbers = rows * kLanes;
        const auto low = static_cast<Int>(low_), high = static_cast<Int>(high_);
        const auto min = static_cast<Int>(at_min_.word), max = static_cast<Int>(at_max_.word);
        Int* const side = block.rooms[1].get_as<Int>(numbers);
        EventCounts* const counts = block.result_counts(tensor_);
        if (counts != nullptr) {
            count_chosen(tile, rows, block, at_min_.events, *counts, [low](Int x) { return x < low; });
            count_chosen(tile, rows, block, at_max_.events, *counts,
                         [low, high](Int x) { return x >= low && x > high; });
        }
        for (std::int64_t i = 0; i < numbers; ++i) {
            side[i] = tile[i] < low ? Int{-1} : tile[i] > high ? Int{1} : Int{0};
            tile[i] = side[i] != 0 ? Int{0} : tile[i];
        }
        cast_(tile, rows, *block.kernels, block.images, counts);
        for (std::int64_t i = 0; i < numbers; ++i) tile[i] = side[i] == 0 ? tile[i] : side[i] < 0 ? min : max;
        block.see(tensor_, tile_type<Int>(), tile, rows);
    }

private:
    RowCast cast_;
    Converted at_min_, at_max_;
    i128 low_, high_;
    std::size_t tensor_;
};

class TableOp final : public RowOpOf<TableOp> {
public:
    TableOp(std::vector<Converted> results, Format to, std::size_t tensor)
        : results_(std::move(results)),
          bits_(signed_width(to) <= 32   ? 32
                : signed_width(to) <= 64 ? 64
                                         : 0),
          tensor_(tensor) {}

    [[nodiscard]] int lane_bits() const override { return bits_; }

    template <class Int>
    void apply(Int* tile, std::int64_t rows, Block& block) const {
        EventCounts* const counts = block.result_counts(tensor_);
        for (std::int64_t row = 0; row < rows; ++row) {
            for (int lane = 0; lane < kLanes; ++lane) {
                Int& number = tile[row * kLanes + lane];
                const Converted& entry = results_[static_cast<std::size_t>(number)];
                number = static_cast<Int>(entry.word);
                if (counts != nullptr && lane < block.images) counts->add(entry.events);
            }
        }
        block.see(tensor_, tile_type<Int>(), tile, rows);
    }

private:
    std::vector<Converted> results_;
    int bits_;
    std::size_t tensor_;
};

// Negative numbers go through the cast of the product, the others through that of the number; each pass sees zeros in
// place of the other's numbers, and zero has no events.
class LeakyOp final : public RowOpOf<LeakyOp> {
public:
    LeakyOp(Format from, const FixedType& to, const Tensor& alpha, std::size_t tensor)
        : cast_(from, to, true), alpha_(raw_from_word(alpha.words[0], alpha.format)), tensor_(tensor) {
        const i128 lowest = raw_min(from) * alpha_;
        const RawRange products{std::min<i128>(lowest, 0), std::max<i128>(lowest, 0)};
        cast_product_ = RowCast(products, from.frac() + alpha.format.frac(), to);
        fits_narrow_ = alpha_ == static_cast<std::int32_t>(alpha_);
    }

    [[nodiscard]] int lane_bits() const override {
        if (cast_.lane_bits() == 0 || cast_product_.lane_bits() == 0) return 0;
        return fits_narrow_ ? std::max(cast_.lane_bits(), cast_product_.lane_bits()) : 64;
    }

    template <class Int>
    void apply(Int* tile, std::int64_t rows, Block& block) const {
        const std::int64_t numbers = rows * kLanes;
        const auto alpha = static_cast<Int>(alpha_);
        Int* const products = block.rooms[1].get_as<Int>(numbers);
        Int* const negative = block.rooms[2].get_as<Int>(numbers);
        for (std::int64_t i = 0; i < numbers; ++i) {
            negative[i] = tile[i] < 0 ? Int{-1} : Int{0};
            products[i] = tile[i] < 0 ? static_cast<Int>(alpha * tile[i]) : Int{0};
        }
        EventCounts* const counts = block.result_counts(tensor_);
        cast_(tile, rows, *block.kernels, block.images, counts);
        cast_product_(products, rows, *block.kernels, block.images, counts);
        if (counts != nullptr)
            counts->conversions -= static_cast<std::uint64_t>(rows) * static_cast<unsigned>(block.images);
        for (std::int64_t i = 0; i < numbers; ++i) tile[i] = negative[i] != 0 ? products[i] : tile[i];
        block.see(tensor_, tile_type<Int>(), tile, rows);
    }

private:
    RowCast cast_, cast_product_{};
    i128 alpha_;
    std::size_t tensor_;
    bool fits_narrow_ = false;
};

// The index of every number, and what the entry's conversion met.
class LookupOp final : public RowOpOf<LookupOp> {
public:
    LookupOp(Format from, const FixedType& to, const Lookup& op, const Tensor& entries, std::size_t tensor)
        : results_(cast_entries(entries, to)),
          from_(from),
          to_(to.format),
          by_bits_(op.index == TableIndex::Bits),
          span_(op.span),
          tensor_(tensor) {
        if (by_bits_) bits_ = BitIndex(from, std::ssize(results_));
        if (from.width > kMaxDirect) return;
        const auto words = std::size_t{1} << from.width;
        for (std::size_t i = 0; i < words; ++i)
            direct_.push_back(results_[index(raw_min(from) + static_cast<i128>(i))]);
    }

    [[nodiscard]] int lane_bits() const override {
        const int bits = std::max(signed_width(from_), signed_width(to_));
        return bits <= 32 ? 32 : bits <= 64 ? 64 : 0;
    }

    template <class Int>
    void apply(Int* tile, std::int64_t rows, Block& block) const {
        EventCounts* const counts = block.result_counts(tensor_);
        for (std::int64_t row = 0; row < rows; ++row) {
            for (int lane = 0; lane < kLanes; ++lane) {
                Int& number = tile[row * kLanes + lane];
                const Converted& entry = of(number);
                number = static_cast<Int>(entry.word);
                if (counts != nullptr && lane < block.images) counts->add(entry.events);
            }
        }
        block.see(tensor_, tile_type<Int>(), tile, rows);
    }

private:
    static constexpr int kMaxDirect = 10;

    [[nodiscard]] std::size_t index(i128 raw) const {
        if (by_bits_) return bits_(word_from_raw(raw));
        return centred_index(raw, from_.frac(), std::ssize(results_), span_);
    }
    [[nodiscard]] const Converted& of(std::int64_t raw) const {
        if (direct_.empty()) return results_[index(raw)];
        return direct_[static_cast<std::size_t>(raw - static_cast<std::int64_t>(raw_min(from_)))];
    }

    std::vector<Converted> results_;
    std::vector<Converted> direct_{};  // by the word itself, from the smallest on
    Format from_, to_;
    bool by_bits_;
    BitIndex bits_{};
    std::int64_t span_;
    std::size_t tensor_;
};

}  // namespace

RowOpPointer make_cast_op(RowCast cast, std::size_t tensor, CastClass kind) {
    return std::make_unique<CastOp>(cast, tensor, kind);
}
RowOpPointer make_clip_op(Format from, const FixedType& to, double limit, std::size_t tensor) {
    return std::make_unique<ClipOp>(from, to, limit, tensor);
}
RowOpPointer make_limits_op(Format from, const FixedType& to, const Clip& op, std::size_t tensor) {
    return std::make_unique<LimitsOp>(from, to, op, tensor);
}
RowOpPointer make_table_op(std::vector<Converted> results, Format to, std::size_t tensor) {
    return std::make_unique<TableOp>(std::move(results), to, tensor);
}
RowOpPointer make_leaky_op(Format from, const FixedType& to, const Tensor& alpha, std::size_t tensor) {
    return std::make_unique<LeakyOp>(from, to, alpha, tensor);
}
RowOpPointer make_lookup_op(Format from, const FixedType& to, const Lookup& op, const Tensor& entries,
                            std::size_t tensor) {
    return std::make_unique<LookupOp>(from, to, op, entries, tensor);
}

}  // namespace bittrue::emulator
