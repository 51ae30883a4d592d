#include "vector_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue::cli {

void add_vector_options(CLI::App& command, std::string& format, std::vector<std::string>& packs,
                        const std::string& prefixes) {
    std::string kinds;
    for (const FileKind kind : all_file_kinds()) kinds += (kinds.empty() ? "" : ", ") + file_kind_name(kind);
    command.add_option("--format", format, fmt::format("kinds of files, with commas between: {}", kinds))
        ->capture_default_str();
    command.add_option("--pack", packs,
                       fmt::format("packing of the words, of all, or with {} in front of one: "
                                   "lanes=4,first=high,word_bits=64,... (docs/vector_format.md)",
                                   prefixes));
}

VectorOptions read_vector_options(const std::string& format, const std::vector<std::string>& packs) {
    VectorOptions options;
    options.kinds = parse_file_kinds(format);
    // "lanes=4" for all, "conv2d:lanes=4" for a layer, "conv2d.weights:pe=2,simd=9" for a parameter.
    for (const std::string& text : packs) {
        const std::size_t colon = text.rfind(':');
        if (colon == std::string::npos) {
            options.packing = parse_packing(text);
        } else if (!options.packings.emplace(text.substr(0, colon), parse_packing(text.substr(colon + 1))).second) {
            throw InputError("--pack", fmt::format("'{}' is packed twice", text.substr(0, colon)));
        }
    }
    return options;
}

void check_packing_names(const VectorOptions& options, const VectorSet& set, const std::string& remedy) {
    for (const auto& [name, packing] : options.packings) {
        const std::string& wanted = name;
        const bool parameter = std::any_of(set.parameters.begin(), set.parameters.end(),
                                           [&](const auto& p) { return p.layer + "." + p.role == wanted; });
        if (parameter || set.find(name) != nullptr) continue;
        throw InputError("--pack", fmt::format("there is no '{}' to pack; {}", name, remedy));
    }
}

}  // namespace bittrue::cli
