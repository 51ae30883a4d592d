#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "dump/ila.hpp"
#include "dump/kinds.hpp"
#include "dump/stream_layer.hpp"
#include "dump/text_files.hpp"
#include "dump/vcd.hpp"

namespace bittrue {
namespace {

using namespace dump;
namespace fs = std::filesystem;

class DumpReader {
public:
    DumpReader(const std::string& path, const DumpOptions& options) : path_(path), options_(options) {
        set_.source = path;
    }

    VectorSet read() {
        if (options_.map) {
            read_map(*options_.map);
        } else if (is_log_folder(path_)) {
            read_log_folder();
        } else {
            DumpSource source;
            source.layer = options_.layer;
            source.kind = options_.as;
            source.packing = options_.packing;
            source.pattern = options_.pattern;
            read_file_of(path_, source);
        }
        std::set<std::string> names;
        for (const VectorLayer& layer : set_.layers) {
            if (!names.insert(layer.name).second) {
                throw InputError(path_, fmt::format("holds the layer '{}' twice", layer.name));
            }
        }
        return std::move(set_);
    }

private:
    // Sources of one file that are read in one pass.
    struct Pass {
        std::string path{};
        DumpKind kind{};
        std::vector<const DumpSource*> sources{};
    };

    void read_map(const DumpMap& map) {
        std::vector<DumpSource> sources = map.sources;
        std::vector<Pass> passes;
        for (DumpSource& source : sources) {
            const std::string file = source.file.empty() ? path_ : beside_map(map, source.file);
            if (source.file.empty()) {
                if (source.kind.empty()) source.kind = options_.as;
                if (source.pattern.empty()) source.pattern = options_.pattern;
            }
            if (source.packing == Packing{}) source.packing = options_.packing;
            const KindOfDump kind = kind_of(file, source);
            const bool stream = kind.kind == DumpKind::Vcd || kind.kind == DumpKind::IlaCsv;
            auto pass = std::find_if(passes.begin(), passes.end(), [&](const Pass& known) {
                return stream && known.path == file && known.kind == kind.kind;
            });
            if (pass == passes.end()) pass = passes.insert(passes.end(), {file, kind.kind, {}});
            pass->sources.push_back(&source);
        }
        for (const Pass& pass : passes) {
            switch (pass.kind) {
                case DumpKind::Vcd: add(read_vcd(pass.path, map, pass.sources, options_, set_.notes)); break;
                case DumpKind::IlaCsv: add(read_ila(pass.path, map, pass.sources, options_, set_.notes)); break;
                case DumpKind::Words:
                case DumpKind::Hls4mlLog:
                case DumpKind::Decimals:
                case DumpKind::Integers:
                case DumpKind::HexWords:
                case DumpKind::PatternText: read_file_of(pass.path, *pass.sources.front()); break;
            }
        }
    }

    static std::string beside_map(const DumpMap& map, const std::string& file) {
        const fs::path folder = fs::path(map.path).parent_path();
        return fs::path(file).is_absolute() || folder.empty() ? file : (folder / file).string();
    }

    static KindOfDump kind_of(const std::string& path, const DumpSource& source) {
        if (!source.kind.empty()) return parse_kind(source.kind, path);
        if (!source.pattern.empty()) return {.kind = DumpKind::PatternText, .file = {}};
        return detect_kind(path);
    }

    // One file with one layer, or with several that it names itself.
    void read_file_of(const std::string& path, const DumpSource& source) {
        const KindOfDump kind = kind_of(path, source);
        switch (kind.kind) {
            case DumpKind::Vcd:
            case DumpKind::IlaCsv:
                throw InputError(path, "needs a map that says which signal is which layer; `bittrue map` proposes one");
            case DumpKind::Words: read_words(path, source, kind.file); break;
            case DumpKind::Hls4mlLog: add({read_hls4ml_log(path, source, options_, set_.notes)}); break;
            case DumpKind::Decimals: add({read_numbers(path, TextKind::Value, source, options_, set_.notes)}); break;
            case DumpKind::Integers: add({read_numbers(path, TextKind::Signed, source, options_, set_.notes)}); break;
            case DumpKind::HexWords: add({read_numbers(path, TextKind::Hex, source, options_, set_.notes)}); break;
            case DumpKind::PatternText:
                if (source.pattern.empty()) {
                    throw InputError(path, "needs the pattern of its lines, as in \"conv[{index:d}] = {word:x}\"");
                }
                add(read_pattern_text(path, source.pattern, source, options_, set_.notes));
                break;
        }
    }

    // Vector sets and files of words. A file is named as its layer, or its layer is found as for texts.
    void read_words(const std::string& path, const DumpSource& source, std::optional<FileKind> kind) {
        VectorReadOptions options;
        options.allow_edited = options_.allow_edited;
        options.allow_undefined = true;
        options.as = kind;
        options.packing = source.packing;
        options.schema = options_.schema;
        std::error_code error;
        if (fs::is_directory(path, error) || (kind == FileKind::Npz && source.layer.empty())) {
            take(read_vector_set(path, options));
            return;
        }
        const VectorSet plain = read_vector_set(path, options);
        if (plain.layers.size() != 1) {
            take(plain, source.layer);
            return;
        }
        std::string name = source.layer;
        std::vector<std::string> notes;
        if (name.empty()) {
            const std::string& own = plain.layers.front().name;
            const VectorLayer* known = find_layer(options_.schema, own);
            name = known != nullptr ? known->name
                                    : layer_of_file(path, plain.layers.front().word_count(), options_.schema, notes);
            if (find_layer(options_.schema, name) == nullptr) name = own;
        }
        set_.notes.insert(set_.notes.end(), notes.begin(), notes.end());
        const VectorLayer* expected = find_layer(options_.schema, name);
        if (expected == nullptr && !source.format) {
            VectorSet named = plain;
            named.layers.front().name = name;
            take(named);
            return;
        }
        // Read again with the layer's facts under the name that the file has by itself.
        VectorSet schema;
        if (expected != nullptr) {
            schema.layers.push_back(*expected);
        } else {
            VectorLayer layer;
            layer.dims = plain.layers.front().dims;
            schema.layers.push_back(std::move(layer));
        }
        schema.layers.front().name = plain.layers.front().name;
        if (source.format) {
            schema.layers.front().type = FixedType{.format = *source.format};
            schema.layers.front().stored = *source.format;
        }
        options.schema = &schema;
        VectorSet named = read_vector_set(path, options);
        named.layers.front().name = name;
        trim(named.layers.front(), source);
        take(named);
    }

    static void trim(VectorLayer& layer, const DumpSource& source) {
        if (source.skip == 0 && source.count < 0) return;
        const auto cut = [&](auto& words) {
            const auto skip = static_cast<std::ptrdiff_t>(
                std::min<std::int64_t>(source.skip, static_cast<std::int64_t>(words.size())));
            words.erase(words.begin(), words.begin() + skip);
            if (source.count >= 0 && source.count < static_cast<std::int64_t>(words.size())) {
                words.resize(static_cast<std::size_t>(source.count));
            }
        };
        cut(layer.words);
        cut(layer.decimals);
        std::vector<std::int64_t> places;
        std::vector<std::string> bits;
        for (std::size_t i = 0; i < layer.undefined.size(); ++i) {
            const std::int64_t place = layer.undefined[i] - source.skip;
            if (place < 0 || place >= layer.word_count()) continue;
            places.push_back(place);
            bits.push_back(layer.undefined_bits[i]);
        }
        layer.undefined = std::move(places);
        layer.undefined_bits = std::move(bits);
        layer.dims = {layer.word_count()};
        layer.layout.reset();
    }

    // What hls4ml leaves in tb_data: <layer>_output.log and the results.
    static std::vector<std::string> logs_in(const std::string& folder) {
        std::vector<std::string> logs;
        std::error_code error;
        for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
            const std::string name = entry.path().filename().string();
            if (name.ends_with("_output.log") || name == "csim_results.log" || name == "rtl_cosim_results.log") {
                logs.push_back(name);
            }
        }
        std::sort(logs.begin(), logs.end());
        return logs;
    }
    bool is_log_folder(const std::string& path) const {
        std::error_code error;
        return options_.as.empty() && fs::is_directory(path, error) && !fs::exists(path + "/manifest.json", error) &&
               !logs_in(path).empty();
    }
    void read_log_folder() {
        const std::vector<std::string> logs = logs_in(path_);
        const bool rtl = std::find(logs.begin(), logs.end(), "rtl_cosim_results.log") != logs.end();
        for (const std::string& log : logs) {
            if (rtl && log == "csim_results.log") {
                set_.notes.push_back(path_ +
                                     ": csim_results.log is left out beside rtl_cosim_results.log; give the "
                                     "file itself to compare it");
                continue;
            }
            VectorLayer layer = read_hls4ml_log(path_ + "/" + log, {}, options_, set_.notes);
            const auto same = std::find_if(set_.layers.begin(), set_.layers.end(),
                                           [&](const VectorLayer& other) { return other.name == layer.name; });
            if (same == set_.layers.end()) {
                set_.layers.push_back(std::move(layer));
            } else {
                set_.notes.push_back(
                    fmt::format("{}/{}: is left out; layer '{}' has a log of its own", path_, log, layer.name));
            }
        }
    }

    void take(VectorSet read, const std::string& only = {}) {
        set_.notes.insert(set_.notes.end(), read.notes.begin(), read.notes.end());
        if (!only.empty()) {
            std::erase_if(read.layers, [&](const VectorLayer& layer) { return layer.name != only; });
            if (read.layers.empty()) throw InputError(path_, fmt::format("holds no layer '{}'", only));
        }
        if (set_.layers.empty() && set_.parameters.empty() && only.empty()) {
            std::vector<std::string> notes = std::move(set_.notes);
            set_ = std::move(read);
            set_.notes = std::move(notes);
            set_.source = path_;
            return;
        }
        add(std::move(read.layers));
    }
    void add(std::vector<VectorLayer> layers) {
        for (VectorLayer& layer : layers) set_.layers.push_back(std::move(layer));
    }

    const std::string& path_;
    const DumpOptions& options_;
    VectorSet set_{};
};

}  // namespace

VectorSet read_dump(const std::string& path, const DumpOptions& options) {
    return DumpReader(path, options).read();
}

std::vector<SignalActivity> list_signals(const std::string& path, const DumpOptions& options) {
    const KindOfDump kind = options.as.empty() ? detect_kind(path) : parse_kind(options.as, path);
    switch (kind.kind) {
        case DumpKind::Vcd: return list_vcd(path, options);
        case DumpKind::IlaCsv: return list_ila(path, options);
        case DumpKind::Words:
        case DumpKind::Hls4mlLog:
        case DumpKind::Decimals:
        case DumpKind::Integers:
        case DumpKind::HexWords:
        case DumpKind::PatternText: break;
    }
    throw InputError(path, "has no signals; a VCD or an ILA export has");
}

}  // namespace bittrue
