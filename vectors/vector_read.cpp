#include <filesystem>
#include <limits>
#include <set>
#include <system_error>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "layer_files.hpp"
#include "manifest.hpp"

namespace bittrue {
namespace {

namespace fs = std::filesystem;

// Fields of an object with messages that say which entry they belong to.
class Entry {
public:
    Entry(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
        if (!json_.is_object()) throw InputError(where_, "is not an object in braces");
    }

    [[nodiscard]] const std::string& where() const { return where_; }
    [[nodiscard]] bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }
    [[nodiscard]] Entry object(const char* key) const { return {field(key), where_ + ", \"" + key + "\""}; }

    [[nodiscard]] const Json& list(const char* key) const {
        if (!field(key).is_array()) fail(key, "a list");
        return json_[key];
    }
    [[nodiscard]] std::string text(const char* key) const {
        if (!field(key).is_string()) fail(key, "a text");
        return json_[key];
    }
    [[nodiscard]] std::int64_t integer(const char* key, std::int64_t low, std::int64_t high) const {
        const Json& value = field(key);
        if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) ||
            value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
            fail(key, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
        }
        return value;
    }
    [[nodiscard]] bool boolean(const char* key) const {
        if (!field(key).is_boolean()) fail(key, "true or false");
        return json_[key];
    }
    [[nodiscard]] std::vector<std::string> texts(const char* key) const {
        std::vector<std::string> values;
        for (const Json& value : list(key)) {
            if (!value.is_string()) fail(key, "a list of texts");
            values.push_back(value);
        }
        return values;
    }
    [[nodiscard]] std::vector<std::int64_t> integers(const char* key) const {
        std::vector<std::int64_t> values;
        for (const Json& value : list(key)) {
            if (!value.is_number_integer()) fail(key, "a list of integers");
            values.push_back(value);
        }
        return values;
    }

private:
    [[nodiscard]] const Json& field(const char* key) const {
        if (!json_.contains(key)) throw InputError(where_, std::string("\"") + key + "\" is missing");
        return json_[key];
    }
    [[noreturn]] void fail(const char* key, const std::string& expected) const {
        throw InputError(where_, std::string("\"") + key + "\" must be " + expected);
    }

    const Json& json_;
    std::string where_;
};

struct Array {
    Format format{};
    Dims dims{};
    VectorLayer layer{};  // words, stored, patterns
    bool present = true;
};

class Reader {
public:
    Reader(const std::string& directory, bool allow_edited) : directory_(directory), allow_edited_(allow_edited) {}

    VectorSet read() {
        const std::string where = (directory_ / kManifestName).string();
        const Json json = parse_manifest(read_file(where), where);
        const Entry manifest(json, where);
        const Entry network = manifest.object("network");
        set_.tool = manifest.text("tool");
        set_.network = network.text("name");
        if (network.has("sha256")) set_.network_sha256 = network.text("sha256");
        set_.input = manifest.text("input");
        if (manifest.has("labels")) {
            for (const std::int64_t label : manifest.integers("labels")) {
                if (label < 0 || label > std::numeric_limits<int>::max()) {
                    throw InputError(where, "\"labels\" holds " + std::to_string(label) + ", which is no class");
                }
                set_.labels.push_back(static_cast<int>(label));
            }
        }
        const std::int64_t images = manifest.integer("images", 0, kMaxArrayElements);
        if (!set_.labels.empty() && static_cast<std::int64_t>(set_.labels.size()) != images) {
            throw InputError(where, "\"labels\" has " + std::to_string(set_.labels.size()) + " entries for " +
                                        std::to_string(images) + " images");
        }
        for (const Json& entry : manifest.list("layers"))
            read_layer({entry, item(where, "layer", set_.layers.size())}, images);
        for (const Json& entry : manifest.list("parameters")) {
            read_parameter({entry, item(where, "parameter", set_.parameters.size())});
        }
        return std::move(set_);
    }

private:
    static std::string item(const std::string& where, const std::string& kind, std::size_t index) {
        return where + ", " + kind + " " + std::to_string(index + 1);
    }

    void read_layer(const Entry& entry, std::int64_t images) {
        const std::string name = entry.text("name");
        if (!names_.insert(name).second) throw InputError(entry.where(), "the name '" + name + "' is doubled");
        const FixedType type = read_type(entry);
        Array array = read_array(entry, type.format);
        if (array.dims.empty() || array.dims[0] != images) {
            throw InputError(entry.where(), "\"shape\" does not begin with the number of images");
        }
        if (!array.present) return;
        array.layer.name = name;
        array.layer.inputs = entry.texts("inputs");
        array.layer.type = type;
        array.layer.layout = parse_layout_text(entry.text("layout"), entry.where());
        set_.layers.push_back(std::move(array.layer));
    }

    static FixedType read_type(const Entry& entry) {
        try {
            return parse_type(entry.text("type"));
        } catch (const InputError& error) {
            throw InputError(entry.where(), error.what());
        }
    }

    void read_parameter(const Entry& entry) {
        const Format format{.width = static_cast<int>(entry.integer("width", 1, kMaxStoredWidth)),
                            .integer = static_cast<int>(entry.integer("integer", -kMaxInteger, kMaxInteger)),
                            .is_signed = entry.boolean("signed")};
        Array array = read_array(entry, format);
        if (!array.present || array.layer.patterns || array.layer.dims != array.dims) return;
        set_.parameters.push_back(
            {.layer = entry.text("layer"),
             .role = entry.text("role"),
             .tensor = {.dims = array.dims, .format = format, .words = std::move(array.layer.words)}});
    }

    Array read_array(const Entry& entry, Format format) {
        Array array;
        array.format = format;
        array.dims = entry.integers("shape");
        std::int64_t count = 1;
        for (const std::int64_t dim : array.dims) {
            if (dim < 0 || (dim > 0 && count > kMaxArrayElements / dim)) {
                throw InputError(entry.where(), "\"shape\" is negative or larger than " +
                                                    std::to_string(kMaxArrayElements) + " words");
            }
            count *= dim;
        }
        if (entry.integer("width", 1, kMaxStoredWidth) != format.width ||
            entry.integer("integer", -kMaxInteger, kMaxInteger) != format.integer ||
            entry.boolean("signed") != format.is_signed) {
            throw InputError(entry.where(), "\"type\" contradicts \"width\", \"integer\" or \"signed\"");
        }
        if (entry.integer("frac", -2 * kMaxInteger, 2 * kMaxInteger) != format.frac()) {
            throw InputError(entry.where(),
                             "\"frac\" is not \"width\" minus \"integer\", " + std::to_string(format.frac()));
        }
        choose_file(entry, array);
        if (array.present) settle(entry, array, count);
        return array;
    }

    struct Candidate {
        std::string path{};
        std::string bytes{};
        bool intact = false;
    };

    void choose_file(const Entry& entry, Array& array) {
        std::vector<Candidate> found;
        bool named = false;
        for (const char* kind : {"npy", "hex"}) {
            if (!entry.has(kind)) continue;
            named = true;
            const Entry file = entry.object(kind);
            const std::string relative = file.text("file");
            if (!is_plain_path(relative)) {
                throw InputError(file.where(), "\"file\" must be a file name in this directory or in " +
                                                   std::string(kParametersFolder) + "/");
            }
            const std::string path = (directory_ / relative).string();
            std::error_code error;
            if (!fs::exists(path, error)) {
                if (!allow_edited_) throw InputError(path, "is missing, though the manifest names it");
                note(path + " is missing");
                continue;
            }
            Candidate candidate{.path = path, .bytes = read_file(path), .intact = false};
            candidate.intact = sha256_hex(candidate.bytes) == file.text("sha256");
            if (!candidate.intact && !allow_edited_) {
                throw InputError(
                    path, "was changed after the vectors were written (its SHA-256 is not that of manifest.json)");
            }
            if (!candidate.intact) note(path + " was changed after the vectors were written");
            found.push_back(std::move(candidate));
        }
        if (!named) throw InputError(entry.where(), "names neither an \"npy\" nor a \"hex\" file");
        if (found.empty()) {
            array.present = false;
            return;
        }
        // What was edited is what somebody wants compared.
        const bool second = found.size() == 2 && found[0].intact && !found[1].intact;
        array.layer = parse(found[second ? 1 : 0]);
        if (found.size() == 2 && !found[0].intact && !found[1].intact) require_equal(array, found);
    }

    VectorLayer parse(const Candidate& file) {
        return is_npy_path(file.path) ? layer_from_array({}, parse_npy(file.bytes, file.path), file.path, set_.notes)
                                      : layer_from_memory({}, file.bytes, file.path);
    }

    void require_equal(const Array& array, const std::vector<Candidate>& files) {
        const VectorLayer other = parse(files[1]);
        bool equal = other.words.size() == array.layer.words.size();
        for (std::size_t i = 0; equal && i < other.words.size(); ++i) {
            equal = pattern_from_word(other.words[i], array.format) ==
                    pattern_from_word(array.layer.words[i], array.format);
        }
        if (!equal) {
            throw InputError(files[1].path,
                             "and " + files[0].path +
                                 " were both changed and hold different words; remove the one that is not meant");
        }
    }

    // Brings the words into the manifest's format. An edited file that does not fit is left as it was read: the
    // difference is then the comparison's to state.
    void settle(const Entry& entry, Array& array, std::int64_t count) {
        VectorLayer& layer = array.layer;
        const bool right_count = static_cast<std::int64_t>(layer.words.size()) == count;
        bool fits = right_count && (layer.patterns || layer.dims == array.dims);
        for (std::size_t i = 0; fits && i < layer.words.size(); ++i) {
            const std::int64_t word = layer.words[i];
            if (layer.patterns) {
                fits = static_cast<std::uint64_t>(word) == pattern_from_word(word, array.format);
            } else {
                const i128 raw = raw_from_word(word, layer.stored);
                fits = raw >= raw_min(array.format) && raw <= raw_max(array.format);
            }
        }
        if (!fits) {
            if (!allow_edited_) {
                throw InputError(entry.where(), "its file does not hold " + std::to_string(count) + " words of shape " +
                                                    print_dims(array.dims) + " and " +
                                                    std::to_string(array.format.width) + " bits");
            }
            return;
        }
        if (layer.patterns) {
            for (std::int64_t& word : layer.words)
                word = word_from_pattern(static_cast<std::uint64_t>(word), array.format);
        }
        layer.patterns = false;
        layer.stored = array.format;
        layer.dims = array.dims;
    }

    void note(const std::string& text) { set_.notes.push_back(text); }

    fs::path directory_;
    bool allow_edited_;
    VectorSet set_;
    std::set<std::string> names_;
};

}  // namespace

VectorSet read_manifest_directory(const std::string& directory, bool allow_edited) {
    return Reader(directory, allow_edited).read();
}

}  // namespace bittrue
