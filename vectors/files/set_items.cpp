#include "set_items.hpp"

#include <algorithm>
#include <stdexcept>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "codecs.hpp"
#include "memory_header.hpp"

namespace bittrue {
namespace {

// JSON's spelling of a free text: one line, quoted.
std::string quoted(const std::string& text) {
    return Json(text).dump();
}

void require_utf8(const std::string& where, const std::string& text) {
    try {
        (void)quoted(text);
    } catch (const Json::exception&) {
        throw InputError(where, "a name in the network is not UTF-8; rename the layer");
    }
}

bool holds_elements(FileKind kind) {
    return kind == FileKind::Npy || kind == FileKind::Npz || kind == FileKind::Hls4ml;
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

void check_words(const SetItem& item, const Dims& dims) {
    if (element_count(dims) != static_cast<std::int64_t>(item.words.size())) {
        throw std::logic_error("write_vector_set: " + item.label + " has " + std::to_string(item.words.size()) +
                               " words for " + print_dims(dims));
    }
    const Format format = item.context.shape.format;
    const std::size_t wrong = first_misfit(item.words, format);
    if (wrong != item.words.size()) {
        throw std::logic_error("write_vector_set: " + item.label + " holds " + std::to_string(item.words[wrong]) +
                               ", which is no word of " + format_line(format));
    }
}

void check_options(const std::string& where, const VectorSet& set, const VectorOptions& options) {
    if (options.kinds.empty()) throw InputError(where, "choose at least one file format, as npy or mem");
    for (std::size_t i = 0; i < options.kinds.size(); ++i) {
        if (std::find(options.kinds.begin(), options.kinds.begin() + static_cast<std::ptrdiff_t>(i),
                      options.kinds[i]) != options.kinds.begin() + static_cast<std::ptrdiff_t>(i)) {
            throw InputError(where, "the file format " + file_kind_name(options.kinds[i]) + " is given twice");
        }
    }
    if (options.packing.pe != 0 || options.packing.simd != 0) {
        throw InputError(where,
                         "pe and simd fold the weights of one layer; give that packing for 'LAYER.weights' alone");
    }
    for (const auto& [name, packing] : options.packings) {
        const bool known = set.find(name) != nullptr ||
                           std::any_of(set.parameters.begin(), set.parameters.end(),
                                       [&key = name](const auto& p) { return p.layer + "." + p.role == key; });
        if (known) continue;
        std::string names;
        for (const VectorLayer& layer : set.layers) names += ", '" + layer.name + "'";
        for (const ParameterWords& p : set.parameters) names += ", '" + p.layer + "." + p.role + "'";
        throw InputError(where, "a packing is given for '" + name + "', but there are " + names.substr(2));
    }
}

Packing packing_of(const VectorOptions& options, const std::string& name, bool parameter) {
    const auto own = options.packings.find(name);
    if (own != options.packings.end()) return own->second;
    Packing packing = options.packing;
    if (parameter) packing.order = ElementOrder::Storage;
    return packing;
}

void put_format(Json& entry, Format format, const Dims& dims) {
    entry["width"] = format.width;
    entry["integer"] = format.integer;
    entry["frac"] = format.frac();
    entry["signed"] = format.is_signed;
    entry["shape"] = dims;
}

std::vector<SetItem> layer_items(const VectorSet& set, const VectorOptions& options) {
    std::vector<std::string> names;
    for (const VectorLayer& layer : set.layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    std::vector<SetItem> items;
    for (std::size_t i = 0; i < set.layers.size(); ++i) {
        const VectorLayer& layer = set.layers[i];
        SetItem item;
        item.label = "layer '" + layer.name + "'";
        item.stem = stems[i];
        item.words = layer.words;
        item.context.name = stems[i];
        item.context.title = "layer " + quoted(layer.name);
        item.context.meaning = format_line(*layer.type);
        item.context.axes = layout_text(layer.layout);
        item.context.shape = {.format = layer.type->format, .dims = layer.dims, .layout = layer.layout};
        item.context.packing = packing_of(options, layer.name, false);
        item.entry = Json{{"name", layer.name}, {"inputs", layer.inputs}, {"type", print_type(*layer.type)}};
        put_format(item.entry, layer.type->format, layer.dims);
        item.entry["layout"] = item.context.axes;
        if (!layer.axes.empty()) item.entry["axes"] = layer.axes;
        item.entry["words"] = layer.words.size();
        check_words(item, layer.dims);
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<SetItem> parameter_items(const VectorSet& set, const VectorOptions& options) {
    std::vector<SetItem> items;
    if (!options.parameters) return items;
    std::vector<std::string> names;
    for (const ParameterWords& parameter : set.parameters) names.push_back(parameter.layer + "_" + parameter.role);
    const std::vector<std::string> stems = file_stems(names);
    for (std::size_t i = 0; i < set.parameters.size(); ++i) {
        const ParameterWords& parameter = set.parameters[i];
        const Tensor& tensor = parameter.tensor;
        SetItem item;
        item.label = parameter.role + " of layer '" + parameter.layer + "'";
        item.stem = std::string(kParametersFolder) + "/" + stems[i];
        item.words = tensor.words;
        item.context.name = stems[i];
        item.context.title = "parameter " + quoted(parameter.role) + " of layer " + quoted(parameter.layer);
        item.context.meaning = format_line(tensor.format);
        item.context.shape = {.format = tensor.format, .dims = {1}, .layout = {}};
        item.context.shape.dims.insert(item.context.shape.dims.end(), tensor.dims.begin(), tensor.dims.end());
        item.context.packing = packing_of(options, parameter.layer + "." + parameter.role, true);
        item.context.parameter = true;
        item.entry = Json{{"layer", parameter.layer}, {"role", parameter.role}};
        put_format(item.entry, tensor.format, tensor.dims);
        item.entry["words"] = tensor.words.size();
        check_words(item, tensor.dims);
        items.push_back(std::move(item));
    }
    return items;
}

void check_extra(const std::string& where, const VectorOptions& options) {
    for (const SetFile& file : options.extra) {
        if (!is_inner_path(file.path)) {
            throw InputError(where, "'" + file.path + "' is no path inside the directory of the vectors");
        }
        require_utf8(where, file.path);
    }
}

}  // namespace

WordFileContext SetItem::context_of(FileKind kind) const {
    WordFileContext own = context;
    if (holds_elements(kind)) own.packing = {};
    return own;
}

SetItems items_of(const std::string& where, const VectorSet& set, const VectorOptions& options) {
    check_set(where, set);
    check_options(where, set, options);
    check_extra(where, options);
    SetItems items{.layers = layer_items(set, options), .parameters = parameter_items(set, options)};
    for (const std::vector<SetItem>* list : {&items.layers, &items.parameters}) {
        for (const SetItem& item : *list) {
            for (const FileKind kind : options.kinds) {
                check_encodable(kind, item.context_of(kind), where + ", " + item.label + " as " + file_kind_name(kind));
            }
        }
    }
    return items;
}

std::string SetPaths::take(const std::string& stem, const std::string& extension) {
    std::string path = stem + extension;
    for (int i = 2; !claim(path); ++i) path = stem + "_" + std::to_string(i) + extension;
    return path;
}

bool SetPaths::claim(const std::string& path) {
    const std::string key = lower_case(path);
    if (taken_.contains(key)) return false;
    // A file under a file, or a file where a folder is.
    for (std::size_t slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1)) {
        if (taken_.contains(key.substr(0, slash))) return false;
    }
    const auto below = taken_.lower_bound(key + "/");
    if (below != taken_.end() && below->starts_with(key + "/")) return false;
    taken_.insert(key);
    return true;
}

}  // namespace bittrue
