// The format of the MNIST files (idx1, idx3, any rank), plain or gzipped.
#pragma once

#include <string>
#include <string_view>

#include "bittrue/model/npy.hpp"

namespace bittrue {

// Big-endian header: two zero bytes, element type, number of axes, then 32 bits per axis. Types 8 (unsigned byte),
// 9 (signed byte), B (16 bits), C (32 bits), D (float), E (double). gzip is recognised by its first two bytes.
// The length must be exactly that of the header, which is checked before allocating.
[[nodiscard]] NpyArray read_idx(const std::string& path);
[[nodiscard]] NpyArray parse_idx(std::string_view bytes, const std::string& where);

[[nodiscard]] bool is_gzip(std::string_view bytes);
// Unpacks all members; InputError when truncated, damaged, followed by other bytes, or longer than `max_bytes`
// unpacked.
[[nodiscard]] std::string gunzip(std::string_view bytes, const std::string& where, std::uint64_t max_bytes);

}  // namespace bittrue
