// Named arrays in one zip file, as numpy.savez and numpy.savez_compressed write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/npy.hpp"

namespace bittrue {

struct NamedArray {
    std::string name{};  // without ".npy"
    NpyArray array{};
    friend bool operator==(const NamedArray&, const NamedArray&) = default;
};

// Against zip bombs: limits of the whole file, whatever the compression ratio.
struct NpzLimits {
    std::uint64_t total_elements =
        static_cast<std::uint64_t>(kMaxArrayElements);  // of all arrays read: 8 GiB of memory
    std::size_t entries = 65536;
};

// In the order of the file. Stored and deflated entries, also zip64. InputError: no zip, an entry that is no .npy,
// encrypted or otherwise compressed, a doubled name, a declared size that is not that of the .npy header (checked
// before allocating), an actual size or checksum that is not the declared one, a limit exceeded.
[[nodiscard]] std::vector<NamedArray> read_npz(const std::string& path, const NpzLimits& limits = {});
[[nodiscard]] NpyArray read_npz_array(const std::string& path, const std::string& name);
[[nodiscard]] std::vector<std::string> npz_names(const std::string& path);
// The same from the file's bytes; `where` names it in messages.
[[nodiscard]] std::vector<NamedArray> parse_npz(std::string_view bytes, const std::string& where,
                                                const NpzLimits& limits = {});
[[nodiscard]] NpyArray parse_npz_array(std::string_view bytes, const std::string& where, const std::string& name);
[[nodiscard]] std::vector<std::string> parse_npz_names(std::string_view bytes, const std::string& where);

// Deflated, in the order given, every entry dated 1980-01-01: equal arrays give equal bytes. Names must be unique
// and not empty.
[[nodiscard]] std::string npz_bytes(const std::vector<NamedArray>& arrays);
void write_npz(const std::string& path, const std::vector<NamedArray>& arrays);

}  // namespace bittrue
