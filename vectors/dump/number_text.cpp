#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "dump/chunks.hpp"
#include "dump/digits.hpp"
#include "dump/names.hpp"
#include "dump/text_files.hpp"

namespace bittrue::dump {
namespace {

constexpr bool is_separator(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == ',' || c == ';' || c == '[' || c == ']' || c == '{' ||
           c == '}' || c == '(' || c == ')';
}

// The next number of a line; false at its end or at a comment.
bool next_number(std::string_view& line, std::string_view& number) {
    while (!line.empty() && is_separator(line.front())) line.remove_prefix(1);
    if (line.empty() || line.front() == '#' || line.starts_with("//")) return false;
    std::size_t stop = 0;
    while (stop < line.size() && !is_separator(line[stop])) ++stop;
    number = line.substr(0, stop);
    line.remove_prefix(stop);
    return true;
}

std::string_view name_of(TextKind kind) {
    switch (kind) {
        case TextKind::Hex: return "hexadecimal word";
        case TextKind::Binary: return "binary word";
        case TextKind::Signed: return "integer";
        case TextKind::Unsigned: return "unsigned integer";
        case TextKind::Value: return "decimal number of at most 18 digits";
    }
    return "";
}

// Reads all numbers; how many each line with any has goes into `per_line`: 0 where they differ.
TextWords read_all(const std::string& path, TextKind kind, const DumpOptions& options, std::int64_t& per_line,
                   std::int64_t& lines) {
    Chunks chunks(path, options);
    Lines rows(chunks);
    TextWords words(kind);
    std::string_view line;
    per_line = lines = 0;
    while (rows.next(line)) {
        std::string_view number;
        std::int64_t count = 0;
        while (next_number(line, number)) {
            ++count;
            if (words.add(number)) continue;
            throw InputError(rows.where(), fmt::format("'{}' is no {}; --as says what the file holds",
                                                       number.substr(0, 60), name_of(kind)));
        }
        if (count == 0) continue;
        per_line = lines == 0 || per_line == count ? count : 0;
        ++lines;
    }
    return words;
}

std::int64_t expected_words(const VectorLayer* expected) {
    return expected == nullptr ? 0 : expected->word_count();
}

// Runs of a log that each run of the program appends to.
void take_last_run(TextWords& words, const VectorLayer& expected, const std::string& where,
                   std::vector<std::string>& notes) {
    const std::int64_t count = expected.word_count();
    const std::int64_t runs = count == 0 ? 0 : words.count() / count;
    if (runs < 2 || words.count() != runs * count) return;
    bool equal = true;
    for (std::int64_t run = 0; run + 1 < runs; ++run) {
        equal = equal && words.equal_values(run * count, (runs - 1) * count, count);
    }
    notes.push_back(
        fmt::format("{}: holds {} samples, {} times the {} that are expected: each run appends to such a "
                    "log. The last run is taken; {}",
                    where, runs * expected.images(), runs, expected.images(),
                    equal ? "the others equal it" : "the others differ from it"));
    words.keep((runs - 1) * count, count);
}

// The layer whose name is the longest within the name of a file, as Vitis makes them: "rtl.top.autotvout_dense_V".
const VectorLayer* layer_within(const std::string& file, const VectorSet& schema) {
    constexpr std::size_t kShortest = 3;
    std::vector<std::string> names;
    for (const VectorLayer& layer : schema.layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    std::size_t best = names.size();
    bool unique = false;
    for (std::size_t i = 0; i < stems.size(); ++i) {
        if (stems[i].size() < kShortest || file.find(lower(stems[i])) == std::string::npos) continue;
        if (best < stems.size() && stems[i].size() < stems[best].size()) continue;
        unique = best == stems.size() || stems[i].size() > stems[best].size();
        best = i;
    }
    return unique ? &schema.layers[best] : nullptr;
}

}  // namespace

std::string layer_of_file(const std::string& path, std::int64_t count, const VectorSet* schema,
                          std::vector<std::string>& notes) {
    const std::string file = std::filesystem::path(path).filename().string();
    const std::string stem = file.substr(0, file.rfind('.') == 0 ? std::string::npos : file.rfind('.'));
    std::string name = stem;
    if (name.ends_with("_output") && find_layer(schema, name) == nullptr) name.resize(name.size() - 7);
    const std::string shortest = name.substr(0, name.find('.'));
    for (const std::string& candidate : {name, shortest}) {
        if (const VectorLayer* layer = find_layer(schema, candidate)) return layer->name;
    }
    if (schema == nullptr || schema->layers.empty()) return name;
    if (stem == "csim_results" || stem == "rtl_cosim_results" || stem == "tb_output_predictions") {
        return schema->layers.back().name;
    }
    if (const VectorLayer* layer = layer_within(lower(stem), *schema)) {
        notes.push_back(fmt::format("{}: is taken as layer '{}', which its name holds", path, layer->name));
        return layer->name;
    }
    std::vector<const VectorLayer*> same, whole;
    for (const VectorLayer& layer : schema->layers) {
        if (layer.word_count() == count) same.push_back(&layer);
        if (layer.words_per_image() > 0 && count > 0 && count % layer.words_per_image() == 0) whole.push_back(&layer);
    }
    const std::vector<const VectorLayer*>& fitting = same.empty() ? whole : same;
    if (fitting.size() != 1) return name;
    notes.push_back(fmt::format("{}: is taken as layer '{}', the only one that its {} words fit", path,
                                fitting.front()->name, count));
    return fitting.front()->name;
}

VectorLayer read_hls4ml_log(const std::string& path, DumpSource source, const DumpOptions& options,
                            std::vector<std::string>& notes) {
    std::int64_t per_line = 0, lines = 0;
    TextWords words = read_all(path, TextKind::Value, options, per_line, lines);
    if (words.count() == 0) throw InputError(path, "holds no numbers");
    if (source.layer.empty()) source.layer = layer_of_file(path, words.count(), options.schema, notes);
    const VectorLayer* expected = find_layer(options.schema, source.layer);
    const std::int64_t all = words.count();
    if (expected != nullptr && source.skip == 0 && source.count < 0) take_last_run(words, *expected, path, notes);
    VectorLayer layer = words.layer(source, options.schema, path, notes);
    const std::int64_t per_image = expected == nullptr ? per_line : expected->words_per_image();
    const std::int64_t count = layer.word_count();
    const bool shaped = layer.dims.size() > 1 || per_image == 0 || count % per_image != 0;
    if (!shaped && (expected != nullptr || count == all)) {
        layer.dims = {count / per_image};
        if (expected != nullptr) {
            layer.dims.insert(layer.dims.end(), expected->dims.begin() + 1, expected->dims.end());
            layer.layout = expected->layout;
        } else {
            layer.dims.push_back(per_image);
        }
    }
    return layer;
}

VectorLayer read_numbers(const std::string& path, TextKind kind, DumpSource source, const DumpOptions& options,
                         std::vector<std::string>& notes) {
    std::int64_t per_line = 0, lines = 0;
    TextWords words = read_all(path, kind, options, per_line, lines);
    if (words.count() == 0) throw InputError(path, "holds no numbers");
    if (source.layer.empty()) source.layer = layer_of_file(path, words.count(), options.schema, notes);
    const VectorLayer* expected = find_layer(options.schema, source.layer);
    const bool fraction = expected != nullptr && expected->type && expected->type->format.frac() != 0;
    if (fraction && kind == TextKind::Signed && options.as.empty() && source.kind.empty()) {
        notes.push_back(path + ": holds integers, which are taken as raw words; --as decimals takes them as values");
    }
    VectorLayer layer = words.layer(source, options.schema, path, notes);
    if (layer.dims.size() < 2 && expected_words(expected) != layer.word_count() && per_line > 1 &&
        layer.word_count() == per_line * lines) {
        layer.dims = {lines, per_line};
    }
    return layer;
}

NumberLook look_of_numbers(std::string_view beginning) {
    bool any = false, hex = false, values = false, only_hex = true;
    while (!beginning.empty()) {
        const std::size_t stop = std::min(beginning.find('\n'), beginning.size());
        std::string_view line = beginning.substr(0, stop);
        beginning.remove_prefix(std::min(stop + 1, beginning.size()));
        std::string_view number;
        while (next_number(line, number)) {
            any = true;
            const bool prefix = number.starts_with("0x") || number.starts_with("0X");
            const bool digits = number.find_first_not_of("0123456789") == std::string_view::npos;
            const bool is_hex = !binary_of(number).empty();
            const bool is_value = digits || parse_decimal(number).has_value();
            if (!is_hex && !is_value) return NumberLook::None;
            // "00", "0a", "0x1": nobody prints decimal integers so. "1e5" may be either.
            hex = hex || prefix || (digits && number.size() > 1 && number.front() == '0') || (is_hex && !is_value);
            values = values || (is_value && number.find('.') != std::string_view::npos) ||
                     (is_value && !is_hex && number.find_first_of("eE") != std::string_view::npos);
            only_hex = only_hex && is_hex;
        }
    }
    if (!any || (hex && !only_hex)) return NumberLook::None;
    if (hex) return NumberLook::Hex;
    return values ? NumberLook::Values : NumberLook::Integers;
}

}  // namespace bittrue::dump
