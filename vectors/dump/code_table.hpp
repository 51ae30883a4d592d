// Identifier codes of a VCD to slots; made for codes that are mostly not in it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bittrue::dump {

// The code in front of the first blank, and how far that is.
struct Code {
    const char* stop = nullptr;
    std::uint32_t slot = 0;
};

class CodeTable {
public:
    static constexpr std::uint32_t kNone = 0xffffffffU;

    explicit CodeTable(std::size_t codes)
        : shift_(64 - static_cast<int>(std::bit_width(std::bit_ceil(4 * codes + 4) - 1))),
          keys_(std::size_t{1} << (64 - shift_)),
          slots_(keys_.size(), kNone) {}

    void add(std::string_view code, std::uint32_t slot) {
        if (code.size() >= 8) {
            long_[std::string(code)] = slot;
            return;
        }
        char bytes[8] = {};
        code.copy(bytes, code.size());
        const std::uint64_t key = load(bytes);
        std::size_t place = home(key);
        while (keys_[place] != 0 && keys_[place] != key) place = (place + 1) & (keys_.size() - 1);
        keys_[place] = key;
        slots_[place] = slot;
    }

    // `text` is followed by at least 8 readable bytes and, at some place, by one of at most 0x20.
    [[nodiscard]] Code find(const char* text) const {
        const std::uint64_t bytes = load(text);
        const std::uint64_t blanks = blanks_of(bytes);
        if (blanks == 0) return find_long(text);
        const int low = std::countr_zero(blanks) - 7;  // bits of the code
        const std::uint64_t key = bytes & ((std::uint64_t{1} << low) - 1);
        std::size_t place = home(key);
        while (keys_[place] != key && keys_[place] != 0) place = (place + 1) & (keys_.size() - 1);
        return {text + low / 8, keys_[place] == 0 ? kNone : slots_[place]};
    }

    // The first byte of at most 0x20.
    [[nodiscard]] static const char* blank(const char* text) {
        for (;; text += 8) {
            const std::uint64_t blanks = blanks_of(load(text));
            if (blanks != 0) return text + (std::countr_zero(blanks) - 7) / 8;
        }
    }

private:
    [[nodiscard]] static std::uint64_t load(const char* text) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text, sizeof bytes);
        if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
        return bytes;
    }
    // The top bit of every byte that is at most 0x20; exact for the lowest of them.
    [[nodiscard]] static std::uint64_t blanks_of(std::uint64_t bytes) {
        return (bytes - 0x2121212121212121U) & ~bytes & 0x8080808080808080U;
    }
    [[nodiscard]] std::size_t home(std::uint64_t key) const {
        return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15U) >> shift_);
    }
    [[nodiscard]] Code find_long(const char* text) const {
        const char* stop = blank(text);
        if (long_.empty()) return {stop, kNone};
        const auto found = long_.find(std::string(text, stop));
        return {stop, found == long_.end() ? kNone : found->second};
    }

    int shift_;
    std::vector<std::uint64_t> keys_;  // 0: free
    std::vector<std::uint32_t> slots_;
    std::unordered_map<std::string, std::uint32_t> long_{};
};

}  // namespace bittrue::dump
