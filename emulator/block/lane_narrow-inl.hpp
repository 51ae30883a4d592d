// Rows of int32 lanes into planes of a narrower type. Included once per instruction set.
#if defined(BITTRUE_LANE_NARROW_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BITTRUE_LANE_NARROW_INL_HPP
#undef BITTRUE_LANE_NARROW_INL_HPP
#else
#define BITTRUE_LANE_NARROW_INL_HPP
#endif

#include <array>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator {
namespace HWY_NAMESPACE {
namespace {

// Vectors a, b, c, d of N lanes become one of 4 N bytes: the bytes are put together as a | b << 8 | c << 16 | d << 24,
// sorted within each block of 16 bytes, and then the blocks' quarters among each other.
struct NarrowOrder {
    using D = hwy::HWY_NAMESPACE::CappedTag<std::uint32_t, kLanes>;
    using V = hwy::HWY_NAMESPACE::Vec<D>;
    using Bytes = hwy::HWY_NAMESPACE::Repartition<std::uint8_t, D>;

    explicit NarrowOrder(int parts) {
        namespace hn = hwy::HWY_NAMESPACE;
        const D d;
        const std::size_t lanes = hn::Lanes(d);
        const auto many = static_cast<std::size_t>(parts);
        const std::size_t part_bytes = 16 / many, lane_bytes = 4 / many;
        alignas(64) std::uint8_t in_block[64];
        for (std::size_t i = 0; i < 4 * lanes; ++i) {
            const std::size_t part = i % 16 / part_bytes, lane = i % part_bytes / lane_bytes;
            in_block[i] = static_cast<std::uint8_t>(lane * 4 + part * lane_bytes + i % lane_bytes);
        }
        alignas(64) std::int32_t quarters[16];
        const std::size_t per_part = lanes / many, per_block = 4 / many;
        for (std::size_t i = 0; i < lanes; ++i) {
            const std::size_t part = i / per_part, rest = i % per_part;
            quarters[i] = static_cast<std::int32_t>(rest / per_block * 4 + part * per_block + rest % per_block);
        }
        block = hn::Load(Bytes(), in_block);
        among = hn::Load(hn::RebindToSigned<D>(), quarters);
    }
    HWY_INLINE V operator()(V mixed) const {
        namespace hn = hwy::HWY_NAMESPACE;
        const D d;
        const V sorted = hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(Bytes(), mixed), block));
        return hn::TableLookupLanes(sorted, hn::IndicesFromVec(d, among));
    }

    hwy::HWY_NAMESPACE::Vec<Bytes> block;
    hwy::HWY_NAMESPACE::Vec<hwy::HWY_NAMESPACE::RebindToSigned<D>> among;
};

// `row(at)` is the vector of int32 at lane `at` of the tile; every number fits `type`.
template <class Row>
void narrow_to_bytes(const Row& row, std::uint8_t* HWY_RESTRICT to, const std::int64_t* places, std::int64_t rows) {
    namespace hn = hwy::HWY_NAMESPACE;
    const NarrowOrder order(4);
    const NarrowOrder::D d;
    const auto n = static_cast<std::int64_t>(hn::Lanes(d));
    const auto low = hn::Set(d, 0xFFU);
    for (std::int64_t r = 0; r < rows; ++r) {
        std::uint8_t* const out = to + (places != nullptr ? places[r] : r) * kLanes;
        for (std::int64_t lane = 0; lane < kLanes; lane += 4 * n) {
            const std::int64_t at = r * kLanes + lane;
            const auto a = hn::And(hn::BitCast(d, row(at)), low);
            const auto b = hn::ShiftLeft<8>(hn::And(hn::BitCast(d, row(at + n)), low));
            const auto c = hn::ShiftLeft<16>(hn::And(hn::BitCast(d, row(at + 2 * n)), low));
            const auto e = hn::ShiftLeft<24>(hn::BitCast(d, row(at + 3 * n)));
            const auto mixed = hn::Or(hn::Or(a, b), hn::Or(c, e));
            hn::Store(hn::BitCast(NarrowOrder::Bytes(), order(mixed)), NarrowOrder::Bytes(), out + lane);
        }
    }
}

template <class Row>
void narrow_to_words(const Row& row, std::int16_t* HWY_RESTRICT to, const std::int64_t* places, std::int64_t rows) {
    namespace hn = hwy::HWY_NAMESPACE;
    const NarrowOrder order(2);
    const NarrowOrder::D d;
    const hn::Repartition<std::int16_t, NarrowOrder::D> d16;
    const auto n = static_cast<std::int64_t>(hn::Lanes(d));
    const auto low = hn::Set(d, 0xFFFFU);
    for (std::int64_t r = 0; r < rows; ++r) {
        std::int16_t* const out = to + (places != nullptr ? places[r] : r) * kLanes;
        for (std::int64_t lane = 0; lane < kLanes; lane += 2 * n) {
            const std::int64_t at = r * kLanes + lane;
            const auto a = hn::And(hn::BitCast(d, row(at)), low);
            const auto b = hn::ShiftLeft<16>(hn::BitCast(d, row(at + n)));
            hn::Store(hn::BitCast(d16, order(hn::Or(a, b))), d16, out + lane);
        }
    }
}

template <class Row>
void keep_width(const Row& row, std::int32_t* HWY_RESTRICT to, const std::int64_t* places, std::int64_t rows) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::CappedTag<std::int32_t, kLanes> d;
    const auto n = static_cast<std::int64_t>(hn::Lanes(d));
    for (std::int64_t r = 0; r < rows; ++r) {
        std::int32_t* const out = to + (places != nullptr ? places[r] : r) * kLanes;
        for (std::int64_t lane = 0; lane < kLanes; lane += n) hn::Store(row(r * kLanes + lane), d, out + lane);
    }
}

template <class Row>
void widen_to_words(const Row& row, std::int64_t* HWY_RESTRICT to, const std::int64_t* places, std::int64_t rows) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::CappedTag<std::int32_t, kLanes> d;
    const auto n = static_cast<std::int64_t>(hn::Lanes(d));
    alignas(64) std::int32_t part[16];
    for (std::int64_t r = 0; r < rows; ++r) {
        std::int64_t* const out = to + (places != nullptr ? places[r] : r) * kLanes;
        for (std::int64_t lane = 0; lane < kLanes; lane += n) {
            hn::Store(row(r * kLanes + lane), d, part);
            for (std::int64_t i = 0; i < n; ++i) out[lane + i] = part[i];
        }
    }
}

template <class Row>
void narrow_rows(const Row& row, LaneType type, void* to, const std::int64_t* places, std::int64_t rows) {
    switch (type) {
        case LaneType::U8:
        case LaneType::S8: return narrow_to_bytes(row, static_cast<std::uint8_t*>(to), places, rows);
        case LaneType::S16: return narrow_to_words(row, static_cast<std::int16_t*>(to), places, rows);
        case LaneType::S32: return keep_width(row, static_cast<std::int32_t*>(to), places, rows);
        case LaneType::S64: return widen_to_words(row, static_cast<std::int64_t*>(to), places, rows);
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator
HWY_AFTER_NAMESPACE();

#endif
