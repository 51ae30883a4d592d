// What a vector set is written as: one array after the other, each with its packing and its place in the manifest.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_files.hpp"
#include "manifest.hpp"

namespace bittrue {

// A layer or a parameter.
struct SetItem {
    WordFileContext context{};  // with the packing of the kinds that pack
    std::string label{};        // for messages: "layer 'conv2d'"
    std::string stem{};         // of its files, with the folder
    std::span<const std::int64_t> words{};
    Json entry{};  // of the manifest, without the files

    // As a file of this kind: without packing where the kind holds elements one by one.
    [[nodiscard]] WordFileContext context_of(FileKind kind) const;
};

struct SetItems {
    std::vector<SetItem> layers{}, parameters{};
};

// The items of the set, which must outlive them. Everything that write_vector_set refuses in the set and in the options
// is refused here: InputError, or std::logic_error for words that are none of their format.
[[nodiscard]] SetItems items_of(const std::string& where, const VectorSet& set, const VectorOptions& options);

// Paths that no two files of a set share, even where case is ignored.
class SetPaths {
public:
    // stem + extension, or with a number behind the stem where that is taken.
    [[nodiscard]] std::string take(const std::string& stem, const std::string& extension);
    // False where the path is taken, or is a folder of a taken one.
    [[nodiscard]] bool claim(const std::string& path);

private:
    std::set<std::string> taken_{};
};

}  // namespace bittrue
