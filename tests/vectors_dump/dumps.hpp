// What the tests of dump readers share.
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/dump.hpp"
#include "vectors/support.hpp"

namespace bittrue::test {

inline DumpSource source_of(const std::string& layer, std::vector<std::string> signals, const std::string& valid = "",
                            const std::string& ready = "") {
    DumpSource source;
    source.layer = layer;
    source.signals = std::move(signals);
    source.valid = valid;
    source.ready = ready;
    return source;
}

inline DumpOptions mapped(const std::string& clock, std::vector<DumpSource> sources) {
    DumpOptions options;
    options.map = DumpMap{.path = {}, .clock = clock, .falling = false, .sources = std::move(sources)};
    return options;
}

inline Format bits(int width, int integer, bool is_signed = true) {
    return {.width = width, .integer = integer, .is_signed = is_signed};
}

// An expected side with layers of zeros: what a reader takes from it are formats and shapes.
inline VectorLayer expected_layer(const std::string& name, Format format, Dims dims,
                                  std::optional<Layout> layout = std::nullopt) {
    VectorLayer layer;
    layer.name = name;
    layer.type = FixedType{.format = format};
    layer.stored = format;
    layer.layout = layout;
    layer.words.resize(static_cast<std::size_t>(element_count(dims)));
    layer.dims = std::move(dims);
    return layer;
}

inline bool has_note(const VectorSet& set, const std::string& part) {
    for (const std::string& note : set.notes) {
        if (note.find(part) != std::string::npos) return true;
    }
    return false;
}

inline VectorLayer only_layer(const VectorSet& set) {
    if (set.layers.size() != 1) throw std::runtime_error(std::to_string(set.layers.size()) + " layers");
    return set.layers.front();
}

using Integers = std::vector<std::int64_t>;
using Times = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

}  // namespace bittrue::test
