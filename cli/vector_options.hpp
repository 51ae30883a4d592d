// How vectors are written: the kinds of files and the packing of words, of `vectors` and `train-vectors`.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bittrue/vectors/vector_files.hpp"

namespace bittrue::cli {

// --format and --pack; `prefixes` says what may stand in front of a packing: "LAYER:".
void add_vector_options(CLI::App& command, std::string& format, std::vector<std::string>& packs,
                        const std::string& prefixes);

[[nodiscard]] VectorOptions read_vector_options(const std::string& format, const std::vector<std::string>& packs);

// InputError where a packing is of something that the set does not hold; `remedy` says what it holds.
void check_packing_names(const VectorOptions& options, const VectorSet& set, const std::string& remedy);

}  // namespace bittrue::cli
