// Windows of pooling layers, one row of the result at a time.
#include "rows_step.hpp"
#include "window.hpp"

namespace bittrue::emulator {
namespace {

// Element of a map in storage order, as channel, row and column.
struct Place {
    std::int64_t c = 0, y = 0, x = 0;
};
Place place_of(const Shape& shape, std::int64_t element) {
    const std::int64_t channels = shape.channels(), height = shape.height(), width = shape.width();
    switch (shape.layout) {
        case Layout::Vector: return {element, 0, 0};
        case Layout::Hwc: return {element % channels, element / channels / width, element / channels % width};
        case Layout::Chw: return {element / width / height, element / width % height, element % width};
    }
    return {};
}

class MaxPoolSource final : public RowSourceOf<MaxPoolSource> {
public:
    MaxPoolSource(const LayerSetup& setup, const MaxPool& op, std::size_t input)
        : windows_(setup, op.pool, op.stride, op.padding),
          in_(strides_of(windows_.in())),
          format_(setup.format()),
          type_(lane_type(format_)),
          input_(input) {
        const bool pads = op.pad_rule == PoolPadding::Msb && !format_.is_signed;
        if (!pads) return;
        const std::int64_t msb = std::int64_t{1} << (format_.width - 1);
        std::vector<std::int64_t> row(kLanes, msb);
        lane_kernels(Isa::Scalar).narrow64(row.data(), type_, pad_.data(), nullptr, 1);
        pads_ = true;
    }

    [[nodiscard]] int lane_bits() const override {
        const int bits = signed_width(format_);
        return bits <= 32 ? 32 : bits <= 64 ? 64 : 0;
    }
    [[nodiscard]] std::string name() const override { return "lanes"; }
    [[nodiscard]] std::optional<LaneType> native() const override { return type_; }

    void copy(void* planes, std::int64_t first, std::int64_t rows, Block& block) const override {
        std::vector<const void*> window;
        const std::int64_t bytes = kLanes * bytes_of(type_);
        auto* to = static_cast<std::byte*>(planes);
        for (std::int64_t i = 0; i < rows; ++i) largest(first + i, window, to + i * bytes, block);
    }

private:
    friend RowSourceOf<MaxPoolSource>;
    void largest(std::int64_t element, std::vector<const void*>& window, void* to, const Block& block) const {
        const Place at = place_of(windows_.out(), element);
        const PoolWindow w = windows_.at(at.y, at.x);
        const std::byte* const in = block.tensors[input_].data;
        const std::int64_t bytes = kLanes * bytes_of(type_);
        window.clear();
        for (std::int64_t y = w.y_begin; y < w.y_end; ++y)
            for (std::int64_t x = w.x_begin; x < w.x_end; ++x)
                window.push_back(in + (y * in_.y + x * in_.x + at.c * in_.c) * bytes);
        if (pads_ && w.padded > 0) window.push_back(pad_.data());
        block.kernels->largest(type_, window.data(), std::ssize(window), to);
    }
    template <class Int>
    void fill_tile(Int* tile, std::int64_t first, std::int64_t rows, const Block& block) const {
        std::vector<const void*> window;
        alignas(64) std::byte row[kLanes * sizeof(std::int64_t)];
        for (std::int64_t i = 0; i < rows; ++i) {
            largest(first + i, window, row, block);
            widen(block, type_, row, tile + i * kLanes, 1);
        }
    }

    PoolGeometry windows_;
    Strides in_;
    Format format_;
    LaneType type_;
    std::size_t input_;
    bool pads_ = false;
    alignas(64) std::array<std::byte, kLanes * sizeof(std::int64_t)> pad_{};
};

class AveragePoolSource final : public RowSourceOf<AveragePoolSource> {
public:
    AveragePoolSource(const LayerSetup& setup, const AveragePool& op, std::size_t input, std::size_t tensor)
        : windows_(setup, op.pool, op.stride, op.padding),
          in_(strides_of(windows_.in())),
          type_(lane_type(setup.format())),
          input_(input),
          tensor_(tensor),
          divide_(op.divide),
          counts_padding_(op.count_padding) {
        const Format in = setup.format(), acc = op.accumulator.format;
        const int frac = std::max(in.frac(), acc.frac());
        in_up_ = frac - in.frac();
        acc_up_ = frac - acc.frac();
        if (signed_width(in) + in_up_ > 61 || signed_width(acc) + acc_up_ > 61) return;
        const RawRange sums{(raw_min(in) << in_up_) + (raw_min(acc) << acc_up_),
                            (raw_max(in) << in_up_) + (raw_max(acc) << acc_up_)};
        step_ = RowCast(sums, frac, op.accumulator);
        // Dividing by 2^shift is rounding away that many fraction bits; nothing can overflow there.
        const FixedType whole{.format = {.width = 62, .integer = 62}, .rounding = op.divide};
        for (int shift = 0; shift < kShifts; ++shift) shifts_.emplace_back(raws_of(acc), shift, whole);
    }

    [[nodiscard]] int lane_bits() const override { return step_.lane_bits(); }
    [[nodiscard]] std::string name() const override { return "lanes"; }

private:
    friend RowSourceOf<AveragePoolSource>;
    template <class Int>
    void fill_tile(Int* tile, std::int64_t first, std::int64_t rows, Block& block) const {
        for (std::int64_t i = 0; i < rows; ++i) {
            const Place at = place_of(windows_.out(), first + i);
            const PoolWindow w = windows_.at(at.y, at.x);
            sum(tile + i * kLanes, at.c, w, block);
            divide(tile + i * kLanes, windows_.size() - (counts_padding_ ? 0 : w.padded), block);
        }
    }
    template <class Int>
    void sum(Int* acc, std::int64_t channel, const PoolWindow& w, Block& block) const {
        alignas(64) Int term[kLanes];
        EventCounts* const counts = block.accumulator_counts(tensor_);
        const std::byte* const in = block.tensors[input_].data;
        std::fill_n(acc, kLanes, Int{0});
        for (std::int64_t y = w.y_begin; y < w.y_end; ++y) {
            for (std::int64_t x = w.x_begin; x < w.x_end; ++x) {
                const std::int64_t element = y * in_.y + x * in_.x + channel * in_.c;
                widen(block, type_, in + element * kLanes * bytes_of(type_), term, 1);
                for (int l = 0; l < kLanes; ++l) acc[l] = (acc[l] << acc_up_) + (term[l] << in_up_);
                step_(acc, 1, *block.kernels, block.images, counts);
            }
        }
        // Adding the zero of a padded position is a conversion, but changes nothing.
        if (counts_padding_ && counts != nullptr)
            counts->conversions += static_cast<std::uint64_t>(w.padded) * static_cast<unsigned>(block.images);
    }
    template <class Int>
    void divide(Int* acc, std::int64_t taken, Block& block) const {
        EventCounts* const counts = block.accumulator_counts(tensor_);
        const int shift = ceil_log2(taken);
        if (std::int64_t{1} << shift == taken && shift < kShifts) {
            alignas(64) std::int64_t mean[kLanes];
            std::copy_n(acc, kLanes, mean);
            shifts_[static_cast<std::size_t>(shift)](mean, 1, *block.kernels, block.images, counts);
            for (int l = 0; l < kLanes; ++l) acc[l] = static_cast<Int>(mean[l]);
            return;
        }
        for (int l = 0; l < kLanes; ++l) {
            const Quantised<i128> mean = divide_exact(acc[l], taken, divide_);
            acc[l] = static_cast<Int>(mean.raw);
            if (counts != nullptr && l < block.images) counts->add(mean.events);
        }
    }

    PoolGeometry windows_;
    Strides in_;
    LaneType type_;
    std::size_t input_, tensor_;
    Rounding divide_;
    bool counts_padding_;
    int in_up_ = 0, acc_up_ = 0;
    RowCast step_{};
    static constexpr int kShifts = 16;
    std::vector<RowCast> shifts_{};
};

}  // namespace

RowSourcePointer make_max_pool_source(const LayerSetup& setup, const MaxPool& op, std::size_t input) {
    return std::make_unique<MaxPoolSource>(setup, op, input);
}
RowSourcePointer make_average_pool_source(const LayerSetup& setup, const AveragePool& op, std::size_t input,
                                          std::size_t tensor) {
    return std::make_unique<AveragePoolSource>(setup, op, input, tensor);
}

}  // namespace bittrue::emulator
