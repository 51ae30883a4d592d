#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <system_error>

#include <unistd.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npy.hpp"
#include "bittrue/vectors/memory_file.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "manifest.hpp"
#include "memory_header.hpp"
#include "staged_directory.hpp"

namespace bittrue {
namespace {

namespace fs = std::filesystem;

// One array to write, a layer or a parameter.
struct Item {
    std::string title{};    // the first comment of the hex file
    std::string meaning{};  // the format in words
    std::string axes{};
    const Dims& dims;
    Format format{};
    const std::vector<std::int64_t>& words;
};

// JSON's spelling of a free text: one line, quoted.
std::string quoted(const std::string& text) {
    return Json(text).dump();
}

// The folder that is being filled, under the name that messages give it.
struct Output {
    const std::string& where;
    const fs::path& staged;
    const std::atomic<bool>* cancel = nullptr;

    void check_cancel() const {
        if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) throw Interrupted();
    }

    void write(const std::string& file, const std::string& bytes) const {
        check_cancel();
        const std::string path = (staged / file).string();
        try {
            write_file(path, bytes);
        } catch (const InputError& error) {
            std::string reason = error.what();
            if (reason.rfind(path + ": ", 0) == 0) reason.erase(0, path.size() + 2);
            if (reason.find("; ") == std::string::npos) reason += "; choose another folder";
            throw InputError((fs::path(where) / file).string(), reason);
        }
    }
};

Json write_file_entry(const Output& output, const std::string& file, const std::string& bytes) {
    output.write(file, bytes);
    return Json{{"file", file}, {"sha256", sha256_hex(bytes)}};
}

void check_item(const Item& item) {
    if (element_count(item.dims) != static_cast<std::int64_t>(item.words.size())) {
        throw std::logic_error("write_vector_set: " + item.title + " has " + std::to_string(item.words.size()) +
                               " words for " + print_dims(item.dims));
    }
    for (const std::int64_t word : item.words) {
        if (word != word_from_pattern(pattern_from_word(word, item.format), item.format)) {
            throw std::logic_error("write_vector_set: " + item.title + " holds " + std::to_string(word) +
                                   ", which is no word of " + format_line(item.format));
        }
    }
}

void write_item(const Output& output, const std::string& stem, const Item& item, const VectorFormats& formats,
                Json& entry) {
    check_item(item);
    entry["width"] = item.format.width;
    entry["integer"] = item.format.integer;
    entry["frac"] = item.format.frac();
    entry["signed"] = item.format.is_signed;
    entry["shape"] = item.dims;
    if (!item.axes.empty()) entry["layout"] = item.axes;
    entry["words"] = item.words.size();
    if (formats.npy) {
        entry["npy"] =
            write_file_entry(output, stem + ".npy", npy_bytes(npy_from_words(item.dims, item.format, item.words)));
    }
    if (formats.hex) {
        entry["hex"] = write_file_entry(
            output, stem + ".hex",
            memory_text(item.words, item.format, {item.title, item.meaning, shape_line(item.dims, item.axes)}));
    }
}

void require_utf8(const std::string& where, const std::string& text) {
    try {
        (void)quoted(text);
    } catch (const Json::exception&) {
        throw InputError(where, "a name in the network is not UTF-8; rename the layer");
    }
}

Json write_layers(const Output& output, const VectorSet& set, const VectorFormats& formats) {
    std::vector<std::string> names;
    for (const VectorLayer& layer : set.layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    Json list = Json::array();
    for (std::size_t i = 0; i < set.layers.size(); ++i) {
        const VectorLayer& layer = set.layers[i];
        Json entry{{"name", layer.name}, {"inputs", layer.inputs}, {"type", print_type(*layer.type)}};
        write_item(output, stems[i],
                   {.title = "layer " + quoted(layer.name),
                    .meaning = format_line(*layer.type),
                    .axes = layout_text(layer.layout),
                    .dims = layer.dims,
                    .format = layer.type->format,
                    .words = layer.words},
                   formats, entry);
        list.push_back(std::move(entry));
    }
    return list;
}

Json write_parameters(const Output& output, const VectorSet& set, const VectorFormats& formats) {
    Json list = Json::array();
    if (set.parameters.empty()) return list;
    output.check_cancel();
    fs::create_directory(output.staged / kParametersFolder);
    std::vector<std::string> names;
    for (const ParameterWords& parameter : set.parameters) names.push_back(parameter.layer + "_" + parameter.role);
    const std::vector<std::string> stems = file_stems(names);
    for (std::size_t i = 0; i < set.parameters.size(); ++i) {
        const ParameterWords& parameter = set.parameters[i];
        Json entry{{"layer", parameter.layer}, {"role", parameter.role}};
        write_item(output, std::string(kParametersFolder) + "/" + stems[i],
                   {.title = "parameter " + quoted(parameter.role) + " of layer " + quoted(parameter.layer),
                    .meaning = format_line(parameter.tensor.format),
                    .axes = {},
                    .dims = parameter.tensor.dims,
                    .format = parameter.tensor.format,
                    .words = parameter.tensor.words},
                   formats, entry);
        list.push_back(std::move(entry));
    }
    return list;
}

void check_set(const std::string& where, const VectorSet& set) {
    if (set.layers.empty()) throw InputError(where, "there is no layer to write");
    std::set<std::string> names;
    for (const VectorLayer& layer : set.layers) {
        require_utf8(where, layer.name);
        if (!names.insert(layer.name).second) throw InputError(where, "two layers are called '" + layer.name + "'");
        if (!layer.type) throw InputError(where, "the format of layer '" + layer.name + "' is not known");
        if (layer.images() != set.images()) {
            throw std::logic_error("write_vector_set: layer '" + layer.name + "' has " +
                                   std::to_string(layer.images()) + " images of " + std::to_string(set.images()));
        }
    }
    if (!set.labels.empty() && static_cast<std::int64_t>(set.labels.size()) != set.images()) {
        throw std::logic_error("write_vector_set: " + std::to_string(set.labels.size()) + " labels of " +
                               std::to_string(set.images()) + " images");
    }
    for (const ParameterWords& parameter : set.parameters) require_utf8(where, parameter.layer + parameter.role);
    require_utf8(where, set.network + set.input);
}

// Only what bittrue wrote may be deleted when a vector set is replaced.
void check_replaceable(const std::string& where, const fs::path& target) {
    std::error_code error;
    if (!fs::exists(target, error) || fs::is_empty(target, error)) return;
    if (!fs::exists(target / kManifestName, error)) {
        throw InputError(where, "exists and is not a vector set (it has no manifest.json); choose another directory");
    }
    std::set<std::string> known;
    try {
        known = manifest_files(parse_manifest(read_file((target / kManifestName).string()), kManifestName));
    } catch (const InputError& problem) {
        throw InputError(
            where, std::string("exists and is not a vector set (") + problem.what() + "); choose another directory");
    }
    known.insert(kParametersFolder);
    for (auto entry = fs::recursive_directory_iterator(target, error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().lexically_relative(target).generic_string();
        if (!known.contains(name)) {
            throw InputError(
                where,
                "holds '" + name + "', which is not part of its vector set; move it away or choose another directory");
        }
    }
    if (error) {
        throw InputError(where, "cannot list the directory: " + error.message() + "; choose another directory");
    }
    for (const fs::path& folder : {target, target / kParametersFolder}) {
        if (fs::exists(folder, error) && ::access(folder.c_str(), W_OK | X_OK) != 0) {
            throw InputError(
                where, "the vector set there cannot be replaced: permission denied; choose a folder you may write");
        }
    }
}

}  // namespace

VectorFormats parse_vector_formats(const std::string& text) {
    VectorFormats formats{.npy = false, .hex = false};
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string one = text.substr(begin, end - begin);
        if (one == "npy") {
            formats.npy = true;
        } else if (one == "hex") {
            formats.hex = true;
        } else {
            throw InputError("'" + text + "'", "the file formats of vectors are npy and hex, written npy,hex");
        }
        begin = end + 1;
    }
    return formats;
}

void check_vector_directory(const std::string& directory) {
    const StagedDirectory staged(directory);
    check_replaceable(directory, staged.target());
}

void write_vector_set(const std::string& directory, const VectorSet& set, const VectorFormats& formats,
                      const std::atomic<bool>* cancel) {
    if (!formats.npy && !formats.hex) throw InputError(directory, "choose at least one of the formats npy and hex");
    check_set(directory, set);
    StagedDirectory staged(directory);
    check_replaceable(directory, staged.target());
    const Output output{.where = directory, .staged = staged.path(), .cancel = cancel};
    Json manifest{
        {"format", kManifestFormat},
        {"format_version", kManifestVersion},
        {"tool", set.tool.empty() ? std::string("bittrue ") + BITTRUE_VERSION : set.tool},
        {"network",
         {{"name", set.network}, {"sha256", set.network_sha256.empty() ? Json() : Json(set.network_sha256)}}},
        {"input", set.input},
        {"images", set.images()},
        {"labels", set.labels.empty() ? Json() : Json(set.labels)},
        {"bit_order",
         "a word is the two's complement (signed) or binary (unsigned) pattern of width bits; bit 0 is the least "
         "significant bit and "
         "the rightmost bit of a hexadecimal word"},
        {"word_order",
         "C order of shape: the last axis is fastest; .npy holds the integers, .hex one word of ceil(width/4) digits a "
         "line in the "
         "same order"},
        {"value", "value = integer * 2^-frac"},
    };
    try {
        manifest["layers"] = write_layers(output, set, formats);
        manifest["parameters"] = write_parameters(output, set, formats);
    } catch (const fs::filesystem_error& error) {
        throw InputError(directory, "cannot be written: " + error.code().message() + "; choose another folder");
    }
    output.write(kManifestName, manifest_text(manifest));
    output.check_cancel();
    staged.commit();
}

}  // namespace bittrue
