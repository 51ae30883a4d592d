#include "row_cast.hpp"

namespace bittrue::emulator {
namespace {

// Two's complement bits that hold both ends.
int bits_of(RawRange r) {
    int bits = 1;
    while (r.low < -(i128{1} << (bits - 1)) || r.high >= i128{1} << (bits - 1)) ++bits;
    return bits;
}

// The constants c of Quantizer, in lanes of Int.
template <class Int>
void set_rounding(LaneCast<Int>& cast, Rounding rounding) {
    if (cast.down == 0) return;
    const Int half = static_cast<Int>(Int{1} << (cast.down - 1));
    cast.mask = static_cast<Int>(half - 1 + half);
    switch (rounding) {
        case Rounding::Trn: break;
        case Rounding::TrnZero: cast.if_negative = cast.mask; break;
        case Rounding::Rnd: cast.always = half; break;
        case Rounding::RndZero: cast.always = half - 1, cast.if_negative = 1; break;
        case Rounding::RndMinInf: cast.always = half - 1; break;
        case Rounding::RndInf: cast.always = half, cast.if_negative = -1; break;
        case Rounding::RndConv: cast.always = half - 1, cast.if_odd = 1; break;
        case Rounding::RndConvOdd: cast.always = half, cast.if_odd = -1; break;
    }
}

LaneOverflow overflow_of(const FixedType& to) {
    switch (to.overflow) {
        case Overflow::Sat:
        case Overflow::SatSym: return LaneOverflow::Clamp;
        case Overflow::SatZero: return LaneOverflow::Zero;
        case Overflow::Wrap: return to.format.is_signed ? LaneOverflow::WrapSigned : LaneOverflow::WrapUnsigned;
        case Overflow::WrapSm: break;
    }
    return LaneOverflow::None;
}

bool saturates(Overflow overflow) {
    return overflow == Overflow::Sat || overflow == Overflow::SatSym || overflow == Overflow::SatZero;
}

template <class Int>
LaneCast<Int> lane_cast(int shift, const FixedType& to, bool relu, bool overflows) {
    constexpr int kBits = 8 * sizeof(Int);
    LaneCast<Int> cast{.floor_at = relu ? Int{0} : std::numeric_limits<Int>::min()};
    cast.up = std::clamp(-shift, 0, kBits - 1);
    cast.down = std::clamp(shift, 0, kBits - 1);  // beyond, all bits are dropped and no half can be reached
    set_rounding(cast, to.rounding);
    const i128 most = std::numeric_limits<Int>::max();
    cast.low = static_cast<Int>(std::max(range_min(to), -most - 1));
    cast.high = static_cast<Int>(std::min(range_max(to), most));
    cast.unused = std::max(0, kBits - to.format.width);
    cast.overflow = overflows ? overflow_of(to) : LaneOverflow::None;
    return cast;
}

}  // namespace

RowCast::RowCast(RawRange source, int frac, const FixedType& to, bool relu)
    : to_(to), results_(raws_of(to.format)), relu_(relu) {
    if (relu) source = {std::max<i128>(source.low, 0), std::max<i128>(source.high, 0)};
    const int shift = frac - to.format.frac();
    const int bits = bits_of(source) + std::max(0, -shift);
    // One bit for the rounding constant, one for the sum.
    if (bits <= 30 && signed_width(to.format) <= 32) {
        lane_bits_ = 32;
    } else if (bits <= Quantizer<std::int64_t>::kBits && signed_width(to.format) <= 64) {
        lane_bits_ = 64;
    } else {
        return;
    }
    const RawRange exact{source.low << std::max(0, -shift), source.high << std::max(0, -shift)};
    const int down = std::clamp(shift, 0, 63);
    const RawRange rounded{exact.low >> down, (exact.high >> down) + (down > 0 ? 1 : 0)};
    const bool overflows = rounded.low < range_min(to) || rounded.high > range_max(to);
    by_lane_ =
        overflows && (to.overflow == Overflow::WrapSm || (to.overflow == Overflow::Wrap && to.saturated_bits > 0));
    monotone_ = !overflows || to.overflow == Overflow::Sat || to.overflow == Overflow::SatSym;
    if (monotone_)
        results_ = {std::clamp(rounded.low, range_min(to), range_max(to)),
                    std::clamp(rounded.high, range_min(to), range_max(to))};
    identity_ = shift == 0 && !overflows && !relu;
    if (lane_bits_ == 32) narrow_ = lane_cast<std::int32_t>(shift, to, relu, overflows);
    wide_ = lane_cast<std::int64_t>(shift, to, relu, overflows);
    if (by_lane_) quantizer_ = Quantizer<std::int64_t>(frac, to);
}

std::optional<LaneCast<std::int32_t>> RowCast::clamping() const {
    if (lane_bits_ != 32 || !monotone_) return std::nullopt;
    return narrow_;
}

template <class Int>
void RowCast::run_by_lane(Int* tile, Rows rows, int images, EventCounts* counts) const {
    for (std::int64_t row = rows.first; row < rows.end; row += rows.stride) {
        for (int lane = 0; lane < kLanes; ++lane) {
            Int& number = tile[row * kLanes + lane];
            if (relu_) number = std::max(number, Int{0});
            const auto q = quantizer_(number);
            number = static_cast<Int>(q.raw);
            if (counts != nullptr && lane < images) counts->add(q.events);
        }
    }
}

template <class Int>
void RowCast::run(Int* tile, Rows rows, const LaneKernels& kernels, int images, EventCounts* counts) const {
    if (by_lane_) return run_by_lane(tile, rows, images, counts);
    if (counts != nullptr)
        counts->conversions += static_cast<std::uint64_t>(rows.count()) * static_cast<unsigned>(images);
    if (identity_) return;
    LaneCounts<Int> lanes;
    LaneCounts<Int>* const counting = counts != nullptr ? &lanes : nullptr;
    const std::int64_t together = rows.stride == 1 ? rows.count() : 1;
    for (std::int64_t row = rows.first; row < rows.end; row += rows.stride * together) {
        if constexpr (sizeof(Int) == 4) {
            kernels.cast32(tile + row * kLanes, together, narrow_, counting);
        } else {
            kernels.cast64(tile + row * kLanes, together, wide_, counting);
        }
    }
    if (counts == nullptr) return;
    EventCounts sum;
    for (int lane = 0; lane < images; ++lane) {
        sum.inexact += static_cast<std::uint64_t>(lanes.inexact[lane]);
        sum.above += static_cast<std::uint64_t>(lanes.above[lane]);
        sum.below += static_cast<std::uint64_t>(lanes.below[lane]);
    }
    if (saturates(to_.overflow)) sum.saturations = sum.overflows();
    *counts += sum;
}

void RowCast::operator()(std::int32_t* tile, std::int64_t rows, const LaneKernels& kernels, int images,
                         EventCounts* counts) const {
    run(tile, {.end = rows}, kernels, images, counts);
}
void RowCast::operator()(std::int64_t* tile, std::int64_t rows, const LaneKernels& kernels, int images,
                         EventCounts* counts) const {
    run(tile, {.end = rows}, kernels, images, counts);
}

template <class Int>
void RowCast::by_row(Int* tile, std::int64_t rows, const LaneKernels& kernels, int images,
                     std::span<EventCounts> counts) const {
    const std::int64_t channels = std::ssize(counts);
    for (std::int64_t c = 0; c < channels; ++c)
        run(tile, {c, rows, channels}, kernels, images, &counts[static_cast<std::size_t>(c)]);
}
template void RowCast::by_row(std::int32_t*, std::int64_t, const LaneKernels&, int, std::span<EventCounts>) const;
template void RowCast::by_row(std::int64_t*, std::int64_t, const LaneKernels&, int, std::span<EventCounts>) const;

}  // namespace bittrue::emulator
