// Rows of planes as they are or in another order, and sums of several tensors.
#include <cstring>

#include "rows_step.hpp"

namespace bittrue::emulator {
namespace {

constexpr i128 kBeyondLanes = -(i128{1} << 100);

int bits_of_planes(Format f) {
    const int bits = signed_width(f);
    return bits <= 32 ? 32 : bits <= 64 ? 64 : 0;
}

class PlaneSource final : public RowSourceOf<PlaneSource> {
public:
    PlaneSource(std::size_t tensor, Format format, std::vector<std::int64_t> from)
        : tensor_(tensor), format_(format), from_(std::move(from)) {}

    [[nodiscard]] int lane_bits() const override { return bits_of_planes(format_); }
    [[nodiscard]] std::string name() const override { return from_.empty() ? "lanes" : "lanes reordered"; }
    [[nodiscard]] std::optional<LaneType> native() const override { return lane_type(format_); }

    void copy(void* planes, std::int64_t first, std::int64_t rows, Block& block) const override {
        const auto bytes = static_cast<std::size_t>(kLanes * bytes_of(lane_type(format_)));
        auto* to = static_cast<std::byte*>(planes);
        if (from_.empty()) {
            std::memcpy(to, row_at(first, block), static_cast<std::size_t>(rows) * bytes);
            return;
        }
        for (std::int64_t i = 0; i < rows; ++i, to += bytes)
            std::memcpy(to, row_at(from_[static_cast<std::size_t>(first + i)], block), bytes);
    }

private:
    friend RowSourceOf<PlaneSource>;
    [[nodiscard]] const std::byte* row_at(std::int64_t element, const Block& block) const {
        const Planes& in = block.tensors[tensor_];
        return in.data + element * kLanes * bytes_of(in.type);
    }
    template <class Int>
    void fill_tile(Int* tile, std::int64_t first, std::int64_t rows, const Block& block) const {
        const LaneType type = lane_type(format_);
        if (from_.empty()) return widen(block, type, row_at(first, block), tile, rows);
        for (std::int64_t i = 0; i < rows; ++i)
            widen(block, type, row_at(from_[static_cast<std::size_t>(first + i)], block), tile + i * kLanes, 1);
    }

    std::size_t tensor_;
    Format format_;
    std::vector<std::int64_t> from_;
};

class AddSource final : public RowSourceOf<AddSource> {
public:
    AddSource(const LayerSetup& setup, std::vector<std::size_t> tensors) : sum_(sum_of_inputs(setup)) {
        for (std::size_t k = 0; k < tensors.size(); ++k) {
            const Format f = setup.input_types[k].format;
            terms_.push_back({tensors[k], lane_type(f), sum_.frac - f.frac()});
            fits64_ = fits64_ && bits_of_planes(f) != 0;
        }
    }

    [[nodiscard]] int lane_bits() const override {
        const i128 largest = std::max(sum_.range.high, -sum_.range.low);
        if (largest < i128{1} << 30) return 32;
        return fits64_ && largest < i128{1} << 62 ? 64 : 0;
    }
    [[nodiscard]] std::string name() const override { return "lanes"; }

private:
    friend RowSourceOf<AddSource>;
    struct Term {
        std::size_t tensor = 0;
        LaneType type{};
        int up = 0;
    };
    template <class Int>
    void fill_tile(Int* tile, std::int64_t first, std::int64_t rows, Block& block) const {
        const std::int64_t numbers = rows * kLanes;
        Int* const one = block.rooms[1].get_as<Int>(numbers);
        std::fill_n(tile, numbers, Int{0});
        for (const Term& t : terms_) {
            widen(block, t.type, block.tensors[t.tensor].data + first * kLanes * bytes_of(t.type), one, rows);
            for (std::int64_t i = 0; i < numbers; ++i) tile[i] += one[i] << t.up;
        }
    }

    ExactSum sum_;
    std::vector<Term> terms_{};
    bool fits64_ = true;
};

}  // namespace

ExactSum sum_of_inputs(const LayerSetup& setup) {
    ExactSum sum{.frac = setup.format().frac()};
    for (const FixedType& t : setup.input_types) sum.frac = std::max(sum.frac, t.format.frac());
    for (const FixedType& t : setup.input_types) {
        const int up = sum.frac - t.format.frac();
        if (signed_width(t.format) + up > 62) return {.range = {kBeyondLanes, -kBeyondLanes}, .frac = sum.frac};
        sum.range.low += raw_min(t.format) << up;
        sum.range.high += raw_max(t.format) << up;
    }
    return sum;
}

RowSourcePointer make_plane_source(std::size_t tensor, Format format, std::vector<std::int64_t> from) {
    return std::make_unique<PlaneSource>(tensor, format, std::move(from));
}
RowSourcePointer make_add_source(const LayerSetup& setup, std::vector<std::size_t> tensors) {
    return std::make_unique<AddSource>(setup, std::move(tensors));
}

}  // namespace bittrue::emulator
