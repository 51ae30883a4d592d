#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/dump.hpp"
#include "dump/kinds.hpp"
#include "dump/names.hpp"

namespace bittrue {
namespace {

constexpr std::uint64_t kMostBytes = 64U << 20;

// One table of the map, key by key: what is not asked for is unknown.
class MapTable {
public:
    MapTable(const toml::table& table, const std::string& path) : table_(table), path_(path) {}

    std::optional<std::string> text(const std::string& key) {
        const toml::node* value = node(key);
        if (value == nullptr) return std::nullopt;
        if (!value->is_string()) fail(*value, key, "must be a text in quotes");
        return value->as_string()->get();
    }
    bool boolean(const std::string& key) {
        const toml::node* value = node(key);
        if (value == nullptr) return false;
        if (!value->is_boolean()) fail(*value, key, "must be true or false");
        return value->as_boolean()->get();
    }
    std::int64_t count(const std::string& key, std::int64_t absent) {
        const toml::node* value = node(key);
        if (value == nullptr) return absent;
        if (!value->is_integer() || value->as_integer()->get() < 0) fail(*value, key, "must be an integer from 0");
        return value->as_integer()->get();
    }
    // A text or a list of texts.
    std::vector<std::string> texts(const std::string& key) {
        const toml::node* value = node(key);
        if (value == nullptr) return {};
        std::vector<std::string> result;
        if (value->is_string()) result = {value->as_string()->get()};
        if (value->is_array()) {
            for (const toml::node& element : *value->as_array()) {
                if (!element.is_string()) fail(*value, key, "must be a list of texts");
                result.push_back(element.as_string()->get());
            }
        }
        const bool names_nothing = std::find(result.begin(), result.end(), "") != result.end();
        if (result.empty() || names_nothing) fail(*value, key, "must be a text or a list of texts, none of them empty");
        return result;
    }
    // Tables under [[key]].
    std::vector<const toml::table*> tables(const std::string& key) {
        const toml::node* value = node(key);
        if (value == nullptr) return {};
        std::vector<const toml::table*> result;
        if (value->is_array()) {
            for (const toml::node& element : *value->as_array()) {
                if (!element.is_table()) fail(element, key, "must be tables: [[layer]]");
                result.push_back(element.as_table());
            }
        }
        if (result.empty()) fail(*value, key, "must be tables: [[layer]]");
        return result;
    }
    // Runs `make` on the text of a key and says where it was in its InputError.
    template <class Make>
    void parse(const std::string& key, Make make) {
        const std::optional<std::string> value = text(key);
        if (!value) return;
        try {
            make(*value);
        } catch (const InputError& error) {
            fail(*table_.get(key), key, error.what());
        }
    }

    void finish() const {
        for (const auto& [key, value] : table_) {
            const std::string name(key.str());
            if (known_.contains(name)) continue;
            const std::vector<std::string> names(known_.begin(), known_.end());
            throw InputError(fmt::format("{}:{}", path_, key.source().begin.line),
                             fmt::format("the key '{}' is not known here; the nearest known key is '{}'", name,
                                         dump::nearest_names(name, names, 1).front()));
        }
    }
    [[nodiscard]] bool has(const std::string& key) const { return table_.contains(key); }
    [[noreturn]] void fail(const std::string& message) const {
        throw InputError(fmt::format("{}:{}", path_, table_.source().begin.line), message);
    }

private:
    const toml::node* node(const std::string& key) {
        known_.insert(key);
        return table_.get(key);
    }
    [[noreturn]] void fail(const toml::node& value, const std::string& key, const std::string& message) const {
        throw InputError(fmt::format("{}:{}", path_, value.source().begin.line), key + ": " + message);
    }

    const toml::table& table_;
    const std::string& path_;
    std::set<std::string> known_{};
};

DumpSource read_source(const toml::table& node, const std::string& path) {
    MapTable table(node, path);
    DumpSource source;
    source.layer = table.text("name").value_or("");
    if (source.layer.empty()) table.fail("a [[layer]] without its name; write name = \"conv2d\"");
    source.file = table.text("file").value_or("");
    source.kind = table.text("as").value_or("");
    if (!source.kind.empty()) {
        table.parse("as", [](const std::string& kind) { static_cast<void>(dump::parse_kind(kind, "")); });
    }
    source.signals = table.texts("signal");
    const std::vector<std::string> several = table.texts("signals");
    if (!source.signals.empty() && !several.empty()) table.fail("signal and signals are the same; write one of them");
    if (!several.empty()) source.signals = several;
    source.valid = table.text("valid").value_or("");
    source.ready = table.text("ready").value_or("");
    source.valid_low = table.boolean("valid_low");
    source.ready_low = table.boolean("ready_low");
    source.clock = table.text("clock").value_or("");
    source.start_when = table.text("start_when").value_or("");
    source.skip = table.count("skip", 0);
    source.count = table.count("count", -1);
    source.pattern = table.text("pattern").value_or("");
    table.parse("packing", [&](const std::string& text) { source.packing = parse_packing(text); });
    table.parse("format", [&](const std::string& text) {
        const Format format = parse_type(text).format;
        if (!is_storable(format)) throw InputError("a word has 1 to 64 bits");
        source.format = format;
    });
    table.finish();
    return source;
}

// A TOML text; basic strings know these escapes.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\u{:04x}", byte);
        } else {
            result += c;
        }
    }
    return result + "\"";
}

}  // namespace

DumpMap load_dump_map(const std::string& path) {
    const std::string text = read_file(path, kMostBytes);
    toml::table table;
    try {
        table = toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        throw InputError(fmt::format("{}:{}", path, error.source().begin.line),
                         fmt::format("is not valid TOML: {}", error.description()));
    }
    MapTable top(table, path);
    DumpMap map;
    map.path = path;
    map.clock = top.text("clock").value_or("");
    top.parse("edge", [&](const std::string& edge) {
        if (edge != "rising" && edge != "falling") throw InputError("must be \"rising\" or \"falling\"");
        map.falling = edge == "falling";
    });
    std::set<std::string> names;
    for (const toml::table* node : top.tables("layer")) {
        map.sources.push_back(read_source(*node, path));
        if (!names.insert(map.sources.back().layer).second) {
            throw InputError(fmt::format("{}:{}", path, node->source().begin.line),
                             fmt::format("the layer '{}' comes twice", map.sources.back().layer));
        }
    }
    top.finish();
    if (map.sources.empty())
        throw InputError(path, "names no layer; write [[layer]], name = \"...\", signal = \"...\"");
    return map;
}

std::string print_dump_map(const DumpMap& map) {
    std::string text;
    const auto line = [&](const char* key, const std::string& value) {
        if (!value.empty()) text += fmt::format("{} = {}\n", key, quoted(value));
    };
    line("clock", map.clock);
    if (map.falling) text += "edge = \"falling\"\n";
    for (const DumpSource& source : map.sources) {
        text += text.empty() ? "[[layer]]\n" : "\n[[layer]]\n";
        line("name", source.layer);
        line("file", source.file);
        line("as", source.kind);
        if (source.signals.size() == 1) line("signal", source.signals.front());
        if (source.signals.size() > 1) {
            text += "signals = [";
            for (std::size_t i = 0; i < source.signals.size(); ++i) {
                text += (i > 0 ? ", " : "") + quoted(source.signals[i]);
            }
            text += "]\n";
        }
        line("valid", source.valid);
        if (source.valid_low) text += "valid_low = true\n";
        line("ready", source.ready);
        if (source.ready_low) text += "ready_low = true\n";
        line("clock", source.clock);
        line("start_when", source.start_when);
        if (source.skip > 0) text += fmt::format("skip = {}\n", source.skip);
        if (source.count >= 0) text += fmt::format("count = {}\n", source.count);
        if (source.format) {
            const std::string format = print_type(FixedType{.format = *source.format});
            line("format", format);
        }
        line("packing", print_packing(source.packing));
        line("pattern", source.pattern);
    }
    return text;
}

}  // namespace bittrue
