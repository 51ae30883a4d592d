// Memory at 64 bytes, grown when more is asked for; contents do not survive growing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace bittrue::emulator {

class AlignedBytes {
public:
    // At least `bytes` bytes, those behind them up to a multiple of 64 readable.
    [[nodiscard]] std::byte* get(std::size_t bytes) {
        if (bytes > size_ || !data_) {
            size_ = (bytes / kAlignment + 1) * kAlignment;
            data_.reset();
            data_.reset(static_cast<std::byte*>(::operator new (size_, std::align_val_t{kAlignment})));
        }
        return data_.get();
    }
    template <class T>
    [[nodiscard]] T* get_as(std::int64_t count) {
        return reinterpret_cast<T*>(get(static_cast<std::size_t>(count) * sizeof(T)));
    }

private:
    static constexpr std::size_t kAlignment = 64;
    struct Free {
        void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{kAlignment}); }
    };
    std::unique_ptr<std::byte, Free> data_{};
    std::size_t size_ = 0;
};

}  // namespace bittrue::emulator
