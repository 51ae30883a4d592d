// Rows of one or several tensors in any order, and rows of zeros.
#include <algorithm>
#include <cstring>

#include "rows_step.hpp"

namespace bittrue::emulator {
namespace {

class MoveSource final : public RowSourceOf<MoveSource> {
public:
    MoveSource(const LayerSetup& setup, std::vector<std::size_t> tensors, const std::vector<Moved>& moves, int frac)
        : type_(lane_type(setup.format())) {
        for (std::size_t k = 0; k < tensors.size(); ++k) {
            const Format f = setup.input_types[k].format;
            const int up = frac - f.frac();
            const int bits = signed_width(f) + up;
            bits_ = std::max(bits_, bits <= 31 ? 32 : bits <= 62 ? 64 : 128);
            if (signed_width(f) > 32 && bits_ == 32) bits_ = 64;
            inputs_.push_back({tensors[k], up});
            same_ = same_ && up == 0 && lane_type(f) == type_;
        }
        // Neighbours in one tensor that stay neighbours.
        for (std::size_t i = 0; i < moves.size(); ++i) {
            const Moved& m = moves[i];
            const bool goes_on =
                !runs_.empty() && runs_.back().input == m.input &&
                (m.element < 0 ? runs_.back().from < 0
                               : runs_.back().from >= 0 && m.element == runs_.back().from + runs_.back().rows);
            if (goes_on) {
                ++runs_.back().rows;
            } else {
                runs_.push_back({static_cast<std::int64_t>(i), m.input, m.element, 1});
            }
        }
    }

    [[nodiscard]] int lane_bits() const override { return bits_ > 64 ? 0 : bits_; }
    [[nodiscard]] std::string name() const override { return "lanes moved"; }
    [[nodiscard]] std::optional<LaneType> native() const override {
        return same_ ? std::optional<LaneType>(type_) : std::nullopt;
    }

    void copy(void* planes, std::int64_t first, std::int64_t rows, Block& block) const override {
        const std::int64_t bytes = kLanes * bytes_of(type_);
        auto* const to = static_cast<std::byte*>(planes);
        each_run(first, rows, [&](const Run& run, std::int64_t at) {
            const auto size = static_cast<std::size_t>(run.rows * bytes);
            if (run.from < 0)
                std::memset(to + at * bytes, 0, size);
            else
                std::memcpy(to + at * bytes, block.tensors[inputs_[run.input].tensor].data + run.from * bytes, size);
        });
    }

private:
    friend RowSourceOf<MoveSource>;
    struct Input {
        std::size_t tensor = 0;
        int up = 0;
    };
    // Rows to .. to + rows - 1 of the result are those from `from` on of an input; -1: zeros.
    struct Run {
        std::int64_t to = 0;
        std::size_t input = 0;
        std::int64_t from = 0, rows = 0;
    };

    // The parts of runs within first .. first + rows - 1, and where each begins behind `first`.
    template <class Visit>
    void each_run(std::int64_t first, std::int64_t rows, Visit visit) const {
        auto it = std::upper_bound(runs_.begin(), runs_.end(), first,
                                   [](std::int64_t row, const Run& run) { return row < run.to; });
        for (--it; it != runs_.end() && it->to < first + rows; ++it) {
            const std::int64_t skipped = std::max<std::int64_t>(0, first - it->to);
            const std::int64_t end = std::min(it->to + it->rows, first + rows);
            Run part = *it;
            part.to += skipped;
            if (part.from >= 0) part.from += skipped;
            part.rows = end - part.to;
            visit(part, part.to - first);
        }
    }
    template <class Int>
    void fill_tile(Int* tile, std::int64_t first, std::int64_t rows, const Block& block) const {
        each_run(first, rows, [&](const Run& run, std::int64_t at) {
            Int* const to = tile + at * kLanes;
            const std::int64_t numbers = run.rows * kLanes;
            if (run.from < 0) {
                std::fill_n(to, numbers, Int{0});
                return;
            }
            const Input& in = inputs_[run.input];
            widen(block, block.tensors[in.tensor], run.from, to, run.rows);
            if (in.up == 0) return;
            for (std::int64_t i = 0; i < numbers; ++i) to[i] = static_cast<Int>(to[i] << in.up);
        });
    }

    std::vector<Input> inputs_{};
    std::vector<Run> runs_{};
    LaneType type_;
    int bits_ = 32;
    bool same_ = true;
};

class ProductSource final : public RowSourceOf<ProductSource> {
public:
    ProductSource(const LayerSetup& setup, std::vector<std::size_t> tensors) : tensors_(std::move(tensors)) {
        int bits = 0;
        for (const FixedType& t : setup.input_types) bits += signed_width(t.format);
        bits_ = bits <= 31 ? 32 : bits <= 62 ? 64 : 0;
    }
    [[nodiscard]] int lane_bits() const override { return bits_; }
    [[nodiscard]] std::string name() const override { return "lanes"; }

private:
    friend RowSourceOf<ProductSource>;
    template <class Int>
    void fill_tile(Int* tile, std::int64_t first, std::int64_t rows, Block& block) const {
        const std::int64_t numbers = rows * kLanes;
        widen(block, block.tensors[tensors_.front()], first, tile, rows);
        Int* const one = block.rooms[1].get_as<Int>(numbers);
        for (std::size_t k = 1; k < tensors_.size(); ++k) {
            widen(block, block.tensors[tensors_[k]], first, one, rows);
            for (std::int64_t i = 0; i < numbers; ++i) tile[i] = static_cast<Int>(tile[i] * one[i]);
        }
    }

    std::vector<std::size_t> tensors_;
    int bits_ = 0;
};

}  // namespace

RowSourcePointer make_move_source(const LayerSetup& setup, std::vector<std::size_t> tensors,
                                  const std::vector<Moved>& moves, int frac) {
    return std::make_unique<MoveSource>(setup, std::move(tensors), moves, frac);
}
RowSourcePointer make_product_source(const LayerSetup& setup, std::vector<std::size_t> tensors) {
    return std::make_unique<ProductSource>(setup, std::move(tensors));
}

}  // namespace bittrue::emulator
