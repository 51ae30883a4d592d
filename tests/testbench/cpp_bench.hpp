// Vectors with a testbench in C++ in a folder of their own, what it said, and what the library says of its dump.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "bittrue/vectors/testbench.hpp"
#include "bittrue/verify/diff.hpp"
#include "bittrue/verify/report.hpp"
#include "rtl/simulation.hpp"
#include "testbench/network.hpp"

namespace bittrue::test {

// The vectors, with their testbench in tb/, as `bittrue vectors --format npy,mem --testbench ...` writes them.
inline void write_bench(const std::string& folder, const VectorSet& set, const TestbenchOptions& options) {
    Testbench made = make_testbench(set, options);
    VectorOptions how{.kinds = {FileKind::Npy, FileKind::Mem}};
    how.packings = made.packings;
    how.extra = std::move(made.files);
    write_vector_set(folder, set, how);
}

inline bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

inline int count_lines(const std::string& text, const std::string& part) {
    int count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// The dump against the set, place by place, by name of layer.
inline std::map<std::string, LayerDiff> compare_dump(const VectorSet& set, const std::string& dump) {
    std::map<std::string, LayerDiff> layers;
    const VectorSet actual = read_vector_set(dump, {.allow_undefined = true, .schema = &set});
    for (LayerDiff& layer : diff(set, actual, {.common = true, .strict = true}).layers) layers[layer.name] = layer;
    return layers;
}

// What the testbench has to say of a layer: its counts, its first wrong word, and at most 10 of them.
inline void check_layer(const std::string& text, const LayerDiff& layer) {
    CAPTURE(layer.name);
    CHECK(has_line(text, "bittrue: " + layer.name + ": " + std::to_string(layer.words_compared) + " words checked, " +
                             std::to_string(layer.words_different) + " different"));
    if (layer.first) CHECK(has_line(text, mismatch_line(layer, *layer.first)));
    CHECK(count_lines("\n" + text, "\n" + layer.name + "[") == std::min<std::int64_t>(layer.words_different, 10));
}

}  // namespace bittrue::test
