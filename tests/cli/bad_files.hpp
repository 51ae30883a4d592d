// A tiny valid project (network, weights, images, labels, vectors) that each bad-input case damages in one place.
#pragma once

#include <string>

#include "process.hpp"

namespace bittrue::test {

// Files: net.toml (6x6x1 -> conv 3x3x2 -> relu -> dense 3), weights.npz, weights.h5 (the seed CNN's), images.npy (uint8
// [4,6,6]), images.idx, labels.npy.
void write_project(const Scratch& scratch);

[[nodiscard]] std::string network_text();
[[nodiscard]] std::string replaced(std::string text, const std::string& from, const std::string& to);  // must occur

// A .npy header of numpy's with any descr and shape, followed by `data`.
[[nodiscard]] std::string npy(const std::string& descr, const std::string& shape, const std::string& data);
[[nodiscard]] std::string idx(unsigned type, const std::vector<std::uint32_t>& dims, const std::string& data);
[[nodiscard]] std::string gzipped(const std::string& bytes);
// A zip with one entry of `bytes`, deflated.
void write_zip(const std::string& path, const std::string& entry, const std::string& bytes);

}  // namespace bittrue::test
