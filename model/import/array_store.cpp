#include "import/array_store.hpp"

#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/float_model.hpp"
#include "import/hdf5_file.hpp"
#include "import/keras_import.hpp"
#include "import/onnx/arrays.hpp"
#include "import/real_arrays.hpp"
#include "import/toml_section.hpp"

namespace bittrue::detail {

FileKind ArrayStore::add_file(const std::string& path) {
    const FileContent content = read_content(path);
    switch (content.kind) {
        case FileKind::Hdf5: {
            const Hdf5File file(path);
            add_reals(path, file.arrays(file.has_group("model_weights") ? "model_weights" : "/"));
            return content.kind;
        }
        case FileKind::KerasArchive: add_reals(path, archive_arrays(content.bytes, path)); return content.kind;
        case FileKind::Onnx:
            add_reals(path, onnx_import::arrays_of(onnx_import::parse_onnx(content.bytes, path)));
            return content.kind;
        case FileKind::Npz:
            for (NamedArray& a : parse_npz(content.bytes, path))
                arrays_.push_back({.file = path, .named = std::move(a)});
            return content.kind;
        case FileKind::Npy:
            arrays_.push_back({.file = path,
                               .named = {.name = std::filesystem::path(path).stem().string(),
                                         .array = parse_npy(content.bytes, path)}});
            return content.kind;
        case FileKind::Idx:
        case FileKind::Unknown: break;
    }
    throw InputError(path, kNoWeightsFile);
}

void ArrayStore::add_reals(const std::string& path, std::vector<NamedReals> arrays) {
    for (NamedReals& a : arrays) {
        NpyArray array{
            .dims = a.tensor.dims, .type = NpyType::Float64, .integers = {}, .reals = std::move(a.tensor.values)};
        arrays_.push_back({.file = path, .named = {.name = a.name, .array = std::move(array)}});
    }
}

ArrayStore::Found ArrayStore::find(const std::string& name) const {
    std::vector<const Stored*> equal;
    std::vector<const Stored*> similar;
    std::map<std::string, std::string> names;  // plain -> stored
    std::set<std::string> plain;
    for (const Stored& s : arrays_) {
        if (s.named.name == name) equal.push_back(&s);
        if (same_array_name(name, s.named.name)) similar.push_back(&s);
        names[plain_array_name(s.named.name)] = s.named.name;
        plain.insert(plain_array_name(s.named.name));
    }
    const std::vector<const Stored*>& found = equal.empty() ? similar : equal;
    if (found.empty()) {
        if (names.empty())
            throw InputError(
                fmt::format("the array '{}' is wanted but the network names no weights file that holds arrays", name));
        throw InputError(fmt::format("the weights files hold no array '{}'; the nearest name is '{}'", name,
                                     names.at(nearest(plain_array_name(name), plain))));
    }
    if (found.size() > 1) {
        throw InputError(fmt::format("the array name '{}' fits '{}' of {} and '{}' of {}; write the whole name", name,
                                     found[0]->named.name, found[0]->file, found[1]->named.name, found[1]->file));
    }
    return {.where = fmt::format("{}: array '{}'", found[0]->file, found[0]->named.name),
            .array = &found[0]->named.array};
}

}  // namespace bittrue::detail
