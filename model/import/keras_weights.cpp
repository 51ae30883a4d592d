#include "import/keras_weights.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"

namespace bittrue::detail {

namespace {

// Where the layers of the numbered naming are: Keras 2.13 and its like had another word for it.
constexpr const char* kNumbered[] = {"layers", "_layer_checkpoint_dependencies"};

std::string role_of(const std::string& array) {
    std::string last = array.substr(array.rfind('/') == std::string::npos ? 0 : array.rfind('/') + 1);
    if (last.rfind(':') != std::string::npos) last.erase(last.rfind(':'));
    if (last.ends_with("_W")) return "kernel";
    if (last.ends_with("_b")) return "bias";
    return last;
}

const NamedReals* find_array(const std::vector<NamedReals>& arrays, const std::string& name) {
    const auto it = std::find_if(arrays.begin(), arrays.end(), [&](const NamedReals& a) { return a.name == name; });
    return it == arrays.end() ? nullptr : &*it;
}

LayerArrays numbered_arrays(const KerasLayer& layer, const std::string& folder, const std::vector<NamedReals>& arrays) {
    const std::string group = fmt::format("{}/{}/vars/", folder, layer.group);
    const std::vector<std::string> roles = variable_roles(layer);
    const auto stored = static_cast<std::size_t>(
        std::count_if(arrays.begin(), arrays.end(), [&](const NamedReals& a) { return a.name.starts_with(group); }));
    if (stored != roles.size()) {
        throw InputError(layer.where,
                         fmt::format("needs {} arrays ({}) but the weights file has {} in '{}'", roles.size(),
                                     fmt::join(roles, ", "), stored, group.substr(0, group.size() - 1)));
    }
    LayerArrays result;
    for (std::size_t i = 0; i < roles.size(); ++i) {
        const NamedReals* array = find_array(arrays, fmt::format("{}{}", group, i));
        if (array == nullptr)
            throw InputError(layer.where, fmt::format("lacks the array '{}{}' in the weights file", group, i));
        result[roles[i]] = array;
    }
    return result;
}

LayerArrays named_arrays(const KerasLayer& layer, const Hdf5File& file, const std::vector<NamedReals>& arrays) {
    LayerArrays result;
    const auto add = [&](const std::string& name) {
        const NamedReals* array = find_array(arrays, name);
        if (array == nullptr)
            throw InputError(layer.where, fmt::format("lists the array '{}', which the file does not hold", name));
        if (!result.emplace(role_of(name), array).second)
            throw InputError(layer.where, fmt::format("has two arrays for '{}'", role_of(name)));
    };
    const std::string root = weights_root(file);
    const std::string group = root == "/" ? "/" + layer.name : root + "/" + layer.name;
    if (const auto names = file.texts(group, "weight_names")) {
        for (const std::string& n : *names) add(layer.name + "/" + n);
        return result;
    }
    if (const auto layers = file.texts(root, "layer_names");
        layers && std::find(layers->begin(), layers->end(), layer.name) == layers->end()) {
        throw InputError(
            layer.where,
            layers->empty()
                ? "is not in the weights file, which has no layers; save the model again with its weights"
                : fmt::format("is not in the weights file, whose layers are {}; give the weights of this model",
                              fmt::join(*layers, ", ")));
    }
    for (const NamedReals& a : arrays) {
        if (a.name.starts_with(layer.name + "/")) add(a.name);
    }
    return result;
}

}  // namespace

std::string weights_root(const Hdf5File& file) {
    return file.has_group("model_weights") ? "model_weights" : "/";
}

std::vector<NamedReals> keras_arrays(const Hdf5File& file) {
    std::vector<NamedReals> arrays = file.arrays(weights_root(file));
    std::erase_if(arrays, [](const NamedReals& a) {
        return a.name.starts_with("optimizer_weights/") || a.name.starts_with("optimizer/") ||
               a.name.find("/seed_generator/") != std::string::npos;
    });
    return arrays;
}

LayerArrays arrays_of_layer(const KerasLayer& layer, const Hdf5File& file, const std::vector<NamedReals>& arrays) {
    const std::string root = weights_root(file);
    if (root == "/" && !file.texts(root, "layer_names")) {
        for (const char* folder : kNumbered) {
            const std::string prefix = fmt::format("{}/", folder);
            const bool numbered = std::any_of(arrays.begin(), arrays.end(), [&](const NamedReals& a) {
                return a.name.starts_with(prefix) && a.name.find("/vars/") != std::string::npos;
            });
            if (numbered) return numbered_arrays(layer, folder, arrays);
        }
    }
    return named_arrays(layer, file, arrays);
}

}  // namespace bittrue::detail
