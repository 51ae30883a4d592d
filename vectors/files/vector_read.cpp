#include <array>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <system_error>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npz.hpp"
#include "layer_files.hpp"
#include "manifest_entry.hpp"
#include "npy_words.hpp"
#include "packer.hpp"
#include "settle.hpp"

namespace bittrue {
namespace {

namespace fs = std::filesystem;

// The cheapest to decode first; decimals, which have to be rounded, last.
constexpr std::array kByCost{FileKind::RawLittle, FileKind::RawBig, FileKind::Npy,     FileKind::Hex,
                             FileKind::Mem,       FileKind::Finn,   FileKind::VitisTv, FileKind::MemBinary,
                             FileKind::IntelHex,  FileKind::Coe,    FileKind::Mif,     FileKind::CHeader,
                             FileKind::Csv,       FileKind::Npz,    FileKind::Hls4ml};

// A layer or a parameter of the manifest.
struct Array {
    PackedShape shape{};  // a parameter with a 1 in front
    Dims dims{};          // as the manifest says
    bool parameter = false;
    VectorLayer layer{};  // words, stored, patterns, dims
    bool present = true;
    int lanes = 1;  // of a beat, by the packing of any of its files
};

class Reader {
public:
    Reader(const std::string& directory, const VectorReadOptions& options) : directory_(directory), options_(options) {}

    VectorSet read() {
        const std::string where = (directory_ / kManifestName).string();
        const Json json = parse_manifest(read_file(where), where);
        const Entry manifest(json, where);
        version_ = json["format_version"];
        const Entry network = manifest.object("network");
        set_.tool = manifest.text("tool");
        set_.network = network.text("name");
        if (network.has("sha256")) set_.network_sha256 = network.text("sha256");
        if (network.has("file")) set_.network_file = network.text("file");
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
        std::size_t index = 0;
        for (const Json& entry : manifest.list("layers")) read_layer({entry, item(where, "layer", ++index)}, images);
        index = 0;
        for (const Json& entry : manifest.list("parameters"))
            read_parameter({entry, item(where, "parameter", ++index)});
        return std::move(set_);
    }

private:
    static std::string item(const std::string& where, const std::string& kind, std::size_t number) {
        return where + ", " + kind + " " + std::to_string(number);
    }

    void read_layer(const Entry& entry, std::int64_t images) {
        const std::string name = entry.text("name");
        if (!names_.insert(name).second) throw InputError(entry.where(), "the name '" + name + "' is doubled");
        const FixedType type = read_type(entry);
        Array array;
        array.shape.format = type.format;
        array.shape.layout = parse_layout_text(entry.text("layout"), entry.where());
        read_array(entry, array, images);
        if (!array.present) return;
        array.layer.name = name;
        array.layer.inputs = entry.texts("inputs");
        array.layer.type = type;
        array.layer.layout = array.shape.layout;
        if (entry.has("axes")) array.layer.axes = entry.texts("axes");
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
        Array array;
        array.parameter = true;
        array.shape.format = {.width = static_cast<int>(entry.integer("width", 1, kMaxStoredWidth)),
                              .integer = static_cast<int>(entry.integer("integer", -kMaxInteger, kMaxInteger)),
                              .is_signed = entry.boolean("signed")};
        read_array(entry, array, 1);
        if (!array.present || array.layer.patterns || array.layer.dims != array.dims) return;
        set_.parameters.push_back(
            {.layer = entry.text("layer"),
             .role = entry.text("role"),
             .tensor = {.dims = array.dims, .format = array.shape.format, .words = std::move(array.layer.words)}});
    }

    void read_array(const Entry& entry, Array& array, std::int64_t images) {
        const Format format = array.shape.format;
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
        if (!array.parameter && (array.dims.empty() || array.dims[0] != images)) {
            throw InputError(entry.where(), "\"shape\" does not begin with the number of images");
        }
        array.shape.dims = array.dims;
        if (array.parameter) array.shape.dims.insert(array.shape.dims.begin(), 1);
        choose_file(entry, array);
    }

    // A file that the manifest names for an array.
    struct Candidate {
        FileKind kind{};
        std::string path{};
        std::string bytes{};
        std::string array{};  // of an .npz
        Packing packing{};
        int word_bits = 1;
        bool intact = false;
    };

    void choose_file(const Entry& entry, Array& array) {
        std::vector<Candidate> edited;
        std::optional<Candidate> intact;
        bool named = false;
        for (const FileKind kind : kByCost) {
            const std::string key = file_kind_name(kind);
            if (!entry.has(key.c_str()) || (version_ == 1 && kind != FileKind::Npy && kind != FileKind::Hex)) continue;
            named = true;
            std::optional<Candidate> candidate = open(entry.object(key.c_str()), kind, array);
            if (!candidate) continue;
            array.lanes = std::max(array.lanes, lanes_in_order(candidate->packing, array));
            if (!candidate->intact) {
                edited.push_back(std::move(*candidate));
            } else if (!intact) {
                intact = std::move(candidate);
            }
        }
        if (!named) throw InputError(entry.where(), "names neither an \"npy\" nor any other file of words");
        array.present = intact.has_value() || !edited.empty();
        if (!array.present) return;
        // What was edited is what somebody wants compared.
        array.layer = parse(entry, array, edited.empty() ? *intact : edited[0]);
        if (array.layer.lanes == 1) array.layer.lanes = array.lanes;
        for (std::size_t i = 1; i < edited.size(); ++i) {
            const VectorLayer other = parse(entry, array, edited[i]);
            if (!equal(array, other)) {
                throw InputError(edited[i].path,
                                 "and " + edited[0].path +
                                     " were both changed and hold different words; remove the one that is not meant");
            }
        }
    }

    // Elements of a beat, where beats are runs of the storage order.
    static int lanes_in_order(const Packing& packing, const Array& array) {
        if (packing.order != ElementOrder::Storage || packing.pe != 0 || array.parameter) return 1;
        const std::int64_t images = array.dims.empty() ? 0 : array.dims[0];
        const std::int64_t per_image = images == 0 ? 0 : element_count(array.dims) / images;
        return per_image % packing.lanes == 0 ? packing.lanes : 1;
    }

    std::optional<Candidate> open(const Entry& file, FileKind kind, const Array& array) {
        const std::string relative = file.text("file");
        if (!is_plain_path(relative)) {
            throw InputError(file.where(), "\"file\" must be a file name in this directory or in " +
                                               std::string(kParametersFolder) + "/");
        }
        Candidate candidate{.kind = kind, .path = (directory_ / relative).string()};
        read_packing(file, candidate, array);
        if (kind == FileKind::Npz) candidate.array = file.text("array");
        std::error_code error;
        if (!fs::exists(candidate.path, error)) {
            if (!options_.allow_edited) throw InputError(candidate.path, "is missing, though the manifest names it");
            note(candidate.path + " is missing");
            return {};
        }
        const std::string sha256 = file.text("sha256");
        if (kind == FileKind::Npz) {
            candidate.intact = npz(candidate.path).sha256 == sha256;
        } else {
            candidate.bytes = read_file(candidate.path);
            candidate.intact = sha256_hex(candidate.bytes) == sha256;
        }
        if (!candidate.intact && !options_.allow_edited) {
            throw InputError(candidate.path,
                             "was changed after the vectors were written (its SHA-256 is not that of manifest.json)");
        }
        if (!candidate.intact) note(candidate.path + " was changed after the vectors were written");
        return candidate;
    }

    void read_packing(const Entry& file, Candidate& candidate, const Array& array) const {
        candidate.word_bits = array.shape.format.width;
        if (version_ == 1) return;
        try {
            candidate.packing = parse_packing(file.text("packing"));
        } catch (const InputError& error) {
            throw InputError(file.where(), error.what());
        }
        const PackingPlan plan = plan_packing(candidate.packing, array.shape, file.where());
        candidate.word_bits = plan.total_bits;
        if (file.integer("word_bits", 1, kMaxPackedBits) != plan.total_bits) {
            throw InputError(file.where(), "\"word_bits\" is not " + std::to_string(plan.total_bits) +
                                               ", as \"packing\" and the layer's width say");
        }
        const std::int64_t words = plan.images * plan.words;
        if (file.integer("packed_words", 0, kMaxArrayElements) != words) {
            throw InputError(file.where(),
                             "\"packed_words\" is not " + std::to_string(words) + ", as \"packing\" and \"shape\" say");
        }
    }

    struct Npz {
        std::string sha256{};
        std::vector<NamedArray> arrays{};
        bool parsed = false;
    };
    Npz& npz(const std::string& path) {
        const auto [at, is_new] = npzs_.try_emplace(path);
        if (is_new) at->second.sha256 = sha256_hex(read_file(path));
        return at->second;
    }
    FileWords read_npz_array(const Candidate& file) {
        Npz& cached = npz(file.path);
        if (!cached.parsed) cached.arrays = read_npz(file.path);
        cached.parsed = true;
        for (const NamedArray& one : cached.arrays) {
            if (one.name == file.array) return words_of_array(one.array, file.path + ", array '" + file.array + "'");
        }
        throw InputError(file.path, "holds no array '" + file.array + "', though the manifest names it");
    }

    VectorLayer parse(const Entry& entry, const Array& array, const Candidate& file) {
        FileWords words = file.kind == FileKind::Npz ? read_npz_array(file)
                                                     : decode_words(file.kind, file.bytes, file.path, file.word_bits);
        for (const std::string& one : words.notes) note(one);
        if (!options_.allow_undefined) refuse_undefined(words, file.path);
        const bool has_dims = (file.kind == FileKind::Npy || file.kind == FileKind::Npz) && file.packing == Packing{};
        Settled settled;
        if (has_dims && words.dims != (array.dims.empty() ? Dims{1} : array.dims)) {
            settled.reason = "its shape is " + print_dims(words.dims);
        } else {
            settled = settle(words, file.packing, array.shape, file.path);
        }
        if (settled.reason.empty()) {
            for (const std::string& one : settled.notes) note(one);
            VectorLayer layer;
            layer.words = std::move(settled.words);
            layer.undefined = std::move(settled.undefined);
            layer.undefined_bits = std::move(settled.undefined_bits);
            layer.stored = array.shape.format;
            layer.dims = array.dims;
            return layer;
        }
        if (!options_.allow_edited) {
            throw InputError(entry.where(), file.path + " does not hold " + std::to_string(element_count(array.dims)) +
                                                " words of shape " + print_dims(array.dims) + " and " +
                                                std::to_string(array.shape.format.width) + " bits: " + settled.reason);
        }
        // An edited file that does not fit stays as it was read: the difference is then the comparison's to state.
        if (file.packing == Packing{}) return layer_alone(words, {}, {}, file.path);
        note(file.path + ": its words are not those of the manifest (" + settled.reason +
             "), its lanes are taken in their order");
        Packing lanes = file.packing;
        lanes.order = ElementOrder::Storage;
        lanes.pe = lanes.simd = 0;
        return layer_alone(words, lanes, array.shape.format, file.path);
    }

    static bool equal(const Array& array, const VectorLayer& other) {
        const VectorLayer& layer = array.layer;
        if (other.words.size() != layer.words.size() || other.decimals != layer.decimals) return false;
        for (std::size_t i = 0; i < other.words.size(); ++i) {
            if (pattern_from_word(other.words[i], array.shape.format) !=
                pattern_from_word(layer.words[i], array.shape.format)) {
                return false;
            }
        }
        return other.undefined == layer.undefined;
    }

    // Each sentence once: an .npz is the file of many layers.
    void note(const std::string& text) {
        if (noted_.insert(text).second) set_.notes.push_back(text);
    }

    fs::path directory_;
    const VectorReadOptions& options_;
    int version_ = kManifestVersion;
    VectorSet set_{};
    std::set<std::string> names_{}, noted_{};
    std::map<std::string, Npz> npzs_{};
};

}  // namespace

VectorSet read_manifest_directory(const std::string& directory, const VectorReadOptions& options) {
    return Reader(directory, options).read();
}

}  // namespace bittrue
