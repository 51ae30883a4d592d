// Working room of one thread for one layer: what the kernels arrange of a block, and where they compute.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "linear.hpp"

namespace bittrue::emulator::linear {

// Bytes aligned to a cache line, which grow and keep nothing when they do.
class AlignedBytes {
public:
    [[nodiscard]] std::byte* get(std::size_t bytes) {
        if (bytes > size_) {
            data_.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
            size_ = bytes;
        }
        return data_.get();
    }

private:
    static constexpr std::align_val_t kAlignment{64};
    struct Free {
        void operator()(std::byte* bytes) const { ::operator delete(bytes, kAlignment); }
    };
    std::unique_ptr<std::byte, Free> data_{};
    std::size_t size_ = 0;
};

// The window whose inputs stand in `window`, widened to lanes of `bits`.
struct WindowKey {
    std::int64_t y = -1, x = -1, group = -1;
    int bits = 0;
    friend bool operator==(const WindowKey&, const WindowKey&) = default;
};

// The cells of one arrangement, and up to which row they are built.
struct CellRoom {
    AlignedBytes cells{};
    std::int64_t rows = 0;
    int skips = 0;  // positions for which these cells are not worth a try
};

struct Workspace : LinearRoom {
    Planes in{};
    WindowKey key{};
    AlignedBytes window{};
    AlignedBytes scratch{};
    AlignedBytes ranges{};
    std::vector<std::uint8_t> open{};  // channels whose range has to be looked at
    std::vector<CellRoom> cells{};     // one per channel group of the layer, then a second one of each
};

}  // namespace bittrue::emulator::linear
