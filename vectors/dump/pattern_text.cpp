#include <unordered_map>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "dump/chunks.hpp"
#include "dump/pattern.hpp"
#include "dump/text_files.hpp"

namespace bittrue::dump {

std::vector<VectorLayer> read_pattern_text(const std::string& path, const std::string& pattern, DumpSource source,
                                           const DumpOptions& options, std::vector<std::string>& notes) {
    const LinePattern matcher(pattern, path);
    Chunks chunks(path, options);
    Lines lines(chunks);
    std::vector<std::string> order;
    std::unordered_map<std::string, TextWords> layers;
    std::uint64_t unmatched = 0, first_unmatched = 0, other_layers = 0;
    std::string_view line;
    PatternMatch found;
    while (lines.next(line)) {
        if (!matcher.match(line, found)) {
            if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
            if (unmatched++ == 0) first_unmatched = lines.number();
            continue;
        }
        const std::string name(matcher.has_layer() ? found.layer : source.layer);
        if (matcher.has_layer() && !source.layer.empty() && name != source.layer) {
            ++other_layers;
            continue;
        }
        const auto [entry, fresh] = layers.try_emplace(name, matcher.kind());
        if (fresh) order.push_back(name);
        for (const std::string_view word : found.words) {
            if (entry->second.add(word)) continue;
            throw InputError(lines.where(),
                             fmt::format("'{}' is no word of the kind that the pattern names", word.substr(0, 60)));
        }
        if (found.index) entry->second.place(*found.index, lines.number());
    }
    if (layers.empty()) {
        throw InputError(path, fmt::format("no line {}matches the pattern \"{}\"",
                                           other_layers > 0 ? "of layer '" + source.layer + "' " : "", pattern));
    }
    if (unmatched > 0) {
        notes.push_back(fmt::format("{}: {} of {} lines do not match the pattern, the first is line {}", path,
                                    unmatched, lines.number(), first_unmatched));
    }
    std::vector<VectorLayer> result;
    for (const std::string& name : order) {
        TextWords& words = layers.at(name);
        source.layer = name.empty() ? layer_of_file(path, words.count(), options.schema, notes) : name;
        result.push_back(words.layer(source, options.schema, path, notes));
    }
    return result;
}

}  // namespace bittrue::dump
