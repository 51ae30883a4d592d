#include "row_words.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace bittrue::emulator {
namespace {

constexpr std::int64_t kTile = 64;  // elements, so that a tile of both sides stays in the cache

template <class Function>
void with_type(LaneType type, Function function) {
    switch (type) {
        case LaneType::U8: return function(std::uint8_t{});
        case LaneType::S8: return function(std::int8_t{});
        case LaneType::S16: return function(std::int16_t{});
        case LaneType::S32: return function(std::int32_t{});
        case LaneType::S64: return function(std::int64_t{});
    }
}

// One word of `Narrow`, which may be unsigned, in memory at any address.
template <class Narrow>
Narrow load(const std::byte* from) {
    Narrow word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

template <class Function>
void with_words(int bytes, bool is_signed, Function function) {
    switch (bytes) {
        case 1: return is_signed ? function(std::int8_t{}) : function(std::uint8_t{});
        case 2: return is_signed ? function(std::int16_t{}) : function(std::uint16_t{});
        case 4: return is_signed ? function(std::int32_t{}) : function(std::uint32_t{});
        default: return function(std::int64_t{});
    }
}

template <class Function>
void for_tiles(std::int64_t elements, int images, Function function) {
    for (std::int64_t first = 0; first < elements; first += kTile) {
        const std::int64_t last = std::min(first + kTile, elements);
        for (int l = 0; l < images; ++l)
            for (std::int64_t e = first; e < last; ++e) function(e, l);
    }
}

}  // namespace

void words_of_planes(const Planes& planes, std::int64_t elements, int images, std::int64_t* words) {
    with_type(planes.type, [&](auto tag) {
        const auto* const rows = planes.plane<decltype(tag)>(0);
        for_tiles(elements, images, [=](std::int64_t e, int l) {
            words[l * elements + e] = static_cast<std::int64_t>(rows[e * kLanes + l]);
        });
    });
}

void planes_of_words(const std::int64_t* words, std::int64_t elements, int images, const Planes& planes) {
    with_type(planes.type, [&](auto tag) {
        using T = decltype(tag);
        T* const rows = planes.plane<T>(0);
        if (images < kLanes) std::fill_n(rows, elements * kLanes, T{0});
        for_tiles(elements, images,
                  [=](std::int64_t e, int l) { rows[e * kLanes + l] = static_cast<T>(words[l * elements + e]); });
    });
}

void planes_of_narrow(std::span<const std::byte* const> images, int bytes, Format format, std::int64_t elements,
                      const LaneKernels& kernels, const Planes& planes) {
    if (bytes == 1 && bytes_of(planes.type) == 1) {
        const std::vector<std::uint8_t> nothing(std::ssize(images) < kLanes ? static_cast<std::size_t>(elements)
                                                                            : std::size_t{0});
        std::array<const std::uint8_t*, kLanes> from{};
        for (std::size_t l = 0; l < kLanes; ++l)
            from[l] = l < images.size() ? reinterpret_cast<const std::uint8_t*>(images[l]) : nothing.data();
        kernels.bytes_to_planes(from.data(), elements, planes.plane<std::uint8_t>(0));
        return;
    }
    const auto many = static_cast<int>(images.size());
    with_type(planes.type, [&](auto tag) {
        using T = decltype(tag);
        T* const rows = planes.plane<T>(0);
        if (many < kLanes) std::fill_n(rows, elements * kLanes, T{0});
        with_words(bytes, format.is_signed, [&](auto narrow) {
            using Narrow = decltype(narrow);
            for_tiles(elements, many, [&](std::int64_t e, int l) {
                const std::byte* const at = images[static_cast<std::size_t>(l)] + e * bytes;
                rows[e * kLanes + l] = static_cast<T>(load<Narrow>(at));
            });
        });
    });
}

void narrow_of_planes(const Planes& planes, std::int64_t elements, int bytes, const LaneKernels& kernels,
                      std::span<std::byte* const> images) {
    const auto many = static_cast<int>(images.size());
    if (bytes == 1 && bytes_of(planes.type) == 1) {
        std::array<std::uint8_t*, kLanes> to{};
        for (std::size_t l = 0; l < images.size(); ++l) to[l] = reinterpret_cast<std::uint8_t*>(images[l]);
        kernels.planes_to_bytes(planes.plane<std::uint8_t>(0), elements, to.data(), many);
        return;
    }
    with_type(planes.type, [&](auto tag) {
        using T = decltype(tag);
        const T* const rows = planes.plane<T>(0);
        with_words(bytes, true, [&](auto narrow) {
            using Narrow = decltype(narrow);
            for_tiles(elements, many, [&](std::int64_t e, int l) {
                const auto word = static_cast<Narrow>(rows[e * kLanes + l]);
                std::memcpy(images[static_cast<std::size_t>(l)] + e * bytes, &word, sizeof word);
            });
        });
    });
}

}  // namespace bittrue::emulator
